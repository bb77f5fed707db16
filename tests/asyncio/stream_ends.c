/* SPDX-License-Identifier: MIT
 *
 * Streams that end early, lines beyond the limit, a server that closes while
 * it serves. */
#include "pair.h"

#include <brio/io.h>

static int serve(brio_stream *s, void *arg)
{
    brio_str command;
    (void)arg;
    int rc = brio_stream_read_line(s, 0, &command);
    if (rc <= 0)
        return rc;
    say("asked for %.*s", BRIO_ARG(command));
    if (brio_str_eq(command, BRIO_S("short")))
        return brio_stream_write(s, BRIO_S("abc"));
    if (brio_str_eq(command, BRIO_S("long")))
        return brio_stream_write(s, BRIO_S("0123456789;rest\n"));
    rc = brio_stream_read_line(s, 0, &command); /* until it is told to go on */
    return rc < 0 ? rc : brio_stream_write(s, BRIO_S("served\n"));
}

static uint16_t port;

static brio_stream *ask(const char *command, size_t limit)
{
    brio_stream *s;
    if (brio_connect(&s, &(brio_connect_to){.port = port}) < 0)
        return NULL;
    brio_stream_set_limits(s, &(brio_stream_limits){.read_limit = limit});
    brio_str parts[] = {brio_str_from(command), BRIO_S("\n")};
    if (brio_stream_write_parts(s, parts, 2) == 0)
        return s;
    brio_stream_close(s);
    return NULL;
}

static int ask_short(void)
{
    char four[4];
    brio_stream *s = ask("short", 0);
    if (!s)
        return -EIO;
    if (brio_stream_read_exactly(s, four, 4) == BRIO_ECLOSED)
        say("incomplete");
    ptrdiff_t rest = brio_stream_read(s, four, 4); /* what there was is not consumed */
    say("at the end %s", rest == 3 && brio_stream_at_end(s) ? "True" : "False");
    brio_stream_close(s);
    return 0;
}

static int ask_long(void)
{
    char eleven[11], more;
    brio_str text;
    brio_stream *s = ask("long", 8);
    if (!s)
        return -EIO;
    if (brio_stream_read_until(s, BRIO_S(";"), 0, &text) == BRIO_ELIMIT)
        say("over the limit");
    int rc = brio_stream_read_exactly(s, eleven, sizeof(eleven));
    say("still there %.11s", eleven);
    rc = rc < 0 ? rc : brio_stream_read_line(s, 0, &text);
    say("and %.*s", BRIO_ARG(text));
    ptrdiff_t then = brio_stream_read(s, &more, 1);
    say("then %td %s", then, brio_stream_at_end(s) ? "True" : "False");
    brio_stream_close(s);
    return rc < 0 ? rc : 0;
}

static int ask_and_close(brio_stream_server *server)
{
    brio_str text;
    brio_stream *other, *s = ask("wait", 0);
    int rc = s ? brio_sleep(TICKS(2)) : -EIO;
    if (rc < 0)
        return rc;
    brio_stream_server_close(server);
    say("closed False");
    if (brio_connect(&other, &(brio_connect_to){.port = port}) == -ECONNREFUSED)
        say("refused");
    rc = brio_stream_write(s, BRIO_S("go on\n"));
    rc = rc < 0 ? rc : brio_stream_read_line(s, 0, &text);
    say("got %.*s", BRIO_ARG(text));
    brio_stream_close(s);
    return rc < 0 ? rc : 0;
}

static int run(void *arg)
{
    brio_stream_server *server;
    int rc = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        rc = brio_stream_server_open(&server, &g, &(brio_listen_to){0}, serve, NULL, NULL);
        if (rc < 0)
            return rc;
        port = brio_stream_server_port(server);
        rc = ask_short();
        rc = rc < 0 ? rc : ask_long();
        rc = rc < 0 ? rc : ask_and_close(server);
        brio_stream_server_free(server);
    }
    return rc < 0 ? rc : g.err;
}

PAIR_MAIN(run)
