/* SPDX-License-Identifier: MIT
 *
 * brio_main: what a program's main returns.
 *
 * It may do what a library must not, because the caller asked for it: open the
 * log, report stack overflows, write to the terminal. Still it only returns;
 * the process' end is main's. */
#include "cli/cli_internal.h"

#include <brio/app.h>
#include <brio/bus.h>
#include <brio/cli.h>
#include <brio/task.h>

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_USAGE = 2 };

static const char *program_name(int argc, char *const *argv)
{
    if (argc < 1 || !argv[0])
        return "brio";
    const char *slash = strrchr(argv[0], '/');
    return slash ? slash + 1 : argv[0];
}

static int print(brio_buf *text)
{
    bool whole = !text->failed && fwrite(text->ptr, 1, text->len, stdout) == text->len;
    whole = fflush(stdout) == 0 && whole;
    brio_buf_fini(text);
    return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_help(const char *program)
{
    brio_buf out = {0};
    brio_cli_help(&out, program);
    return print(&out);
}

static int print_version(void)
{
    brio_buf out = {0};
    brio_buf_printf(&out, "brio %s\n", brio_version());
    return print(&out);
}

typedef struct site {
    const struct brio_app *app;
    const char *host;
    bool secure;
} site;

/* Once the socket listens: where to look first. */
static void announce(int port, void *arg)
{
    const site *at = arg;
    const char *host = at->host && *at->host ? at->host : "127.0.0.1";
    const char *path = brio_app_docs_url(at->app);
    bool v6 = strchr(host, ':');
    if (path && port > 0)
        brio_log(BRIO_LOG_INFO, "Documentation: http%s://%s%s%s:%d%s", at->secure ? "s" : "",
                 v6 ? "[" : "", host, v6 ? "]" : "", port, path);
}

/* 0, or the reason on its way to the log. */
static int prepare_tls(brio_cli_flags *flags)
{
    int rc = flags->tls ? brio_cli_certificate(&flags->server) : 0;
    if (rc < 0)
        brio_log(BRIO_LOG_CRITICAL, "no certificate could be made: %s", brio_error_text(rc));
    return rc;
}

static int serve(struct brio_app *app, brio_cli_flags *flags)
{
    site here = {app, flags->server.host, flags->tls || flags->server.ssl.certfile[0]};
    flags->server.systemd = true;
    flags->server.on_ready = announce;
    flags->server.on_ready_arg = &here;
    if (flags->log.lines_path && flags->server.access_format == BRIO_ACCESS_UVICORN)
        flags->server.access_format = BRIO_ACCESS_COMBINED;
    int rc = brio_log_open(&flags->log);
    if (rc < 0)
        brio_log(BRIO_LOG_WARNING, "the log could not be opened: %s", brio_error_text(rc));
    else
        flags->server.log = &flags->log;
    brio_app_set_websocket(app, &flags->ws);
    if (flags->root_path)
        brio_app_set_root_path(app, flags->root_path);
    if (brio_task_report_overflow(true) < 0)
        brio_log(BRIO_LOG_WARNING, "stack overflows will not be named");
    rc = prepare_tls(flags);
    if (rc == 0)
        rc = brio_serve(app, &flags->server);
    if (rc < 0)
        brio_log(BRIO_LOG_CRITICAL, "the server ended: %s", brio_error_text(rc));
    (void)!brio_task_report_overflow(false);
    brio_log_close();
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The environment keeps a password out of the list of processes; there it may also be
 * meant for another program. 0, or the exit status with a sentence on standard error. */
static int use_bus(struct brio_app *app, const char *program, const char *flag)
{
    const char *url = flag ? flag : getenv("BRIO_BUS");
    int n = url ? brio_bus_use(app, url) : 0;
    brio_str why =
        n < 0 ? brio_error_detail() : BRIO_S("this application has no bus: see brio_bus_new");
    if (n > 0 || (n == 0 && !flag))
        return 0;
    fprintf(stderr, "%s: %s: %.*s\n", program, flag ? "--bus" : "BRIO_BUS", BRIO_ARG(why));
    return EXIT_USAGE;
}

static int run(struct brio_app *app, int argc, char *const *argv)
{
    const char *program = program_name(argc, argv);
    brio_buf message = {0};
    brio_cli_flags flags;
    if (brio_cli_parse(&flags, argc, argv, &message) < 0) {
        fprintf(stderr, "%s: %.*s\n", program, (int)message.len, message.ptr);
        brio_buf_fini(&message);
        return EXIT_USAGE;
    }
    if (flags.help)
        return print_help(program);
    if (flags.version)
        return print_version();
    if (flags.reload)
        return brio_cli_reload(argc, argv);
    int status = use_bus(app, program, flags.bus);
    return status ? status : serve(app, &flags);
}

int brio_main(struct brio_app *app, int argc, char **argv)
{
    BRIO_ASSERT(app);
    int status = run(app, argc, argv);
    brio_app_free(app);
    return status;
}
