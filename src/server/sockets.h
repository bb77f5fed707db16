/* SPDX-License-Identifier: MIT
 *
 * Where connections come in: listening sockets, the PROXY protocol, who workers
 * are, and the service manager that starts it all. A part of server_internal.h,
 * which includes it. */
#ifndef BRIO_SERVER_SOCKETS_H
#define BRIO_SERVER_SOCKETS_H

/* ---- Sockets (listen.c, sockets.c) ----------------------------------------- */

typedef enum brio_server_socket_kind { /* ORDER SOCKET */
                                       BRIO_SERVER_TCP = 0,
                                       BRIO_SERVER_UNIX,
                                       BRIO_SERVER_INHERITED
} brio_server_socket_kind;

/* One address and the sockets that listen there. */
typedef struct brio_server_listener {
    brio_server_socket_kind kind;
    char name[108]; /* TCP: the host as given; Unix: the path */
    int port;       /* TCP: the one it got, once it is open */
    int fd;         /* inherited: the number given */
    unsigned mode;  /* Unix: permissions of the file */
    bool proxy;     /* connections begin with a PROXY header */
    bool plain;     /* they are in clear; else TLS */
    bool shared;    /* fds[0] is the socket of all workers */
    bool local;     /* its peers have no address */
    int n_fds;
    int *fds;   /* else one for each worker; -1: closed in this process */
    pid_t made; /* Unix: who made the file; 0: nobody */
    dev_t dev;
    ino_t ino;
} brio_server_listener;

typedef struct brio_server_sockets {
    brio_server_listener *list;
    size_t n, cap;
} brio_server_sockets;

/* One text of `listen`. NULL, or what is wrong with it (static). */
const char *brio_server_listener_parse(brio_server_listener *ret, const char *text);
/* Sockets that systemd passed to this process. */
size_t brio_server_passed(const brio_server_options *o);
/* Fills the list from the (resolved) options; opens nothing. 0 or -EINVAL with a log line. */
int brio_server_sockets_list(brio_server_sockets *s, const brio_server_options *o) BRIO_CHECKED;
/* Lists and opens all; on failure nothing is open. Logs the reason. */
int brio_server_sockets_open(brio_server_sockets *s, const brio_server_options *o,
                             const brio_server_identity *owner) BRIO_CHECKED;
/* The first TCP port, or 0. */
int brio_server_sockets_port(const brio_server_sockets *s);
/* In the worker of a slot: closes what is the others'. */
void brio_server_sockets_keep(brio_server_sockets *s, int slot);
/* Closes all in this process and removes the files it made; again does no harm. */
void brio_server_sockets_close(brio_server_sockets *s);
void brio_server_sockets_fini(brio_server_sockets *s);
/* "http://127.0.0.1:8000", "unix socket /run/x", "socket fd:3". */
void brio_server_listener_text(const brio_server_listener *l, char *ret, size_t cap);
/* "brio running on ...", for each. */
void brio_server_log_running(const brio_server_sockets *s, const char *backend);

/* A way in: an acceptor on a socket (accept.c). */
struct brio_server_inlet {
    brio_acceptor acceptor;
    brio_server_worker *worker;
    const brio_server_listener *listener;
    int *fd; /* in the listener's list */
    bool open;
};

/* Opens an acceptor on each socket; on failure some may be open. */
int brio_server_accept_start(brio_server_worker *w) BRIO_CHECKED;
/* Their on_closed follow, and wake the main task. */
void brio_server_accept_stop(brio_server_worker *w);

/* ---- The PROXY protocol (proxy_protocol.c, proxied.c) --------------------- */

enum { BRIO_SERVER_PROXY_MAX = 4096 }; /* bytes behind the fixed part of a version 2 */

/* The head of a connection being read. Zero at first. */
typedef struct brio_server_proxy {
    char host[BRIO_SERVER_HOST_BYTES + 8]; /* out: the client's, if `known`; "" if it has none */
    uint16_t port;
    bool known;          /* else the connection's own peer is meant */
    uint16_t len;        /* bytes in `head` */
    uint16_t need, skip; /* version 2: bytes up to the addresses' end, and behind it */
    char head[16 + 216];
} brio_server_proxy;

/* Takes what belongs to the head off the front of *input: 1, it is complete; 0,
 * more is needed, and all was taken; -EBADMSG. */
int brio_server_proxy_read(brio_server_proxy *p, brio_str *input) BRIO_CHECKED;

/* A new connection. False: it may not come in, or there is no memory. */
bool brio_server_proxied_open(brio_server_conn *conn);
void brio_server_proxied_close(brio_server_conn *conn); /* again does no harm */
/* While conn->proxied, which it ends. The chunk with what comes behind the header, or NULL. */
brio_chunk *brio_server_proxied_data(brio_server_conn *conn, brio_chunk *chunk);

/* ---- Identity (identity.c) -------------------------------------------------- */

struct brio_server_identity {
    const char *name; /* borrowed; NULL: none was asked for */
    uid_t uid;
    gid_t gid;
    bool set_user, set_group;
};

/* Looks names up; may block. 0, -ENOENT or -EINVAL with a log line. */
int brio_server_identity_find(brio_server_identity *ret, const brio_server_options *o) BRIO_CHECKED;
/* In a worker. 0 or -errno with a log line. */
int brio_server_identity_become(const brio_server_identity *id,
                                const brio_server_options *o) BRIO_CHECKED;
/* Gives a file to it. */
int brio_server_identity_own(const brio_server_identity *id, const char *path) BRIO_CHECKED;

/* ---- systemd (notify.c) ------------------------------------------------------ */

typedef struct brio_server_notify {
    int fd;               /* -1: nobody listens */
    brio_time span, next; /* of its watchdog: how often, and when; NEVER: none */
} brio_server_notify;

void brio_server_notify_open(brio_server_notify *n, bool wanted);
void brio_server_notify_say(brio_server_notify *n, const char *fmt, ...) BRIO_PRINTF(2, 3);
void brio_server_notify_reloading(brio_server_notify *n);
/* Gives the watchdog its sign if it is time. When the next is due (monotonic), or NEVER. */
brio_time brio_server_notify_alive(brio_server_notify *n);
void brio_server_notify_close(brio_server_notify *n);

#endif
