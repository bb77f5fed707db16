/* SPDX-License-Identifier: MIT
 *
 * brio/app.h: applications and routes; FastAPI's face.
 *
 *     static int read_item(brio_request *req, const ReadItem *in, Item *out)
 *     {
 *         if (!find(in->item_id, out))
 *             return brio_fail(req, 404, "Item not found");
 *         return 0;                                 // 200, written through Item's model
 *     }
 *     ...
 *     brio_app *app = brio_app_new(&(brio_app_options){.title = "Shop"});
 *     BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Item);
 *
 * A handler is a coroutine on the loop (`async def`), or with
 * .run = BRIO_BLOCKING a function on the thread pool (`def`). `in` and all it
 * points to live until the response is sent and the background tasks have
 * run; handlers allocate from brio_request_arena() and free nothing. */
#ifndef BRIO_APP_H
#define BRIO_APP_H

#include <brio/answer.h>
#include <brio/base.h>
#include <brio/broadcast.h>
#include <brio/depends.h>
#include <brio/exception.h>
#include <brio/layers.h>
#include <brio/line.h>
#include <brio/middleware.h>
#include <brio/model.h>
#include <brio/request.h>
#include <brio/response.h>
#include <brio/router.h>
#include <brio/security.h>
#include <brio/session.h>
#include <brio/settings.h>
#include <brio/testing.h>
#include <brio/upload.h>
#include <brio/websocket.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_http_request;
struct brio_http_response;
struct brio_tls_info;
struct brio_tls_certificate;
struct brio_task;

/* ---- The application ---------------------------------------------------- */

typedef int brio_lifespan_fn(brio_app *app, void *state);

/* Who to ask, and under which terms: of the document's `info`. NULL: not said. */
typedef struct brio_contact {
    const char *name, *url, *email;
} brio_contact;
typedef struct brio_license {
    const char *name;       /* needed for the others to show */
    const char *identifier; /* of SPDX, "MIT"; or */
    const char *url;
} brio_license;

typedef struct brio_app_options {
    int brio_private_zero;    /* lets BRIO_MAIN() be empty */
    const char *title;        /* copied, as all text here; NULL means "FastAPI" as there */
    const char *version;      /* NULL means "0.1.0" */
    const char *summary, *description;
    const char *openapi_url;  /* NULL means "/openapi.json"; "" turns all docs off */
    const char *docs_url;     /* NULL means "/docs"; "" turns it off; its files lie below it */
    const char *redoc_url;    /* NULL means "/redoc"; "" turns it off; likewise */
    const char *asyncapi_url; /* NULL means "/asyncapi.json"; "" turns it and its page off. Both are
                                 there once a WebSocket or a stream of events is a route */
    const char *asyncdocs_url; /* NULL means "/asyncdocs"; "" turns it off; its files lie below it */
    const char *root_path;    /* NULL means "" */
    /* More of the document. JSON text is checked when the app is made; write it
     * with BRIO_JSON_TEXT([...]). NULL: none. */
    const char *terms_of_service; /* a URL */
    brio_contact contact;
    brio_license license;
    const char *openapi_tags;  /* JSON array: [{"name", "description", "externalDocs"}] */
    const char *servers;       /* JSON array: [{"url", "description"}] */
    const char *external_docs; /* JSON object: {"description", "url"} */
    bool no_root_path_in_servers;
    bool no_split_schemas;     /* separate_input_output_schemas=False */
    brio_operation_id_fn *operation_id; /* NULL: name, path and method, as FastAPI */
    /* More of Swagger UI: JSON objects. */
    const char *swagger_ui_parameters; /* beside or instead of FastAPI's own */
    const char *swagger_ui_init_oauth; /* {"clientId": ...}: for ui.initOAuth() */
    const char *oauth2_redirect_url;   /* NULL: "/docs/oauth2-redirect"; "" turns it off */
    bool lax_content_type;    /* a body without Content-Type is JSON, too (strict_content_type=False) */
    /* Failures as RFC 9457 has them, application/problem+json, and documented so. */
    bool problem_details;
    bool no_redirect_slashes; /* "/x/" is no other spelling of "/x": 404 (redirect_slashes=False) */
    bool head;                /* GET routes answer HEAD, too, as HTTP has it and FastAPI has not;
                                 a HEAD route of its own comes before the GET route */
    bool options;             /* OPTIONS of a path without such a route is 204 with Allow, where
                                 FastAPI says 405; "*" has 204 anyway */
    bool debug;               /* failures of the program show a page; not for the open internet */
    const brio_need *depends; /* of every route, before its own; copied; NULL means none */
    brio_response_class response; /* of routes that do not say, nor their routers (default_response_class) */
    brio_websocket_options ws; /* of WebSockets whose routes do not say */
    const char *upload_dir;   /* where large uploads lie while their request runs; NULL means
                                 $TMPDIR, else /tmp */
    void *state;              /* borrowed; brio_request_state() and the hooks see it */
    /* Run as tasks before the first and after the last request (lifespan).
     * May suspend. A failing startup ends the server with its error. */
    brio_lifespan_fn *on_startup, *on_shutdown;
} brio_app_options;

/* Never NULL. `options` may be NULL. Not tied to a loop: make it in main. */
BRIO_API brio_app *brio_app_new(const brio_app_options *options);
BRIO_API void brio_app_free(brio_app *app); /* NULL is fine */
BRIO_API void *brio_app_state(const brio_app *app);
/* Further hooks: startups in order, shutdowns in reverse. `state` as above. */
BRIO_API void brio_app_on_startup(brio_app *app, brio_lifespan_fn *fn);
BRIO_API void brio_app_on_shutdown(brio_app *app, brio_lifespan_fn *fn);
/* For rooms above: a pointer of their own per app, NULL at first, one for each
 * `key` (the address of something static); valid until brio_app_free. */
BRIO_API void **brio_app_local(brio_app *app, const void *key);
/* Calls fn(arg) in brio_app_free, newest first. */
BRIO_API void brio_app_at_free(brio_app *app, void (*fn)(void *arg), void *arg);
/* For rooms above: hooks that run wherever `app` is mounted, too, at the place of
 * brio_mount among the hooks of the outer app. `end` also runs when a later startup
 * fails, and if `begin` has not run or has failed; it must not mind. */
BRIO_API void brio_app_add_part(brio_app *app, brio_lifespan_fn *begin, brio_lifespan_fn *end);
/* For rooms above: calls fn for `app` and for all that is mounted in it, at any depth. */
BRIO_API void brio_app_each(brio_app *app, void (*fn)(brio_app *app, void *arg), void *arg);

/* ---- Numbers: for rooms above, and for servers that show them --------------- */

enum { BRIO_APP_NUMBERS_MAX = 64 };   /* of an app */
#define BRIO_APP_NO_NUMBER UINT64_MAX /* of a gauge: there is no such thing here */

typedef struct brio_app_number {
    const char *name;   /* "brio_bus_published_total", as Prometheus wants it */
    const char *labels; /* "where=\"link\""; NULL: none */
    const char *help;   /* a sentence; NULL: the one before has the same name */
    bool gauge;         /* goes up and down; else it counts from 0, in each process */
} brio_app_number;

/* Writes their values, in order. Called on the loop's thread. */
typedef void brio_app_count_fn(brio_app *app, uint64_t *ret);

typedef struct brio_app_numbers {
    struct brio_app_numbers *next;
    const brio_app_number *numbers;
    size_t n;
    brio_app_count_fn *fn;
} brio_app_numbers;

/* Adds some; before the app serves. Borrowed. An app shows what is counted in those
 * mounted in it as well: the numbers of one `fn` are there once, and it counts for `app`
 * and all below it (brio_app_each). */
BRIO_API void brio_app_add_numbers(brio_app *app, const brio_app_number *numbers, size_t n,
                                   brio_app_count_fn *fn);
/* All of them, in order; NULL: none. Lent as long as the app lives. */
BRIO_API const brio_app_numbers *brio_app_numbers_of(const brio_app *app);
/* Their values, BRIO_APP_NUMBERS_MAX at most. On the loop's thread. */
BRIO_API void brio_app_count_numbers(brio_app *app, uint64_t *ret);

/* The path of the documentation page, or NULL when it is off. Borrowed. */
BRIO_API const char *brio_app_docs_url(const brio_app *app);
/* Overrides options.root_path (uvicorn's --root-path). Copied. */
BRIO_API void brio_app_set_root_path(brio_app *app, const char *root_path);

/* ---- Routes ------------------------------------------------------------- */

/* One route. Text is borrowed and must outlive the app. */
typedef struct brio_route {
    int brio_private_zero;
    const char *method;  /* "GET" ... */
    const char *path;    /* "/items/{item_id}", "/files/{path:path}" */
    brio_handler_fn *handler;
    const char *symbol;  /* the handler's name in the source, from the macros */
    const char *name;    /* gives summary and operationId; NULL means symbol */
    brio_model_fn *in, *out;

    brio_run_on run;
    int status;               /* of success; 0 means 200, 307 for BRIO_REDIRECT */
    brio_response_class response; /* what the output becomes */
    const char *media_type;   /* of the answer; NULL means the class's own */
    const char *summary;      /* NULL means the name in Title Case */
    const char *description;
    const char *operation_id; /* NULL means FastAPI's generated one */
    const char *tags;         /* comma-separated */
    const brio_need *depends; /* BRIO_NEEDS(...), copied; NULL means none */
    brio_middleware *wrap;    /* innermost around dependencies and handler; see brio_router_use */
    void *wrap_arg;
    brio_encode_options encode; /* what of the output is written; texts are borrowed */
    const char *response_description; /* NULL means "Successful Response" */
    const brio_extra_response *responses; /* BRIO_RESPONSES; copied; NULL: none */
    const brio_router *callbacks; /* operations of BRIO_DESCRIBE that this one leads to */
    const char *openapi_extra; /* JSON object text, laid over the operation */
    bool deprecated;
    bool hidden;              /* include_in_schema=False */
    uint64_t body_limit;      /* bytes a body may have, else 413; 0 means the server's
                                 (brio_http_limits.body_bytes) */
    const brio_ws_events *events; /* a WebSocket in event style: BRIO_WEBSOCKET_EVENTS; copied */
    brio_model_fn *receives;  /* of a WebSocket, for its document: what a client says, in event
                                 style its Message; and what it is told. NULL: not said */
    brio_model_fn *sends;
    brio_ws_queue queue;      /* of a WebSocket: what may wait for a slow client, see broadcast.h */
    brio_websocket_options ws; /* of a WebSocket: see websocket.h */
    bool body_pieces;         /* the handler starts before the body has come and reads it with
                                 brio_request_read; not for BRIO_BLOCKING */
    int brio_private_end;
} brio_route;

/* Adds a route; matching follows the order of registration. A wrong
 * declaration (a path parameter without field, a model that does not check)
 * is a programming error: reported in a sentence at once, then abort. */
BRIO_API void brio_app_add(brio_app *app, const brio_route *route);

#define BRIO_ROUTE_(app, m, p, h, In, Out, ...)                                              \
    do {                                                                                     \
        (void)sizeof(struct brio_a_comma_or_an_output_type_is_missing_before_##Out *);      \
        BRIO_HANDLER_SIGNATURE_(h, In, Out);                                                   \
        BRIO_ADD_TO_(app)(app, &(const brio_route){.method = m, .path = p,                        \
                                              .handler = (brio_handler_fn *)(h), .symbol = #h, \
                                              .in = In##_model, .out = Out##_model,          \
                                              __VA_ARGS__});                                 \
    } while (0)
#define BRIO_ADD_TO_(into)                                                                   \
    _Generic((into), brio_router *: brio_router_add, default: brio_app_add)
#define BRIO_ROUTE(app, m, ...) BRIO_ROUTE_(app, m, __VA_ARGS__, .brio_private_end = 0)

/* BRIO_GET(app, "/path", handler, Input, Output, .option = value, ...); of an app
 * or a router.
 * Input: a model with BRIO_PATH, BRIO_QUERY, BRIO_HEADER, BRIO_COOKIE and
 * BRIO_BODY rows; one of BRIO_FIELD rows only, a list or a scalar, which is the
 * body; or brio_none. Output: a model, T_list, a scalar list,
 * brio_json, brio_text, brio_html, or brio_none (null). */
#define BRIO_GET(app, ...) BRIO_ROUTE(app, "GET", __VA_ARGS__)
#define BRIO_POST(app, ...) BRIO_ROUTE(app, "POST", __VA_ARGS__)
#define BRIO_PUT(app, ...) BRIO_ROUTE(app, "PUT", __VA_ARGS__)
#define BRIO_PATCH(app, ...) BRIO_ROUTE(app, "PATCH", __VA_ARGS__)
#define BRIO_DELETE(app, ...) BRIO_ROUTE(app, "DELETE", __VA_ARGS__)
#define BRIO_HEAD(app, ...) BRIO_ROUTE(app, "HEAD", __VA_ARGS__)
#define BRIO_OPTIONS(app, ...) BRIO_ROUTE(app, "OPTIONS", __VA_ARGS__)

/* ---- The document ------------------------------------------------------- */

/* Appends the OpenAPI 3.1.0 document to `out`, made now from the tables, without
 * `servers` (what openapi_url answers names the root path there). Returns 0;
 * -ENOMEM when `out` has no room; BRIO_EMODEL, with a line in the log and `out`
 * untouched, when two different models have one name. */
BRIO_API int brio_app_openapi(brio_app *app, brio_buf *out) BRIO_CHECKED;

/* The same of the AsyncAPI 3.0.0 document: a channel for each WebSocket and each
 * stream of server-sent events that is not hidden, their parameters and messages.
 * `servers` is what asyncapi_url adds. */
BRIO_API int brio_app_asyncapi(brio_app *app, brio_buf *out) BRIO_CHECKED;

/* Sees the whole document before it is shown and changes it as it likes
 * (brio_json_set, brio_json_merge): FastAPI's `app.openapi = custom_openapi`.
 * `arena` lives until it is written. Called whenever the document is made. 0, or
 * an error that becomes the answer. */
typedef int brio_openapi_fn(const brio_app *app, brio_arena *arena, brio_json *document);
BRIO_API void brio_app_custom_openapi(brio_app *app, brio_openapi_fn *fn);

/* ---- For servers: one request through the app ---------------------------- */

typedef struct brio_exchange brio_exchange;

/* Bodies up to this many bytes are copied by `respond`; a larger one may be
 * sent from where it is: see there. */
enum { BRIO_EXCHANGE_COPY = 16 * 1024 };

/* What a server lends the app for one request. Embedded by the server. */
struct brio_exchange {
    const struct brio_http_request *http; /* lent until `finished` */
    /* Lent until `finished`, reset by the server; its limit is at least 64 KiB.
     * Bodies made by a model are in it and stay until that reset. A WebSocket's request
     * is in its task's arena instead, which the app puts here. */
    brio_arena *arena;
    brio_str client_host;
    uint16_t client_port;
    brio_str scheme; /* "http" */
    /* The answer; called exactly once unless the exchange is cancelled. Does
     * not suspend. The response and its headers stay valid until `finished`, a
     * body beyond BRIO_EXCHANGE_COPY until the arena is reset and, if it is
     * the handler's memory (brio_text), until `sent` has returned: the app
     * then waits for it. With response->chunked, `write` carries the body. */
    void (*respond)(brio_exchange *ex, const struct brio_http_response *response);
    /* A piece of a chunked body; `last` ends it. Suspends. If `finished` comes
     * without it, the handler failed: close the connection, so that the client
     * sees a body that is not complete. */
    int (*write)(brio_exchange *ex, brio_str data, bool last);
    /* The next piece of a body whose length was told (response->sized) is `count` bytes
     * of the file `fd`, from `offset`. Suspends. 0; as `write`; -EIO, it is shorter;
     * -ENOTSUP, with nothing sent: read it and `write`. NULL: always so. */
    int (*send_file)(brio_exchange *ex, int fd, uint64_t offset, uint64_t count);
    /* A piece of a chunked body that may be left out: it is, unless everything
     * before it is with the kernel. Does not suspend. NULL: always left out. */
    void (*nudge)(brio_exchange *ex, brio_str data);
    /* Suspends until the response's bytes are with the kernel; background
     * tasks start after it. NULL: at once. */
    int (*sent)(brio_exchange *ex);
    /* True: http->body is empty, and `read` gives the body, as
     * brio_app_plan_body has asked for. */
    bool pieces;
    /* The next piece of such a body, lent until the next call. Suspends. 1; 0 at
     * the end; -EPIPE or -ECANCELED, the client is gone; what must be answered
     * before the connection is closed: -ETIMEDOUT (408), BRIO_ELIMIT (413),
     * BRIO_ESYNTAX (400). One task at a time. */
    int (*read)(brio_exchange *ex, brio_str *ret_piece);
    /* Instead of `respond`: sends a 101 and switches to another protocol, whose bytes
     * are `line`'s from then on (lent until its `closed`, which may come long after
     * `finished`): neither `read` nor `write` is called any more. A client that is
     * gone is told to the line and is no reason to cancel. Does not suspend. 1; 0 if
     * the line's `written` is to be awaited before the first write; -EPIPE, -EINVAL as
     * brio_http_write_head. *ret_ex: what is lent from then on; if the app has put an
     * arena of its own in the place of `arena`, perhaps a smaller one, made there. NULL:
     * there is no other protocol. */
    int (*upgrade)(brio_exchange *ex, const struct brio_http_response *response, brio_line *line,
                   brio_exchange **ret_ex);
    /* As brio_request_tls and brio_request_tls_peer. NULL: there is no TLS. */
    int (*tls_info)(brio_exchange *ex, struct brio_tls_info *ret);
    int (*tls_peer)(brio_exchange *ex, brio_arena *arena, struct brio_tls_certificate *ret);
    /* A failure of the program that nobody foresaw, before its answer (500 and
     * above) is made or a streamed one is cut off: the error, and a sentence that
     * ends with the exchange. Does not suspend. NULL: the log's line is enough. */
    void (*failed)(brio_exchange *ex, int err, brio_str what);
    brio_str retry_after; /* seconds, for a 503 that the app makes of an overload; empty: not told */
    /* Nothing of the exchange is used any more. Always called, always last;
     * perhaps inside brio_app_serve. */
    void (*finished)(brio_exchange *ex);
    /* What the app tells about the request, for logs and metrics; valid until
     * `finished`. */
    const char *route;   /* "/items/{item_id}": of the route that answers; NULL: there is none */
    brio_str root_path;  /* what stands before it: of a proxy, of mounts; "" */
    brio_str request_id; /* by brio_use_request_id */
    brio_str trace_id;   /* by brio_use_trace */
    struct brio_task *task;  /* the app's own from here */
    brio_request *request;
};

/* What becomes of a body that has not come with its head. */
typedef struct brio_app_body_plan {
    bool pieces;    /* serve now; the exchange's `read` gives the body */
    uint64_t limit; /* bytes; 0: the server's own */
} brio_app_body_plan;
/* Asks the app, by the head alone. `scratch` is used by uncommon paths. */
BRIO_API brio_app_body_plan brio_app_plan_body(brio_app *app, const struct brio_http_request *http,
                                               brio_arena *scratch);

/* Starts handling on the current loop; may be over before it returns. */
BRIO_API void brio_app_serve(brio_app *app, brio_exchange *ex);
/* The client went away: cancels the handler (not background tasks). */
BRIO_API void brio_app_cancel(brio_exchange *ex);
/* Lifespan, for servers: run the hooks and make what is BRIO_PER_APP. **Suspends**. 0, or
 * what the first hook that failed returned; what rooms above have begun is ended then. */
BRIO_API int brio_app_startup(brio_app *app) BRIO_CHECKED;
BRIO_API void brio_app_shutdown(brio_app *app);

#ifdef __cplusplus
}
#endif
#endif
