/* SPDX-License-Identifier: MIT
 *
 * What the parts of the app room share that describe it: operations, the
 * OpenAPI document, and the pages around it. */
#ifndef BRIO_APP_DOCS_INTERNAL_H
#define BRIO_APP_DOCS_INTERNAL_H

#include "app/app_internal.h"

/* ---- Operations (operation.c) -------------------------------------------- */

/* What the document calls an operation: one route that is not hidden. */
typedef struct brio_app_operation {
    const brio_app_route *route;
    brio_str method;                      /* "get" */
    struct brio_app_operation *next;      /* same path, another method */
    struct brio_app_operation *next_path; /* of the first one at a path: the next path's first */
} brio_app_operation;

/* The first operation of the first path, NULL if there is none; paths and their
 * methods are in order of first registration, and of two routes with one path
 * and one method the later one is documented, as in FastAPI. Arena memory. */
brio_app_operation *brio_app_operations(brio_arena *arena, const brio_app *app);

/* The operations that a router describes, chained by `next`; NULL: none. */
const brio_app_route *brio_app_described(const brio_router *router);
/* The method in lower case: a key of the document. */
brio_str brio_app_operation_method(brio_arena *arena, const brio_app_route *route);
/* Texts of an operation: borrowed from the route, or arena memory. */
brio_str brio_app_operation_id(brio_arena *arena, const brio_app_route *route);
brio_str brio_app_operation_summary(brio_arena *arena, const brio_app_route *route);
brio_str brio_app_operation_description(const brio_app_route *route); /* empty: none */
/* Takes the next of the comma-separated tags off `rest`; false at the end. */
bool brio_app_next_tag(brio_str *rest, brio_str *ret);

/* True if the client must send the field; false if it may leave it out. */
bool brio_app_field_required(const brio_field *field);
/* True if the client must send a body. */
bool brio_app_body_required(const brio_app_route *route);
/* True if the route can answer FastAPI's own 422. */
bool brio_app_can_refuse(const brio_app_route *route);
/* True if the answer of success has a body. */
bool brio_app_answers_body(const brio_app_route *route);

/* ---- The document (openapi*.c) -------------------------------------------- */

/* The document as a client sees it that reaches the app below `root_path`
 * (empty: no `servers`). Appends to `out`; uses no memory of the app. 0, -ENOMEM
 * when `out` failed, BRIO_EMODEL (and a log line) when two different models
 * have one name. */
int brio_app_openapi_for(const brio_app *app, brio_str root_path, brio_buf *out) BRIO_CHECKED;

typedef enum brio_app_usage { /* where a schema is used; bits */
                              BRIO_APP_INPUT = 1,
                              BRIO_APP_OUTPUT = 2
} brio_app_usage;

/* A row of `components.schemas`. */
typedef struct brio_app_schema {
    brio_str name;
    const brio_model *model;     /* a struct or enum; or NULL and */
    const brio_app_route *route; /* the body parameters of this route; or NULL and */
    brio_str text;               /* ready JSON */
    unsigned use;                /* brio_app_usage */
} brio_app_schema;

/* A document on its way. */
typedef struct brio_app_document {
    brio_arena *scratch; /* borrowed */
    brio_json_writer w;
    brio_app_schema *schemas; /* all that the routes reach, by name, each name once */
    size_t n_schemas;
    brio_str *split; /* names of models that have one schema as input and one as output */
    size_t n_split;
    bool no_split;        /* one schema for both uses: the input's */
    bool problem_details; /* as the app's option */
} brio_app_document;

/* Collects the schemas. Errors as brio_app_openapi_for. */
int brio_app_document_init(brio_app_document *doc, const brio_app *app, brio_arena *scratch,
                           brio_buf *out) BRIO_CHECKED;
/* The same, of routes or of channels. */
int brio_app_document_begin(brio_app_document *doc, const brio_app *app, brio_arena *scratch,
                            brio_buf *out, bool channels) BRIO_CHECKED;
/* What FastAPI does to models that contain themselves; see openapi_split.c. */
void brio_app_document_split(brio_app_document *doc);
/* How the model room writes schemas of one use; valid as long as the document. */
brio_schema_mode brio_app_document_mode(brio_app_document *doc, brio_app_usage use);
int brio_app_schema_compare(const void *a, const void *b); /* for qsort: by name */

/* Parts of a document: the app as a whole, */
void brio_app_openapi_info(brio_app_document *doc, const brio_app_options *options);
void brio_app_openapi_servers(brio_app_document *doc, const brio_app_options *options,
                              brio_str root_path);
void brio_app_openapi_tags(brio_app_document *doc, const brio_app_options *options);
/* an operation, the schemas of its body and its answer, a
 * component. */
void brio_app_openapi_operation(brio_app_document *doc, const brio_app_route *route);
void brio_app_openapi_callbacks(brio_app_document *doc, const brio_app_route *route);
void brio_app_openapi_webhooks(brio_app_document *doc, const brio_app *app);
void brio_app_openapi_body(brio_app_document *doc, const brio_app_route *route);
void brio_app_openapi_responses(brio_app_document *doc, const brio_app_route *route);
/* True if the route tells itself what a refusal looks like: no 422 of FastAPI's. */
bool brio_app_tells_refusal(const brio_route *spec);
void brio_app_openapi_answer(brio_app_document *doc, const brio_app_route *route);
void brio_app_openapi_schema(brio_app_document *doc, const brio_app_schema *schema);
brio_str brio_app_body_media_type(const brio_app_route *route);
/* an operation's "security", if it has any, */
void brio_app_openapi_security(brio_app_document *doc, const brio_app_route *route);
/* and the security schemes of all operations, NULL if there are none: each name
 * once, in order of first appearance. */
typedef struct brio_app_scheme {
    struct brio_app_scheme *next;
    const struct brio_security *scheme;
} brio_app_scheme;
brio_app_scheme *brio_app_schemes(brio_arena *arena, const brio_app_operation *first);
void brio_app_openapi_schemes(brio_app_document *doc, const brio_app_scheme *list);
/* "Body_" and the operation's id, as a component may be called. */
brio_str brio_app_body_name(brio_arena *arena, const brio_app_route *route);

/* ---- The AsyncAPI document (asyncapi*.c, asyncdocs.c) ------------------------- */

/* True for a route that it shows: a WebSocket or a stream of events. */
bool brio_app_is_channel(const brio_app_route *route);
/* Models of the messages of such a route; NULL: nothing is known. */
const brio_model *brio_app_channel_receives(const brio_app_route *route);
const brio_model *brio_app_channel_sends(const brio_app_route *route);
/* Writes the members of `channels`, or of `operations`. */
void brio_app_asyncapi_channels(brio_app_document *doc, const brio_app *app);
void brio_app_asyncapi_operations(brio_app_document *doc, const brio_app *app);
/* As a client sees it that asks `host` (empty: no servers). Errors as brio_app_openapi_for. */
int brio_app_asyncapi_for(const brio_app *app, brio_str host, brio_buf *out) BRIO_CHECKED;
/* Adds document and page when the first channel has come. */
void brio_app_asyncdocs_register(brio_app *app);

/* ---- Its pages (docs*.c) --------------------------------------------------- */

/* Adds the pages that options ask for; called by brio_app_new before any
 * route of the user's, so they win, as in FastAPI. */
void brio_app_docs_register(brio_app *app);

/* A page of HTML or script, written into a buffer that lives until the
 * request's arena is reset. */
typedef struct brio_app_page {
    brio_app *app;
    brio_buf *out;
    brio_str base; /* the URL below which the page's files are, without root path */
} brio_app_page;

/* `url` is the option that names the page: base is it without slashes behind. */
brio_app_page brio_app_page_begin(brio_request *req, const char *url);
/* Fills the answer: `policy` is the Content-Security-Policy, NULL for none. 0 or
 * -ENOMEM when the buffer failed. */
int brio_app_page_end(const brio_app_page *page, brio_request *req, brio_str content_type,
                      const char *policy, brio_http_response *answer) BRIO_CHECKED;
void brio_app_page_put(const brio_app_page *page, const char *html);
enum { BRIO_APP_ORIGINS_MAX = 16 }; /* that a page's policy names */
/* " https://login.example" for each of them that a document names; see docs_policy.c. */
void brio_app_docs_origins(brio_arena *arena, brio_str document, brio_buf *out);
/* What stands for `c` in HTML, also inside quotes; without a pointer: itself. */
brio_str brio_app_html_reference(char c);
/* Escaped for HTML, also inside quotes. */
void brio_app_page_text(const brio_app_page *page, brio_str text);
/* A path of the app as the browser asks for it; escaped. */
void brio_app_page_url(const brio_app_page *page, brio_str path);
/* A file beside the page; escaped. */
void brio_app_page_file(const brio_app_page *page, const char *name);
/* A JSON value that may stand in a script, and a script in HTML. */
void brio_app_page_json(const brio_app_page *page, const brio_json *value);
/* base + "/" + name in the app's arena. */
const char *brio_app_page_path(brio_app *app, const char *url, const char *name);

typedef enum brio_app_asset_set { /* bits */
                                  BRIO_APP_SWAGGER = 1,
                                  BRIO_APP_REDOC = 2
} brio_app_asset_set;

/* Adds the files of Swagger UI or ReDoc below `url`; false if this build has
 * none. They are sent from the binary's read-only data. */
bool brio_app_docs_add_assets(brio_app *app, const char *url, brio_app_asset_set set);

/* What builds without them serve: everything in plain HTML. */
void brio_app_docs_add_plain(brio_app *app, const char *url);

#endif
