/* SPDX-License-Identifier: MIT
 *
 * The brio side of tests/interop/streams.py.
 *
 *     interop_streams serve MODE [CERT]     prints its port; MODE is echo or http
 *     interop_streams ask HOST PORT [CA NAME ALPN]
 *
 * `ask` sends standard input, half-closes unless it talks TLS, and prints what
 * comes back until the end or, in TLS, until as many bytes came as it sent. */
#include <brio/io.h>
#include <brio/task.h>

#include <stdio.h>
#include <stdlib.h>

static char **words;
static int word_n;

static brio_tls_context *context;

static int complain(int rc)
{
    brio_str detail = brio_error_detail();
    fprintf(stderr, "%s: %.*s\n", brio_error_text(rc), BRIO_ARG(detail));
    return rc;
}

/* ---- serve -------------------------------------------------------------- */

static int echo(brio_stream *s)
{
    char *buf = malloc(1 << 16);
    ptrdiff_t n;
    int rc = 0;
    while (rc == 0 && (n = brio_stream_read(s, buf, 1 << 16)) > 0)
        rc = brio_stream_write(s, (brio_str){buf, (size_t)n});
    free(buf);
    return rc;
}

static int answer_http(brio_stream *s)
{
    brio_str head;
    int rc = brio_stream_read_until(s, BRIO_S("\r\n\r\n"), 0, &head);
    if (rc < 0)
        return rc;
    return brio_stream_write(s, BRIO_S("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n"
                                       "Connection: close\r\n\r\nhello\n"));
}

static int serve_one(brio_stream *s, void *arg)
{
    (void)arg;
    int rc = context ? brio_stream_tls_server(s, context, NULL) : 0;
    if (rc < 0)
        return complain(rc);
    return words[2][0] == 'h' ? answer_http(s) : echo(s);
}

static int serve(void)
{
    brio_stream_server *server;
    int rc = 0;
    BRIO_GROUP(g)
    {
        rc = brio_stream_server_open(&server, &g, &(brio_listen_to){0}, serve_one, NULL, NULL);
        if (rc == 0) {
            printf("%u\n", (unsigned)brio_stream_server_port(server));
            fflush(stdout);
            rc = brio_stream_server_wait(server);
        }
    }
    return rc;
}

/* ---- ask ---------------------------------------------------------------- */

static int exchange(brio_stream *s)
{
    brio_stream *in;
    brio_str text, back;
    int rc = brio_stream_open_fd(&in, 0);
    if (rc == 0)
        rc = brio_stream_read_all(in, NULL, 4 << 20, &text);
    brio_stream_close(rc < 0 ? NULL : in);
    if (rc == 0)
        rc = brio_stream_send(s, text);
    if (rc == 0 && !context) {
        brio_stream_shutdown(s);
        rc = brio_stream_read_all(s, NULL, 4 << 20, &back);
    } else if (rc == 0) {
        char *into = brio_alloc(brio_task_arena(), text.len);
        rc = brio_stream_read_exactly(s, into, text.len);
        back = (brio_str){into, text.len};
    }
    if (rc == 0)
        fwrite(back.ptr, 1, back.len, stdout);
    return rc;
}

static int ask(void)
{
    brio_stream *s;
    brio_connect_to to = {.host = words[2], .port = (uint16_t)strtoul(words[3], NULL, 10)};
    int rc = brio_connect(&s, &to);
    if (rc < 0)
        return complain(rc);
    brio_tls_start start = {.server_name = word_n > 5 ? words[5] : NULL,
                            .alpn = word_n > 6 ? words[6] : NULL};
    brio_tls_info info;
    if (context)
        rc = brio_stream_tls_client(s, context, &start);
    if (rc == 0 && context && brio_stream_tls(s, &info) == 0)
        fprintf(stderr, "%s %s alpn=%.*s\n", info.version, info.cipher, BRIO_ARG(info.alpn));
    if (rc == 0)
        rc = exchange(s);
    if (rc < 0)
        (void)complain(rc);
    brio_stream_close(s);
    return rc;
}

static int run(void *arg)
{
    (void)arg;
    bool serves = strcmp(words[1], "serve") == 0;
    brio_tls_options o = {.server = serves};
    if (serves && word_n > 3) {
        o.cert_file = words[3];
        o.alpn = "h2,http/1.1";
    } else if (!serves && word_n > 4) {
        o.ca_file = words[4];
    }
    int rc = o.cert_file || o.ca_file ? brio_tls_context_new(&context, &o) : 0;
    if (rc < 0)
        return complain(rc);
    rc = serves ? serve() : ask();
    brio_tls_context_free(context);
    return rc;
}

int main(int argc, char **argv)
{
    words = argv;
    word_n = argc;
    if (argc < 3)
        return 2;
    const brio_run_options options = {.interrupt = true, .arena_limit = 64 << 20};
    return brio_run(run, NULL, &options) < 0;
}
