/* SPDX-License-Identifier: MIT
 *
 * Files through real sockets: by the kernel, to readers that are quick, slow, gone
 * or asleep, and files that change while they are sent. */
#include "server/routes.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { SIZE = 8 * 1024 * 1024 };

static char path[64];

static int big_file(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_file(req, brio_str_from(path), NULL);
}

static int exited(brio_request *req, void *arg, int outcome)
{
    (void)req, (void)arg, (void)outcome;
    report("request over");
    return 0;
}

static int watched_file(brio_request *req, const brio_none *in, brio_response *out)
{
    brio_on_exit(req, exited, NULL);
    return big_file(req, in, out);
}

static void file_routes(brio_app *app)
{
    BRIO_GET(app, "/file", big_file, brio_none, brio_response);
    BRIO_GET(app, "/watched", watched_file, brio_none, brio_response);
}

static void write_file(void)
{
    (void)snprintf(path, sizeof path, "/tmp/brio-file-XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    char *bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7 >> 5);
    CHECK_INT(write(fd, bytes, SIZE), SIZE);
    free(bytes);
    close(fd);
}

static rig start_files(brio_backend backend, bool log)
{
    write_file();
    return rig_start(&(rig_options){
        .server = {.backend = backend, .http.write_timeout = BRIO_MS(log ? 50 : 20000)},
        .prepare = file_routes,
        .log = log});
}

/* Reads an answer of SIZE bytes and checks each; `pause` in microseconds. */
static void read_file(client *c, unsigned pause)
{
    size_t at = 0, head = 0;
    int err = 0;
    for (const char *end; !head; head = end ? (size_t)(end - c->buf) + 4 : 0) {
        end = memmem(c->buf, c->len, "\r\n\r\n", 4);
        if (!end)
            CHECK(receive_more(c, &err));
    }
    CHECK(memmem(c->buf, head, "content-length: 8388608\r\n", 25) != NULL);
    consume(c, head);
    for (;;) {
        size_t n = c->len < SIZE - at ? c->len : SIZE - at;
        for (size_t i = 0; i < n; i++, at++)
            if (c->buf[i] != (char)(at * 7 >> 5))
                test_fail(__FILE__, __LINE__, "another byte at %zu", at);
        consume(c, n);
        if (at == SIZE)
            return;
        if (pause)
            usleep(pause);
        CHECK(receive_more(c, &err));
    }
}

ON_BOTH(files_come_whole)
{
    rig r = start_files(backend, false);
    client *c = dial(&r);
    say(c, "GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
    read_file(c, 0);
    say(c, "GET /file HTTP/1.1\r\nHost: a\r\n\r\n"); /* the connection goes on */
    read_file(c, 200);
    hang_up(c);
    rig_stop(&r);
    unlink(path);
}

ON_BOTH(pipelined_files_keep_their_order)
{
    rig r = start_files(backend, false);
    client *c = dial(&r);
    say(c, "GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET /file HTTP/1.1\r\nHost: a\r\n\r\n");
    read_file(c, 0);
    read_file(c, 0);
    hang_up(c);
    rig_stop(&r);
    unlink(path);
}

ON_BOTH(a_reader_that_leaves_ends_the_request)
{
    rig r = start_files(backend, false);
    client *c = dial(&r);
    int err = 0;
    say(c, "GET /watched HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(receive_more(c, &err));
    hang_up(c);
    expect_event(&r, "request over");
    rig_stop(&r);
    unlink(path);
}

ON_BOTH(a_reader_that_sleeps_is_cut)
{
    rig r = start_files(backend, true);
    client *c = dial(&r);
    say(c, "GET /watched HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)find_line(r.log, "does not read");
    expect_event(&r, "request over");
    hang_up(c);
    CHECK(kill(r.pid, SIGTERM) == 0);
    (void)find_line(r.log, "Finished server process");
    CHECK_INT(rig_wait(&r), 0);
    unlink(path);
}

/* What was promised cannot be kept: the client must notice. */
ON_BOTH(a_file_that_shrinks_ends_the_connection)
{
    rig r = start_files(backend, false);
    client *c = dial(&r);
    int err = 0;
    size_t got = 0;
    say(c, "GET /watched HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(receive_more(c, &err)); /* it is under way, and cannot be through */
    CHECK(truncate(path, 1024) == 0);
    do {
        got += c->len;
        c->len = 0;
    } while (receive_more(c, &err));
    CHECK(got < SIZE);
    expect_event(&r, "request over");
    hang_up(c);
    rig_stop(&r);
    unlink(path);
}
