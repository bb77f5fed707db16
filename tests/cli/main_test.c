/* SPDX-License-Identifier: MIT
 *
 * brio_main as a whole: exit statuses, what goes to which stream, and a server
 * that starts, answers and stops. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/cli.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct run {
    pid_t pid;
    int out; /* standard output and standard error, as one */
} run;

static int failing_start(brio_app *app, void *state)
{
    (void)app, (void)state;
    return -5;
}

/* Runs brio_main with up to three arguments in a child. */
static run start(brio_lifespan_fn *hook, const char *a, const char *b, const char *c)
{
    char *argv[] = {strdup("/usr/bin/shop"), a ? strdup(a) : NULL, b ? strdup(b) : NULL,
                    c ? strdup(c) : NULL, NULL};
    int argc = 1 + !!a + !!b + !!c, pipes[2];
    CHECK(pipe(pipes) == 0);
    run r = {.pid = fork(), .out = pipes[0]};
    if (r.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(pipes[1], STDOUT_FILENO);
        dup2(pipes[1], STDERR_FILENO);
        close(pipes[0]);
        close(pipes[1]);
        brio_app *app = brio_app_new(&(brio_app_options){.on_startup = hook});
        int status = brio_main(app, argc, argv);
        for (int i = 0; i < argc; i++)
            free(argv[i]);
        exit(status); /* leak checkers report here */
    }
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    close(pipes[1]);
    return r;
}

static int finish(run *r, brio_str *ret_text)
{
    static char text[32 * 1024];
    size_t len = 0;
    int status;
    for (ssize_t n; (n = read(r->out, text + len, sizeof text - len)) > 0; len += (size_t)n)
        ;
    close(r->out);
    CHECK(waitpid(r->pid, &status, 0) == r->pid);
    CHECK(WIFEXITED(status));
    *ret_text = (brio_str){text, len};
    return WEXITSTATUS(status);
}

static bool has(brio_str text, const char *part)
{
    return brio_str_find(text, brio_str_from(part)) >= 0;
}

TEST(a_bus_that_is_none_is_status_2)
{
    brio_str text;
    run r = start(NULL, "--bus", "http://x", NULL);
    CHECK_INT(finish(&r, &text), 2);
    CHECK_STR(text, "shop: --bus: the bus's URL \"http://x\" is neither \"local\" nor "
                    "redis://host:port/db\n");
    r = start(NULL, "--bus", "local", NULL);
    CHECK_INT(finish(&r, &text), 2);
    CHECK_STR(text, "shop: --bus: this application has no bus: see brio_bus_new\n");
}

TEST(a_bus_of_the_environment_may_be_for_others)
{
    brio_str text;
    CHECK(setenv("BRIO_BUS", "local", 1) == 0);
    run r = start(failing_start, "--port", "0", NULL);
    CHECK_INT(finish(&r, &text), 1); /* it began to serve */
    CHECK(setenv("BRIO_BUS", "nowhere", 1) == 0);
    r = start(NULL, NULL, NULL, NULL);
    CHECK_INT(finish(&r, &text), 2);
    CHECK_STR(text, "shop: BRIO_BUS: the bus's URL \"nowhere\" is neither \"local\" nor "
                    "redis://host:port/db\n");
}

TEST(wrong_flags_are_status_2)
{
    brio_str text;
    run r = start(NULL, "--prot", NULL, NULL);
    CHECK_INT(finish(&r, &text), 2);
    CHECK_STR(text, "shop: unknown option --prot; did you mean --port?\n");
}

TEST(help_and_version_are_status_0)
{
    brio_str text;
    run r = start(NULL, "--help", NULL, NULL);
    CHECK_INT(finish(&r, &text), 0);
    CHECK(brio_str_starts(text, BRIO_S("Usage: shop [OPTIONS]\n")));
    r = start(NULL, "--version", NULL, NULL);
    CHECK_INT(finish(&r, &text), 0);
    CHECK(brio_str_starts(text, BRIO_S("brio ")));
    CHECK(has(text, brio_version()));
}

TEST(a_failing_start_is_status_1)
{
    brio_str text;
    run r = start(failing_start, "--port=0", "--log-format=text", NULL);
    CHECK_INT(finish(&r, &text), 1);
    CHECK(has(text, "ERROR:    Application startup failed: Input/output error. Exiting."));
}

TEST(a_host_nobody_has_is_status_1)
{
    brio_str text;
    run r = start(NULL, "--host=192.0.2.1", "--log-format=text", NULL);
    CHECK_INT(finish(&r, &text), 1);
    CHECK(has(text, "cannot listen on 192.0.2.1:8000"));
}

static int port_of(run *r, char *line, size_t size)
{
    int port = 0;
    for (;;) {
        size_t n = 0;
        while (n + 1 < size && read(r->out, line + n, 1) == 1 && line[n] != '\n')
            n++;
        line[n] = '\0';
        CHECK(n > 0);
        const char *at = strstr(line, "running on http://127.0.0.1:");
        if (at && sscanf(at, "running on http://127.0.0.1:%d", &port) == 1)
            return port;
    }
}

static void ask(int port)
{
    static const char request[] = "GET /openapi.json HTTP/1.0\r\n\r\n";
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char answer[64] = "";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(fd, (const struct sockaddr *)&to, sizeof to) == 0);
    CHECK_INT(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    CHECK(recv(fd, answer, sizeof answer - 1, MSG_WAITALL) > 0);
    CHECK(strncmp(answer, "HTTP/1.1 ", 9) == 0);
    close(fd);
}

TEST(it_serves_until_told_to_stop)
{
    brio_str text;
    char line[1024];
    run r = start(NULL, "--port=0", "--log-format=text", NULL);
    int port = port_of(&r, line, sizeof line);
    CHECK(strstr(line, "(Press CTRL+C to quit)"));
    ask(port);
    kill(r.pid, SIGINT);
    CHECK_INT(finish(&r, &text), 0);
    CHECK(has(text, "GET /openapi.json HTTP/1.0"));
    CHECK(has(text, "Finished server process"));
}

TEST(it_serves_with_workers)
{
    brio_str text;
    char line[1024];
    run r = start(NULL, "--port=0", "--log-format=text", "--workers=2");
    ask(port_of(&r, line, sizeof line));
    kill(r.pid, SIGTERM);
    CHECK_INT(finish(&r, &text), 0);
    CHECK(has(text, "GET /openapi.json HTTP/1.0")); /* a worker's log */
    CHECK(has(text, "Stopping parent process"));
}
