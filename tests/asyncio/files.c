/* SPDX-License-Identifier: MIT
 *
 * Files, beside a task that goes on meanwhile; whole files, lines, renaming. */
#include "pair.h"

#include <brio/io.h>

static brio_event ready = BRIO_EVENT_INIT;
static brio_str folder, a, ab;

static int reader(void *arg)
{
    int rc = brio_event_wait(&ready), got = 1;
    brio_str line;
    (void)arg;
    if (rc < 0)
        return rc;
    BRIO_WITH_FILE(rc, file, a, "r")
    {
        while ((got = brio_file_read_line(file, 0, &line)) > 0)
            say("line %.*s", BRIO_ARG(line));
    }
    return rc < 0 ? rc : got;
}

static int write_to(const char *mode, brio_str text)
{
    int rc = 0, written = 0;
    BRIO_WITH_FILE(rc, file, a, mode)
    written = brio_file_write(file, text);
    return rc < 0 ? rc : written;
}

static int look(void)
{
    brio_dir_entry *names = NULL;
    ptrdiff_t n = brio_path_list(folder, 0, &names);
    if (n == 1)
        say("renamed %.*s %s", BRIO_ARG(names[0].name), brio_path_exists(a) ? "True" : "False");
    return n < 0 ? (int)n : 0;
}

static int work(void)
{
    brio_file_info info = {0};
    brio_str text;
    brio_task *task = brio_create_task(reader, NULL, &(brio_task_options){.acquired = true});
    int rc = write_to("w", BRIO_S("one\ntwo\n"));
    say("written");
    rc = rc < 0 ? rc : write_to("a", BRIO_S("three"));
    rc = rc < 0 ? rc : brio_path_stat(a, true, &info);
    say("appended %llu", (unsigned long long)info.size);
    brio_event_set(&ready);
    int read = brio_await(task);
    brio_task_release(task);
    rc = rc < 0 ? rc : read;
    rc = rc < 0 ? rc : brio_path_rename(a, ab, false);
    rc = rc < 0 ? rc : look();
    if (brio_path_read(a, 0, &text) == -ENOENT)
        say("not there any more");
    return rc;
}

static int run(void *arg)
{
    static char names[2][256];
    (void)arg;
    int rc = brio_path_temp_dir((brio_str){0}, &folder);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 2; i++)
        snprintf(names[i], sizeof(names[i]), "%.*s/a%s", BRIO_ARG(folder), i ? "b" : "");
    a = brio_str_from(names[0]);
    ab = brio_str_from(names[1]);
    return work();
}

PAIR_MAIN(run)
