/* SPDX-License-Identifier: MIT
 *
 * What a server listens on: the texts as a table; then Unix sockets, several
 * at once, inherited ones, and who answers on one that all workers share. */
#include "routes.h"
#include "server/server_internal.h"

#include <sys/stat.h>
#include <sys/un.h>

/* ---- Texts --------------------------------------------------------------------- */

static const struct {
    const char *text, *name, *wrong; /* `wrong`: a part of the sentence */
    brio_server_socket_kind kind;
    int port, fd;
    unsigned mode;
    bool proxy, plain;
} texts[] = {
    {"127.0.0.1:8000", .name = "127.0.0.1", .port = 8000},
    {"localhost:80", .name = "localhost", .port = 80},
    {":0", .name = ""},
    {"[::1]:8000", .name = "::1", .port = 8000},
    {"[::]:65535,proxy", .name = "::", .port = 65535, .proxy = true},
    {"unix:/run/a.sock", .name = "/run/a.sock", .kind = BRIO_SERVER_UNIX},
    {"unix:@a", .name = "@a", .kind = BRIO_SERVER_UNIX},
    {":80,plain", .port = 80, .plain = true},
    {"unix:a,mode=660,proxy", .name = "a", .kind = BRIO_SERVER_UNIX, .mode = 0660, .proxy = true},
    {"unix:a,proxy,mode=777", .name = "a", .kind = BRIO_SERVER_UNIX, .mode = 0777, .proxy = true},
    {"fd:3", .name = "", .kind = BRIO_SERVER_INHERITED, .fd = 3},
    {"fd:0,proxy", .name = "", .kind = BRIO_SERVER_INHERITED, .proxy = true},
    {"", .wrong = "HOST:PORT"},
    {"8000", .wrong = "HOST:PORT"},
    {"127.0.0.1", .wrong = "HOST:PORT"},
    {"127.0.0.1:", .wrong = "HOST:PORT"},
    {"127.0.0.1:x", .wrong = "HOST:PORT"},
    {"127.0.0.1:-1", .wrong = "HOST:PORT"},
    {"127.0.0.1:65536", .wrong = "65535"},
    {"::1:8000", .wrong = "brackets"},
    {"[::1:8000", .wrong = "brackets"},
    {"unix:", .wrong = "107 bytes"},
    {"unix:0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
     "89012345678901234567",
     .wrong = "107 bytes"},
    {"fd:", .wrong = "number"},
    {"fd:x", .wrong = "number"},
    {"fd:99999999999", .wrong = "number"},
    {":80,", .wrong = "behind the address"},
    {":80,Proxy", .wrong = "behind the address"},
    {":80,mode=660", .wrong = "octal"},
    {"unix:a,mode=", .wrong = "octal"},
    {"unix:a,mode=0", .wrong = "octal"},
    {"unix:a,mode=888", .wrong = "octal"},
    {"unix:a,mode=1777", .wrong = "octal"},
    {"unix:a,mode=00000000000000000001", .mode = 1, .name = "a", .kind = BRIO_SERVER_UNIX},
};

TEST(addresses_as_texts)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        brio_server_listener l;
        const char *wrong = brio_server_listener_parse(&l, texts[i].text);
        if (!wrong != !texts[i].wrong || (wrong && !strstr(wrong, texts[i].wrong)))
            test_fail(__FILE__, __LINE__, "\"%s\": %s", texts[i].text, wrong ? wrong : "accepted");
        if (wrong)
            continue;
        CHECK_STR(brio_str_from(l.name), texts[i].name);
        CHECK_INT(l.kind, texts[i].kind);
        CHECK_INT(l.port, texts[i].port);
        CHECK_INT(l.fd, texts[i].fd);
        CHECK_INT(l.mode, texts[i].mode ? texts[i].mode : 0666);
        CHECK_INT(l.proxy, texts[i].proxy);
        CHECK_INT(l.plain, texts[i].plain);
    }
}

/* ---- Unix sockets ------------------------------------------------------------------ */

static const char *socket_path(void)
{
    static char path[80];
    snprintf(path, sizeof path, "/tmp/brio-test-%d.sock", (int)getpid());
    return path;
}

/* Answers on a connection of its own. */
static const char *ask(client *c, const char *path)
{
    get(c, path);
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 200);
    return a->body;
}

ON_BOTH(a_unix_socket_and_its_file)
{
    const char *path = socket_path();
    struct stat st;
    rig r = rig_start(&(rig_options){.server = {.backend = backend, .uds = path},
                                     .prepare = routes,
                                     .no_host = true,
                                     .log = true});
    CHECK_INT(r.port, 0);
    CHECK(stat(path, &st) == 0);
    CHECK_INT(st.st_mode & 0777, 0666);
    client *c = dial_unix(path);
    CHECK_STR(brio_str_from(ask(c, "/whose")), "http:// 0");
    CHECK_STR(brio_str_from(ask(c, "/now/5")), "now 5");
    hang_up(c);
    rig_stop(&r);
    CHECK(stat(path, &st) < 0);
}

/* Its peers have no address; a header says who they are if the list says so. */
TEST(a_proxy_behind_a_unix_socket)
{
    const char *path = socket_path();
    static const char text[] = "GET /whose HTTP/1.1\r\nhost: t\r\nx-forwarded-for: 1.2.3.4\r\n\r\n";
    for (int trusted = 0; trusted < 2; trusted++) {
        rig r = rig_start(&(rig_options){
            .server = {.uds = path, .forwarded_allow_ips = trusted ? "10.0.0.1,unix" : "10.0.0.1"},
            .prepare = routes,
            .no_host = true});
        client *c = dial_unix(path);
        say(c, text);
        expect_answer(c, 200, trusted ? "http://1.2.3.4 0" : "http:// 0");
        hang_up(c);
        rig_stop(&r);
    }
}

TEST(a_file_that_is_another_servers_stays)
{
    const char *path = socket_path();
    struct stat st;
    rig r = rig_start(&(rig_options){.server = {.uds = path}, .prepare = routes, .no_host = true});
    CHECK(unlink(path) == 0);
    int other = brio_socket_listen(&(brio_listen_options){.path = path});
    CHECK_OK(other);
    rig_stop(&r);
    CHECK(stat(path, &st) == 0);
    CHECK(unlink(path) == 0);
    close(other);
}

/* ---- Several ------------------------------------------------------------------------- */

ON_BOTH(sockets_of_all_kinds_at_once)
{
    char name[100], file[100];
    snprintf(name, sizeof name, "unix:@brio-test-%d", (int)getpid());
    snprintf(file, sizeof file, "unix:%s,mode=600", socket_path());
    int inherited = brio_socket_listen(&(brio_listen_options){0});
    CHECK_OK(inherited);
    const char *const listen[] = {name, file, "127.0.0.1:0"};
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .fd = inherited, .listen = listen, .n_listen = 3},
        .prepare = routes});
    struct stat st;
    CHECK(stat(socket_path(), &st) == 0);
    CHECK_INT(st.st_mode & 0777, 0600);
    client *c[] = {dial(&r), dial_unix(name + 5), dial_unix(socket_path()), NULL};
    r.port = brio_socket_port(inherited);
    c[3] = dial(&r);
    for (size_t i = 0; i < 4; i++) {
        CHECK_STR(brio_str_from(ask(c[i], "/hello")), "hello");
        hang_up(c[i]);
    }
    close(inherited);
    rig_stop(&r);
}

TEST(ipv6_and_ipv4_side_by_side)
{
    int probe = brio_socket_listen(&(brio_listen_options){.host = "::1"});
    if (probe < 0)
        test_skip("this machine has no IPv6");
    int port = brio_socket_port(probe);
    close(probe);
    char four[40], six[40];
    snprintf(four, sizeof four, "0.0.0.0:%d", port);
    snprintf(six, sizeof six, "[::]:%d", port);
    const char *const listen[] = {four, six};
    rig r = rig_start(&(rig_options){.server = {.listen = listen, .n_listen = 2, .workers = 2},
                                     .prepare = routes,
                                     .no_host = true});
    client *c = dial(&r);
    CHECK_STR(brio_str_from(ask(c, "/whose")), "http://127.0.0.1 known");
    hang_up(c);
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    c = calloc(1, sizeof *c);
    CHECK(c);
    c->fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(c->fd, (const struct sockaddr *)&to, sizeof to) == 0);
    CHECK_STR(brio_str_from(ask(c, "/whose")), "http://::1 known");
    hang_up(c);
    rig_stop(&r);
}

/* Who waits on one socket takes turns: neither worker gets everything. */
ON_BOTH(workers_share_a_unix_socket)
{
    rig r =
        rig_start(&(rig_options){.server = {.backend = backend, .workers = 2, .uds = socket_path()},
                                 .prepare = routes,
                                 .no_host = true});
    char first[32] = "";
    for (bool both = false; !both;) {
        client *c = dial_unix(socket_path());
        const char *pid_of = ask(c, "/pid");
        both = *first && strcmp(first, pid_of) != 0;
        snprintf(first, sizeof first, "%.31s", pid_of);
        hang_up(c);
    }
    rig_stop(&r);
    struct stat st;
    CHECK(stat(socket_path(), &st) < 0); /* the supervisor made it, and removed it */
}

ON_BOTH(a_reload_on_a_shared_socket_refuses_nobody)
{
    rig r =
        rig_start(&(rig_options){.server = {.backend = backend, .workers = 2, .uds = socket_path()},
                                 .prepare = routes,
                                 .no_host = true});
    client *c = dial_unix(socket_path());
    int old = (int)strtol(ask(c, "/pid"), NULL, 10);
    hang_up(c);
    CHECK(kill(r.pid, SIGHUP) == 0);
    while (kill(old, 0) == 0) {
        c = dial_unix(socket_path());
        CHECK_STR(brio_str_from(ask(c, "/hello")), "hello");
        hang_up(c);
    }
    rig_stop(&r);
}

/* ---- Mistakes -------------------------------------------------------------------------- */

static void refuse(brio_server_options o, int want, const char *part)
{
    rig r = rig_start_unready(&(rig_options){.server = o, .no_host = true, .log = true});
    (void)find_line(r.log, part);
    CHECK_INT(rig_wait(&r), want);
}

TEST(what_cannot_be_listened_on)
{
    const char *const bad[] = {"8000"}, *const taken[] = {"fd:0"};
    int plain = socket(AF_INET, SOCK_STREAM, 0);
    refuse((brio_server_options){.listen = bad, .n_listen = 1}, -EINVAL, "HOST:PORT");
    refuse((brio_server_options){.listen = taken, .n_listen = 1}, -ENOTSOCK, "fd:0");
    refuse((brio_server_options){.fd = plain}, -ENOTSOCK, "no listening stream socket");
    refuse((brio_server_options){.fd = 900}, -EBADF, "fd:900");
    refuse((brio_server_options){.uds = "/nowhere/at/all"}, -ENOENT, "unix:/nowhere/at/all");
    close(plain);
}
