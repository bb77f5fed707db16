/* SPDX-License-Identifier: MIT
 *
 * brio/server.h: workers, supervision and the sockets under an app.
 *
 * One worker is one process with one loop. With several, a supervisor forks
 * them, shares the listening socket, replaces those that die, and never
 * serves itself. brio_serve installs signal handling for its run only.
 *
 *     return brio_serve(app, &(brio_server_options){.port = 8080, .workers = 4}); */
#ifndef BRIO_SERVER_H
#define BRIO_SERVER_H

#include <brio/base.h>
#include <brio/http.h>
#include <brio/loop.h>
#include <brio/tls.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_app;

enum { BRIO_SERVER_LISTEN_MAX = 64 };

/* Certificates of a server, the first for clients that ask for no known name. */
enum { BRIO_SERVER_CERTIFICATES = 16 };

/* HTTPS: with a certificate everything is TLS, 1.2 or 1.3. All texts are borrowed.
 * Files are read before the server begins and again at SIGHUP; ones that are no
 * good then are logged, and what was read before stays. */
typedef struct brio_server_ssl {
    /* PEM: a certificate with its chain behind it. Further ones are for clients that
     * ask (SNI) for one of the host names in them. NULL ends the list. */
    const char *certfile[BRIO_SERVER_CERTIFICATES];
    const char *keyfile[BRIO_SERVER_CERTIFICATES]; /* the i-th one's key; NULL: in certfile */
    const char *keyfile_password;                  /* of all keys that have one */
    const char *ca_certs;         /* PEM: who may vouch for clients; needed if they are asked */
    brio_tls_verify cert_reqs;    /* whether clients are asked for certificates; 0: not */
    const char *ciphers;          /* for TLS 1.2, as OpenSSL writes them; NULL: OpenSSL's own */
    brio_tls_version min_version; /* 0 means 1.2 */
    brio_time handshake_timeout;  /* 0 means 10 s */
    unsigned limit_handshakes;    /* under way at a time per worker, beyond: the oldest of them is
                                     closed; 0 means 1,024 */
    brio_time ticket_life;        /* as brio_tls_options.ticket_life; 0 means 12 h */
    bool no_ktls;                 /* the kernel does not encrypt, though it could */
} brio_server_ssl;

/* How a line of the access log reads. As JSON (brio_log_options.format) it has
 * uvicorn's words and all parts as members, whatever is chosen here, unless it
 * goes to a file of its own. */
typedef enum brio_access_format {                          /* ORDER ACCESS_FORMAT */
                                  BRIO_ACCESS_UVICORN = 0, /* 127.0.0.1:52814 - "GET / HTTP/1.1" 200
                                                              OK, when the answer begins */
                                  BRIO_ACCESS_COMMON,      /* the common log format, when it ends */
                                  BRIO_ACCESS_COMBINED     /* the same and Referer and User-Agent */
} brio_access_format;

/* What is spoken. In clear the client's first bytes tell; under TLS it is agreed upon. */
typedef enum brio_server_http { /* ORDER SERVER_HTTP */
    BRIO_SERVER_HTTP_ANY = 0,
    BRIO_SERVER_HTTP_1,
    BRIO_SERVER_HTTP_2
} brio_server_http;

typedef struct brio_server_options {
    const char *host; /* NULL means 127.0.0.1; "" all of IPv4 and IPv6; "::" all of IPv6 alone */
    int port;         /* 0 means 8000; -1 lets the kernel choose. With other sockets (below) host
                         and port are listened on only if one of them is given */
    const char *uds;  /* path of a Unix socket, mode 0666 as uvicorn's; NULL means none. Borrowed */
    int fd;           /* a listening socket that was inherited (taken); 0 means none */
    /* Further sockets, as many as BRIO_SERVER_LISTEN_MAX. Borrowed. Each is an
     * address and options behind commas:
     *     "127.0.0.1:8000"  "[::1]:8000"  "localhost:8000"    as `host` and `port`
     *     ":8000"                          all of IPv4 and IPv6, IPv4 alone where there is no IPv6
     *     "unix:/run/shop.sock"  "unix:@shop"      a path; an abstract name
     *     "fd:3"                           as `fd`
     *     ",mode=660"                      permissions of a Unix socket's file, octal [666]
     *     ",proxy"                         each connection begins with a PROXY header
     *     ",plain"                         HTTP, though there are certificates (ssl) */
    const char *const *listen;
    size_t n_listen;
    /* Who may begin connections of a socket with ",proxy": the list is written as
     * forwarded_allow_ips, "unix" stands for whoever reaches a Unix socket. NULL
     * means "127.0.0.1,::1,unix". Versions 1 and 2 of the protocol; the header
     * names the client from then on. Others, and what begins in another way, are cut
     * off. Borrowed. */
    const char *proxy_protocol_from;
    /* Asks systemd's environment: listens on the sockets of LISTEN_FDS as well
     * (sd_listen_fds(3); the variables are removed), and tells NOTIFY_SOCKET about
     * READY, RELOADING, STOPPING and WATCHDOG (sd_notify(3)). brio_main asks. */
    bool systemd;
    int workers; /* 0 means 1, served in this very process */
    int backlog; /* 0 means 2048 */
    brio_backend backend;
    bool no_access_log;
    brio_access_format access_format; /* the others than uvicorn's are lines of brio_log_line, so
                                         brio_log_options.lines_path is their file */
    /* A path ("/metrics") at which the server itself answers a GET with its numbers
     * in Prometheus' text format, before the app is asked; of all workers, whichever
     * answers. NULL means none. Borrowed. docs/observe.md lists them. */
    const char *metrics;
    const char *metrics_from;    /* who may read them, written as forwarded_allow_ips; to others the
                                    path is the app's. NULL means "127.0.0.1,::1,unix". Borrowed */
    unsigned limit_concurrency;  /* requests beyond so many connections or running requests of
                                    a worker get 503; 0 means none */
    unsigned limit_connections;  /* open connections per worker, beyond: 503; 0 means 10,000 */
    unsigned limit_connections_per_address; /* of them, from one IPv4 address or one IPv6 /64;
                                    beyond: 503. 0 means no limit, for behind a proxy that does
                                    not speak the PROXY protocol all have one address */
    unsigned limit_max_requests; /* a worker retires after so many; 0 means never */
    unsigned limit_max_requests_jitter; /* and up to so many more, drawn by each worker */
    brio_time limit_worker_age;  /* a worker retires at this age (and a tenth, drawn); 0: never */
    /* With several workers: one whose loop does not turn for so long (a handler that never
     * ends, a deadlock) is ended by SIGABRT, with a line in the log that says where it
     * was, half as long later by SIGKILL, and replaced at once; 0 means 30 s, BRIO_NEVER:
     * never. Not one that is stopped or traced by a debugger, nor while its startup hooks
     * run. One process alone is for systemd's WatchdogSec to watch. */
    brio_time worker_timeout;
    uint64_t limit_worker_memory; /* a worker with more bytes in memory retires; 0: never */
    brio_time request_timeout;   /* a handler that has not begun its answer by then is cancelled,
                                    its client gets 503; waiting for the client's body does not
                                    count; 0 means no limit */
    /* Retry-After of the 503s that the server gives because it has too much to do: beyond
     * limit_concurrency and the limits of connections, and of those that the app makes of
     * an overload. In whole seconds, rounded up; 0 means 1 s, BRIO_NEVER: they go
     * without. Not with request_timeout's: later it would take as long. */
    brio_time retry_after;
    brio_time grace;             /* for requests in flight at stop; 0 means 30 s */
    brio_http_limits http;       /* keep_alive is --timeout-keep-alive */
    brio_server_ssl ssl;         /* HTTPS, if there is a certificate */
    brio_h2_limits h2;           /* of each HTTP/2 connection */
    brio_server_http versions;   /* which HTTP; a client begins with either by default */
    size_t request_arena_limit;  /* bytes per request; 0 means 64 MiB */
    /* Proxies whose X-Forwarded-Proto and X-Forwarded-For are believed: addresses
     * and networks ("10.0.0.0/8") between commas, "*" for all, "" for none. NULL
     * means "127.0.0.1,::1". Borrowed. */
    const char *forwarded_allow_ips;
    bool no_server_header, no_date_header; /* answers go without */
    const brio_header *headers; /* every answer has these, too; `server` and `date` take the
                                   place of ours. Borrowed */
    size_t n_headers;
    /* Who workers are: a name or a number; NULL means who we are. The group is the
     * user's unless it is given. They change before the startup hooks run; files of
     * Unix sockets are theirs. The supervisor stays who it is. Borrowed. */
    const char *user, *group;
    bool refuse_root;       /* a worker that would run as root ends: -EPERM */
    bool no_new_privileges; /* nothing a worker starts can have more rights than it */
    bool allow_half_close;       /* a client that ends its sending side while a handler works still
                                    waits for the answer; false: it is gone, as for uvicorn */
    const brio_log_options *log; /* borrowed; a forked worker opens its log with it. NULL: its
                                    lines are written directly */
    void (*on_ready)(int port, void *arg); /* requests are answered from now on; called in the
                                              process of brio_serve; `port` is the first TCP
                                              socket's, 0 if there is none; NULL: nobody is told */
    void *on_ready_arg;
} brio_server_options;

/* Serves `app`, which stays the caller's, until SIGTERM or SIGINT; `options` are borrowed
 * meanwhile, NULL means the defaults. Then it stops accepting, finishes requests in
 * flight within `grace`, runs the shutdown hooks. SIGHUP (with workers)
 * starts new workers before the old ones finish: no connection is refused; with
 * ssl it also reads the certificates again, with and without workers, and
 * connections that begin from then on have them. A SIGINT while it stops ends the
 * grace period, a SIGTERM does not. Forks if workers > 1: call it before threads are started.
 * Logs the reason of a failure.
 * Returns 0 after a clean stop; the startup hook's error; -errno of a socket
 * (-EADDRINUSE, -EACCES, -EADDRNOTAVAIL; -ENOTSOCK: what was inherited does not
 * listen) or of the back end; BRIO_ETLS, -ENOENT for a certificate, -ENOTSUP for
 * ssl without OpenSSL; -ENOENT for a user or group that is not there, -EPERM if a
 * worker may not become it; -EINVAL for an option out of range; -EBUSY while another
 * brio_serve runs in this process; -EALREADY inside a running loop. */
BRIO_API int brio_serve(struct brio_app *app, const brio_server_options *options) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
