/* SPDX-License-Identifier: MIT
 *
 * Addresses, name lookup, and connecting to names. No name server is asked:
 * what is looked up is numeric, in /etc/hosts, or in the loop's own table. */
#include "io/bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *text_of(const brio_address *a)
{
    static char text[80];
    char host[64];
    uint16_t port;
    CHECK_OK(brio_address_text(a, host, &port));
    snprintf(text, sizeof text, "%s %u", host, port);
    return text;
}

TEST(addresses_are_values)
{
    brio_address a, b;
    CHECK_OK(brio_address_of(&a, "10.1.2.3", 80));
    CHECK_STR(brio_str_from(text_of(&a)), "10.1.2.3 80");
    CHECK_OK(brio_address_of(&b, "10.1.2.3", 80));
    CHECK(brio_address_same(&a, &b));
    CHECK_OK(brio_address_of(&b, "10.1.2.3", 81));
    CHECK(!brio_address_same(&a, &b));
    CHECK_OK(brio_address_of(&a, "::1", 7));
    CHECK_STR(brio_str_from(text_of(&a)), "::1 7");
    CHECK(!brio_address_same(&a, &b));
    CHECK_OK(brio_address_of(&a, "fe80::1%1", 7));
    CHECK_OK(brio_address_of(&b, "fe80::1%2", 7));
    CHECK(!brio_address_same(&a, &b));
    CHECK_OK(brio_address_of(&a, "::ffff:1.2.3.4", 9));
    CHECK_STR(brio_str_from(text_of(&a)), "1.2.3.4 9");
    CHECK_OK(brio_address_of_path(&a, "/tmp/x"));
    CHECK_STR(brio_str_from(text_of(&a)), " 0");
    CHECK_OK(brio_address_of_path(&b, "@x"));
    CHECK(!brio_address_same(&a, &b));
    static const char *const bad[] = {"",           "localhost", "1.2.3",           "1.2.3.4.5",
                                      "fe80::1%",   "%1",        "fe80::1%nowhere", "1.2.3.4%1",
                                      "example.org"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(brio_address_of(&a, bad[i], 1), -EINVAL);
    CHECK_INT(brio_address_text(&(brio_address){0}, (char[64]){0}, &(uint16_t){0}), -EAFNOSUPPORT);
}

IO_TEST(addresses_of_all_kinds_are_compared_and_told)
{
    brio_address v4, v6, six, path, same, none = {0};
    char host[64];
    uint16_t port;
    CHECK_OK(brio_address_of(&v4, "127.0.0.1", 7));
    CHECK_OK(brio_address_of(&v6, "::1", 7));
    CHECK_OK(brio_address_of(&six, "::2", 7));
    CHECK_OK(brio_address_of_path(&path, "/tmp/a"));
    CHECK_OK(brio_address_of_path(&same, "/tmp/a"));
    CHECK(!brio_address_same(&v4, &v6));
    CHECK(!brio_address_same(&v6, &six));
    CHECK(brio_address_same(&path, &same));
    CHECK_OK(brio_address_of(&six, "::1", 7));
    CHECK(brio_address_same(&v6, &six));
    CHECK_OK(brio_address_of(&six, "::1", 8));
    CHECK(!brio_address_same(&v6, &six));
    CHECK_OK(brio_address_of_path(&same, "/tmp/b"));
    CHECK(!brio_address_same(&path, &same));
    CHECK_OK(brio_address_text(&path, host, &port));
    CHECK_STR(brio_str_from(host), "");
    CHECK_INT(brio_address_text(&none, host, &port), -EAFNOSUPPORT);
    CHECK_INT(brio_address_of(&v4, "256.1.1.1", 1), -EINVAL);
    char *long_path = memset(malloc(200), 'x', 200);
    long_path[199] = 0;
    CHECK_INT(brio_address_of_path(&path, long_path), -ENAMETOOLONG);
    CHECK_INT(brio_address_of_path(&path, ""), -EINVAL);
    free(long_path);
    return 0;
}

IO_TEST(what_cannot_be_looked_up_is_told_apart)
{
    brio_addresses found;
    CHECK_INT(brio_hosts_set("", "10.0.0.1"), -EINVAL);
    CHECK_INT(brio_hosts_set("pinned.test", "10.0.0.1,nonsense"), -EINVAL);
    CHECK_OK(brio_hosts_set("pinned.test", ""));
    CHECK_INT(brio_resolve(&found, NULL, &(brio_resolve_query){.host = "pinned.test"}),
              BRIO_ENONAME);
    CHECK_INT(brio_resolve(&found, NULL, &(brio_resolve_query){.host = ""}), -EINVAL);
    CHECK_INT(brio_resolve(&found, NULL,
                           &(brio_resolve_query){.host = "127.0.0.1", .family = BRIO_FAMILY_IPV6}),
              BRIO_ENONAME);
    if (brio_loop_is_sim(brio_loop_current()))
        return 0;
    CHECK_INT(brio_resolve(&found, NULL,
                           &(brio_resolve_query){.host = "127.0.0.1", .service = "no-such-one"}),
              -EINVAL);
    CHECK(brio_error_detail().len > 0);
    int rc = brio_resolve(&found, NULL, &(brio_resolve_query){.host = "no-such-name.invalid"});
    CHECK(rc == BRIO_ENONAME || rc == -EAGAIN); /* a name server says so, or there is none */
    CHECK(brio_error_detail().len > 0);
    return 0;
}

IO_TEST(numeric_names_need_no_thread)
{
    brio_addresses found;
    CHECK_OK(brio_resolve(&found, NULL, &(brio_resolve_query){.host = "192.0.2.1", .port = 5}));
    CHECK_INT(found.len, 1);
    CHECK_STR(brio_str_from(text_of(found.items)), "192.0.2.1 5");
    brio_resolve_query six = {.host = "192.0.2.1", .family = BRIO_FAMILY_IPV6};
    CHECK_INT(brio_resolve(&found, NULL, &six), BRIO_ENONAME);
    CHECK_INT(found.len, 0);
    return 0;
}

IO_TEST(the_loops_own_hosts_are_asked_first)
{
    brio_addresses found;
    brio_resolve_query q = {.host = "Db.Internal", .port = 5432};
    CHECK_OK(brio_hosts_set("db.internal", "10.0.0.1, ::1"));
    CHECK_OK(brio_resolve(&found, NULL, &q));
    CHECK_INT(found.len, 2);
    CHECK_STR(brio_str_from(text_of(&found.items[0])), "10.0.0.1 5432");
    CHECK_STR(brio_str_from(text_of(&found.items[1])), "::1 5432");
    q.family = BRIO_FAMILY_IPV6;
    CHECK_OK(brio_resolve(&found, NULL, &q));
    CHECK_INT(found.len, 1);
    CHECK_OK(brio_hosts_set("db.internal", "")); /* replaced: no such name */
    CHECK_INT(brio_resolve(&found, NULL, &q), BRIO_ENONAME);
    CHECK_INT(brio_hosts_set("db.internal", "10.0.0.1,nonsense"), -EINVAL);
    CHECK_INT(brio_hosts_set("", "10.0.0.1"), -EINVAL);
    CHECK_OK(brio_hosts_set("db.internal", NULL));
    return 0;
}

IO_TEST(localhost_is_looked_up)
{
    brio_addresses found;
    CHECK_OK(brio_resolve(&found, NULL, &(brio_resolve_query){.host = "localhost", .port = 80}));
    CHECK(found.len >= 1);
    char host[64];
    uint16_t port;
    CHECK_OK(brio_address_text(&found.items[0], host, &port));
    CHECK(strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0);
    CHECK_INT(port, 80);
    return 0;
}

IO_TEST(services_have_names)
{
    if (brio_loop_is_sim(brio_loop_current()) || access("/etc/services", R_OK) != 0)
        return 0;
    brio_addresses found;
    brio_resolve_query q = {.host = "127.0.0.1", .service = "http"};
    CHECK_OK(brio_resolve(&found, NULL, &q));
    CHECK_STR(brio_str_from(text_of(found.items)), "127.0.0.1 80");
    q.service = "no-such-service";
    CHECK_INT(brio_resolve(&found, NULL, &q), -EINVAL);
    CHECK(brio_error_detail().len > 0);
    return 0;
}

static int look_up(void *arg)
{
    brio_addresses found;
    return brio_resolve(&found, NULL, &(brio_resolve_query){.host = arg});
}

IO_TEST(a_cancelled_lookup_is_left_to_itself)
{
    static char name[] = "localhost";
    for (int turns = 0; turns < 4; turns++) {
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_task *task = brio_spawn(&g, look_up, name);
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            (void)brio_task_cancel(task);
        }
    }
    return 0; /* the loop ends when the threads have */
}

/* ---- Connecting to names ------------------------------------------------ */

static int accept_and_close(void *arg)
{
    brio_stream *s;
    int rc = brio_accept(arg, &s);
    if (rc == 0)
        brio_stream_close(s);
    return rc;
}

IO_TEST(the_next_address_is_tried_when_one_fails)
{
    brio_listener *l;
    brio_stream *s = NULL;
    if (brio_loop_is_sim(brio_loop_current()))
        return 0; /* there every address is this loop */
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    uint16_t port = brio_listener_port(l);
    CHECK_OK(brio_hosts_set("two.test", "127.0.0.9,127.0.0.1")); /* nobody listens on .9 */
    brio_connect_to to = {.host = "two.test", .port = port, .stagger = BRIO_SEC(100)};
    CHECK_OK(brio_connect(&s, &to));
    char host[64];
    uint16_t got;
    CHECK_OK(brio_stream_peer(s, host, &got));
    CHECK_STR(brio_str_from(host), "127.0.0.1");
    brio_stream_close(s);
    to.host = "nobody.test";
    CHECK_OK(brio_hosts_set("nobody.test", "127.0.0.9,127.0.0.8"));
    CHECK_INT(brio_connect(&s, &to), -ECONNREFUSED);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("nobody.test")) >= 0);
    brio_listener_close(l);
    return 0;
}

/* An address that never answers: the backlog of its listener is full. */
IO_TEST(a_slow_address_loses_its_head_start)
{
    if (brio_loop_is_sim(brio_loop_current()))
        return 0;
    brio_listener *l;
    brio_stream *s = NULL;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    uint16_t port = brio_listener_port(l);
    struct sockaddr_storage a;
    unsigned len;
    CHECK_OK(brio_address_parse(&a, &len, "127.0.0.7", port));
    int deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), full[2];
    CHECK_INT(bind(deaf, (struct sockaddr *)&a, len), 0);
    CHECK_INT(listen(deaf, 0), 0);
    for (int i = 0; i < 2; i++) {
        full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(full[i], (struct sockaddr *)&a, len);
    }
    CHECK_OK(brio_hosts_set("slow.test", "127.0.0.7,127.0.0.1"));
    brio_connect_to to = {.host = "slow.test", .port = port, .stagger = BRIO_MS(1)};
    CHECK_OK(brio_connect(&s, &to));
    brio_stream_close(s);
    close(deaf);
    close(full[0]);
    close(full[1]);
    brio_listener_close(l);
    return 0;
}

IO_TEST(of_several_winners_one_is_kept)
{
    brio_listener *l;
    brio_stream *s = NULL;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){.host = ""}));
    CHECK_OK(brio_hosts_set("both.test", "127.0.0.1,127.0.0.2,127.0.0.3"));
    brio_connect_to to = {.host = "both.test", .port = brio_listener_port(l), .stagger = 1};
    for (int i = 0; i < 20; i++) {
        CHECK_OK(brio_connect(&s, &to));
        brio_stream_close(s);
    }
    brio_listener_close(l);
    return 0;
}

static int connect_there(void *arg)
{
    brio_stream *s;
    int rc = brio_connect(&s, arg);
    if (rc == 0)
        brio_stream_close(s);
    return rc;
}

IO_TEST(a_cancelled_race_leaks_nothing)
{
    brio_listener *l;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){.host = ""}));
    CHECK_OK(brio_hosts_set("both.test", "127.0.0.1,127.0.0.2,127.0.0.3"));
    brio_connect_to to = {.host = "both.test", .port = brio_listener_port(l), .stagger = 1};
    for (int turns = 0; turns < 12; turns++) {
        int rc = 0;
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_task *task = brio_spawn(&g, connect_there, &to);
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            (void)brio_task_cancel(task);
            CHECK_OK(brio_join(task, &rc));
        }
        CHECK(rc == 0 || rc == -ECANCELED);
    }
    brio_listener_close(l);
    return 0;
}

IO_TEST(one_may_choose_where_to_connect_from)
{
    if (brio_loop_is_sim(brio_loop_current()))
        return 0;
    brio_listener *l;
    brio_stream *s, *peer;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    brio_connect_to to = {.port = brio_listener_port(l), .local_host = "127.0.0.5"};
    CHECK_OK(brio_connect(&s, &to));
    CHECK_OK(brio_accept(l, &peer));
    char host[64], local[64];
    uint16_t port, local_port;
    CHECK_OK(brio_stream_peer(peer, host, &port));
    CHECK_STR(brio_str_from(host), "127.0.0.5");
    CHECK_OK(brio_stream_local(s, local, &local_port));
    CHECK_STR(brio_str_from(local), "127.0.0.5");
    CHECK_INT(port, local_port);
    brio_stream_close(s);
    brio_stream_close(peer);
    to.local_host = "192.0.2.77";
    CHECK_INT(brio_connect(&s, &to), -EADDRNOTAVAIL);
    to.local_host = "nonsense";
    CHECK_INT(brio_connect(&s, &to), -EINVAL);
    brio_listener_close(l);
    return 0;
}

static int accept_one(void *arg)
{
    return accept_and_close(arg);
}

IO_TEST(unix_sockets_may_be_abstract)
{
    if (brio_loop_is_sim(brio_loop_current()))
        return 0;
    char name[64];
    snprintf(name, sizeof name, "@brio-test-%d", (int)getpid());
    brio_listener *l;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){.path = name}));
    brio_connect_to to = {.path = name};
    CHECK_OK(brio_gather({accept_one, l}, {connect_there, &to}));
    brio_listener *second;
    CHECK_INT(brio_listen(&second, &(brio_listen_to){.path = name}), -EADDRINUSE);
    brio_listener_close(l);
    return 0;
}
