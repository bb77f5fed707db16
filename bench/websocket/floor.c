/* SPDX-License-Identifier: MIT
 *
 * The floor of the WebSocket benchmark: an epoll server that answers each blank
 * line with a 101 that nobody checks, unmasks frames and writes them back, or on
 * /broadcast to everybody, all frames of a read in one write. No fragments, no
 * checks, no UTF-8.
 *
 *     bench_ws_floor PORT */
#include <brio/base.h>
#include <brio/loop.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FDS = 32768, BUFFER = 256 * 1024 };

typedef struct peer {
    char *carry; /* the front of a frame that has not come whole */
    size_t len;
    bool open, broadcast;
} peer;

static peer peers[FDS];
static int all[FDS], n_all;
static char in[BUFFER * 2], out[BUFFER * 2];

static size_t head_length(const uint8_t *p, size_t n, size_t *ret_payload)
{
    size_t len = n > 1 ? p[1] & 0x7F : 0, wide = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (n < 2 + wide + 4)
        return 0;
    for (size_t i = 0; i < wide; i++)
        len = (i ? len << 8 : 0) | p[2 + i];
    *ret_payload = len;
    return 2 + wide;
}

/* Appends the frame without its mask. Returns how much was consumed; 0: not whole. */
static size_t take_frame(const uint8_t *p, size_t n, size_t *at)
{
    size_t payload = 0, head = head_length(p, n, &payload);
    if (!head || n < head + 4 + payload)
        return 0;
    const uint8_t *mask = p + head, *data = p + head + 4;
    uint64_t wide_mask = 0;
    memcpy(&wide_mask, mask, 4);
    wide_mask |= wide_mask << 32;
    memcpy(out + *at, p, head);
    out[*at + 1] = (char)(p[1] & 0x7F);
    char *to = out + *at + head;
    size_t i = 0;
    for (uint64_t word; i + 8 <= payload; i += 8) {
        memcpy(&word, data + i, 8);
        word ^= wide_mask;
        memcpy(to + i, &word, 8);
    }
    for (; i < payload; i++)
        to[i] = (char)(data[i] ^ mask[i % 4]);
    *at += head + payload;
    return head + 4 + payload;
}

static void give_up(int fd)
{
    peers[fd].open = false;
    for (int i = 0; i < n_all; i++)
        if (all[i] == fd)
            all[i] = all[--n_all];
    close(fd);
}

static void open_peer(int fd, size_t n)
{
    static const char hello[] = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
                                "connection: Upgrade\r\nsec-websocket-accept: none\r\n\r\n";
    peers[fd].open = true;
    peers[fd].broadcast = memmem(in, n, "/broadcast", 10) != NULL;
    if (peers[fd].broadcast)
        all[n_all++] = fd;
    if (send(fd, hello, sizeof hello - 1, MSG_NOSIGNAL) < 0)
        give_up(fd);
}

static void write_all(int fd, size_t n)
{
    if (!peers[fd].broadcast) {
        if (send(fd, out, n, MSG_NOSIGNAL) < 0)
            give_up(fd);
        return;
    }
    for (int i = 0; i < n_all; i++)
        (void)!send(all[i], out, n, MSG_NOSIGNAL);
}

static void keep(peer *p, const char *rest, size_t n)
{
    if (n) {
        p->carry = realloc(p->carry, n);
        memcpy(p->carry, rest, n);
    }
    p->len = n;
}

static void serve(int fd)
{
    peer *p = &peers[fd];
    if (p->len)
        memcpy(in, p->carry, p->len);
    ssize_t got = recv(fd, in + p->len, BUFFER, 0);
    if (got <= 0) {
        give_up(fd);
        return;
    }
    size_t n = p->len + (size_t)got, at = 0, done = 0, one;
    if (!p->open) {
        open_peer(fd, n);
        return;
    }
    while (done < n && (one = take_frame((const uint8_t *)in + done, n - done, &at)) > 0)
        done += one;
    keep(p, in + done, n - done);
    if (at)
        write_all(fd, at);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    int listener =
        brio_socket_listen(&(brio_listen_options){.port = (uint16_t)strtoul(argv[1], NULL, 10)});
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[256];
        int n = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listener) {
                serve(events[i].data.fd);
                continue;
            }
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
            if (fd < 0 || fd >= FDS)
                return 1;
            peers[fd] = (peer){.carry = peers[fd].carry};
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
            epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
