/* SPDX-License-Identifier: MIT
 *
 * The load: N keep-alive connections, each with DEPTH identical requests in
 * flight, for a number of seconds. Prints one JSON line. It reads responses as
 * little as it must (status digit, content-length), so that one core of load
 * outruns one core of server.
 *
 *     bench_load PORT CONNECTIONS DEPTH SECONDS METHOD TARGET [BODY] */
#include <brio/base.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1024, BUFFER = 256 * 1024 };

typedef struct peer {
    int fd;
    size_t len;      /* bytes of an unfinished response in buf */
    unsigned flying; /* requests without answer */
    char *buf;
} peer;

static brio_buf batch; /* DEPTH requests in one piece */
static unsigned depth;
static uint64_t answered, failed;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* Length of the first whole response in buf, 0 when it is incomplete. */
static size_t response_length(const char *buf, size_t len)
{
    const char *end = memmem(buf, len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t head = (size_t)(end - buf) + 4, body = 0;
    for (const char *p = buf; p < end; p++)
        if (*p == '\n' && (p[1] | 0x20) == 'c' && !strncasecmp(p + 1, "content-length:", 15))
            body = strtoul(p + 16, NULL, 10);
    return head + body <= len ? head + body : 0;
}

static void send_batch(peer *p)
{
    for (size_t sent = 0; sent < batch.len;) {
        ssize_t n = send(p->fd, batch.ptr + sent, batch.len - sent, MSG_NOSIGNAL);
        if (n <= 0)
            die("send");
        sent += (size_t)n;
    }
    p->flying = depth;
}

static void receive(peer *p)
{
    ssize_t n = recv(p->fd, p->buf + p->len, BUFFER - p->len, 0);
    if (n <= 0)
        die("recv");
    p->len += (size_t)n;
    size_t at = 0, one;
    while ((one = response_length(p->buf + at, p->len - at)) > 0) {
        failed += p->buf[at + 9] != '2';
        answered++;
        p->flying--;
        at += one;
    }
    memmove(p->buf, p->buf + at, p->len - at);
    p->len -= at;
    if (p->flying == 0)
        send_batch(p);
}

static void connect_to(peer *p, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    p->buf = malloc(BUFFER);
    int on = 1;
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (p->fd < 0 || !p->buf || connect(p->fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
}

static void make_batch(char **argv, int argc)
{
    const char *body = argc > 7 ? argv[7] : "";
    for (unsigned i = 0; i < depth; i++) {
        brio_buf_printf(&batch, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAccept: */*\r\n", argv[5],
                        argv[6], argv[1]);
        if (*body)
            brio_buf_printf(&batch, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                            strlen(body));
        brio_buf_printf(&batch, "\r\n%s", body);
    }
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fputs("usage: bench_load PORT CONNECTIONS DEPTH SECONDS METHOD TARGET [BODY]\n", stderr);
        return 2;
    }
    static peer peers[MAX_CONNECTIONS];
    int wanted = (int)strtol(argv[2], NULL, 10);
    int connections = wanted < MAX_CONNECTIONS ? wanted : MAX_CONNECTIONS;
    depth = (unsigned)strtoul(argv[3], NULL, 10);
    make_batch(argv, argc);
    int poll = epoll_create1(0);
    for (int i = 0; i < connections; i++) {
        connect_to(&peers[i], (int)strtol(argv[1], NULL, 10));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, peers[i].fd, &event);
        send_batch(&peers[i]);
    }
    brio_time start = brio_clock_monotonic(), stop = start + (brio_time)(atof(argv[4]) * 1e9);
    while (brio_clock_monotonic() < stop) {
        struct epoll_event events[256];
        int n = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < n; i++)
            receive(events[i].data.ptr);
    }
    double seconds = (double)(brio_clock_monotonic() - start) / 1e9;
    printf("{\"requests\": %llu, \"failed\": %llu, \"seconds\": %.6f}\n",
           (unsigned long long)answered, (unsigned long long)failed, seconds);
    return 0;
}
