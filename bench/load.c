/* SPDX-License-Identifier: MIT
 *
 * The load: N keep-alive connections, each with DEPTH identical requests in
 * flight, for a number of seconds. Prints one JSON line. It reads responses as
 * little as it must (status digit, content-length), so that one core of load
 * outruns one core of server.
 * When the time is up, what is in flight is waited for: an answer that takes
 * long is counted whole or not begun.
 *
 *     bench_load PORT CONNECTIONS DEPTH SECONDS METHOD TARGET [BODY [TYPE]]
 *
 * BODY may be @file; TYPE is its media type, application/json if there is none. */
#include <brio/base.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1024, BUFFER = 256 * 1024 };

typedef struct peer {
    int fd;
    bool writing;    /* the batch did not fit: the socket is watched for room */
    size_t sent;     /* bytes of the batch */
    size_t len;      /* bytes of an unfinished response in buf */
    size_t skip;     /* bytes of its body that need not be kept */
    unsigned flying; /* requests without answer */
    char *buf;
} peer;

static brio_buf batch; /* DEPTH requests in one piece */
static unsigned depth;
static uint64_t answered, failed;
static int poller;
static bool over; /* no new batch */
static unsigned active;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* Length of the first response in buf, which may not have come whole; 0 when
 * its head has not. */
static size_t response_length(const char *buf, size_t len)
{
    const char *end = memmem(buf, len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t head = (size_t)(end - buf) + 4, body = 0;
    for (const char *p = buf; p < end; p++)
        if (*p == '\n' && (p[1] | 0x20) == 'c' && !strncasecmp(p + 1, "content-length:", 15))
            body = strtoul(p + 16, NULL, 10);
    return head + body;
}

static void watch(peer *p, bool writing)
{
    struct epoll_event event = {.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = p};
    if (p->writing != writing)
        epoll_ctl(poller, EPOLL_CTL_MOD, p->fd, &event);
    p->writing = writing;
}

static void send_rest(peer *p)
{
    while (p->sent < batch.len) {
        ssize_t n = send(p->fd, batch.ptr + p->sent, batch.len - p->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0)
            die("send");
        p->sent += (size_t)n;
    }
    watch(p, p->sent < batch.len);
}

static void send_batch(peer *p)
{
    p->sent = 0;
    p->flying = depth;
    send_rest(p);
}

/* Counts the responses that begin in what has come; of the last one, the body
 * that is still to come is skipped. */
static void count(peer *p)
{
    size_t at = 0, one;
    while (p->skip == 0 && (one = response_length(p->buf + at, p->len - at)) > 0) {
        failed += p->buf[at + 9] != '2';
        size_t there = p->len - at;
        p->skip = one > there ? one - there : 0;
        at += one - p->skip;
        answered++;
        p->flying--;
    }
    memmove(p->buf, p->buf + at, p->len - at);
    p->len -= at;
}

static void receive(peer *p)
{
    ssize_t n = recv(p->fd, p->buf + p->len, BUFFER - p->len, 0);
    if (n <= 0)
        die("recv");
    size_t skipped = (size_t)n < p->skip ? (size_t)n : p->skip;
    p->skip -= skipped;
    memmove(p->buf + p->len, p->buf + p->len + skipped, (size_t)n - skipped);
    p->len += (size_t)n - skipped;
    count(p);
    if (p->flying || p->skip)
        return;
    if (over)
        active--;
    else
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
    fcntl(p->fd, F_SETFL, O_NONBLOCK);
}

/* The text itself, or with @ before a name what is in that file. */
static brio_str body_of(const char *argument)
{
    if (*argument != '@')
        return brio_str_from(argument);
    static brio_buf content;
    FILE *file = fopen(argument + 1, "rb");
    if (!file)
        die(argument);
    char piece[65536];
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        brio_buf_add(&content, (brio_str){piece, n});
    fclose(file);
    return brio_buf_str(&content);
}

static void make_batch(char **argv, int argc)
{
    brio_str body = body_of(argc > 7 ? argv[7] : "");
    const char *type = argc > 8 ? argv[8] : "application/json";
    for (unsigned i = 0; i < depth; i++) {
        brio_buf_printf(&batch, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAccept: */*\r\n", argv[5],
                        argv[6], argv[1]);
        if (body.len)
            brio_buf_printf(&batch, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, body.len);
        brio_buf_add(&batch, BRIO_S("\r\n"));
        brio_buf_add(&batch, body);
    }
}

static void step(void)
{
    struct epoll_event events[256];
    int n = epoll_wait(poller, events, 256, 100);
    for (int i = 0; i < n; i++) {
        peer *p = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
            send_rest(p);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            receive(p);
    }
}

/* A server that does not answer any more ends the wait, and the run. */
static void finish(brio_time patience)
{
    over = true;
    brio_time end = brio_clock_monotonic() + patience;
    while (active && brio_clock_monotonic() < end)
        step();
    if (active) {
        fputs("bench_load: answers are missing\n", stderr);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fputs("usage: bench_load PORT CONNECTIONS DEPTH SECONDS METHOD TARGET [BODY [TYPE]]\n",
              stderr);
        return 2;
    }
    static peer peers[MAX_CONNECTIONS];
    int wanted = (int)strtol(argv[2], NULL, 10);
    int connections = wanted < MAX_CONNECTIONS ? wanted : MAX_CONNECTIONS;
    depth = (unsigned)strtoul(argv[3], NULL, 10);
    make_batch(argv, argc);
    poller = epoll_create1(0);
    for (int i = 0; i < connections; i++) {
        connect_to(&peers[i], (int)strtol(argv[1], NULL, 10));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[i]};
        epoll_ctl(poller, EPOLL_CTL_ADD, peers[i].fd, &event);
        send_batch(&peers[i]);
    }
    active = (unsigned)connections;
    brio_time start = brio_clock_monotonic(), stop = start + (brio_time)(atof(argv[4]) * 1e9);
    while (brio_clock_monotonic() < stop)
        step();
    finish(BRIO_SEC(30));
    double seconds = (double)(brio_clock_monotonic() - start) / 1e9;
    printf("{\"requests\": %llu, \"failed\": %llu, \"seconds\": %.6f}\n",
           (unsigned long long)answered, (unsigned long long)failed, seconds);
    return 0;
}
