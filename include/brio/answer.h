/* SPDX-License-Identifier: MIT
 *
 * brio/answer.h: answers beyond a value: files, cookies, streams of lines and
 * of events, folders, templates. A part of <brio/app.h>, which includes it.
 *
 *     static int ticks(brio_request *req, const brio_none *in, Tick *out)
 *     {
 *         for (int i = 0; i < 3; i++) {
 *             int rc = brio_respond_item(req, &(Tick){.n = i});  // data: {"n":0}
 *             if (rc < 0)
 *                 return rc;                                     // the client went away
 *             brio_sleep(BRIO_SEC(1));
 *         }
 *         return 0;
 *     }
 *     ...
 *     BRIO_GET(app, "/ticks", ticks, brio_none, Tick, .response = BRIO_SSE); */
#ifndef BRIO_ANSWER_H
#define BRIO_ANSWER_H

#include <brio/base.h>
#include <brio/content.h>
#include <brio/model.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_template_set;

/* ---- Kinds of answers ---------------------------------------------------- */

/* FastAPI's response_class: what a handler's output becomes, and what the
 * document says of it. */
typedef enum brio_response_class { /* ORDER RESPONSE_CLASS */
    BRIO_RESPONSE_DEFAULT = 0, /* by the output: brio_text and brio_html are text, all else JSON */
    BRIO_JSON,
    BRIO_TEXT,          /* a brio_str is the text itself */
    BRIO_HTML,          /* likewise */
    BRIO_REDIRECT,      /* a brio_str is the URL; status 307 */
    BRIO_FILE_RESPONSE, /* a brio_str is a file's path */
    BRIO_STREAM,        /* the handler writes it with brio_respond_stream; type: .media_type, or none */
    BRIO_JSON_LINES,    /* ... items with brio_respond_item, one JSON text a line */
    BRIO_SSE,           /* ... and with brio_respond_event: server-sent events */
    BRIO_CUSTOM         /* a brio_str is the body itself; type: .media_type, or none */
} brio_response_class;

/* ---- Files --------------------------------------------------------------- */

typedef struct brio_answer_file_options {
    const char *filename;    /* what the client may save it as (Content-Disposition); NULL: not said */
    const char *disposition; /* NULL means "attachment"; "inline" */
    const char *media_type;  /* NULL means by `filename`, else by the path, else application/octet-stream */
    int status;              /* 0 means 200 */
} brio_answer_file_options;

/* Starlette's FileResponse: answers with the file at `path`, with its length,
 * date and etag. A Range header gets its part (206), several parts
 * (multipart/byteranges), or 416; one with an error 400; If-None-Match and
 * If-Modified-Since of GET and HEAD may get 304. The file is read as the client takes it,
 * never whole. `options` may be NULL; texts are copied. Suspends in async
 * handlers. BRIO_ANSWERED; -ENOENT and other errors of opening (a 500, unless
 * the handler makes something else of them); -EISDIR for what is no regular file. */
BRIO_API int brio_answer_file(brio_request *req, brio_str path,
                              const brio_answer_file_options *options);

/* ---- Folders ------------------------------------------------------------- */

typedef struct brio_static_options {
    const char *name;          /* for url_for; NULL means "static" */
    bool html;                 /* index.html for folders, 404.html for what is not there */
    bool index;                /* a page of links for folders without index.html */
    bool follow_symlinks;      /* also out of the folder */
    bool precompressed;        /* sends FILE.zst, FILE.br or FILE.gz, if there and accepted */
    const char *cache_control; /* a header for all files; NULL: none */
    bool may_be_missing;       /* the folder need not be there yet */
} brio_static_options;

/* Starlette's StaticFiles mounted at `path` ("/static"): serves GET and HEAD of
 * what lies in `directory`, with all that brio_answer_file does. No path leads out
 * of the folder: ".." is resolved before anything is opened, and the kernel
 * refuses symbolic links that leave it (openat2; where a sandbox forbids that,
 * links are refused altogether). In its place among the routes. Of a router too
 * (brio_static(router, ...)): below its prefix, behind its dependencies and inside
 * its middleware. Texts are copied; `options` may be NULL. A folder that is not
 * there ends the program with a sentence. */
BRIO_API void brio_static(brio_app *app, const char *path, const char *directory,
                          const brio_static_options *options);

typedef enum brio_frontend_fallback { /* ORDER FALLBACK */
    BRIO_FALLBACK_AUTO = 0, /* 404.html with 404, else index.html with 200 */
    BRIO_FALLBACK_INDEX,    /* index.html, to a GET or HEAD that accepts HTML */
    BRIO_FALLBACK_404,      /* 404.html */
    BRIO_FALLBACK_NONE
} brio_frontend_fallback;

typedef struct brio_frontend_options {
    brio_frontend_fallback fallback;
    bool precompressed;        /* as for brio_static */
    const char *cache_control;
    bool may_be_missing;
} brio_frontend_options;

/* FastAPI's frontend(): the build of a web page at `path` ("/" or "/app"), for
 * whatever no route and no slash more or less answers; folders have their
 * index.html. Of several the longest path that fits is asked. Of an app or a
 * router: below its prefix and inside its middleware; a GET or HEAD comes behind
 * the dependencies of app and router. Texts are copied; `options` may be NULL. A folder
 * that is not there ends the program, unless it may be missing. */
BRIO_API void brio_frontend(brio_app *app, const char *path, const char *directory,
                            const brio_frontend_options *options);

/* ---- Templates ----------------------------------------------------------- */

/* Jinja2Templates: the templates of a folder (<brio/template.h> tells their
 * language), made once, or anew each time if the app has .debug. They live as long as the
 * app. `directory` is copied. */
typedef struct brio_template_set brio_templates;
BRIO_API brio_templates *brio_templates_new(brio_app *app, const char *directory);
/* TemplateResponse: answers with the template `name`, as the media type of its
 * name ("item.html" is HTML), status 200 or as brio_respond_status said. Beside
 * `context`, an object, it knows `request` ({method, path, query, url}) and
 * url_for('route', param=value). Suspends in async handlers. BRIO_ANSWERED, or as
 * brio_template_render. */
BRIO_API int brio_answer_template(brio_request *req, brio_templates *templates, const char *name,
                                  brio_json context);

/* ---- Cookies ------------------------------------------------------------- */

/* Adds a Set-Cookie header to whatever the answer becomes. 0, or -EINVAL as
 * brio_cookie_format; -EALREADY when the head is out. */
BRIO_API int brio_respond_cookie(brio_request *req, const brio_cookie *cookie) BRIO_CHECKED;
/* Tells the client to forget a cookie with the usual path and no domain. As
 * brio_respond_cookie. */
BRIO_API int brio_respond_delete_cookie(brio_request *req, const char *name) BRIO_CHECKED;

/* ---- Streams of items ---------------------------------------------------- */

/* One server-sent event (HTML, section 9.2). Zero leaves a part out. */
typedef struct brio_sse {
    const void *data;        /* a value of the route's output type, written as JSON */
    const brio_json *json;   /* or any JSON */
    brio_str raw;            /* or text as it is; each line becomes a `data:` */
    brio_str event, id;      /* -EINVAL with a line break; an id also with a NUL */
    brio_time retry;         /* after which a client that lost the connection tries again; cut to ms */
    brio_str comment;        /* each line with a colon before it */
} brio_sse;

/* Sends one more item: a line of JSON or an event with it as data, by the
 * route's class. `item` is a value of the route's output type. The first one
 * sends the head. Suspends until the client's socket took it. Async handlers of
 * routes with .response = BRIO_JSON_LINES or BRIO_SSE only. 0; BRIO_EMODEL when
 * the item does not fit; as brio_respond_stream. */
BRIO_API int brio_respond_item(brio_request *req, const void *item) BRIO_CHECKED;
/* Sends an event, all of it borrowed for the call. **Suspends** until the client's socket
 * took it. Async handlers of routes with .response = BRIO_SSE only (asserted). A client
 * that hears nothing for 15 seconds is sent `: ping`, without the handler's help. 0; as
 * brio_sse_format; as brio_respond_stream. */
BRIO_API int brio_respond_event(brio_request *req, const brio_sse *event) BRIO_CHECKED;
/* Appends an event as it goes out. 0, -EINVAL (see brio_sse), BRIO_EMODEL. `model`
 * is that of event->data; may be NULL without. */
BRIO_API int brio_sse_format(brio_buf *out, const brio_model *model, const brio_sse *event) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
