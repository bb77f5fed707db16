/* SPDX-License-Identifier: MIT
 *
 * What the readers of forms share: limits, and the words for going beyond. */
#ifndef BRIO_HTTP_FORM_INTERNAL_H
#define BRIO_HTTP_FORM_INTERNAL_H

#include "http/http_internal.h"

/* `limits` with every zero replaced, each within what sums can hold. */
brio_form_limits brio_form_limits_resolve(const brio_form_limits *limits);
/* Starlette's sentences, in the arena. */
brio_str brio_form_too_many(brio_arena *arena, const char *what, size_t limit);
brio_str brio_form_too_large(brio_arena *arena, const char *what, size_t limit);

#endif
