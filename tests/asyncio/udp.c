/* SPDX-License-Identifier: MIT
 *
 * Datagrams: an echo server; borders are kept. */
#include "pair.h"

#include <brio/io.h>

#include <ctype.h>

static int serve(void *arg)
{
    char data[2048];
    brio_address sender;
    ptrdiff_t n;
    while ((n = brio_udp_receive(arg, data, sizeof(data), &sender)) >= 0) {
        say("server got %td", n);
        for (ptrdiff_t i = 0; i < n; i++)
            data[i] = (char)toupper((unsigned char)data[i]);
        int rc = brio_udp_send(arg, (brio_str){data, (size_t)n}, &sender);
        if (rc < 0)
            return rc;
    }
    return (int)n;
}

static int ask(brio_udp *client, brio_str text)
{
    char answer[2048];
    int rc = brio_udp_send(client, text, NULL);
    ptrdiff_t n = rc < 0 ? rc : brio_udp_receive(client, answer, sizeof(answer), NULL);
    if (n >= 0)
        say("client got %.*s %td", n > 10 ? 10 : (int)n, answer, n);
    return n < 0 ? (int)n : 0;
}

static int talk(uint16_t port)
{
    static char long_text[1400];
    brio_address address;
    brio_udp *client = NULL;
    memset(long_text, 'x', sizeof(long_text));
    int rc = brio_address_of(&address, "127.0.0.1", port);
    rc = rc < 0 ? rc : brio_udp_open(&client, &(brio_udp_options){.peer = &address});
    rc = rc < 0 ? rc : ask(client, BRIO_S("hello"));
    rc = rc < 0 ? rc : ask(client, BRIO_S("brio world"));
    rc = rc < 0 ? rc : ask(client, (brio_str){long_text, sizeof(long_text)});
    brio_udp_close(client);
    return rc;
}

static int run(void *arg)
{
    brio_udp *server = NULL;
    (void)arg;
    int rc = brio_udp_open(&server, NULL);
    if (rc < 0)
        return rc;
    BRIO_GROUP(group)
    {
        brio_spawn(&group, serve, server);
        rc = talk(brio_udp_port(server));
        brio_group_cancel(&group);
    }
    brio_udp_close(server);
    return rc;
}

PAIR_MAIN(run)
