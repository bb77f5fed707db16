/* SPDX-License-Identifier: MIT
 *
 * Between the parts of the URL parser. */
#ifndef BRIO_URL_INTERNAL_H
#define BRIO_URL_INTERNAL_H

#include "model/type_internal.h"

/* Appends `s`; control bytes, those above ASCII and those of `set` as %XX. */
void brio_url_put_encoded(brio_buf *out, brio_str s, const char *set);
/* Appends the host that `s` is. NULL, or why it is none. */
const char *brio_url_put_host(brio_arena *arena, brio_buf *out, brio_str s, bool special);

typedef struct brio_url_path {
    brio_buf *out;
    size_t start;  /* of the path in `out` */
    bool special;  /* '\' separates as '/' does */
    bool file;     /* drive letters */
    bool has_host; /* file: cleared if a drive letter takes the host's place */
} brio_url_path;
/* Appends the normal form of the segments of `s`, which ends before '?' or '#'. */
void brio_url_put_path(brio_url_path *path, brio_str s);
/* "C:" or "C|" and nothing else. */
bool brio_url_is_drive(brio_str s);

#endif
