/* SPDX-License-Identifier: MIT
 *
 * What the two bare servers share: the listening socket and the answer bytes. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <brio/base.h>
#include <brio/loop.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BARE_MOST = 64 };       /* answers in one write */
static brio_buf bare_response; /* BARE_MOST copies of one answer */
static size_t bare_one;
static size_t bare_body; /* bytes of each request's body */

static inline void bare_no_delay(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline int bare_start(int argc, char **argv)
{
    if (argc < 3)
        exit(2);
    bare_body = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    for (int i = 0; i < BARE_MOST; i++)
        brio_buf_printf(&bare_response,
                        "HTTP/1.1 200 OK\r\ndate: Sat, 21 Nov 2026 00:00:00 GMT\r\nserver: bare\r\n"
                        "content-length: %zu\r\ncontent-type: application/json\r\n\r\n%s",
                        strlen(argv[2]), argv[2]);
    bare_one = bare_response.len / BARE_MOST;
    int fd =
        brio_socket_listen(&(brio_listen_options){.port = (uint16_t)strtoul(argv[1], NULL, 10)});
    if (fd < 0) {
        fprintf(stderr, "bare server: %s\n", brio_error_text(fd));
        exit(1);
    }
    return fd;
}

/* One answer per blank line. Requests arrive whole in this benchmark. */
static inline brio_str bare_answers(const char *in, size_t len)
{
    size_t count = 0;
    const char *end = in + len, *at = in;
    while (count < BARE_MOST && at < end && (at = memmem(at, (size_t)(end - at), "\r\n\r\n", 4))) {
        at += 4 + bare_body;
        count++;
    }
    return (brio_str){bare_response.ptr, count * bare_one};
}

#endif
