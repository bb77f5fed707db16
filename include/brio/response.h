/* SPDX-License-Identifier: MIT
 *
 * brio/response.h: what the answer becomes. A part of <brio/app.h>, which
 * includes it.
 *
 * A handler that returns 0 has filled `out`, and that is the answer. One that
 * calls brio_answer_* has made it itself:
 *
 *     return brio_answer_text(req, 200, BRIO_S("pong"));
 *
 * Either way the answer is pending in the request until the handler, what
 * dependencies put off to the end of the function, and all middleware have
 * returned; then brio_on_response hooks see it, then it is sent. Whoever
 * answers last decides. */
#ifndef BRIO_RESPONSE_H
#define BRIO_RESPONSE_H

#include <brio/base.h>
#include <brio/model.h>
#include <brio/object.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What brio_answer_* return: "the answer is made". */
enum { BRIO_ANSWERED = 1 };

/* The output of a handler that always answers by itself (FastAPI's
 * response_model=None, or `-> Response`): nothing is promised about the body.
 * One that returns 0 all the same answers this JSON value. */
typedef brio_json brio_response;
static inline const brio_model *brio_response_model(void)
{
    return brio_json_model();
}

/* JSON made by hand in the request's arena: BRIO_OBJECT(req, "key", value, ...)
 * and BRIO_ARRAY(req, value, ...), for handlers whose output is brio_json.
 * <brio/object.h> tells what a value may be. */
#define BRIO_OBJECT(req, ...) BRIO_JSON_OBJECT(brio_request_arena(req), __VA_ARGS__)
#define BRIO_ARRAY(req, ...) BRIO_JSON_ARRAY(brio_request_arena(req), __VA_ARGS__)
/* A value of a model as JSON (item.model_dump()): *out = BRIO_DUMP(req, Item, &in->item). */
#define BRIO_DUMP(req, T, ptr) brio_json_typed(brio_request_arena(req), BRIO_AS(T, ptr))
/* Text for HTML that is put together by hand, also inside quotes: & < > " ' become
 * references. In the arena, or `text` itself if it has none of them. Templates do
 * this by themselves. */
BRIO_API brio_str brio_html_escape(brio_arena *arena, brio_str text);

/* ---- Answering ------------------------------------------------------------ */

/* Each makes the answer and returns BRIO_ANSWERED, for `return`. `status` is
 * from 200 to 599. Texts and bytes are borrowed until the answer is sent:
 * static, or of the request's arena. Headers set by brio_respond_header go
 * with it, as do background tasks. */

/* Starlette's JSONResponse: written at once, `json` is not kept. */
BRIO_API int brio_answer_json(brio_request *req, int status, brio_json json);
/* The same through a model: BRIO_TYPE(T) and a T, another one than the route's
 * output, if you like. A value that does not fit fails: BRIO_EMODEL. */
BRIO_API int brio_answer_model(brio_request *req, int status, const brio_model *model,
                               const void *value);
BRIO_API int brio_answer_text(brio_request *req, int status, brio_str text); /* text/plain */
BRIO_API int brio_answer_html(brio_request *req, int status, brio_str html); /* text/html */
/* `media_type` is copied; "text/..." gets its charset, as in Starlette; NULL or
 * "" sends none. -EINVAL when it cannot be a header. */
BRIO_API int brio_answer_bytes(brio_request *req, int status, const char *media_type,
                               brio_str bytes);
/* RedirectResponse. `status` 0 means 307. What may not stand in a URL is
 * percent-encoded. */
BRIO_API int brio_answer_redirect(brio_request *req, int status, brio_str url);

/* ---- Changing the answer ---------------------------------------------------- */

/* The status of a handler that returns 0, or of the answer that is pending.
 * From 200 to 599. */
BRIO_API void brio_respond_status(brio_request *req, int status);
/* Headers of any answer, failures included. A name given twice replaces the
 * first, set-cookie adds. Names and values are copied; -EINVAL for what cannot
 * be a header (RFC 9110, section 5) and for those that say how the body is sent
 * (content-length, transfer-encoding, connection); -EALREADY when the head is
 * out (a streamed answer has begun). */
BRIO_API int brio_respond_header(brio_request *req, brio_str name, brio_str value) BRIO_CHECKED;

/* Starts (at first) and continues a streamed answer: status and headers as set
 * so far, then `data` as a chunk. Suspends until the client's socket took it.
 * The handler's `out` is then ignored. Async handlers only. 0, -ECANCELED
 * (the client went away), -EPIPE. Default media type: text/plain. */
BRIO_API int brio_respond_stream(brio_request *req, brio_str data) BRIO_CHECKED;

/* ---- Looking at it ---------------------------------------------------------- */

/* What is pending: for middleware behind brio_next_run, and for hooks. Without
 * an answer the status is 0 and the rest empty. The body of a streamed answer
 * is empty. */
BRIO_API int brio_answered_status(const brio_request *req);
BRIO_API brio_str brio_answered_type(const brio_request *req); /* media type */
BRIO_API brio_str brio_answered_body(const brio_request *req);
BRIO_API brio_str brio_answered_header(const brio_request *req, brio_str name); /* "" if absent */
BRIO_API bool brio_answered_stream(const brio_request *req);

/* Runs right before the head of the answer is sent, of a streamed one as well:
 * the last chance for headers and status. Newest first, so what an outer
 * middleware registered runs last. Must not suspend. `arg` is borrowed until
 * the request is finished. Not run for the answer of last resort, when the
 * request's task was abandoned. */
typedef void brio_response_hook(brio_request *req, void *arg);
BRIO_API void brio_on_response(brio_request *req, brio_response_hook *fn, void *arg);

/* ---- Behind the answer -------------------------------------------------------- */

/* FastAPI's BackgroundTasks.add_task: runs fn(arg) after the response was
 * sent, in order of registration, from handlers, dependencies and middleware;
 * not after a handler that failed. `arg` is borrowed: take it from the
 * request's arena. A failure is logged. `blocking` runs it on the thread pool. */
BRIO_API void brio_background(brio_request *req, int (*fn)(void *arg), void *arg);
BRIO_API void brio_background_blocking(brio_request *req, int (*fn)(void *arg), void *arg);

#ifdef __cplusplus
}
#endif
#endif
