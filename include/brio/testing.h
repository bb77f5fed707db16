/* SPDX-License-Identifier: MIT
 *
 * brio/testing.h: tests of applications, without sockets and without waiting.
 * A part of <brio/app.h>, which includes it; the manual is docs/testing.md.
 *
 *     brio_test_client *client;
 *     brio_test_response answer;
 *     brio_test_client_open(&client, app);
 *     brio_test_client_send(client, &(brio_test_request){.url = "/items/5"}, &answer);
 *     assert(answer.status == 200);
 *     assert(brio_test_client_close(client) == 0);     // nothing was left behind
 *
 * FastAPI's TestClient, and what its users build around it. Requests and answers
 * are real bytes through the HTTP parser and writer; only the socket between them
 * is missing. Time is virtual: whoever sleeps, in the app or in the test, takes no
 * real time. None of these functions runs inside a task: call them from main. */
#ifndef BRIO_TESTING_H
#define BRIO_TESTING_H

#include <brio/base.h>
#include <brio/depends.h>
#include <brio/model.h>
#include <brio/request.h>
#include <brio/websocket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The client ---------------------------------------------------------------- */

typedef struct brio_test_client brio_test_client;

/* Zero is the default. Text is copied. */
typedef struct brio_test_options {
    const char *base_url;    /* scheme and host of all requests; NULL: "http://testserver". With
                                "https://..." cookies with Secure are sent, too */
    const char *root_path;   /* brio_app_set_root_path until close; NULL: the app's own */
    const char *client_host; /* what brio_request_client sees; NULL: "testclient" */
    uint16_t client_port;    /* 0: 50000 */
    const char *headers;     /* "Name: value\r\n..." of each request that has no such; NULL: none */
    bool no_redirects;       /* answers 3xx are given as they are */
    /* An answer of 500 and above that stands for a failure of the program, not for
     * brio_fail, makes the call fail with the error and its detail, also if a
     * handler made a page of it (Starlette's raise_server_exceptions). */
    bool raise_errors;
    /* Do not look for descriptors that the app left open: of tests that open some
     * of their own before they close the client. */
    bool keeps_descriptors;
    /* Real ns that one turn of the loop may take; a task that keeps it longer is
     * named at close, with -EBUSY. Uses the process' blocking detector, so a busy
     * machine counts as well: be generous. 0: nobody looks. */
    brio_time blocked_limit;
    brio_time patience; /* virtual ns a call waits before it is -ETIMEDOUT; 0: a day */
} brio_test_options;

/* Opens a client: runs the app's startup hooks. `options` may be NULL. 0;
 * -EALREADY on a thread that has a loop; the error of a startup hook, with its
 * detail; -EALREADY with .blocked_limit if the process has a detector; -EINVAL for
 * a base_url that is none. *ret is NULL then. The app must outlive the client. */
BRIO_API int brio_test_client_open_with(brio_test_client **ret, brio_app *app,
                                        const brio_test_options *options) BRIO_CHECKED;
/* The same without options. */
BRIO_API int brio_test_client_open(brio_test_client **ret, brio_app *app) BRIO_CHECKED;

/* Says goodbye on open sockets and streams, runs the shutdown hooks, undoes
 * overrides, and tells what the app left: 0: nothing; the number of tasks;
 * or, negative, BRIO_ELEAK: open descriptors; -EBUSY: see blocked_limit;
 * BRIO_EDEADLOCK: a request waited for what could not come. brio_error_detail()
 * has a sentence for each. NULL is fine. All answers end here. */
BRIO_API int brio_test_client_close(brio_test_client *client) BRIO_CHECKED;

/* ---- Requests -------------------------------------------------------------------- */

/* A pair for .query and .form. Both are encoded; a NULL name ends the list. */
typedef struct brio_test_field {
    const char *name, *value;
} brio_test_field;
/* .query = BRIO_TEST_FIELDS({"q", "fish & chips"}, {"limit", "5"}) */
#define BRIO_TEST_FIELDS(...) ((const brio_test_field[]){__VA_ARGS__, {NULL, NULL}})

/* A part of a multipart/form-data body; a NULL name ends the list. */
typedef struct brio_test_file {
    const char *name;         /* of the form's field */
    const char *filename;     /* NULL: none, which makes it a field */
    const char *content_type; /* NULL: by the file's name, else application/octet-stream */
    brio_str data;
} brio_test_file;
/* .files = BRIO_TEST_FILES({"file", "a.txt", .data = BRIO_S("hello")}) */
#define BRIO_TEST_FILES(...) ((const brio_test_file[]){__VA_ARGS__, {.name = NULL}})

/* Zero is the default, as everywhere. Of json, form with files, and body the first
 * that is there is sent, with the headers it needs unless they are given. */
typedef struct brio_test_request {
    const char *method; /* NULL means GET */
    const char *url;    /* path with query, as on the request line; or "http://host/path" */
    const char *headers; /* "Name: value\r\n..." or NULL */
    brio_str json;      /* body sent as application/json if not empty */
    brio_str body;      /* else this, with the headers above */
    size_t cut;         /* the request comes in pieces of so many bytes; 0: at once */
    size_t gone_after;  /* the client is gone when so many bytes were taken; the answer, if there
                           is none, has status 0; 0: it stays */
    const brio_test_field *query; /* put behind the query of the url, percent-encoded */
    const brio_test_field *form;  /* sent urlencoded, or with `files` as parts before them */
    const brio_test_file *files;  /* sent as multipart/form-data */
    const char *cookies; /* "name=value; other=value": of this request, beside the jar's */
} brio_test_request;

typedef struct brio_test_response {
    int status;
    brio_str head;      /* status line and headers as sent */
    brio_str body;      /* decoded */
    brio_json json;     /* of the body when it is JSON; null otherwise */
    bool cut_off;       /* a streamed body without its end: the handler failed */
    size_t redirects;   /* that were followed to come here */
    brio_str url;       /* "http://host/path?query" of the request that was answered */
} brio_test_response;

/* Sends one request and waits until the app is done with it, background tasks
 * included. The answer is valid until close. 0, whatever its status; -EINVAL:
 * less than a request, or a url that is none; BRIO_EDEADLOCK: nothing can ever
 * wake the app; -ETIMEDOUT: see patience; what raise_errors says.
 *
 * Redirects are followed, at most 20 (then -ELOOP), by the rules of browsers: 303
 * makes everything but HEAD a GET, and so do 302, and 301 for a POST; 307 and 308
 * send the same again. Every host is the app; but Authorization stays with its own. */
BRIO_API int brio_test_client_send(brio_test_client *client, const brio_test_request *request,
                                   brio_test_response *ret) BRIO_CHECKED;
/* Several at once; they run concurrently. ret[n]. */
BRIO_API int brio_test_client_send_all(brio_test_client *client, const brio_test_request *requests,
                                       size_t n, brio_test_response *ret) BRIO_CHECKED;
/* The value of a response's header; of several the first; "" if absent. */
BRIO_API brio_str brio_test_header(const brio_test_response *response, brio_str name);

/* ---- Cookies ---------------------------------------------------------------------- */

/* The client keeps what answers set, as RFC 6265 (section 5) has it: by host and
 * path, until it expires in virtual time, Secure only for https. A request with a
 * Cookie header of its own gets none of them. */

/* The newest cookie of that name; "" if there is none. Valid until close. */
BRIO_API brio_str brio_test_cookie(const brio_test_client *client, const char *name);
/* Sets one for the client's host, for all paths, until close. Copied. */
BRIO_API void brio_test_cookie_set(brio_test_client *client, const char *name, const char *value);
BRIO_API void brio_test_cookies_clear(brio_test_client *client);

/* ---- Streamed answers -------------------------------------------------------------- */

/* An answer read while the handler still writes it. It is the client's, until close. */
typedef struct brio_test_stream brio_test_stream;
/* Sends a request and waits for the head of its answer: *ret_head (may be NULL) has
 * status and headers. Redirects are not followed. 0, or as brio_test_client_send. */
BRIO_API int brio_test_stream_open(brio_test_client *client, const brio_test_request *request,
                                   brio_test_stream **ret,
                                   brio_test_response *ret_head) BRIO_CHECKED;
/* The next piece of the body, as the app wrote it; valid until close. 1; 0 at the
 * end; BRIO_ECLOSED: it ended before its end, the handler failed; BRIO_EDEADLOCK,
 * -ETIMEDOUT: none comes. */
BRIO_API int brio_test_stream_read(brio_test_stream *s, brio_str *ret_piece) BRIO_CHECKED;
/* The client goes away; the app has seen it when this returns. */
BRIO_API void brio_test_stream_close(brio_test_stream *s);

/* A server-sent event, read by the rules of the HTML standard (section 9.2.6). */
typedef struct brio_test_event {
    brio_str event;    /* "message" if it has no name */
    brio_str data;     /* lines joined by '\n' */
    brio_json json;    /* of the data when it is JSON; null otherwise */
    brio_str id;       /* of this event or the last that had one */
    brio_time retry;   /* ns; 0: nothing was said */
    size_t comments;   /* lines of comments before it, pings among them */
} brio_test_event;
/* The next event of a text/event-stream. As brio_test_stream_read; what is not
 * finished by an empty line at the end of the stream is no event. Pings are no
 * events: with a handler that says nothing this is -ETIMEDOUT. */
BRIO_API int brio_test_sse_next(brio_test_stream *s, brio_test_event *ret) BRIO_CHECKED;

/* ---- WebSockets --------------------------------------------------------------------- */

/* A WebSocket of the test client: opened by a GET with the headers that it needs
 * beside those given. 0; BRIO_EHTTP when it was refused; *ret_answer (may be NULL)
 * is the answer either way. It is the client's until close, which says goodbye on
 * all that are left and lets their handlers end. */
typedef struct brio_test_socket brio_test_socket;
BRIO_API int brio_test_socket_open(brio_test_client *client, const char *url, const char *headers,
                                   brio_test_socket **ret,
                                   brio_test_response *ret_answer) BRIO_CHECKED;
/* Send one message, or bytes as they are, frames and all. */
BRIO_API void brio_test_socket_send_text(brio_test_socket *s, brio_str text);
BRIO_API void brio_test_socket_send_bytes(brio_test_socket *s, brio_str bytes);
BRIO_API void brio_test_socket_send_raw(brio_test_socket *s, brio_str frames);
/* The next message, valid until close. 0; BRIO_ECLOSED when the app has ended the
 * connection, with its code (1006: without a close frame) in *ret_code (may be
 * NULL); BRIO_EDEADLOCK when none comes, however long one waits; -ETIMEDOUT. */
BRIO_API int brio_test_socket_receive(brio_test_socket *s, brio_ws_message *ret,
                                      int *ret_code) BRIO_CHECKED;
/* Sends a close frame with `code`, or with 0 just goes away; the app sees it
 * while the test waits for something. */
BRIO_API void brio_test_socket_close(brio_test_socket *s, int code);

/* ---- Time --------------------------------------------------------------------------- */

/* Virtual ns since open. */
BRIO_API brio_time brio_test_client_elapsed(const brio_test_client *client);
/* Lets so much virtual time pass, and everything happen that is due in it:
 * timeouts, pings, expiry of cookies and tokens, background work. 0 or -errno. */
BRIO_API int brio_test_client_sleep(brio_test_client *client, brio_time duration) BRIO_CHECKED;

/* ---- Overrides ------------------------------------------------------------------------ */

/* brio_app_override until the client is closed. */
#define brio_test_override(client, P, Q)                                                     \
    do {                                                                                     \
        _Static_assert(_Generic((P##_provided *)0, Q##_provided *: 1, default: 0),           \
                       "brio: " #Q " does not give what " #P " gives");                      \
        brio_test_override_provider(client, P##_provider(), Q##_provider());                 \
    } while (0)
BRIO_API void brio_test_override_provider(brio_test_client *client, const brio_provider *provider,
                                          const brio_provider *with);

/* ---- Snapshots -------------------------------------------------------------------------- */

/* Compares `text` with what was right the last time: the file `path`, which is
 * relative to $BRIO_SNAPSHOT_DIR or else to where the program runs. With
 * BRIO_SNAPSHOT=update in the environment the file is written instead, its folder
 * made; look at what changed before you commit it. Needs no client.
 *
 * A path that ends in ".json" holds JSON with sorted keys, indented by two blanks:
 * order and blanks of `text` do not matter then. 0; BRIO_EINVALID when they differ,
 * -ENOENT without a file, with a sentence and the lines that differ on stderr;
 * BRIO_ESYNTAX when the text should be JSON and is not; -errno. */
BRIO_API int brio_test_snapshot(const char *path, brio_str text) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
