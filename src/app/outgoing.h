/* SPDX-License-Identifier: MIT
 *
 * Inside the app room: what becomes of an output, and bodies that are written in
 * pieces once the head is out. */
#ifndef BRIO_APP_OUTGOING_H
#define BRIO_APP_OUTGOING_H

#include "app/app_internal.h"

/* An answer whose body `source` writes when middleware has seen the head: of
 * `length` bytes, or in chunks (outgoing.c). */
void brio_app_answer_source(brio_request *req, int status, brio_str media_type,
                            const uint64_t *length, brio_app_source_fn *source, void *arg);
/* Puts a filter around those that are there; before the head is out. The length
 * of the body is not known any more. `arg` lives as long as the request. */
void brio_app_add_filter(brio_request *req, brio_app_filter_fn *fn, void *arg);
/* A piece of the body through the filters. Suspends. */
int brio_app_write_out(brio_request *req, brio_str data, bool last) BRIO_CHECKED;
/* Runs the pending answer's source, if it has one: the head is out. Suspends. */
void brio_app_run_source(brio_request *req);
/* Begins a streamed answer by the route's class. */
void brio_app_begin_stream(brio_request *req);
/* What an event stream adds to that: headers and pings (events.c). */
void brio_app_begin_events(brio_request *req);
/* Stops the pings, if there are any. */
void brio_app_stop_pings(brio_request *req);

/* Response classes (response_class.c). Settles a route's class, status and media
 * type from its spec and output. */
void brio_app_classify(brio_app *app, brio_app_route *route);
/* True if the handler writes the body while it runs. */
static inline bool brio_app_is_stream(const brio_app_route *route)
{
    return route->response >= BRIO_STREAM && route->response <= BRIO_SSE;
}
/* Makes the answer of an output that is text for its class: 1; 0 if it is a value
 * to encode; < 0. Suspends for a file. */
int brio_app_answer_class(brio_request *req, const void *out) BRIO_CHECKED;

/* Forgets the headers behind the first `n`. */
void brio_app_clear_headers(brio_request *req, size_t n);
/* A name that does not come twice: 26 hex digits. */
brio_str brio_app_random_name(brio_arena *arena);
/* The absolute URL of a decoded path of the app; without authority if the request
 * names no host. */
brio_str brio_app_url_of(const brio_request *req, brio_str path);
/* That of the route `name` with these path parameters; false if there is none. */
bool brio_app_url_for(const brio_request *req, brio_str name, const brio_pair *params, size_t n,
                      brio_str *ret);
/* 307 to the same URL with a slash behind the path: BRIO_ANSWERED. */
int brio_app_redirect_to_folder(brio_request *req);

#endif
