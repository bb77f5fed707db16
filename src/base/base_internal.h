/* SPDX-License-Identifier: MIT
 *
 * What the parts of base share. Nothing outside src/base includes this. */
#ifndef BRIO_BASE_INTERNAL_H
#define BRIO_BASE_INTERNAL_H

#include <brio/base.h>

/* One step of a UTF-8 decoder over [p, end), p < end. A well-formed sequence
 * gives its length, 1 to 4. A malformed one gives minus the length of its
 * maximal subpart (Unicode 3.9): what one U+FFFD stands for. */
int brio_base_utf8_step(const char *p, const char *end);

#endif
