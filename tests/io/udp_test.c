/* SPDX-License-Identifier: MIT
 *
 * Datagrams: on the loopback, and on the simulated network. */
#include "io/bed.h"

#include <stdlib.h>
#include <sys/socket.h>

static brio_address loopback(uint16_t port)
{
    brio_address a;
    CHECK_OK(brio_address_of(&a, "127.0.0.1", port));
    return a;
}

static bool simulated(void)
{
    return brio_loop_is_sim(brio_loop_current());
}

IO_TEST(datagrams_keep_their_borders_and_senders)
{
    brio_udp *a, *b;
    char buf[16];
    brio_address from;
    CHECK_OK(brio_udp_open(&a, NULL));
    CHECK_OK(brio_udp_open(&b, NULL));
    brio_address to = loopback(brio_udp_port(b)), home = loopback(brio_udp_port(a));
    CHECK_OK(brio_udp_send(a, BRIO_S("one"), &to));
    CHECK_OK(brio_udp_send(a, BRIO_S(""), &to));
    CHECK_OK(brio_udp_send(a, BRIO_S("three"), &to));
    CHECK_INT(brio_udp_receive(b, buf, sizeof buf, &from), 3);
    CHECK(memcmp(buf, "one", 3) == 0);
    CHECK(brio_address_same(&from, &home));
    CHECK_INT(brio_udp_receive(b, buf, sizeof buf, &from), 0);
    CHECK_INT(brio_udp_receive(b, buf, 2, NULL), 5); /* the rest is gone, and told */
    CHECK_OK(brio_udp_send(b, BRIO_S("back"), &from));
    CHECK_INT(brio_udp_receive(a, buf, sizeof buf, NULL), 4);
    brio_udp_close(a);
    brio_udp_close(b);
    brio_udp_close(NULL);
    return 0;
}

static int receive_one(void *arg)
{
    char buf[8];
    return (int)brio_udp_receive(arg, buf, sizeof buf, NULL);
}

IO_TEST(receiving_waits_and_can_be_cancelled)
{
    brio_udp *u;
    CHECK_OK(brio_udp_open(&u, NULL));
    brio_address to = loopback(brio_udp_port(u));
    int rc = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, receive_one, u);
        for (int i = 0; i < 10; i++)
            CHECK_OK(brio_yield());
        CHECK_INT(receive_one(u), -EBUSY);
        CHECK(brio_task_cancel(task));
        CHECK_OK(brio_join(task, &rc));
        CHECK_INT(rc, -ECANCELED);
        task = brio_spawn(&g, receive_one, u);
        for (int i = 0; i < 10; i++)
            CHECK_OK(brio_yield());
        CHECK_OK(brio_udp_send(u, BRIO_S("x"), &to)); /* to itself */
        CHECK_OK(brio_join(task, &rc));
        CHECK_INT(rc, 1);
        task = brio_spawn(&g, receive_one, u);
        for (int i = 0; i < 10; i++)
            CHECK_OK(brio_yield());
        brio_udp_close(u);
        CHECK_OK(brio_join(task, &rc));
        CHECK_INT(rc, BRIO_ECLOSED);
    }
    return 0;
}

IO_TEST(a_connected_socket_hears_its_peer_only)
{
    brio_udp *server, *client, *stranger;
    char buf[8];
    CHECK_OK(brio_udp_open(&server, NULL));
    brio_address to = loopback(brio_udp_port(server)), from;
    CHECK_OK(brio_udp_open(&client, &(brio_udp_options){.peer = &to}));
    CHECK_OK(brio_udp_open(&stranger, NULL));
    CHECK_OK(brio_udp_send(client, BRIO_S("hi"), NULL));
    CHECK_INT(brio_udp_receive(server, buf, sizeof buf, &from), 2);
    CHECK_OK(brio_udp_send(stranger, BRIO_S("noise"), &from));
    CHECK_OK(brio_udp_send(server, BRIO_S("you"), &from));
    CHECK_INT(brio_udp_receive(client, buf, sizeof buf, NULL), 3);
    CHECK_INT(brio_udp_send(stranger, BRIO_S("x"), NULL), -EDESTADDRREQ);
    brio_udp_close(server);
    brio_udp_close(client);
    brio_udp_close(stranger);
    return 0;
}

IO_TEST(too_big_a_datagram_is_refused_whole)
{
    brio_udp *u;
    CHECK_OK(brio_udp_open(&u, NULL));
    brio_address to = loopback(brio_udp_port(u));
    char *data = calloc(1, 70000);
    CHECK_INT(brio_udp_send(u, (brio_str){data, 70000}, &to), -EMSGSIZE);
    CHECK_OK(brio_udp_send(u, (brio_str){data, 60000}, &to));
    CHECK_INT(brio_udp_receive(u, data, 70000, NULL), 60000);
    free(data);
    brio_udp_close(u);
    return 0;
}

IO_TEST(ports_in_use_and_bad_addresses_are_refused)
{
    brio_udp *u, *v;
    CHECK_OK(brio_udp_open(&u, NULL));
    CHECK_INT(brio_udp_open(&v, &(brio_udp_options){.port = brio_udp_port(u)}), -EADDRINUSE);
    CHECK_INT(brio_udp_open(&v, &(brio_udp_options){.host = "nonsense"}), -EINVAL);
    brio_udp_close(u);
    return 0;
}

IO_TEST(what_is_not_wanted_is_lost)
{
    brio_udp *u;
    CHECK_OK(brio_udp_open(&u, NULL));
    brio_address nobody = loopback(1);
    CHECK_OK(brio_udp_send(u, BRIO_S("x"), &nobody));
    brio_udp_close(u);
    if (simulated())
        return 0;
    CHECK_OK(brio_udp_open(&u, &(brio_udp_options){.peer = &nobody})); /* connected: it is told */
    CHECK_OK(brio_udp_send(u, BRIO_S("x"), NULL));
    CHECK_INT(receive_one(u), -ECONNREFUSED);
    brio_udp_close(u);
    return 0;
}

IO_TEST(one_socket_serves_both_families)
{
    brio_udp *all, *u;
    char buf[8], host[64];
    uint16_t port;
    brio_address from;
    CHECK_OK(brio_udp_open(&all, &(brio_udp_options){.host = ""}));
    CHECK_OK(brio_udp_open(&u, NULL));
    brio_address to = loopback(brio_udp_port(all));
    CHECK_OK(brio_udp_send(u, BRIO_S("v4"), &to));
    CHECK_INT(brio_udp_receive(all, buf, sizeof buf, &from), 2);
    CHECK_OK(brio_address_text(&from, host, &port));
    CHECK_STR(brio_str_from(host), "127.0.0.1");
    to = loopback(port);
    CHECK_OK(brio_udp_send(all, BRIO_S("mapped"), &to));
    CHECK_INT(brio_udp_receive(u, buf, sizeof buf, NULL), 6);
    brio_udp_close(all);
    brio_udp_close(u);
    return 0;
}

IO_TEST(groups_are_heard)
{
    brio_udp *u;
    char buf[8];
    brio_address group;
    CHECK_OK(brio_udp_open(
        &u, &(brio_udp_options){.host = "0.0.0.0", .reuse_address = true, .broadcast = true}));
    CHECK_OK(brio_address_of(&group, "239.255.7.7", brio_udp_port(u)));
    if (simulated()) {
        CHECK_INT(brio_udp_join(u, &group, "lo"), -ENOTSUP);
        brio_udp_close(u);
        return 0;
    }
    CHECK_INT(brio_udp_join(u, &group, "no-such-if"), -ENODEV);
    CHECK_OK(brio_udp_join(u, &group, "lo"));
    CHECK_INT(brio_udp_multicast(u, "lo", 256, true), -EINVAL);
    CHECK_INT(brio_udp_multicast(u, "no-such-if", 1, true), -ENODEV);
    CHECK_OK(brio_udp_multicast(u, "lo", 0, true));
    CHECK_OK(brio_udp_send(u, BRIO_S("all"), &group));
    CHECK_INT(brio_udp_receive(u, buf, sizeof buf, NULL), 3);
    CHECK_OK(brio_udp_leave(u, &group, "lo"));
    brio_udp_close(u);
    return 0;
}

/* Of the descriptor below, which only the kernel can tell. */
static int option_of(int port, int level, int name)
{
    for (int fd = 3; fd < 256; fd++) {
        int value = -1;
        socklen_t len = sizeof value;
        if (brio_socket_port(fd) == port && getsockopt(fd, level, name, &value, &len) == 0)
            return value;
    }
    return -1;
}

IO_TEST(options_are_the_kernels)
{
    brio_udp *u, *v;
    brio_udp_options shared = {.reuse_port = true, .receive_buffer = 8192};
    CHECK_OK(brio_udp_open(&u, &shared));
    shared.port = brio_udp_port(u);
    if (simulated()) {
        CHECK_INT(brio_udp_multicast(u, NULL, 1, true), -ENOTSUP);
        brio_udp_close(u);
        return 0;
    }
    CHECK_INT(option_of(shared.port, SOL_SOCKET, SO_RCVBUF), 2 * 8192); /* as the kernel counts */
    CHECK_OK(brio_udp_open(&v, &shared));
    brio_udp_close(v);
    shared.reuse_port = false;
    CHECK_INT(brio_udp_open(&v, &shared), -EADDRINUSE);
    brio_udp_close(u);
    shared =
        (brio_udp_options){.receive_buffer = SIZE_MAX}; /* more than an int: as much as it gives */
    CHECK_OK(brio_udp_open(&u, &shared));
    brio_udp_close(u);
    return 0;
}

IO_TEST(groups_of_the_other_family_are_heard)
{
    brio_udp *u;
    char buf[8];
    brio_address group, peer = loopback(9);
    if (simulated())
        return 0;
    CHECK_OK(brio_udp_open(&u, &(brio_udp_options){.host = ""}));
    CHECK_OK(brio_address_of(&group, "ff02::1:7", brio_udp_port(u)));
    int rc = brio_udp_join(u, &group, "lo");
    if (rc == 0) { /* not every container has IPv6 */
        CHECK_OK(brio_udp_multicast(u, "lo", 1, true));
        rc = brio_udp_send(u, BRIO_S("six"), &group);
        CHECK(rc == 0 || rc == -ENETUNREACH); /* nor a route for its groups */
        if (rc == 0)
            CHECK_INT(brio_udp_receive(u, buf, sizeof buf, NULL), 3);
        CHECK_OK(brio_udp_leave(u, &group, "lo"));
    }
    CHECK(brio_udp_leave(u, &group, "lo") < 0); /* not a member any more */
    CHECK_OK(brio_address_of_path(&group, "/tmp/x"));
    CHECK_INT(brio_udp_join(u, &group, NULL), -EINVAL);
    brio_udp_close(u);
    CHECK_OK(brio_udp_open(&u, &(brio_udp_options){.host = "", .peer = &peer})); /* is mapped */
    CHECK_OK(brio_udp_send(u, BRIO_S("x"), NULL));
    brio_udp_close(u);
    return 0;
}

/* Left open: closed with the loop; the harness checks descriptors. */
IO_TEST(sockets_are_closed_with_the_loop)
{
    brio_udp *u;
    CHECK_OK(brio_udp_open(&u, NULL));
    brio_address to = loopback(brio_udp_port(u));
    return brio_udp_send(u, BRIO_S("unread"), &to);
}
