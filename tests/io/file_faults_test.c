/* SPDX-License-Identifier: MIT
 *
 * One scenario of everything, once for each allocation that fails and once for
 * each suspension point at which it is cancelled: nothing may leak (the runner
 * counts descriptors, the sanitizer bytes), nothing may be left on the disk. */
#include "io/file_bed.h"

#include <brio/subprocess.h>
#include <signal.h>

static char folder[32];

static brio_str in_folder(const char *name)
{
    return brio_printf(brio_task_arena(), "%s/%s", folder, name);
}

static int files(void *arg)
{
    brio_file *f, *t;
    brio_str text, line;
    brio_dir_entry *entries;
    (void)arg;
    int rc = brio_path_replace(in_folder("f"), BRIO_S("one\ntwo\n"), 0);
    if (rc == 0)
        rc = brio_path_read(in_folder("f"), 0, &text);
    if (rc == 0)
        rc = brio_file_temp(&t, brio_str_from(folder), &line);
    if (rc == 0)
        rc = brio_file_open(&f, in_folder("f"), "r", NULL);
    if (rc == 0)
        rc = brio_file_read_line(f, 0, &line);
    if (rc >= 0)
        rc = (int)brio_path_copy(in_folder("f"), in_folder("g"));
    if (rc >= 0)
        rc = (int)brio_path_list(brio_str_from(folder), 0, &entries);
    if (rc >= 0)
        rc = brio_path_make_dirs(in_folder("a/b"), 0);
    if (rc >= 0)
        rc = brio_path_remove_tree(in_folder("a"), 0);
    return rc < 0 ? rc : 0;
}

static int watching(void *arg)
{
    brio_watcher *w;
    brio_change change;
    (void)arg;
    int rc = brio_watcher_open(&w, &(brio_watcher_options){.recursive = true, .debounce = 1000});
    if (rc < 0)
        return rc;
    rc = brio_watcher_add(w, brio_str_from(folder));
    if (rc == 0)
        rc = brio_path_make_dirs(in_folder("a/b"), 0);
    if (rc == 0)
        rc = brio_watcher_next(w, &change); /* without memory it says so: one there is always */
    if (rc == 0)
        rc = brio_watcher_remove(w, brio_str_from(folder));
    brio_watcher_close(w);
    return rc;
}

static int children(void *arg)
{
    brio_process_output out;
    brio_signals *s;
    (void)arg;
    int rc = brio_signals_open(&s, (int[]){SIGUSR1, SIGUSR2}, 2);
    if (rc < 0)
        return rc;
    brio_loop_raise(brio_loop_current(), SIGUSR1);
    rc = brio_signals_next(s);
    brio_signals_close(s);
    if (rc >= 0)
        rc = brio_process_run(&out, &(brio_spawn_options){.argv = (const char *[]){"cat", NULL}},
                              BRIO_S("x"));
    return rc;
}

/* What a failed run may leave is what it was asked to make. */
static void sweep(void)
{
    char text[128];
    snprintf(text, sizeof text, "rm -rf %s/f %s/g %s/a", folder, folder, folder);
    CHECK_INT(system(text), 0);
    CHECK_INT(rmdir(folder), 0); /* no draft, no temporary file */
    CHECK_INT(mkdir(folder, 0700), 0);
}

static brio_task_fn *scenario;

static int swept(void *arg)
{
    sweep();
    return scenario(arg);
}

static void at_every_point(brio_task_fn *fn)
{
    scenario = fn;
    snprintf(folder, sizeof folder, "/tmp/brio-test-XXXXXX");
    CHECK(mkdtemp(folder));
    CHECK_OK(brio_sim_run(&(brio_sim){.cancel_everywhere = true}, swept, NULL));
    CHECK_OK(brio_sim_run(&(brio_sim){.fail_every_alloc = true}, swept, NULL));
    sweep();
    CHECK_INT(rmdir(folder), 0);
}

TEST(files_at_every_point)
{
    at_every_point(files);
}

TEST(watching_at_every_point)
{
    at_every_point(watching);
}

TEST(children_at_every_point)
{
    at_every_point(children);
}
