/* SPDX-License-Identifier: MIT
 *
 * Streams: read_until, read_exactly, the end; an echo server and its client. */
#include "pair.h"

#include <brio/io.h>

#include <ctype.h>

static int serve(void *arg)
{
    brio_stream *s;
    brio_str line;
    char upper[64];
    int rc = brio_accept(arg, &s);
    while (rc == 0 && (rc = brio_stream_read_until(s, BRIO_S("\n"), 0, &line)) == 0) {
        say("server got %.*s", (int)line.len - 1, line.ptr);
        for (size_t i = 0; i < line.len; i++)
            upper[i] = (char)toupper((unsigned char)line.ptr[i]);
        rc = brio_stream_write(s, (brio_str){upper, line.len});
    }
    if (rc == BRIO_ECLOSED)
        say("server saw the end");
    brio_stream_close(s);
    return 0;
}

static int talk(brio_stream *s)
{
    brio_str line;
    char three[3];
    int rc = brio_stream_write(s, BRIO_S("hello\nworld\n"));
    rc = rc < 0 ? rc : brio_stream_read_until(s, BRIO_S("\n"), 0, &line);
    if (rc == 0)
        say("client got %.*s", (int)line.len - 1, line.ptr);
    rc = rc < 0 ? rc : brio_stream_read_exactly(s, three, 3);
    say("client got %.3s", three);
    rc = rc < 0 ? rc : brio_stream_read_until(s, BRIO_S("\n"), 0, &line);
    if (rc == 0)
        say("client got %.*s", (int)line.len - 1, line.ptr);
    brio_stream_shutdown(s);
    say("client saw the end %td", brio_stream_read(s, three, 3));
    return rc;
}

static int run(void *arg)
{
    brio_listener *listener;
    brio_stream *s;
    (void)arg;
    int rc = brio_listen(&listener, &(brio_listen_to){.port = 0});
    if (rc < 0)
        return rc;
    BRIO_GROUP(server)
    {
        brio_spawn(&server, serve, listener);
        rc = brio_connect(&s, &(brio_connect_to){.port = brio_listener_port(listener)});
        if (rc == 0) {
            rc = talk(s);
            brio_stream_close(s);
        }
    }
    brio_listener_close(listener);
    return rc < 0 ? rc : server.err;
}

PAIR_MAIN(run)
