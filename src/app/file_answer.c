/* SPDX-License-Identifier: MIT
 *
 * Files as answers: the head is made from what is known of the file, the bytes
 * are read when the head is out, or not at all: sent by the kernel. A small file is read at once,
 * so that it goes out in one write and middleware sees a body. The file stays open until the
 * request is finished: what it was opened as is what is sent. */
#include "app/file_answer.h"

#include <errno.h>
#include <inttypes.h>

enum { AT_ONCE = 32 * 1024, PIECE = 64 * 1024 }; /* bytes */

/* ---- Bytes --------------------------------------------------------------------- */

/* By the kernel, if nobody has to see the bytes; -ENOTSUP. */
static int send_unread(const brio_request *req, const brio_app_file *f, brio_range r)
{
    if (req->filters || !req->ex->send_file)
        return -ENOTSUP;
    if (req->cancelled)
        return -ECANCELED;
    return req->ex->send_file(req->ex, brio_file_fd(f->file), r.from, r.to - r.from);
}

/* One part of the file, in pieces. A file that became shorter is an error: its
 * length was promised. */
static int send_range(brio_request *req, brio_app_file *f, brio_range r)
{
    int sent = send_unread(req, f, r);
    if (sent != -ENOTSUP)
        return sent;
    if (!f->piece)
        f->piece = brio_alloc_aligned(req->arena, PIECE, 1);
    while (r.from < r.to) {
        uint64_t left = r.to - r.from;
        size_t want = left < PIECE ? (size_t)left : PIECE;
        ptrdiff_t n = brio_file_pread(f->file, f->piece, want, (int64_t)r.from);
        if (n <= 0)
            return n < 0 ? (int)n : -EIO;
        int rc = brio_app_write_out(req, (brio_str){f->piece, (size_t)n}, false);
        if (rc < 0)
            return rc;
        r.from += (uint64_t)n;
    }
    return 0;
}

static int send_parts(brio_request *req, brio_app_file *f)
{
    int rc = 0;
    for (size_t i = 0; i < f->n_parts && rc == 0; i++) {
        rc = brio_app_write_out(req, f->heads[i], false);
        if (rc == 0)
            rc = send_range(req, f, f->parts[i]);
        if (rc == 0)
            rc = brio_app_write_out(req, BRIO_S("\r\n"), false);
    }
    return rc < 0 ? rc : brio_app_write_out(req, f->tail, false);
}

static int send_file(brio_request *req, void *arg)
{
    brio_app_file *f = arg;
    return f->n_parts > 1 ? send_parts(req, f) : send_range(req, f, f->parts[0]);
}

/* ---- Answers ------------------------------------------------------------------- */

static void put_header(brio_request *req, brio_str name, brio_str value)
{
    if (!brio_app_header_of(req, name))
        brio_app_put_header(req, name, value);
}

static int answer_bytes(brio_request *req, brio_app_file *f, int status, brio_str type)
{
    brio_range r = f->parts[0];
    uint64_t length = f->n_parts > 1 ? f->length : r.to - r.from;
    if (f->n_parts > 1 || length > AT_ONCE || req->http->method == BRIO_METHOD_HEAD) {
        brio_app_answer_source(req, status, type, &length, send_file, f);
        return BRIO_ANSWERED;
    }
    char *bytes = brio_alloc_aligned(req->arena, length ? (size_t)length : 1, 1);
    ptrdiff_t n = brio_file_pread(f->file, bytes, (size_t)length, (int64_t)r.from);
    if (n < 0)
        return (int)n;
    if ((uint64_t)n != length)
        return -EIO;
    brio_app_answer(req, status, type, (brio_str){bytes, (size_t)length});
    return BRIO_ANSWERED;
}

/* "multipart/byteranges", and how long all of it is. */
static brio_str multipart(brio_request *req, brio_app_file *f, brio_str type)
{
    brio_str boundary = brio_app_random_name(req->arena);
    f->heads = BRIO_NEW_ARRAY(req->arena, brio_str, f->n_parts);
    f->tail = brio_printf(req->arena, "--%.*s--", BRIO_ARG(boundary));
    f->length = f->tail.len;
    for (size_t i = 0; i < f->n_parts; i++) {
        brio_range r = f->parts[i];
        f->heads[i] =
            brio_printf(req->arena,
                        "--%.*s\r\nContent-Type: %.*s\r\nContent-Range: bytes %" PRIu64 "-%" PRIu64
                        "/%" PRIu64 "\r\n\r\n",
                        BRIO_ARG(boundary), BRIO_ARG(type), r.from, r.to - 1, f->info.size);
        f->length += f->heads[i].len + (r.to - r.from) + 2;
    }
    return brio_printf(req->arena, "multipart/byteranges; boundary=%.*s", BRIO_ARG(boundary));
}

static int answer_ranges(brio_request *req, brio_app_file *f, brio_str header, brio_str type)
{
    const char *why;
    int n = brio_range_parse(header, f->info.size, f->parts, BRIO_RANGES_MAX, &why);
    if (n == -ERANGE) {
        brio_app_clear_headers(req, f->kept_headers);
        brio_app_put_header(req, BRIO_S("content-range"),
                            brio_printf(req->arena, "bytes */%" PRIu64, f->info.size));
        return brio_answer_text(req, 416, BRIO_S(""));
    }
    if (n < 0) {
        brio_app_clear_headers(req, f->kept_headers);
        return brio_answer_text(req, 400, brio_str_from(why));
    }
    if (n == 0)
        return 0;
    f->n_parts = (size_t)n;
    if (n == 1)
        brio_app_put_header(req, BRIO_S("content-range"),
                            brio_printf(req->arena, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
                                        f->parts[0].from, f->parts[0].to - 1, f->info.size));
    else
        type = multipart(req, f, type);
    return answer_bytes(req, f, 206, type);
}

/* Only what is about the stored answer goes with a 304. */
static int answer_not_modified(brio_request *req, const brio_app_file *f, brio_str etag)
{
    brio_app_clear_headers(req, f->kept_headers);
    put_header(req, BRIO_S("etag"), etag);
    brio_app_answer(req, 304, (brio_str){0}, (brio_str){0});
    return BRIO_ANSWERED;
}

static bool is_reading(const brio_request *req)
{
    return req->http->method == BRIO_METHOD_GET || req->http->method == BRIO_METHOD_HEAD;
}

static int answer_file(brio_request *req, brio_app_file *f, int status, brio_str type)
{
    char date[BRIO_HTTP_DATE], tag[BRIO_ETAG];
    int64_t modified = f->info.modified / BRIO_SEC(1);
    brio_str etag = brio_etag_of_file(tag, f->info.modified, f->info.size);
    etag = brio_str_copy(req->arena, etag);
    if (status == 200 && is_reading(req) && brio_http_not_modified(req->http, etag, modified))
        return answer_not_modified(req, f, etag);
    put_header(req, BRIO_S("accept-ranges"), BRIO_S("bytes"));
    put_header(req, BRIO_S("last-modified"),
               brio_str_copy(req->arena, brio_http_date_text(date, modified)));
    put_header(req, BRIO_S("etag"), etag);
    const brio_header *range = brio_http_header(req->http, BRIO_S("range"));
    if (range && brio_http_if_range(req->http, etag, modified)) {
        int rc = answer_ranges(req, f, range->value, type);
        if (rc != 0)
            return rc;
    }
    f->parts[0] = (brio_range){0, f->info.size};
    f->n_parts = 1;
    return answer_bytes(req, f, status, type);
}

/* ---- Opening ------------------------------------------------------------------- */

static void close_file(void *arg)
{
    brio_file_close(arg);
}

int brio_app_open_file(brio_request *req, brio_str path, const brio_file_options *how,
                       brio_app_file **ret)
{
    brio_app_file *f = BRIO_NEW(req->arena, brio_app_file);
    brio_file_options options = how ? *how : (brio_file_options){0};
    options.keep = true; /* until the request is finished, not the task */
    options.info = &f->info;
    int rc = brio_file_open(&f->file, path, "r", &options);
    if (rc < 0)
        return rc;
    brio_defer_push(req->arena, close_file, f->file);
    *ret = f;
    return f->info.kind == BRIO_FILE_REGULAR ? 0 : -EISDIR;
}

static brio_str type_of_name(brio_request *req, brio_str name)
{
    brio_str type = brio_media_of_name(name);
    return type.len ? brio_app_media_type(req->arena, brio_cstr(req->arena, type))
                    : BRIO_S("application/octet-stream");
}

int brio_app_answer_open_file(brio_request *req, brio_app_file *f, brio_str name,
                              const brio_answer_file_options *o)
{
    f->kept_headers = req->n_headers;
    brio_str type =
        o->media_type ? brio_app_media_type(req->arena, o->media_type) : type_of_name(req, name);
    if (!brio_app_is_header_value(type))
        return -EINVAL;
    if (o->filename) {
        const char *kind = o->disposition ? o->disposition : "attachment";
        size_t size = strlen(kind) + 3 * strlen(o->filename) + 64;
        brio_buf text = brio_buf_over(brio_alloc_aligned(req->arena, size, 1), size);
        brio_disposition_format(&text, brio_str_from(kind), brio_str_from(o->filename));
        if (!brio_app_is_header_value(brio_buf_str(&text)))
            return -EINVAL;
        put_header(req, BRIO_S("content-disposition"), brio_buf_str(&text));
    }
    if (req->media_type.len) /* said by brio_respond_header */
        type = req->media_type;
    return answer_file(req, f, o->status ? o->status : 200, type);
}

int brio_answer_file(brio_request *req, brio_str path, const brio_answer_file_options *options)
{
    brio_answer_file_options o = options ? *options : (brio_answer_file_options){0};
    brio_app_file *f;
    BRIO_ASSERT(o.status == 0 || (o.status >= 200 && o.status <= 599));
    int rc = brio_app_open_file(req, path, NULL, &f);
    if (rc < 0)
        return rc;
    return brio_app_answer_open_file(req, f, o.filename ? brio_str_from(o.filename) : path, &o);
}
