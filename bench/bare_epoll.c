/* SPDX-License-Identifier: MIT
 *
 * A floor: the least an epoll server can do. It looks for blank lines, skips a
 * body of known length, and writes the same bytes for each request.
 *
 *     bench_bare_epoll PORT RESPONSE_BODY [REQUEST_BODY_BYTES] */
#include "bare.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024 };

static void answer(int fd)
{
    static char in[BUFFER];
    ssize_t n = recv(fd, in, sizeof in, 0);
    if (n <= 0) {
        close(fd);
        return;
    }
    brio_str out = bare_answers(in, (size_t)n);
    if (out.len && send(fd, out.ptr, out.len, MSG_NOSIGNAL) < 0)
        close(fd);
}

int main(int argc, char **argv)
{
    int listener = bare_start(argc, argv);
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[256];
        int n = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listener) {
                answer(events[i].data.fd);
                continue;
            }
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            bare_no_delay(fd);
            event = (struct epoll_event){.events = EPOLLIN | EPOLLET, .data.fd = fd};
            epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
