/* SPDX-License-Identifier: MIT
 *
 * What a service manager sees: sockets it passes, how it is told of the
 * server's state, who the workers are, and when they are replaced. */
#include "routes.h"
#include "server/server_internal.h"

#include <pwd.h>
#include <sys/un.h>

/* ---- systemd --------------------------------------------------------------------- */

static int passed_fd = -1;

/* In the server's process, before it serves. */
static void pass_socket(brio_app *app)
{
    char pid_text[20];
    snprintf(pid_text, sizeof pid_text, "%d", (int)getpid());
    CHECK(passed_fd == 3 || dup2(passed_fd, 3) == 3);
    CHECK(setenv("LISTEN_PID", pid_text, 1) == 0 && setenv("LISTEN_FDS", "1", 1) == 0);
    routes(app);
}

static int show_environment(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)req;
    out->text = getenv("LISTEN_FDS") ? BRIO_S("still there") : BRIO_S("gone");
    return 0;
}

static void pass_socket_and_show(brio_app *app)
{
    pass_socket(app);
    BRIO_GET(app, "/environment", show_environment, brio_none, brio_text);
}

/* The pipes of the rig may be descriptor 3, which a manager's first socket has: moved. */
static void passed(brio_backend backend, int workers)
{
    int spare[8];
    for (int i = 0; i < 8; i++)
        CHECK((spare[i] = dup(STDIN_FILENO)) >= 0);
    passed_fd = brio_socket_listen(&(brio_listen_options){0});
    CHECK_OK(passed_fd);
    rig r = rig_start(
        &(rig_options){.server = {.backend = backend, .workers = workers, .systemd = true},
                       .prepare = pass_socket_and_show,
                       .no_host = true});
    CHECK_INT(r.port, brio_socket_port(passed_fd));
    client *c = dial(&r);
    get(c, "/environment");
    expect_answer(c, 200, "gone");
    hang_up(c);
    rig_stop(&r);
    c = dial(&r); /* it is ours: who comes now waits for the next server */
    hang_up(c);
    for (int i = 0; i < 8; i++)
        close(spare[i]);
    close(passed_fd);
}

ON_BOTH(sockets_that_systemd_passes)
{
    passed(backend, 1);
}

ON_BOTH(sockets_that_systemd_passes_to_workers)
{
    passed(backend, 2);
}

static int hear_notify(int fd, char *text, size_t cap)
{
    ssize_t n = recv(fd, text, cap - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* Signs of life come in between. */
static void expect_notify(int fd, const char *part)
{
    char text[300];
    do
        CHECK(hear_notify(fd, text, sizeof text));
    while (!strcmp(text, "WATCHDOG=1") && strcmp(part, text) != 0);
    if (!strstr(text, part))
        test_fail(__FILE__, __LINE__, "systemd heard \"%s\", not \"%s\"", text, part);
}

static void notified(brio_backend backend, int workers)
{
    char path[60];
    struct sockaddr_storage at;
    unsigned len;
    snprintf(path, sizeof path, "@brio-notify-%d", (int)getpid());
    CHECK_OK(brio_address_unix(&at, &len, path));
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK(bind(fd, (const struct sockaddr *)&at, len) == 0);
    CHECK(setenv("NOTIFY_SOCKET", path, 1) == 0 && setenv("WATCHDOG_USEC", "40000", 1) == 0);
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .workers = workers, .systemd = true}, .prepare = routes});
    expect_notify(fd, "READY=1");
    for (int i = 0; i < 3; i++)
        expect_notify(fd, "WATCHDOG=1");
    if (workers > 1) {
        CHECK(kill(r.pid, SIGHUP) == 0);
        expect_notify(fd, "RELOADING=1\nMONOTONIC_USEC=");
        expect_notify(fd, "READY=1");
    }
    CHECK(kill(r.pid, SIGTERM) == 0);
    expect_notify(fd, "STOPPING=1");
    CHECK_INT(rig_wait(&r), 0);
    close(fd);
}

ON_BOTH(systemd_is_told)
{
    notified(backend, 1);
}

ON_BOTH(systemd_is_told_by_a_supervisor)
{
    notified(backend, 2);
}

TEST(nobody_listens_to_notifications)
{
    CHECK(setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1) == 0);
    rig r = rig_start(&(rig_options){.server.systemd = true, .prepare = routes});
    client *c = dial(&r);
    get(c, "/hello");
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

/* ---- Who workers are ------------------------------------------------------------------ */

static int who(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    uid_t a, b, c;
    gid_t d, e, f;
    bool same = getresuid(&a, &b, &c) == 0 && a == b && b == c && getresgid(&d, &e, &f) == 0 &&
                d == e && e == f;
    int more = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    out->text = brio_printf(brio_request_arena(req), "%u:%u %d %s", a, d, more,
                            same ? "for good" : "for now");
    return 0;
}

static void tell_who(brio_app *app)
{
    BRIO_GET(app, "/who", who, brio_none, brio_text);
}

static void need_root(void)
{
    if (geteuid() != 0)
        test_skip("only root can become somebody else");
}

static void become(int workers, const char *user, const char *group, const char *want)
{
    need_root();
    rig r = rig_start(&(rig_options){.server = {.workers = workers,
                                                .user = user,
                                                .group = group,
                                                .refuse_root = true,
                                                .no_new_privileges = true},
                                     .prepare = tell_who});
    client *c = dial(&r);
    get(c, "/who");
    expect_answer(c, 200, want);
    hang_up(c);
    rig_stop(&r);
}

TEST(workers_become_a_user)
{
    const struct passwd *nobody = getpwnam("nobody");
    if (!nobody)
        test_skip("this machine has no user nobody");
    char want[60], uid[20];
    snprintf(want, sizeof want, "%u:%u 1 for good", nobody->pw_uid, nobody->pw_gid);
    snprintf(uid, sizeof uid, "%u", nobody->pw_uid);
    become(1, "nobody", NULL, want);
    become(2, "nobody", NULL, want);
    become(2, uid, NULL, want);
    snprintf(want, sizeof want, "%u:%u 1 for good", nobody->pw_uid, 12345U);
    become(1, "nobody", "12345", want);
}

static void refuse(brio_server_options o, int want, const char *part)
{
    rig r = rig_start_unready(&(rig_options){.server = o, .prepare = tell_who, .log = true});
    (void)find_line(r.log, part);
    CHECK_INT(rig_wait(&r), want);
}

TEST(who_workers_cannot_be)
{
    need_root();
    refuse((brio_server_options){.user = "no-such-user"}, -ENOENT, "no user \"no-such-user\"");
    refuse((brio_server_options){.group = "no-such-group"}, -ENOENT, "no group \"no-such-group\"");
    refuse((brio_server_options){.user = "54321"}, -EINVAL, "user 54321 has no entry");
    refuse((brio_server_options){.refuse_root = true}, -EPERM, "would run as root");
    refuse((brio_server_options){.refuse_root = true, .workers = 2}, -EPERM, "would run as root");
}

/* ---- When they are replaced ---------------------------------------------------------------- */

static int ask_pid(const rig *r)
{
    client *c = dial(r);
    get(c, "/pid");
    int pid_of = (int)strtol(read_answer(c, false)->body, NULL, 10);
    hang_up(c);
    return pid_of;
}

static void replaced(brio_backend backend, brio_server_options o)
{
    o.backend = backend;
    o.workers = 2;
    rig r = rig_start(&(rig_options){.server = o, .prepare = routes});
    int first = ask_pid(&r);
    while (kill(first, 0) == 0) {
        (void)ask_pid(&r); /* nobody is refused meanwhile */
        usleep(1000);
    }
    rig_stop(&r);
}

ON_BOTH(an_old_worker_is_replaced)
{
    replaced(backend, (brio_server_options){.limit_worker_age = BRIO_MS(100)});
}

ON_BOTH(a_large_worker_is_replaced)
{
    replaced(backend, (brio_server_options){.limit_worker_memory = 1});
}

ON_BOTH(an_old_server_without_workers_ends)
{
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .limit_worker_age = BRIO_MS(100)}, .prepare = routes});
    CHECK_INT(rig_wait(&r), 0);
}

/* Its own number is drawn once, from the limit to the limit and the jitter. */
TEST(the_jitter_of_a_limit)
{
    brio_server_options o = {.limit_max_requests = 10, .limit_max_requests_jitter = 5};
    bool seen[16] = {0};
    brio_server_worker w = {.options = &o};
    CHECK_OK(brio_loop_new(&w.loop, &(brio_loop_options){.backend = BRIO_BACKEND_SIM}));
    for (int i = 0; i < 1000; i++) {
        brio_server_recycle_start(&w);
        CHECK(w.requests_max >= 10 && w.requests_max <= 15);
        seen[w.requests_max] = true;
    }
    for (int n = 10; n <= 15; n++)
        CHECK(seen[n]);
    brio_loop_free(w.loop);
}
