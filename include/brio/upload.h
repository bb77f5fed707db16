/* SPDX-License-Identifier: MIT
 *
 * brio/upload.h: uploaded files; FastAPI's UploadFile. A part of <brio/app.h>,
 * which includes it.
 *
 *     typedef struct Photo { brio_upload file; brio_str *title; } Photo;
 *     BRIO_MODEL(Photo, BRIO_FILE(file, brio_upload), BRIO_FORM(title));
 *
 *     static int add_photo(brio_request *req, const Photo *in, brio_none *out)
 *     {
 *         return brio_upload_save_to(&in->file, BRIO_S("photos/new.jpg"));   // Suspends
 *     }
 *
 * A file is received before its handler runs: up to 1 MiB in memory, a larger
 * one in a temporary file without a name (brio_app_options.upload_dir). It is
 * gone when the request is finished, whatever happened to it; a client that
 * vanishes in the middle, or a full disk (507), leaves nothing behind.
 *
 * Everything here **Suspends** for a file on the disk, and not for one in
 * memory. In a BRIO_BLOCKING handler the calls block its thread. One task at a
 * time reads a file; several may save it. */
#ifndef BRIO_UPLOAD_H
#define BRIO_UPLOAD_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_model brio_model;
struct brio_header;
struct brio_upload_store;

/* A file as it came. Texts are the client's and not to be trusted: a name may
 * hold slashes, dots or nothing. Copies of the struct are one file. */
typedef struct brio_upload {
    brio_str filename;
    brio_str content_type;             /* empty: none given */
    uint64_t size;                     /* bytes */
    const struct brio_header *headers; /* of its part of the form, names in lower case */
    size_t n_headers;
    struct brio_upload_store *store;   /* opaque; NULL: no bytes */
} brio_upload;

typedef struct brio_upload_list {
    brio_upload *items;
    size_t len;
} brio_upload_list;

/* For BRIO_FILE(member, brio_upload) and BRIO_FILE(member, brio_upload_list). */
BRIO_API const brio_model *brio_upload_model(void);
BRIO_API const brio_model *brio_upload_list_model(void);

/* Reads from the position up to `cap` bytes and moves it. Their number, 0 at the
 * end; -EIO and kin, -ECANCELED (the position stays). */
BRIO_API ptrdiff_t brio_upload_read(const brio_upload *upload, void *into, size_t cap) BRIO_CHECKED;
/* Moves the position to `offset` bytes from the beginning (0 at first; beyond
 * the end there is nothing to read) and returns it. Does not suspend. */
BRIO_API int64_t brio_upload_seek(const brio_upload *upload, uint64_t offset);
/* All of it, wherever the position is: a view of what is in memory, else the
 * request's arena (whose limit ends the request with 413). Valid until the
 * request is finished. 0, -EIO and kin, -ECANCELED. */
BRIO_API int brio_upload_read_all(const brio_upload *upload, brio_str *ret) BRIO_CHECKED;
/* Keeps it as `path`, atomically: whoever opens the path finds what was there or
 * all of the new file, and after an error nothing has changed. A new file has the
 * permissions 0666 less the umask. Never make `path` of a client's file name
 * alone; brio_upload_safe_name gives its last part. 0, -ENOSPC, -EDQUOT (507
 * when a handler returns them), -ENOENT, -EACCES, -ECANCELED. */
BRIO_API int brio_upload_save_to(const brio_upload *upload, brio_str path) BRIO_CHECKED;

/* What stands behind the last slash or backslash of the file name; "upload" if
 * that is empty, ".", ".." or begins with a dot, and with '_' for control bytes.
 * Does not suspend; a view of the name, or the request's arena. */
BRIO_API brio_str brio_upload_safe_name(const brio_upload *upload);
/* The header of the part with that name (lower case), "" if there is none. */
BRIO_API brio_str brio_upload_header(const brio_upload *upload, brio_str name);

#ifdef __cplusplus
}
#endif
#endif
