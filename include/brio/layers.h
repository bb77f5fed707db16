/* SPDX-License-Identifier: MIT
 *
 * brio/layers.h: ready-made middleware. A part of <brio/app.h>, which includes it.
 *
 *     brio_use_gzip(app, NULL);
 *     brio_use_cors(app, &(brio_cors_options){
 *         .allow_origins = "https://example.com, http://localhost:8080",
 *         .allow_methods = "*", .allow_headers = "*", .allow_credentials = true});
 *
 * Each is brio_app_use with a function of ours: the last added is the outermost.
 * Texts are copied. Not while the app serves. Lists are separated by commas. */
#ifndef BRIO_LAYERS_H
#define BRIO_LAYERS_H

#include <brio/base.h>
#include <brio/middleware.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Who may call from a browser ------------------------------------------ */

/* Starlette's CORSMiddleware: answers preflights (an OPTIONS with Origin and
 * Access-Control-Request-Method) and adds headers to the others that have an
 * Origin (Fetch standard, CORS protocol). */
typedef struct brio_cors_options {
    const char *allow_origins;      /* "*" is all; NULL: none but what the next two let pass */
    const char *allow_origin_regex; /* the whole origin; needs the option BRIO_PCRE2 */
    bool (*allow_origin)(brio_str origin, void *arg); /* asked last; NULL: nobody */
    void *allow_origin_arg;         /* borrowed */
    const char *allow_methods;      /* "*" is all; NULL means "GET" */
    const char *allow_headers;      /* "*": whatever is asked for; NULL: the safelisted ones */
    const char *expose_headers;     /* what scripts may read; NULL: the safelisted ones */
    bool allow_credentials;         /* cookies and Authorization; "*" origins are then named */
    bool allow_private_network;     /* from a public page to this private network */
    brio_time max_age;              /* of a preflight; 0 means 600 s; negative: 0 */
} brio_cors_options;
BRIO_API void brio_use_cors(brio_app *app, const brio_cors_options *options); /* NULL: all zero */

/* ---- Compression ----------------------------------------------------------- */

/* Starlette's GZipMiddleware: compresses bodies for clients that accept it,
 * streams too, and says Vary: Accept-Encoding of all that could have been. Left
 * alone are answers that are encoded already, text/event-stream and parts (206).
 * Large bodies are compressed on the thread pool. */
typedef struct brio_gzip_options {
    size_t minimum_size; /* bytes of a body; 0 means 500 */
    int level;           /* of gzip; 0 means 9 */
    unsigned codings;    /* brio_coding bits; 0 means BRIO_GZIP; what the build lacks is left out */
} brio_gzip_options;
BRIO_API void brio_use_gzip(brio_app *app, const brio_gzip_options *options); /* may be NULL */

/* ---- Hosts and schemes ------------------------------------------------------ */

/* Bodies with a Content-Encoding come decoded to whoever is inside. Any other
 * coding than those: 415, with Accept-Encoding; beyond `limit`: 413; what is no
 * such stream, or none to its end: 400. A body that its route takes in pieces
 * (.body_pieces, a multipart form) is left as it is. Suspends for large ones. */
typedef struct brio_decoding_options {
    unsigned codings; /* bits of brio_coding; 0 means all that this build has */
    size_t limit;     /* bytes of a decoded body; 0 means 16 MiB; a route's .body_limit counts too */
} brio_decoding_options;
BRIO_API void brio_use_decoding(brio_app *app, const brio_decoding_options *options); /* may be NULL */
/* The same for some routes: brio_app_use(router, brio_bodies_decoded,
 * brio_decoding_new(app, NULL)), or .wrap and .wrap_arg of one. It lives as long as
 * the app. Never NULL. */
BRIO_API void *brio_decoding_new(brio_app *app, const brio_decoding_options *options);
BRIO_API int brio_bodies_decoded(brio_request *req, brio_next *next, void *decoding);

/* Starlette's TrustedHostMiddleware: 400 "Invalid host header" unless the Host,
 * without its port, is one of `allowed_hosts` ("example.com, *.example.com"; "*"
 * is all; NULL too). With "www.x" allowed and "x" asked for: 307 there, unless
 * `no_www_redirect`. */
typedef struct brio_trusted_host_options {
    const char *allowed_hosts;
    bool no_www_redirect;
} brio_trusted_host_options;
BRIO_API void brio_use_trusted_host(brio_app *app, const brio_trusted_host_options *options);

/* Starlette's HTTPSRedirectMiddleware: 307 from http to https. */
BRIO_API void brio_use_https_redirect(brio_app *app);

/* ---- Names and times of requests -------------------------------------------- */

typedef struct brio_request_id_options {
    const char *header; /* NULL means "x-request-id" */
    bool trust_client;  /* keep the one that came, if it is 1 to 128 visible ASCII characters */
} brio_request_id_options;
/* Gives each request a name, sent with its answer and told by brio_request_id. */
BRIO_API void brio_use_request_id(brio_app *app, const brio_request_id_options *options); /* may be NULL */
/* The request's name; "" without that middleware. */
BRIO_API brio_str brio_request_id(const brio_request *req);

/* A request's place in a trace (W3C Trace Context). */
typedef struct brio_trace {
    char trace_id[33];  /* 32 hex digits: of all that follows from one action */
    char span_id[17];   /* 16: of this request */
    char parent_id[17]; /* of the caller's; "" if the trace begins here */
    bool sampled;       /* somebody records it */
    brio_str state;     /* the tracestate that came along, to be passed on; "" */
} brio_trace;
typedef struct brio_trace_options {
    bool restart;     /* the traceparent of a client is not believed: at the edge of the open net */
    bool not_sampled; /* traces that begin here are not marked for recording */
} brio_trace_options;
/* Continues the trace of a `traceparent` header, or begins one; the access log has
 * its id, and the answer says `traceresponse`. What is malformed counts as absent.
 * `options` may be NULL. */
BRIO_API void brio_use_trace(brio_app *app, const brio_trace_options *options);
/* Lent until the request is finished; NULL without that middleware. */
BRIO_API const brio_trace *brio_request_trace(const brio_request *req);
/* The `traceparent` for a request that this one makes, in the request's arena; ""
 * without that middleware. */
BRIO_API brio_str brio_request_traceparent(brio_request *req);

/* Adds X-Process-Time, the seconds from here to the head of the answer. */
BRIO_API void brio_use_process_time(brio_app *app);

/* ---- Rates ------------------------------------------------------------------- */

/* Whose requests are counted together; "" lets the request pass uncounted.
 * Memory of the request's arena, or static. */
typedef brio_str brio_rate_key_fn(brio_request *req, void *arg);

/* So many requests in a window of time, the same for each key, spread by a
 * bucket that refills steadily (GCRA). Beyond it 429 with Retry-After. All
 * counted answers tell `RateLimit-Policy: "name";q=limit;w=seconds` and
 * `RateLimit: "name";r=left;t=seconds until all of it` (draft-ietf-httpapi-
 * ratelimit-headers). Each worker process counts for itself. */
typedef struct brio_rate_limit_options {
    uint32_t limit;         /* requests; 0 means 60 */
    brio_time window;       /* 0 means 60 s; at least 1 s is told */
    brio_rate_key_fn *key;  /* NULL means the client's address */
    void *key_arg;          /* borrowed */
    const char *name;       /* of the policy; NULL means "default"; letters, digits, '-', '_' */
    size_t max_keys;        /* remembered; 0 means 16,384; beyond it the emptiest are forgotten */
} brio_rate_limit_options;
BRIO_API void brio_use_rate_limit(brio_app *app, const brio_rate_limit_options *options); /* may be NULL */
/* The same for some routes, which share the count: of a router by
 * brio_app_use(router, brio_rate_limited, brio_rate_limit_new(app, &options)), of
 * one route by .wrap = brio_rate_limited, .wrap_arg = the limit. It lives as long
 * as the app. `options` may be NULL. Never NULL. */
BRIO_API void *brio_rate_limit_new(brio_app *app, const brio_rate_limit_options *options);
BRIO_API int brio_rate_limited(brio_request *req, brio_next *next, void *limit);

#ifdef __cplusplus
}
#endif
#endif
