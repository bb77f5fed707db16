/* SPDX-License-Identifier: MIT
 *
 * brio/request.h: what a handler, a dependency or a middleware may ask of its
 * request. A part of <brio/app.h>, which includes it.
 *
 * A request and all that is read from it live until its answer is sent, its
 * background tasks have run and what was put off with brio_on_exit is done.
 * Texts are borrowed from it. Nothing here suspends
 * but where it says so. */
#ifndef BRIO_REQUEST_H
#define BRIO_REQUEST_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_http_request;
struct brio_tls_info;
struct brio_tls_certificate;

typedef struct brio_app brio_app;
typedef struct brio_request brio_request;

/* Memory until the request is finished. Never NULL. */
BRIO_API brio_arena *brio_request_arena(brio_request *req);
/* The application that answers: the mounted one, if one is. */
BRIO_API brio_app *brio_request_app(brio_request *req);
BRIO_API void *brio_request_state(brio_request *req); /* brio_app_options.state */
/* The request as read; lent until it is finished. */
BRIO_API const struct brio_http_request *brio_request_http(const brio_request *req);

/* "GET", "POST" ...; as sent. */
BRIO_API brio_str brio_request_method(const brio_request *req);
/* The path that was matched: percent-decoded, without the root path. */
BRIO_API brio_str brio_request_path(const brio_request *req);
/* The prefix under which a proxy shows the app (brio_app_options.root_path,
 * --root-path); "" if none. */
BRIO_API brio_str brio_request_root_path(const brio_request *req);
/* The whole URL as the client sees it, with scheme, Host header, root path and
 * query, percent-encoded; without a Host header that is one it begins with the
 * path. Of the request's arena. */
BRIO_API brio_str brio_request_url(brio_request *req);
/* What stands behind the '?', undecoded; "" if nothing. */
BRIO_API brio_str brio_request_query(const brio_request *req);
/* The first header of that name (in any case), "" if there is none. */
BRIO_API brio_str brio_request_header(const brio_request *req, brio_str name);
/* The cookie of that name, unquoted as Python's SimpleCookie does; the last of
 * several; false if there is none. Memory of the request's arena. */
BRIO_API bool brio_request_cookie(brio_request *req, brio_str name, brio_str *ret);
/* The client's address as text, "" if unknown; its port in *ret_port (may be
 * NULL). */
BRIO_API brio_str brio_request_client(const brio_request *req, uint16_t *ret_port);
/* The body as it came; "" where it is read in pieces or is a form with files. */
BRIO_API brio_str brio_request_body(const brio_request *req);
/* FastAPI's request.stream(): the next piece of the body, as it came from the
 * socket; lent until the next call. **Suspends**. On a route with .body_pieces the
 * socket is not read faster than this is called, and a client that expects 100
 * (Continue) gets it with the first call; elsewhere the body has come and is one
 * piece. What is not read is thrown away, or the connection closed. Async
 * handlers only. 1, and *ret_piece is not empty; 0 at the end; BRIO_EHTTP when
 * the body is too large (413), too slow (408) or not well-formed (400), with
 * that answer set: return it; -ECANCELED, -EPIPE: the client is gone. */
BRIO_API int brio_request_read(brio_request *req, brio_str *ret_piece) BRIO_CHECKED;
/* All that brio_request_read would give, in the request's arena. **Suspends**. 0,
 * or as there; BRIO_EHTTP (413) also beyond `limit` bytes (0: the route's). */
BRIO_API int brio_request_read_all(brio_request *req, uint64_t limit, brio_str *ret) BRIO_CHECKED;
/* For middleware in front of who reads it: another body in its place, for
 * example what a compressed one holds. Borrowed until the request is finished. */
BRIO_API void brio_request_set_body(brio_request *req, brio_str body);
/* "http" or "https". */
BRIO_API brio_str brio_request_scheme(const brio_request *req);
/* What the client and this server agreed upon (<brio/tls.h>): version, cipher, the name
 * it asked for, whether its certificate was verified. Texts last while it is connected.
 * 0; -ENOTCONN without TLS (also behind a proxy that ended it) and once it is gone. */
BRIO_API int brio_request_tls(const brio_request *req, struct brio_tls_info *ret) BRIO_CHECKED;
/* The certificate that the client showed, in the request's arena: subject, issuer,
 * names, fingerprint. Only servers that ask for one (brio_server_ssl.cert_reqs,
 * --ssl-cert-reqs) get any, and then only verified ones. 0; -ENOENT: it has
 * none; -ENOTCONN as brio_request_tls. */
BRIO_API int brio_request_tls_peer(brio_request *req,
                                   struct brio_tls_certificate *ret) BRIO_CHECKED;

/* Starlette's request.url_for: the absolute URL of the route called `name` (of
 * brio_static: its own, with the parameter "path"; of a mounted app: "mount:route",
 * see brio_mount_as), with the values of its path parameters:
 * brio_request_url_for(req, "read_item", "item_id", "5", NULL). "" if the app that
 * answers has no such route with exactly these. In the request's arena. */
BRIO_API brio_str brio_request_url_for(brio_request *req, const char *name, ...)
    __attribute__((sentinel));

/* Starlette's request.state: pointers by name, for what a middleware or a
 * dependency leaves to those behind it. Both are borrowed until the request is
 * finished; setting again replaces. A name that was not set gives NULL. */
BRIO_API void brio_request_set(brio_request *req, const char *key, void *value);
BRIO_API void *brio_request_get(const brio_request *req, const char *key);

#ifdef __cplusplus
}
#endif
#endif
