/* SPDX-License-Identifier: MIT
 *
 * The load of the WebSocket benchmark. Prints one JSON line.
 *
 *     bench_ws_load echo PORT PATH SOCKETS DEPTH SECONDS BYTES
 *         each socket has DEPTH messages in flight
 *     bench_ws_load broadcast PORT PATH SOCKETS SECONDS BYTES
 *         the first socket says something, all hear it, and then again
 *     bench_ws_load idle PORT PATH SOCKETS [FIRST]
 *         opens them, or as many as the machine lets it, prints "ready" and how many,
 *         and waits for the end of its input. FIRST: how many others opened before it
 *
 * Answers are counted by the lengths of their frames; only the first of each
 * run is compared. When the time is up, what is in flight is waited for.
 * Many sockets come from several addresses of 127.0.0.0/8. */
#include <brio/base.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, PER_ADDRESS = 10000 };

typedef struct peer {
    int fd;
    bool writing;
    size_t sent;     /* bytes of the batch */
    size_t heard;    /* bytes of answers, modulo one */
    unsigned flying; /* messages without answer */
} peer;

static brio_buf batch; /* DEPTH messages */
static size_t answer_bytes;
static unsigned depth;
static uint64_t answered;
static int poller;
static bool over;
static unsigned active;
static char in[BUFFER];
static brio_str expected;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- Opening ------------------------------------------------------------------ */

/* A descriptor; -1: the machine has no more. */
static int connect_to(int port, unsigned i)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + i / PER_ADDRESS);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct linger reset = {.l_onoff = 1}; /* thousands that wait for their end keep as many ports */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd < 0 || (i >= PER_ADDRESS && bind(fd, (struct sockaddr *)&from, sizeof from) < 0) ||
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) < 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("connect");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int open_socket(int port, const char *path, unsigned i)
{
    char head[1024];
    int fd = connect_to(port, i);
    if (fd < 0)
        return -1;
    int n = snprintf(head, sizeof head,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                     path, port);
    if (send(fd, head, (size_t)n, MSG_NOSIGNAL) != n)
        die("send");
    size_t got = 0;
    while (!memmem(head, got, "\r\n\r\n", 4)) {
        ssize_t more = recv(fd, head + got, sizeof head - got, 0);
        if (more <= 0)
            die("handshake");
        got += (size_t)more;
    }
    if (strncmp(head, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "refused: %.*s\n", (int)got, head);
        exit(1);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* Sockets `first` to `first` + *n, which are fewer if the machine has no more. */
static peer *open_some(int port, const char *path, unsigned first, unsigned *n)
{
    peer *peers = calloc(*n, sizeof *peers);
    struct rlimit files = {*n + 64, *n + 64};
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur < files.rlim_cur)
        (void)setrlimit(RLIMIT_NOFILE, &files);
    poller = epoll_create1(0);
    for (unsigned i = 0; i < *n; i++) {
        peers[i].fd = open_socket(port, path, first + i);
        if (peers[i].fd < 0) {
            *n = i;
            break;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[i]};
        epoll_ctl(poller, EPOLL_CTL_ADD, peers[i].fd, &event);
    }
    return peers;
}

static peer *open_all(int port, const char *path, unsigned n)
{
    unsigned opened = n;
    peer *peers = open_some(port, path, 0, &opened);
    if (opened < n)
        exit(1);
    return peers;
}

/* ---- Messages ------------------------------------------------------------------- */

static size_t put_head(char *head, size_t n, bool masked)
{
    uint8_t *h = (uint8_t *)head;
    h[0] = 0x81;
    h[1] = (uint8_t)((masked ? 0x80 : 0) | (n < 126 ? n : 126));
    if (n < 126)
        return 2;
    h[2] = (uint8_t)(n >> 8);
    h[3] = (uint8_t)n;
    return 4;
}

static void make_messages(size_t bytes)
{
    static const char mask[4] = {0x12, 0x34, 0x56, 0x78};
    char head[4], *text = malloc(bytes), *masked = malloc(bytes);
    for (size_t i = 0; i < bytes; i++) {
        text[i] = (char)('a' + i % 26);
        masked[i] = (char)(text[i] ^ mask[i % 4]);
    }
    for (unsigned i = 0; i < depth; i++) {
        brio_buf_add(&batch, (brio_str){head, put_head(head, bytes, true)});
        brio_buf_add(&batch, (brio_str){mask, 4});
        brio_buf_add(&batch, (brio_str){masked, bytes});
    }
    brio_buf answer = {0};
    brio_buf_add(&answer, (brio_str){head, put_head(head, bytes, false)});
    brio_buf_add(&answer, (brio_str){text, bytes});
    answer_bytes = answer.len;
    expected = brio_buf_str(&answer);
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

/* How many whole answers came. */
static unsigned receive(peer *p)
{
    ssize_t n = recv(p->fd, in, sizeof in, 0);
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0)
        die("recv");
    if (answered == 0 && p->heard == 0 && (size_t)n >= expected.len &&
        memcmp(in, expected.ptr, expected.len) != 0) {
        fputs("bench_ws_load: not what was said\n", stderr);
        exit(1);
    }
    size_t all = p->heard + (size_t)n;
    p->heard = all % answer_bytes;
    answered += all / answer_bytes;
    return (unsigned)(all / answer_bytes);
}

/* ---- Echo -------------------------------------------------------------------------- */

static void echo_step(void)
{
    struct epoll_event events[256];
    int n = epoll_wait(poller, events, 256, 100);
    for (int i = 0; i < n; i++) {
        peer *p = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
            send_rest(p);
        if (!(events[i].events & ~(uint32_t)EPOLLOUT))
            continue;
        p->flying -= receive(p);
        if (p->flying)
            continue;
        if (over)
            active--;
        else
            send_batch(p);
    }
}

static void finish(void (*step)(void))
{
    over = true;
    brio_time end = brio_clock_monotonic() + BRIO_SEC(30);
    while (active && brio_clock_monotonic() < end)
        step();
    if (active) {
        fputs("bench_ws_load: answers are missing\n", stderr);
        exit(1);
    }
}

static void report(brio_time start)
{
    double seconds = (double)(brio_clock_monotonic() - start) / 1e9;
    printf("{\"messages\": %llu, \"seconds\": %.6f}\n", (unsigned long long)answered, seconds);
}

static int echo(int port, char **argv)
{
    unsigned n = (unsigned)strtoul(argv[4], NULL, 10);
    depth = (unsigned)strtoul(argv[5], NULL, 10);
    make_messages(strtoul(argv[7], NULL, 10));
    peer *peers = open_all(port, argv[3], n);
    active = n;
    brio_time start = brio_clock_monotonic(), stop = start + (brio_time)(atof(argv[6]) * 1e9);
    for (unsigned i = 0; i < n; i++)
        send_batch(&peers[i]);
    while (brio_clock_monotonic() < stop)
        echo_step();
    finish(echo_step);
    report(start);
    return 0;
}

/* ---- Broadcast ------------------------------------------------------------------------ */

static void hear_all(unsigned n)
{
    struct epoll_event events[1024];
    brio_time end = brio_clock_monotonic() + BRIO_SEC(30);
    while (n) {
        int ready = epoll_wait(poller, events, 1024, 1000);
        for (int i = 0; i < ready; i++)
            n -= receive(events[i].data.ptr);
        if (brio_clock_monotonic() > end)
            die("broadcast");
    }
}

/* `ready` is told on standard output, so that only what follows is measured. */
static int broadcast(int port, char **argv)
{
    unsigned n = (unsigned)strtoul(argv[4], NULL, 10);
    depth = 1;
    make_messages(strtoul(argv[6], NULL, 10));
    peer *peers = open_all(port, argv[3], n);
    puts("ready");
    fflush(stdout);
    (void)!getchar();
    brio_time start = brio_clock_monotonic(), stop = start + (brio_time)(atof(argv[5]) * 1e9);
    while (brio_clock_monotonic() < stop) {
        send_batch(&peers[0]);
        hear_all(n);
    }
    report(start);
    fflush(stdout);
    (void)!getchar();
    return 0;
}

static int idle(int port, int argc, char **argv)
{
    unsigned n = (unsigned)strtoul(argv[4], NULL, 10);
    unsigned first = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
    (void)open_some(port, argv[3], first, &n);
    printf("ready %u\n", n);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}

int main(int argc, char **argv)
{
    int port = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (argc == 8 && strcmp(argv[1], "echo") == 0)
        return echo(port, argv);
    if (argc == 7 && strcmp(argv[1], "broadcast") == 0)
        return broadcast(port, argv);
    if ((argc == 5 || argc == 6) && strcmp(argv[1], "idle") == 0)
        return idle(port, argc, argv);
    fputs("usage: see the beginning of bench/websocket/load.c\n", stderr);
    return 2;
}
