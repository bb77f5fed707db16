/* SPDX-License-Identifier: MIT
 *
 * The load for TLS: N connections that each send a GET, read the answer and send
 * the next ("requests"), or shake hands anew each time ("handshakes", "resumed").
 * Prints one JSON line. Certificates are not verified: that is the client's work.
 *
 *     bench_tls_load PORT CONNECTIONS SECONDS requests|handshakes|resumed TARGET */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1024, BUFFER = 64 * 1024 };

typedef struct peer {
    SSL *ssl;
    int fd;
    size_t head, left; /* bytes of an unfinished head in buf; bytes of a body to come */
    bool asked;
    char *buf;
} peer;

static SSL_CTX *ctx;
static SSL_SESSION *ticket;
static struct sockaddr_in server;
static char request[512];
static int poller, request_len;
static bool anew, resume;
static unsigned long answered, shaken, reused, failed;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int keep_ticket(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    SSL_SESSION_free(ticket);
    ticket = session;
    return 1;
}

static void begin(peer *p)
{
    const int on = 1;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->fd < 0 || connect(p->fd, (const struct sockaddr *)&server, sizeof server) < 0)
        die("connect");
    (void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)fcntl(p->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = p};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, p->fd, &e) < 0)
        die("epoll_ctl");
    p->ssl = SSL_new(ctx);
    SSL_set_fd(p->ssl, p->fd);
    SSL_set_connect_state(p->ssl);
    if (resume && ticket)
        SSL_set_session(p->ssl, ticket);
    p->head = p->left = 0;
    p->asked = false;
}

static void finish(peer *p)
{
    shaken++;
    reused += (unsigned long)SSL_session_reused(p->ssl);
    SSL_set_quiet_shutdown(p->ssl, 1);
    SSL_shutdown(p->ssl);
    SSL_free(p->ssl);
    close(p->fd);
}

/* What is in buf: the end of an answer, or a part of one. True: it is whole. */
static bool take(peer *p, size_t n)
{
    if (p->left) {
        p->left -= n < p->left ? n : p->left;
        return p->left == 0;
    }
    p->head += n;
    const char *end = memmem(p->buf, p->head, "\r\n\r\n", 4), *length;
    if (!end)
        return false;
    p->buf[p->head] = '\0';
    length = strcasestr(p->buf, "content-length:");
    size_t body = length ? strtoul(length + 15, NULL, 10) : 0,
           here = p->head - (size_t)(end + 4 - p->buf);
    failed += strncmp(p->buf, "HTTP/1.1 200", 12) != 0;
    p->left = body - here;
    p->head = 0;
    return p->left == 0;
}

static bool waits(const peer *p, int rc)
{
    int err = SSL_get_error(p->ssl, rc);
    if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE)
        return true;
    failed++;
    fprintf(stderr, "TLS error %d\n", err);
    exit(1);
}

/* Goes on until the socket has nothing more to say. */
static void go_on(peer *p)
{
    for (;;) {
        int rc = p->asked ? 1 : SSL_write(p->ssl, request, request_len);
        if (rc <= 0 && waits(p, rc))
            return;
        p->asked = true;
        rc = SSL_read(p->ssl, p->buf + p->head, (int)(BUFFER - 1 - p->head));
        if (rc <= 0 && waits(p, rc))
            return;
        if (!take(p, (size_t)rc))
            continue;
        answered++;
        p->asked = false;
        if (anew) {
            finish(p);
            begin(p);
        }
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double run(double seconds)
{
    struct epoll_event events[256];
    double start = now();
    while (now() - start < seconds) {
        int n = epoll_wait(poller, events, 256, 100);
        for (int i = 0; i < n; i++)
            go_on(events[i].data.ptr);
    }
    return now() - start;
}

int main(int argc, char **argv)
{
    static peer peers[MAX_CONNECTIONS];
    if (argc != 6)
        return 2;
    unsigned long n = strtoul(argv[2], NULL, 10);
    anew = strcmp(argv[4], "requests") != 0;
    resume = strcmp(argv[4], "resumed") == 0;
    server = (struct sockaddr_in){.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    request_len =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[5]);
    ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, keep_ticket);
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned long i = 0; i < n && i < MAX_CONNECTIONS; i++) {
        peers[i].buf = malloc(BUFFER);
        begin(&peers[i]);
    }
    double seconds = run(atof(argv[3]));
    printf("{\"requests\":%lu,\"handshakes\":%lu,\"reused\":%lu,\"failed\":%lu,\"seconds\":%.4f}\n",
           answered, shaken, reused, failed, seconds);
    return 0;
}
