/* SPDX-License-Identifier: MIT
 *
 * What the parts of the app room share.
 *
 * An app is a list of compiled routes in order of registration. A route is
 * compiled once, when it is added: its path into pieces, its input model into
 * one list of rows per origin with wire names and error locations resolved, so
 * that a request only walks tables. All of it lives in the app's arena; text
 * of brio_route is borrowed (literals, usually).
 *
 * One request is one brio_request in the exchange's arena and one task that
 * runs match -> bind -> handler -> encode -> respond -> background -> finished. */
#ifndef BRIO_APP_INTERNAL_H
#define BRIO_APP_INTERNAL_H

#include "app/compiled.h"

/* ---- The application (app.c) --------------------------------------------- */

typedef struct brio_app_hook {
    struct brio_app_hook *next; /* startups: in order; shutdowns: newest first */
    brio_lifespan_fn *fn;
    bool part;               /* a room's: runs where the app is mounted, too */
    struct brio_app *inside; /* instead of fn: the parts of this mounted one */
} brio_app_hook;

typedef struct brio_app_router brio_app_router;

typedef enum brio_app_catch_kind { /* ORDER CATCH */
                                   BRIO_APP_CATCH_STATUS = 0,
                                   BRIO_APP_CATCH_HTTP,
                                   BRIO_APP_CATCH_INVALID,
                                   BRIO_APP_CATCH_ERROR
} brio_app_catch_kind;

/* A handler of failures, newest first. */
typedef struct brio_app_catcher {
    const struct brio_app_catcher *next;
    brio_app_catch_kind kind;
    int key; /* status or error; else 0 */
    brio_exception_fn *fn;
} brio_app_catcher;

/* brio_app_override, newest first. */
typedef struct brio_app_swap {
    const struct brio_app_swap *next;
    const brio_provider *provider, *with;
} brio_app_swap;

/* Middleware, from the outermost in. */
typedef struct brio_app_layer {
    const struct brio_app_layer *inner;
    brio_middleware *fn;
    void *arg;
} brio_app_layer;

/* brio_mount. */
struct brio_app_mount {
    struct brio_app_mount *next;
    brio_str path; /* "/sub" */
    brio_app *app;
};

/* What a room above keeps with an app. */
struct brio_app_local {
    struct brio_app_local *next;
    const void *key;
    void *value;
};

struct brio_app {
    brio_arena arena;         /* holds everything below */
    brio_app_options options; /* resolved: no NULL text where the header names a default */
    brio_str root_path;       /* without trailing slash */
    bool root_path_given;     /* by brio_app_set_root_path: a proxy cuts it off */
    brio_app_hook *startups, *shutdowns;
    brio_app_route *routes, *last_route;
    size_t n_routes;
    brio_app_router *router;
    bool has_sockets;             /* some route is a WebSocket's */
    bool has_channels;            /* the AsyncAPI document is among the pages */
    brio_websocket_options ws;    /* by brio_app_set_websocket */
    const brio_app_layer *layers; /* the outermost first; usually none */
    const brio_app_catcher *catchers;
    brio_app_route *frontends; /* the longest path first; usually none */
    const brio_need *depends;  /* of every route */
    const brio_app_swap *overrides;
    brio_app_single *singles;      /* in order of making */
    struct brio_app_mount *mounts; /* in order */
    brio_app *outer;               /* that it is mounted in; NULL: none */
    struct brio_app_local *locals;
    brio_app_numbers *numbers; /* in order */
    size_t n_numbers;
    brio_request *life;         /* what they are made in; NULL: not started */
    brio_router *webhooks;      /* NULL: none */
    brio_openapi_fn *customise; /* of the document; NULL: as it is */
    brio_buf document;          /* the OpenAPI document, made at first use; empty: to be made */
};

/* A programming error of the app's author: prints "brio: METHOD /path: text"
 * in one sentence, then aborts. */
void brio_app_wrong(const brio_route *route, const char *fmt, ...) BRIO_PRINTF(2, 3)
    __attribute__((noreturn, cold));

/* What rooms above keep with `inside` begins and ends at this place among app's hooks. */
void brio_app_hook_parts(brio_app *app, brio_app *inside);
/* Counts for `app`, and for whoever has it mounted, what `inside` counts. */
void brio_app_numbers_join(brio_app *app, const brio_app *inside);

/* Splits and checks a template; reports through brio_app_wrong. */
void brio_app_path_compile(brio_arena *arena, const brio_route *route, brio_app_path *ret);
/* Compiles an input for the route's path and checks it. */
/* True if each of these rows takes a member of the body, not the body. */
bool brio_app_body_is_keyed(const brio_app_params *body);
/* The rows that the body is read into: of a form, or of BRIO_BODY. */
const brio_app_params *brio_app_body_rows(const brio_app_route *route);
void brio_app_input_compile(brio_app *app, const brio_app_route *route, brio_model_fn *model,
                            brio_app_input *ret);
void brio_app_check_model(brio_app *app, const brio_route *spec, const brio_model *model);
/* Compiles an operation that the app only describes. */
brio_app_route *brio_app_describe(brio_app *app, const brio_route *spec);
/* Adds a route with what its routers say. Both may be NULL. */
void brio_app_add_within(brio_app *app, const brio_route *spec, brio_operation_id_fn *operation_id,
                         const brio_app_layer *layers);
/* Fills route->from and what hangs on it from input and plan. */
void brio_app_route_flatten(brio_app *app, brio_app_route *route);
/* Makes route->plan and what follows from it, anew when an override changes. */
void brio_app_route_resolve(brio_app *app, brio_app_route *route);
/* Back to the overrides there were. */
void brio_app_restore_overrides(brio_app *app, const brio_app_swap *former);
/* A list of needs, copied; both may be NULL. */
const brio_need *brio_app_needs_join(brio_arena *arena, const brio_need *a, const brio_need *b);
/* Adds a page (a docs page) for GET and HEAD. `path` is borrowed. Before the
 * routes of the user, it wins over them, as in FastAPI. */
void brio_app_add_page(brio_app *app, const char *path, brio_app_page_fn *page);
/* Adds a folder, in its place among the routes or behind them. */
void brio_app_add_folder(brio_app *app, const brio_app_folder *folder,
                         const brio_app_layer *layers);
/* The same, to a router: copied. */
void brio_app_router_add_folder(brio_router *router, const brio_app_folder *folder);
brio_app *brio_app_of_router(const brio_router *router);
void brio_app_enlist_frontend(brio_app *app, brio_app_route *route);
/* The frontend for what no route answers becomes the request's route: false
 * if there is none. */
bool brio_app_find_frontend(brio_request *req);

/* What a route is called in the log and among tasks. `route` may be NULL. */
static inline const char *brio_app_label(const brio_app_route *route)
{
    if (!route)
        return "unrouted";
    return route->spec.name ? route->spec.name : "mount";
}

/* ---- Router (router.c, match.c) ------------------------------------------ */

void brio_app_router_new(brio_app *app);
void brio_app_router_add(brio_app *app, brio_app_route *route);

/* What a match found. The captures, BRIO_APP_PARAMS_MAX of whoever asks, point into the path. */
typedef struct brio_app_match {
    brio_app_route *route; /* NULL: none */
    bool path_only;        /* the path fits, the method does not */
    bool socket;           /* the request asks for a WebSocket, and the app has some */
    brio_str *captures;
} brio_app_match;

/* ---- One request --------------------------------------------------------- */

typedef enum brio_app_phase {                       /* ORDER PHASE */
                              BRIO_APP_READING = 0, /* matching and binding */
                              BRIO_APP_HANDLING,
                              BRIO_APP_STREAMING, /* the head of a streamed answer is out */
                              BRIO_APP_ANSWERED,  /* respond was called, or never will be */
                              BRIO_APP_ENDED
} brio_app_phase;

typedef struct brio_app_background brio_app_background;
struct brio_app_background {
    brio_app_background *next;
    int (*fn)(void *arg);
    void *arg;
    bool blocking;
};

/* brio_on_response, newest first. */
typedef struct brio_app_response_hook {
    struct brio_app_response_hook *next;
    brio_response_hook *fn;
    void *arg;
} brio_app_response_hook;

/* What a streamed body goes through on its way out: takes `data` and appends what
 * becomes of it to `out`, all of it with `last`. Does not suspend. */
typedef int brio_app_filter_fn(void *arg, brio_buf *out, brio_str data, bool last);
typedef struct brio_app_filter {
    struct brio_app_filter *next; /* the next one outwards */
    brio_app_filter_fn *fn;
    void *arg;
    brio_buf out;
} brio_app_filter;

/* Writes the body of an answer when its head is out: pieces with
 * brio_app_write_out, not the end. Suspends. */
typedef int brio_app_source_fn(brio_request *req, void *arg);

/* brio_request_set. */
typedef struct brio_app_note {
    struct brio_app_note *next;
    const char *key;
    void *value;
} brio_app_note;

typedef struct brio_app_exit brio_app_exit;

struct brio_request {
    brio_app *app;
    brio_exchange *ex;
    brio_arena *arena;
    const brio_http_request *http;
    brio_app_route *route; /* NULL until matched */
    brio_app_phase phase;
    bool cancelled;             /* the client is gone: nothing may be sent */
    bool started;               /* the task's body has begun */
    bool eager;                 /* still inside brio_app_serve */
    bool waits;                 /* a WebSocket's: all of it is in its task's own arena */
    bool pending;               /* `answer` is made, and not sent yet or sent */
    bool borrows;               /* the answer's body is the handler's memory */
    bool body_read;             /* a body that came whole was handed out as a piece */
    struct brio_app_form *form; /* once it was read */
    int status;                 /* set by brio_respond_status; 0: the route's */
    int fail_status;            /* set by brio_fail; 0: not failed */
    brio_str media_type;        /* set by brio_respond_header("content-type"); empty: the default */
    brio_header *headers;       /* set by brio_respond_header */
    size_t n_headers, cap_headers;
    brio_app_response_hook *hooks;
    brio_app_filter *filters;
    brio_app_source_fn *source; /* of the pending answer; NULL: its body is all */
    void *source_arg;
    struct brio_app_ping *ping; /* an event stream's; NULL: none */
    brio_buf *items;            /* what an item is written into; NULL: none yet */
    brio_app_note *notes;
    struct brio_app_socket *socket; /* NULL: not a WebSocket */
    brio_app_exit *exits;           /* newest first; usually none */
    const brio_app_call *call;      /* the provider that runs */
    const brio_app_call *failed;    /* the one that failed; NULL: none */
    const brio_problems *problems;  /* why its input was refused */
    brio_app_background *background, **background_end;
    brio_defer *mark;  /* newest defer that is older than the request */
    brio_defer *floor; /* the request's own oldest: end_request */
    /* From here on nothing is set before it is needed. */
    brio_defer *handlers; /* newest defer that is older than the handler's; with a plan */
    int outcome;          /* what exits are told; if there are any */
    brio_str fail_body;   /* {"detail": ...} */
    int raised;           /* brio_raise: the error it was called with */
    int raised_line;
    const char *raised_file;
    const void *raised_data;
    brio_str full_path;        /* percent-decoded */
    brio_str path;             /* the same without the root path */
    brio_http_response answer; /* if `pending`; valid until finished */
    brio_callback ending;      /* calls ex->finished when a task that suspended is over */
    /* Around the handler: what a lost client cancels. */
    brio_scope scope;
    brio_app_match match;
};

/* Tells mounted apps their root path, which is below the app's. */
void brio_app_mounts_settle(brio_app *app);
/* Decodes the path and finds the route, in a mounted app if it leads there. */
void brio_app_find(const brio_app *app, const brio_http_request *http, brio_arena *scratch,
                   brio_app_match *ret);
/* brio_request_read, also before the handler runs. */
int brio_app_body_read(brio_request *req, brio_str *ret_piece) BRIO_CHECKED;
/* 0, or BRIO_EHTTP with a 413 set if a body that came whole is beyond the route's limit. */
int brio_app_body_check(brio_request *req) BRIO_CHECKED;

/* Index of the row of that name, or -1. */
static inline ptrdiff_t brio_app_row_of(const brio_app_params *rows, brio_str name)
{
    for (size_t i = 0; i < rows->n; i++)
        if (brio_str_eq(rows->rows[i].wire, name))
            return (ptrdiff_t)i;
    return -1;
}

/* True if percent-decoding and repairing would give the same text: ASCII
 * without '%' and '+'. */
bool brio_app_is_plain(brio_str s);

/* FastAPI's 400 for a body that cannot be read. */
int brio_app_fail_body(brio_request *req) BRIO_CHECKED;
/* The request's input is refused: keeps the problems, returns BRIO_EINVALID. */
int brio_app_refuse(brio_request *req, const brio_problems *problems) BRIO_CHECKED;

/* Writes JSON to the request's arena, starting with a guess of `size` bytes. */
typedef int brio_app_write_fn(brio_json_writer *w, const void *arg);
int brio_app_write(brio_request *req, size_t size, brio_app_write_fn *write, const void *arg,
                   brio_str *ret) BRIO_CHECKED;

/* The pipeline (pipeline.c): from bound to sent. Suspends. */
void brio_app_run(brio_request *req);
/* From the app's middleware in: >= 0, with an answer, or a failure nobody has
 * answered. Suspends. */
int brio_app_run_app(brio_request *req) BRIO_CHECKED;
/* True if a handler answers: not for 404, 405 and pages, which need no task. */
bool brio_app_is_routed(const brio_request *req);
/* Answers one of those. */
void brio_app_run_unrouted(brio_request *req);
/* Runs `core` inside the layers. Suspends. */
typedef int brio_app_core(brio_request *req);
int brio_app_run_layers(brio_request *req, const brio_app_layer *layers,
                        brio_app_core *core) BRIO_CHECKED;

/* The same for layers of a route, which see failures as they are. */
int brio_app_run_route_layers(brio_request *req, const brio_app_layer *layers,
                              brio_app_core *core) BRIO_CHECKED;
/* Layers `outer` around `inner`; what must be is copied. Both may be NULL. */
const brio_app_layer *brio_app_layers_join(brio_arena *arena, const brio_app_layer *outer,
                                           const brio_app_layer *inner);

/* The pending answer (answer.c): makes it, in the place of one that is there.
 * Texts are borrowed until the request is finished. */
void brio_app_answer(brio_request *req, int status, brio_str media_type, brio_str body);
/* Runs hooks and hands the answer to the server, unless the client is gone.
 * Once per request. */
void brio_app_send(brio_request *req);
bool brio_app_is_bodiless(int status);
/* "text/..." with its charset. Copied. */
brio_str brio_app_media_type(brio_arena *arena, const char *media_type);

/* Headers set on the request (headers.c). `name` is lower case; both borrowed. */
void brio_app_put_header(brio_request *req, brio_str name, brio_str value);
const brio_header *brio_app_header_of(const brio_request *req, brio_str name);
bool brio_app_is_header_value(brio_str s);
/* Adds a name to the answer's Vary, once. `name` is static. */
void brio_app_vary(brio_request *req, brio_str name);

/* Kinds of answers (respond.c, redirect.c). */
int brio_app_encode(brio_request *req, const brio_model *model, const void *value,
                    brio_str *ret) BRIO_CHECKED;
int brio_app_answer_output(brio_request *req, const void *out) BRIO_CHECKED;
void brio_app_answer_not_allowed(brio_request *req);
bool brio_app_answer_options(brio_request *req); /* false: it was not asked, or is not offered */
void brio_app_answer_page(brio_request *req);
void brio_app_redirect(brio_request *req, int status, brio_str url);
/* No route fits: 307 to the other spelling of the path, if one fits that. */
bool brio_app_answer_other_spelling(brio_request *req);
/* What has an answer of its own, or a handler: 0; else `err` again, or what
 * the handler failed with. Suspends. */
int brio_app_answer_failure(brio_request *req, int err) BRIO_CHECKED;
/* Everything else: one line in the log, and a handler of 5xx if there is one.
 * Suspends. */
void brio_app_answer_error(brio_request *req, int err);
/* The page of .debug. */
void brio_app_answer_debug(brio_request *req, const brio_exception *failure);
/* The default answer of any status, with or without a body of its own. */
void brio_app_answer_default(brio_request *req, const brio_exception *failure);
/* The handler for it, or NULL. */
brio_exception_fn *brio_app_catcher_of(const brio_app *app, brio_app_catch_kind kind, int key);
/* The 404 or 405 that is pending becomes a failure with handlers. */
int brio_app_fail_unrouted(brio_request *req) BRIO_CHECKED;
/* {"detail": reason phrase} from static storage: needs no memory. 400, 404,
 * 413 and 503; any other status is 500 in plain text. */
void brio_app_answer_static(brio_request *req, int status);
/* What WebSockets are counted by. (numbers.c) */
void brio_app_number_sockets(brio_app *app);
/* Open WebSockets of this loop, by style. (sockets.c) */
void brio_app_live_sockets(uint64_t *ret_coroutines, uint64_t *ret_events);
/* Retry-After of a 503, as the server wants it told. */
void brio_app_tell_when(brio_request *req);
/* Runs what brio_on_response registered. */
void brio_app_run_hooks(brio_request *req);
/* A failure nobody foresaw: for the server, if it wants to know. */
void brio_app_tell_failed(brio_request *req, int err);
/* One log line about a request that failed: method, path, handler, text. */
void brio_app_log(const brio_request *req, brio_log_level level, const char *fmt, ...)
    BRIO_PRINTF(3, 4);

/* Ends a streamed answer; after a failure it stays visibly incomplete. Suspends. */
void brio_app_end_stream(brio_request *req, int err);
/* ---- WebSockets (websocket.c, socket.c) ----------------------------------- */

/* The method's bit of routes of BRIO_WEBSOCKET: none of HTTP's. */
#define BRIO_APP_SOCKET_BIT (UINT32_C(1) << 31)

/* What is said about a route's sockets, by all who have a say. */
const brio_websocket_options *brio_app_socket_options(brio_app *app, brio_app_route *route);
/* True if the page that the request comes from may; else a line in the log. */
bool brio_app_socket_may_open(const brio_request *req, const brio_websocket_options *options);
static inline bool brio_app_is_socket(const brio_app_route *route)
{
    return route->methods == BRIO_APP_SOCKET_BIT;
}
/* Before anything is bound: judges the handshake. 0, or a failure. */
int brio_app_socket_begin(brio_request *req) BRIO_CHECKED;
/* `out` becomes the handler's brio_websocket. */
void brio_app_socket_open(brio_request *req, void *out);
/* The handler has returned `rc`: closes. What the route has returned then.
 * Suspends. */
int brio_app_socket_end(brio_request *req, int rc);
/* A refusal becomes the answer: 403 unless it has a status of its own. */
int brio_app_socket_refuse(brio_request *req, int rc);
/* The app ends: waits a moment for the close handlers of its sockets and of those of apps
 * mounted in it. Suspends. */
void brio_app_sockets_wait(const brio_app *app);
/* Compiles what a WebSocket's route says beyond others. */
void brio_app_socket_route(brio_app *app, brio_app_route *route);
/* No route takes the WebSocket: 403. */
int brio_app_answer_no_socket(brio_request *req);

/* Runs the background tasks. Suspends. */
void brio_app_run_background(brio_request *req);
/* fn(arg) on a pool thread, where reaching the arena's limit ends the function
 * with BRIO_EABANDON. What it left to defer is run there then. The detail of
 * its error becomes the task's. Suspends. */
int brio_app_to_thread(brio_arena *arena, int (*fn)(void *arg), void *arg) BRIO_CHECKED;

#endif
