/* SPDX-License-Identifier: MIT
 *
 * The `brio` command: brio ps|tree|stack PID|CORE. (`brio static` is in static.c.)
 *
 * What goes wrong is one sentence that says what to do about it; the exit
 * status is 1 then, 2 for a wrong command line. */
#include "cli/cli_internal.h"

#include <brio/inspect.h>
#include <brio/trace.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "usage: brio ps PID|CORE           the tasks of a process, a line each\n"
    "       brio tree PID|CORE         who created whom, and who waits for whom\n"
    "       brio stack PID|CORE [ID]   where each task (or this one) is suspended\n"
    "       brio static [DIR] [FLAG]   serves a folder (the current one); brio static --help\n"
    "       brio --version | --help\n"
    "\n"
    "Looks at a process that uses brio without stopping it, or at a core file of one.\n"
    "Tasks that wait for each other are named at the end: \"deadlock: ...\".\n";

typedef struct command {
    const char *verb, *target;
    int pid; /* 0: a core file */
    uint64_t task;
} command;

/* ---- The command line --------------------------------------------------- */

static bool is_verb(const char *text)
{
    return strcmp(text, "ps") == 0 || strcmp(text, "tree") == 0 || strcmp(text, "stack") == 0;
}

static int parse(command *c, int argc, char *const *argv)
{
    bool stack = argc > 1 && strcmp(argv[1], "stack") == 0;
    if (argc < 3 || argc > (stack ? 4 : 3) || !is_verb(argv[1]))
        return -EINVAL;
    *c = (command){.verb = argv[1], .target = argv[2]};
    uint64_t pid;
    if (brio_str_to_u64(brio_str_from(c->target), &pid) == 0) {
        if (pid == 0 || pid > INT32_MAX)
            return -EINVAL;
        c->pid = (int)pid;
    }
    return argc == 4 ? brio_str_to_u64(brio_str_from(argv[3]), &c->task) : 0;
}

/* ---- What went wrong ---------------------------------------------------- */

static void put_mistake(brio_buf *out, int argc, char *const *argv)
{
    if (argc > 1 && !is_verb(argv[1]))
        brio_buf_printf(out, "brio: no command '%.100s'\n", argv[1]);
    else if (argc == 2)
        brio_buf_printf(out, "brio: %s needs the number of a process, or a core file\n", argv[1]);
}

static void put_reason(brio_buf *out, const command *c, int rc)
{
    const char *what = c->pid ? "process" : "core file";
    brio_buf_printf(out, "brio: %s %s ", what, c->target);
    if (rc == -ESRCH)
        brio_buf_add(out, BRIO_S("is not there (any more)\n"));
    else if (rc == -EPERM || (rc == -EACCES && c->pid))
        brio_buf_add(out, BRIO_S("may not be looked at: it belongs to somebody else, or the kernel "
                                 "forbids it (kernel.yama.ptrace_scope); try as root\n"));
    else if (rc == -ENOENT && c->pid)
        brio_buf_add(out, BRIO_S("has no brio tasks: it does not use brio\n"));
    else if (rc == BRIO_EVERSION)
        brio_buf_add(out, BRIO_S("uses another version of brio: look with that one's command\n"));
    else if (rc == BRIO_ESYNTAX)
        brio_buf_add(out, BRIO_S("cannot be read: it is damaged, or no core file\n"));
    else if (rc == -ENOTSUP)
        brio_buf_add(out, BRIO_S("cannot be read: this brio was built without libdw\n"));
    else
        brio_buf_printf(out, "cannot be read: %s\n", brio_error_text(rc));
}

/* ---- Doing it ----------------------------------------------------------- */

static void print(brio_tasks_seen *seen, const command *c, brio_buf *out)
{
    if (strcmp(c->verb, "ps") == 0)
        brio_tasks_print_ps(seen, out);
    else if (strcmp(c->verb, "tree") == 0)
        brio_tasks_print_tree(seen, out);
    else
        brio_tasks_print_stacks(seen, c->task, out);
}

static int look(const command *c, brio_buf *out)
{
    brio_image *image;
    brio_tasks_seen *seen = NULL;
    int rc = c->pid ? brio_image_open(&image, c->pid) : brio_image_open_core(&image, c->target);
    if (rc < 0)
        return rc;
    rc = brio_tasks_see(&seen, image);
    if (rc == 0)
        print(seen, c, out);
    brio_tasks_seen_free(seen);
    brio_image_close(image);
    return out->failed ? -ENOMEM : rc;
}

int brio_cli_tool(int argc, char *const *argv, brio_buf *out, brio_buf *err)
{
    command c = {0};
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        brio_buf_add(out, brio_str_from(usage));
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        brio_buf_printf(out, "brio %s\n", brio_version());
        return EXIT_SUCCESS;
    }
    if (parse(&c, argc, argv) < 0) {
        put_mistake(err, argc, argv);
        brio_buf_add(err, brio_str_from(usage));
        return EXIT_USAGE;
    }
    int rc = look(&c, out);
    if (rc < 0)
        put_reason(err, &c, rc);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
