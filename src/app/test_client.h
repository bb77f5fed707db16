/* SPDX-License-Identifier: MIT
 *
 * What the test client's parts share: the client, which owns a simulated loop,
 * and the visit, one request on its way through the app and back as bytes.
 * Visits and responses live in the client's arena until it is closed. */
#ifndef BRIO_APP_TEST_CLIENT_H
#define BRIO_APP_TEST_CLIENT_H

#include "app/app_internal.h"

#include <brio/ws.h>

#include <pthread.h>

/* Where a request goes. The arena's, or literals. */
typedef struct brio_app_test_url {
    brio_str scheme, host; /* "http", "testserver" */
    brio_str target;       /* path and query, as on the request line */
} brio_app_test_url;

/* A connection that has become a WebSocket. */
struct brio_test_socket {
    struct brio_test_client *client;
    struct brio_app_visit *visit; /* of the handshake */
    brio_line *line;              /* the app's; NULL before it and when it is over */
    brio_ws_conn conn;
    brio_buf to_app, from_app; /* bytes not read yet */
    size_t read;               /* of from_app */
    brio_buf lent;             /* what the app reads from, while it has it: */
    bool kept;
    bool gone;           /* the client is */
    bool closing;        /* the line is ending */
    brio_callback bring; /* tells the app of what came */
    int code;            /* how the app ended it; 0: open */
    struct brio_test_socket *next;
};

/* An answer that is read while it is written. */
struct brio_test_stream {
    struct brio_test_client *client;
    struct brio_app_visit *visit;
    size_t read; /* of the visit's answer */
    bool ended;  /* the last chunk was read */
    brio_callback leave;
    /* Of server-sent events: */
    brio_buf text;    /* the body so far */
    size_t text_read; /* of it, up to the last empty line */
    brio_str last_id;
    size_t comments; /* since the last event */
    brio_time retry; /* since then */
    struct brio_test_stream *next;
};

typedef struct brio_app_visit {
    brio_exchange ex;
    struct brio_test_client *client;
    brio_http_conn conn;
    brio_arena arena; /* the request's */
    brio_app_test_url url;
    brio_str request; /* bytes to be sent */
    brio_str input;   /* bytes received and not read */
    size_t cut;       /* of the request, bytes at once */
    size_t gone_after;
    size_t received;
    brio_buf answer; /* bytes received */
    brio_callback start;
    bool chunked;
    bool sized;               /* pieces that are not chunks ... */
    uint64_t length;          /* ... of so many bytes */
    bool ended;               /* the last chunk was written */
    bool served;              /* the app has it */
    bool over;                /* `finished` was called */
    bool gone;                /* the client is */
    bool awaited;             /* send waits for its end */
    bool followed;            /* somebody waits for each of its steps */
    brio_test_socket *socket; /* NULL: none was asked for */
    bool upgraded;
    int rc;      /* the request was not one: -EINVAL */
    int failure; /* the app's, that it did not foresee; 0: none */
    brio_str failure_text;
    struct brio_app_visit *next;
} brio_app_visit;

/* A cookie that an answer has set; newest first. The client's arena's. */
typedef struct brio_app_test_cookie {
    struct brio_app_test_cookie *next;
    brio_str name, value, domain, path;
    bool host_only, secure;
    brio_time expires; /* wall clock; BRIO_NEVER: with the client */
} brio_app_test_cookie;

/* What the app had before a test touched it. */
typedef struct brio_app_test_former {
    const char *root_path;
    bool root_path_given;
    const brio_app_swap *overrides;
} brio_app_test_former;

/* What is counted at close (test_leaks.c). */
typedef struct brio_app_test_watch {
    int *fds; /* open before the client */
    size_t n_fds, cap_fds;
    bool detects;           /* the blocking detector is ours */
    pthread_mutex_t lock;   /* of what follows: it writes from its thread */
    size_t n_blocked;       /* turns */
    char blocked_text[256]; /* of the first */
} brio_app_test_watch;

struct brio_test_client {
    brio_app *app;
    brio_test_options options; /* resolved; texts copied */
    brio_app_test_url base;
    brio_loop *loop;
    brio_arena arena;
    brio_time opened;
    brio_http_pool pool;
    brio_http_stamp stamp;
    brio_app_visit *visits; /* newest first */
    size_t under_way;       /* not finished */
    size_t awaited;         /* of these, by send */
    brio_test_socket *sockets;
    brio_test_stream *streams;
    brio_app_test_cookie *cookies;
    brio_app_test_former former;
    brio_app_test_watch watch;
    bool stuck;        /* the loop had nothing left that could wake a task */
    brio_buf left;     /* sentences for close, "; " between them */
    brio_timer waited; /* the patience of the call under way */
    bool too_late;
};

/* Runs the loop until `there`, or an error: BRIO_EDEADLOCK, -ETIMEDOUT. */
typedef bool brio_app_test_there(const void *arg);
int brio_app_client_wait(brio_test_client *client, brio_app_test_there *there,
                         const void *arg) BRIO_CHECKED;

/* ---- Requests (test_request.c, test_body.c, test_url.c) ---- */

/* How a request differs from what its author wrote, after a redirect. */
typedef struct brio_app_test_turn {
    const char *method; /* NULL: as written */
    bool no_body;
    bool foreign; /* another host than at first: no Authorization */
    bool again;   /* after a redirect: a Cookie header is not sent again */
} brio_app_test_turn;
brio_str brio_app_test_request_text(brio_test_client *client, const brio_test_request *r,
                                    const brio_app_test_url *url, const brio_app_test_turn *turn);
/* Its body, and the Content-Type it needs ("" if none). */
brio_str brio_app_test_body(brio_arena *arena, const brio_test_request *r, brio_str *ret_type);
/* "a=1&b=2"; empty for no fields. */
brio_str brio_app_test_fields(brio_arena *arena, const brio_test_field *fields);
/* True if one of the lines has that name. */
bool brio_app_test_has_header(brio_str headers, brio_str name);

/* "http://host/path". 0 or -EINVAL. */
int brio_app_test_url_parse(brio_str text, brio_app_test_url *ret) BRIO_CHECKED;
/* Where a reference leads from `base` (RFC 3986, section 5.2), without fragment.
 * 0; -EINVAL for another scheme than http and https. */
int brio_app_test_url_join(brio_arena *arena, const brio_app_test_url *base, brio_str reference,
                           brio_app_test_url *ret) BRIO_CHECKED;
/* Where the request goes, with its query. */
int brio_app_test_url_of(brio_test_client *client, const brio_test_request *r,
                         brio_app_test_url *ret) BRIO_CHECKED;

/* ---- Cookies (test_cookies.c) ---- */

/* Keeps what an answer's head sets. */
void brio_app_test_cookies_keep(brio_test_client *client, const brio_app_test_url *url,
                                brio_str head);
/* The Cookie header for a request; "" if none. */
brio_str brio_app_test_cookies_for(brio_test_client *client, const brio_app_test_url *url,
                                   const char *more);

/* ---- Visits (test_visit.c, test_response.c) ---- */

/* Makes a visit; it starts on the loop's next turn. */
brio_app_visit *brio_app_visit_new(brio_test_client *client, const brio_test_request *request,
                                   const brio_app_test_url *url, const brio_app_test_turn *turn);
void brio_app_visit_free(brio_app_visit *visit);
/* Reads the bytes received: status, head, body without chunks, JSON. */
int brio_app_visit_read(const brio_app_visit *visit, brio_test_response *ret) BRIO_CHECKED;
/* Only status and head; *ret_at is where the body begins. -EAGAIN: not there yet. */
int brio_app_visit_read_head(const brio_app_visit *visit, brio_test_response *ret,
                             size_t *ret_at) BRIO_CHECKED;
/* A chunk's size from its line. 0 or -EPROTO. */
int brio_app_test_chunk_size(brio_str text, size_t *ret) BRIO_CHECKED;

/* ---- Streams (test_stream.c) ---- */

/* The clients of all streams go away. */
void brio_app_test_streams_end(brio_test_client *client);

/* ---- WebSockets (test_socket.c): callbacks of an exchange whose visit has one ---- */

int brio_app_test_upgrade(brio_exchange *ex, const brio_http_response *response, brio_line *line,
                          brio_exchange **ret_ex);
void brio_app_test_socket_free(brio_test_socket *s);

/* ---- What is left (test_leaks.c) ---- */

int brio_app_test_watch_begin(brio_test_client *client) BRIO_CHECKED;
/* Stops looking. The loop must be gone, but for a client that had none. 0, BRIO_ELEAK, -EBUSY;
 * sentences in client->left. */
int brio_app_test_watch_end(brio_test_client *client);
/* Counts the tasks but the current one, and names them. */
int brio_app_test_tasks_left(brio_test_client *client);
/* One sentence more. */
void brio_app_test_say(brio_test_client *client, const char *fmt, ...) BRIO_PRINTF(2, 3);

/* ---- Snapshots (test_diff.c) ---- */

/* The lines of `now` that are not in `then` with '+', the other way with '-', and
 * two lines around them. */
void brio_app_test_diff(brio_buf *out, brio_str then, brio_str now);

#endif
