/* SPDX-License-Identifier: MIT
 *
 * The echo row's client: CONNECTIONS sockets, each with one message of 128
 * bytes under way; prints the messages that came back in SECONDS.
 *
 *     bench_echo_load PORT CONNECTIONS SECONDS */
#include <brio/base.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES = 128 };

static const char message[BYTES] = "echo";

static int dial(int port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
        exit(1);
    return fd;
}

static void say(int fd)
{
    if (send(fd, message, BYTES, MSG_NOSIGNAL) != BYTES)
        exit(1);
}

/* A message of 128 bytes on loopback comes in one piece. */
static size_t hear(int fd)
{
    char back[BYTES];
    if (recv(fd, back, BYTES, 0) != BYTES)
        exit(1);
    say(fd);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int poll = epoll_create1(0);
    for (long i = strtol(argv[2], NULL, 10); i > 0; i--) {
        int fd = dial((int)strtol(argv[1], NULL, 10));
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        say(fd);
    }
    size_t heard = 0;
    brio_time end = brio_clock_monotonic() + (brio_time)(atof(argv[3]) * 1e9);
    while (brio_clock_monotonic() < end) {
        struct epoll_event events[256];
        int n = epoll_wait(poll, events, 256, 1000);
        for (int i = 0; i < n; i++)
            heard += hear(events[i].data.fd);
    }
    printf("%zu\n", heard);
    return 0;
}
