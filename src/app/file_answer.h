/* SPDX-License-Identifier: MIT
 *
 * Files as answers, for what serves one file and for what serves folders. */
#ifndef BRIO_APP_FILE_ANSWER_H
#define BRIO_APP_FILE_ANSWER_H

#include "app/outgoing.h"

#include <brio/file.h>

typedef struct brio_app_file {
    brio_file *file; /* closed when the request is finished */
    brio_file_info info;
    brio_range parts[BRIO_RANGES_MAX];
    size_t n_parts;
    brio_str *heads, tail; /* of several parts */
    uint64_t length;       /* of all of those */
    size_t kept_headers;   /* how many the request had before the file's */
    char *piece;
} brio_app_file;

/* Opens a regular file. 0; -EISDIR for anything else that could be opened; as
 * brio_file_open. `how` may be NULL. Suspends. */
int brio_app_open_file(brio_request *req, brio_str path, const brio_file_options *how,
                       brio_app_file **ret) BRIO_CHECKED;
/* Answers with it; `name` tells the media type. BRIO_ANSWERED or an error. Suspends. */
int brio_app_answer_open_file(brio_request *req, brio_app_file *f, brio_str name,
                              const brio_answer_file_options *options) BRIO_CHECKED;

/* Answers with a page of links to what is in a folder, the one that was asked for;
 * `top`: there is nothing above it. BRIO_ANSWERED or an error. */
int brio_app_answer_index(brio_request *req, const brio_dir_entry *entries, size_t n,
                          bool top) BRIO_CHECKED;

/* ---- Folders (folder_door.c) ------------------------------------------------- */

/* A folder that is open, to look files up in. */
typedef struct brio_app_door brio_app_door;
/* `key` stands for the folder. *ret is lent until brio_app_door_leave. As brio_file_open;
 * -ENOMEM. Suspends. */
int brio_app_door_enter(const void *key, const char *directory, brio_app_door **ret) BRIO_CHECKED;
const brio_file *brio_app_door_file(const brio_app_door *door);
void brio_app_door_leave(brio_app_door *door);

#endif
