/* SPDX-License-Identifier: MIT
 *
 * A Unix socket: an echo server, two clients one after the other, half-close, a
 * dead path. */
#include "pair.h"

#include <brio/io.h>

static int serve(brio_stream *s, void *arg)
{
    brio_str data = {0};
    char back[64];
    (void)arg;
    int rc = brio_stream_read_all(s, NULL, sizeof(back), &data);
    if (rc < 0)
        return rc;
    say("server got %zu", data.len);
    for (size_t i = 0; i < data.len; i++)
        back[i] = data.ptr[data.len - 1 - i];
    return brio_stream_write(s, (brio_str){back, data.len});
}

static int talk(const char *path, brio_str text)
{
    brio_stream *s = NULL;
    brio_str answer = {0};
    int rc = brio_connect(&s, &(brio_connect_to){.path = path});
    if (rc < 0)
        return rc;
    rc = brio_stream_write(s, text);
    brio_stream_shutdown(s);
    rc = rc < 0 ? rc : brio_stream_read_all(s, NULL, 0, &answer);
    say("client got %.*s", BRIO_ARG(answer));
    brio_stream_close(s);
    return rc;
}

static int run(void *arg)
{
    brio_str folder;
    char path[256];
    (void)arg;
    int rc = brio_path_temp_dir((brio_str){0}, &folder);
    if (rc < 0)
        return rc;
    snprintf(path, sizeof(path), "%.*s/socket", BRIO_ARG(folder));
    BRIO_GROUP(group)
    {
        brio_stream_server *server = NULL;
        rc = brio_stream_server_open(&server, &group, &(brio_listen_to){.path = path}, serve, NULL,
                                     NULL);
        rc = rc < 0 ? rc : talk(path, BRIO_S("hello"));
        rc = rc < 0 ? rc : talk(path, BRIO_S("world!"));
        brio_stream_server_free(server);
    }
    if (rc == 0 && talk(path, BRIO_S("gone")) < 0)
        say("nobody there");
    return rc;
}

PAIR_MAIN(run)
