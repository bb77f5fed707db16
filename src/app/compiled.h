/* SPDX-License-Identifier: MIT
 *
 * Inside the app room: what a route and its dependencies are once they have been
 * compiled. A part of app_internal.h, which includes it. */
#ifndef BRIO_APP_COMPILED_H
#define BRIO_APP_COMPILED_H

#include <brio/app.h>
#include <brio/http.h>
#include <brio/loop.h>
#include <brio/model.h>
#include <brio/task.h>
#include <brio/trace.h>

enum {
    BRIO_APP_ROWS_MAX = 64,    /* rows of a model, as the model room has it */
    BRIO_APP_PARAMS_MAX = 16,  /* parameters in a path template */
    BRIO_APP_SEGMENTS_MAX = 32 /* segments of a path template */
};

/* ---- Compiled routes (route.c, path.c) ----------------------------------- */

/* Starlette's path convertors: what a path parameter may consist of. */
typedef enum brio_app_convertor {                        /* ORDER CONVERTOR */
                                  BRIO_APP_CONV_STR = 0, /* [^/]+ */
                                  BRIO_APP_CONV_PATH,    /* .*, slashes included */
                                  BRIO_APP_CONV_INT,     /* [0-9]+ */
                                  BRIO_APP_CONV_FLOAT,   /* [0-9]+(\.[0-9]+)? */
                                  BRIO_APP_CONV_UUID
} brio_app_convertor;

/* A path template is literals and parameters in turn. */
typedef struct brio_app_piece {
    brio_str text; /* the literal, or the parameter's name */
    bool is_param;
    brio_app_convertor convertor;
} brio_app_piece;

typedef struct brio_app_path {
    brio_str text;   /* "/files/{name:path}" */
    brio_str format; /* without convertors: "/files/{name}", the document's key */
    brio_app_piece *pieces;
    size_t n_pieces;
    size_t n_params;
    size_t n_segments;
    bool simple; /* each segment is a literal or one parameter; :path only as the last */
    brio_app_piece segments[BRIO_APP_SEGMENTS_MAX]; /* if simple: one piece per segment */
} brio_app_path;

/* Texts that are judged at a glance, as most are; the rest goes to the model. */
typedef enum brio_app_glance { /* ORDER GLANCE */
                               BRIO_APP_GLANCE_NONE = 0,
                               BRIO_APP_GLANCE_INT, /* digits: a value from `least` to `most` */
                               BRIO_APP_GLANCE_STR  /* ASCII: a length from `least` to `most` */
} brio_app_glance;

/* One row of an input model that comes from the request. */
typedef struct brio_app_param {
    const brio_model *model; /* whose row it is */
    const brio_field *field;
    brio_str wire;  /* name on the wire: "item_id", "x-token" */
    brio_loc loc;   /* ["query", wire]; static root */
    size_t row;     /* index in the input model */
    size_t capture; /* path: which parameter of the template */
    brio_app_convertor convertor;
    brio_app_glance glance;
    int64_t least, most;
    bool list;     /* takes all values, not the last */
    bool gathers;  /* a parameter model: takes all there is, alone */
    bool optional; /* what it is when absent stands in the input's blank */
} brio_app_param;

typedef struct brio_app_params {
    brio_app_param *rows; /* in order of declaration */
    size_t n;
} brio_app_params;

/* An input model as it is read for one path: a route's, or a dependency's in it. */
typedef struct brio_app_input {
    const brio_model *model;
    const void *blank;                    /* the struct of a request that gives nothing */
    brio_app_params from[BRIO_IN_CONFIG]; /* by brio_origin: from[BRIO_IN_QUERY] ...; files stand
                                             with the fields of the form */
    bool body_keyed;  /* body parameters are members of one object: several, `embed`, fields */
    bool body_direct; /* the body goes from bytes to struct in one step */
    bool takes_params, takes_body; /* or there is nothing to bind */
} brio_app_input;

/* ---- Dependencies (depends.c, solve.c, exits.c) --------------------------- */

enum { BRIO_APP_CALLS_MAX = 256 }; /* dependencies of a route, counted at each that needs them */

/* What a provider of scope BRIO_PER_APP gave. */
typedef struct brio_app_single {
    struct brio_app_single *next; /* in order of making */
    const brio_provider *provider;
    brio_app_input input;
    const struct brio_app_gift *gifts;
    size_t n_gifts;
    void *value; /* NULL: not made */
} brio_app_single;

/* A result that lands in a member of an input struct. */
typedef struct brio_app_gift {
    const brio_app_single *single; /* or NULL and */
    size_t call;                   /* the call that made it */
    size_t offset, size;
    bool shared; /* the member is a pointer to it */
} brio_app_gift;

/* One provider at its place in the order of calling. */
typedef struct brio_app_call {
    const brio_provider *provider;
    brio_app_input input;
    const brio_app_gift *gifts; /* into the input */
    size_t n_gifts;
    brio_str scopes; /* OAuth2's, down to here */
    size_t first;    /* where what it needs begins: calls from there to here are its own */
    ptrdiff_t again; /* the earlier call whose result this is; -1: none, it is called */
    bool per_function;
} brio_app_call;

typedef struct brio_app_plan {
    brio_app_call *calls;
    size_t n;
    const size_t *order; /* calls as the document has them: each before what it needs */
    size_t n_order;
    const brio_app_gift *gifts; /* into the handler's input */
    size_t n_gifts;
    bool needs_life; /* some of it is made at startup */
} brio_app_plan;

/* A page answers without a handler: fills `content_type` and `body` (zeroed
 * before, status 200; valid as long as the request). Does not suspend. */
typedef int brio_app_page_fn(brio_request *req, brio_http_response *answer);

/* Answers all below a path by itself: middleware's rules for the result. Suspends. */
typedef int brio_app_folder_fn(brio_request *req, void *arg);

/* Such a one, on its way into an app. Texts are borrowed. */
typedef struct brio_app_folder {
    const char *path; /* "/static/{path:path}"; behind all routes: "/app" or "" */
    const char *name; /* for url_for; NULL: none */
    const brio_need *depends;
    brio_app_folder_fn *fn;
    void *arg;
    bool behind; /* a frontend: asked for what no route answers */
} brio_app_folder;

typedef struct brio_app_route {
    struct brio_app_route *next; /* in order of registration */
    size_t order;                /* 0, 1, ... */
    brio_route spec;             /* as given; zeroes not yet resolved */
    brio_app_path path;
    uint32_t methods; /* a bit per brio_method */
    int status;       /* of success */
    const brio_model *out;
    brio_app_input input;                /* the handler's */
    const brio_need *depends;            /* of app, routers and route; ended by zeroes */
    const brio_app_plan *plan;           /* NULL: no dependencies */
    const struct brio_app_layer *layers; /* of its routers; usually none */
    /* All parameters as the document has them, those of dependencies included,
     * each once. */
    brio_app_params from[BRIO_IN_CONFIG];
    bool body_keyed;        /* several body parameters in all, or `embed` */
    brio_app_page_fn *page; /* a page: no models, no handler, GET and HEAD, not in the document */
    brio_app_folder_fn *folder; /* no handler, all methods, not in the document */
    void *folder_arg;
    brio_response_class response;
    brio_str media_type;                       /* of the answer */
    const brio_encode_options *encode_options; /* spec.encode; NULL: it says nothing */
    brio_header allow;                         /* the 405 answer's header */
    brio_websocket_options *socket_options;    /* NULL: not put together yet */
    uint32_t answer_size; /* bytes of a recent answer: the next one's first guess */
    /* Router: same literal path, or same node. Of frontends: one whose path is as
     * long or shorter. */
    struct brio_app_route *next_alike;
} brio_app_route;

#endif
