/* SPDX-License-Identifier: MIT
 *
 * Inside uploads: the bytes of a file, on their way in and while its request
 * lives, and the form that brings them. */
#ifndef BRIO_APP_UPLOAD_H
#define BRIO_APP_UPLOAD_H

#include "app/app_internal.h"

#include <brio/io.h>

enum {
    BRIO_APP_UPLOAD_MEMORY = 1024 * 1024,       /* bytes of a file in memory */
    BRIO_APP_UPLOADS_MEMORY = 16 * 1024 * 1024, /* of all files of a request */
    BRIO_APP_UPLOAD_WRITE = 256 * 1024          /* bytes written to the disk at once */
};

struct brio_upload_store {
    brio_arena *arena; /* the request's */
    brio_buf memory;   /* all of the file; if there is `file`, what is not written yet */
    brio_file *file;   /* closed with the task */
    uint64_t position; /* of reading */
};

/* What the files of one request have in memory. */
typedef struct brio_app_spool {
    brio_request *req;
    size_t in_memory;
} brio_app_spool;

/* A store whose memory goes with the arena. */
struct brio_upload_store *brio_app_store_new(brio_arena *arena);
/* Appends; beyond the limits the file goes to the disk. Suspends then. 0, -errno. */
int brio_app_store_add(brio_app_spool *spool, struct brio_upload_store *store,
                       brio_str data) BRIO_CHECKED;
/* The file is complete. Suspends. */
int brio_app_store_end(brio_app_spool *spool, struct brio_upload_store *store) BRIO_CHECKED;

/* ---- Forms (form.c) -------------------------------------------------------- */

/* A field or a file, in order of appearance. */
typedef struct brio_app_item {
    struct brio_app_item *next;
    size_t order;
    brio_str name;
    brio_upload *upload; /* NULL: a text */
    brio_str text;
} brio_app_item;

typedef struct brio_app_form {
    brio_app_item *first, **end;
    size_t n;
    const brio_app_item **by_name; /* all of them, by name, then by order */
} brio_app_form;

/* The items of one name, in order of appearance. */
typedef struct brio_app_named {
    const brio_app_item **items;
    size_t n;
} brio_app_named;
brio_app_named brio_app_form_find(const brio_app_form *form, brio_str name);
/* The value that brio_upload's model reads as this file, and nothing else does. */
brio_json brio_app_upload_value(brio_arena *arena, const brio_upload *upload);

#endif
