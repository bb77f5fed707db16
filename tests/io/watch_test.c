/* SPDX-License-Identifier: MIT
 *
 * The file watcher: what is done to a directory is what is told of it. The
 * kernel queues an event before the call that caused it returns, so nothing
 * here waits for time. */
#include "io/file_bed.h"

static brio_watcher *watch_dir(const brio_watcher_options *options)
{
    brio_watcher *w;
    CHECK_OK(brio_watcher_open(&w, options));
    CHECK_OK(brio_watcher_add(w, dir));
    return w;
}

/* "KIND[/] PATH [< FROM]" with the directory's path taken off. */
static brio_str next(brio_watcher *w)
{
    static const char *const names[] = {"?",       "created", "modified", "removed",
                                        "renamed", "gone",    "overflow"}; /* ORDER CHANGE_KIND */
    brio_change c;
    CHECK_OK(brio_watcher_next(w, &c));
    size_t skip = brio_str_starts(c.path, dir) ? dir.len : 0;
    size_t skip_from = brio_str_starts(c.from, dir) ? dir.len : 0;
    return brio_printf(brio_task_arena(), "%s%s %.*s%s%.*s", names[c.kind], c.directory ? "/" : "",
                       (int)(c.path.len - skip), c.path.len ? c.path.ptr + skip : "",
                       c.from.len ? " < " : "", (int)(c.from.len - skip_from),
                       c.from.len ? c.from.ptr + skip_from : "");
}

#define CHECK_NEXT(w, want) CHECK_STR(next(w), want)

static void nothing_more(brio_watcher *w)
{
    CHECK_OK(brio_path_write(in_dir("end"), BRIO_S(""), 0));
    CHECK_NEXT(w, "created /end");
    CHECK_OK(brio_path_remove(in_dir("end")));
    CHECK_NEXT(w, "removed /end");
}

FILE_TEST(what_happens_to_a_file_is_told)
{
    brio_watcher *w = watch_dir(NULL);
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("x"), 0));
    CHECK_NEXT(w, "created /f");
    CHECK_NEXT(w, "modified /f");
    CHECK_OK(brio_path_chmod(in_dir("f"), 0600));
    CHECK_NEXT(w, "modified /f");
    CHECK_OK(brio_path_mkdir(in_dir("d"), 0));
    CHECK_NEXT(w, "created/ /d");
    CHECK_OK(brio_path_remove(in_dir("f")));
    CHECK_NEXT(w, "removed /f");
    CHECK_OK(brio_path_rmdir(in_dir("d")));
    CHECK_NEXT(w, "removed/ /d");
    nothing_more(w);
    brio_watcher_close(w);
    brio_watcher_close(NULL);
    return 0;
}

FILE_TEST(a_rename_is_one_change)
{
    CHECK_OK(brio_path_write(in_dir("a"), BRIO_S("x"), 0));
    brio_watcher *w = watch_dir(NULL);
    CHECK_OK(brio_path_rename(in_dir("a"), in_dir("b"), false));
    CHECK_NEXT(w, "renamed /b < /a");
    CHECK_OK(brio_path_replace(in_dir("b"), BRIO_S("y"), 0)); /* a draft, renamed over it */
    brio_change c;
    do
        CHECK_OK(brio_watcher_next(w, &c));
    while (c.kind != BRIO_CHANGE_RENAMED);
    CHECK(brio_str_eq(c.path, in_dir("b")));
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(what_moves_in_or_out_appears_or_vanishes)
{
    brio_str outside;
    CHECK_OK(brio_path_temp_dir(BRIO_S(""), &outside));
    brio_str there = brio_printf(brio_task_arena(), "%.*s/f", BRIO_ARG(outside));
    CHECK_OK(brio_path_write(there, BRIO_S("x"), 0));
    brio_watcher *w = watch_dir(NULL);
    CHECK_OK(brio_path_rename(there, in_dir("f"), false));
    CHECK_NEXT(w, "created /f");
    CHECK_OK(brio_path_rename(in_dir("f"), there, false));
    CHECK_NEXT(w, "removed /f");
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(a_single_file_can_be_watched)
{
    brio_watcher *w;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_write(in_dir("g"), BRIO_S("x"), 0));
    CHECK_OK(brio_watcher_open(&w, NULL));
    CHECK_OK(brio_watcher_add(w, in_dir("f")));
    CHECK_OK(brio_path_chmod(in_dir("g"), 0600)); /* not watched */
    CHECK_OK(brio_path_chmod(in_dir("f"), 0600));
    CHECK_NEXT(w, "modified /f");
    CHECK_OK(brio_path_remove(in_dir("f")));
    CHECK_NEXT(w, "modified /f"); /* its link count */
    CHECK_NEXT(w, "gone /f");
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(a_tree_is_watched_with_what_is_made_later)
{
    CHECK_OK(brio_path_make_dirs(in_dir("a/b"), 0));
    brio_watcher *w = watch_dir(&(brio_watcher_options){.recursive = true});
    CHECK_INT(mknod(in_dir("a/b/f").ptr, S_IFREG | 0600, 0), 0);
    CHECK_NEXT(w, "created /a/b/f");
    CHECK_OK(brio_path_mkdir(in_dir("a/c"), 0));
    CHECK_NEXT(w, "created/ /a/c");
    CHECK_INT(mknod(in_dir("a/c/g").ptr, S_IFREG | 0600, 0), 0);
    CHECK_NEXT(w, "created /a/c/g");
    CHECK_OK(brio_path_make_dirs(in_dir("x/y/z"), 0)); /* all before we look */
    CHECK_NEXT(w, "created/ /x");
    CHECK_NEXT(w, "created/ /x/y");
    CHECK_NEXT(w, "created/ /x/y/z");
    CHECK_INT(mknod(in_dir("x/y/z/h").ptr, S_IFREG | 0600, 0), 0);
    CHECK_NEXT(w, "created /x/y/z/h");
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(without_recursive_what_is_below_is_not_told)
{
    CHECK_OK(brio_path_make_dirs(in_dir("a/b"), 0));
    brio_watcher *w = watch_dir(NULL);
    CHECK_OK(brio_path_write(in_dir("a/f"), BRIO_S("x"), 0));
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(links_are_not_followed)
{
    brio_str outside;
    CHECK_OK(brio_path_temp_dir(BRIO_S(""), &outside));
    CHECK_OK(brio_path_symlink(outside, in_dir("link")));
    brio_watcher *w = watch_dir(&(brio_watcher_options){.recursive = true});
    CHECK_OK(brio_path_write(brio_printf(brio_task_arena(), "%.*s/f", BRIO_ARG(outside)),
                             BRIO_S("x"), 0));
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(a_renamed_directory_takes_its_tree_along)
{
    CHECK_OK(brio_path_make_dirs(in_dir("a/b"), 0));
    brio_watcher *w = watch_dir(&(brio_watcher_options){.recursive = true});
    CHECK_OK(brio_path_rename(in_dir("a"), in_dir("z"), false));
    CHECK_NEXT(w, "renamed/ /z < /a");
    CHECK_INT(mknod(in_dir("z/b/f").ptr, S_IFREG | 0600, 0), 0);
    CHECK_NEXT(w, "created /z/b/f");
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(a_directory_that_left_is_watched_no_more)
{
    brio_str outside;
    CHECK_OK(brio_path_temp_dir(BRIO_S(""), &outside));
    CHECK_OK(brio_path_make_dirs(in_dir("a/b"), 0));
    brio_watcher *w = watch_dir(&(brio_watcher_options){.recursive = true});
    brio_str there = brio_printf(brio_task_arena(), "%.*s/a", BRIO_ARG(outside));
    CHECK_OK(brio_path_rename(in_dir("a"), there, false));
    CHECK_NEXT(w, "removed/ /a");
    CHECK_OK(brio_path_write(brio_printf(brio_task_arena(), "%.*s/b/f", BRIO_ARG(there)),
                             BRIO_S("x"), 0));
    nothing_more(w);
    CHECK_OK(brio_path_rename(there, in_dir("back"), false));
    CHECK_NEXT(w, "created/ /back");
    CHECK_NEXT(w, "created/ /back/b"); /* what is in it is new here */
    CHECK_NEXT(w, "created /back/b/f");
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(a_removed_root_is_gone)
{
    brio_watcher *w;
    CHECK_OK(brio_path_make_dirs(in_dir("r/s"), 0));
    CHECK_OK(brio_path_mkdir(in_dir("m"), 0));
    CHECK_OK(brio_watcher_open(&w, &(brio_watcher_options){.recursive = true}));
    CHECK_OK(brio_watcher_add(w, in_dir("r")));
    CHECK_OK(brio_watcher_add(w, in_dir("m")));
    CHECK_OK(brio_path_remove_tree(in_dir("r"), 0));
    CHECK_NEXT(w, "removed/ /r/s");
    CHECK_NEXT(w, "gone /r");
    CHECK_OK(brio_path_rename(in_dir("m"), in_dir("n"), false));
    CHECK_NEXT(w, "gone /m");
    CHECK_INT(brio_watcher_remove(w, in_dir("r")), -ENOENT);
    CHECK_OK(brio_path_mkdir(in_dir("r"), 0)); /* can be added anew */
    CHECK_OK(brio_watcher_add(w, in_dir("r")));
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(what_is_removed_from_the_watcher_is_silent)
{
    brio_watcher *w = watch_dir(&(brio_watcher_options){.recursive = true});
    CHECK_INT(brio_watcher_add(w, dir), -EEXIST);
    CHECK_INT(brio_watcher_remove(w, in_dir("x")), -ENOENT);
    CHECK_OK(brio_path_mkdir(in_dir("d"), 0));
    CHECK_NEXT(w, "created/ /d");
    CHECK_OK(brio_watcher_remove(w, dir));
    CHECK_OK(brio_path_write(in_dir("d/f"), BRIO_S("x"), 0));
    CHECK_OK(brio_watcher_add(w, dir));
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(what_cannot_be_watched_is_refused)
{
    brio_watcher *w;
    CHECK_OK(brio_path_make_dirs(in_dir("a/b/c"), 0));
    CHECK_OK(brio_watcher_open(&w, &(brio_watcher_options){.recursive = true, .max_watches = 3}));
    CHECK_INT(brio_watcher_add(w, in_dir("absent")), -ENOENT);
    CHECK_INT(brio_watcher_add(w, BRIO_S("a\0b")), -EINVAL);
    CHECK_INT(brio_watcher_add(w, BRIO_S("")), -ENOENT);
    CHECK_INT(brio_watcher_add(w, dir), BRIO_ELIMIT);
    CHECK_OK(brio_watcher_add(w, in_dir("a"))); /* three: nothing of the former is left */
    CHECK_INT(brio_watcher_add(w, dir), BRIO_ELIMIT);
    CHECK_OK(brio_path_mkdir(in_dir("a/d"), 0)); /* the fourth is too many */
    CHECK_NEXT(w, "created/ /a/d");
    CHECK_NEXT(w, "overflow ");
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(lost_changes_are_told)
{
    brio_watcher *w = watch_dir(&(brio_watcher_options){.max_pending = 2});
    for (int i = 0; i < 5; i++)
        CHECK_INT(mknod(brio_printf(brio_task_arena(), "%.*s/%d", BRIO_ARG(dir), i).ptr,
                        S_IFREG | 0600, 0),
                  0);
    CHECK_NEXT(w, "created /0");
    CHECK_NEXT(w, "created /1");
    CHECK_NEXT(w, "overflow ");
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(debouncing_tells_each_path_once)
{
    CHECK_OK(brio_path_write(in_dir("old"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_write(in_dir("gone"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_write(in_dir("again"), BRIO_S("x"), 0));
    brio_watcher *w = watch_dir(&(brio_watcher_options){.debounce = BRIO_MS(1)});
    for (int i = 0; i < 10; i++)
        CHECK_OK(brio_path_write(in_dir("new"), BRIO_S("xyz"), 0));
    CHECK_OK(brio_path_write(in_dir("brief"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_remove(in_dir("brief")));
    CHECK_OK(brio_path_write(in_dir("gone"), BRIO_S("y"), 0));
    CHECK_OK(brio_path_remove(in_dir("gone")));
    CHECK_OK(brio_path_remove(in_dir("again")));
    CHECK_OK(brio_path_write(in_dir("again"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_rename(in_dir("old"), in_dir("older"), false));
    CHECK_NEXT(w, "created /new");
    CHECK_NEXT(w, "removed /gone");
    CHECK_NEXT(w, "modified /again");
    CHECK_NEXT(w, "renamed /older < /old");
    CHECK_OK(brio_path_write(in_dir("brief"), BRIO_S("x"), 0));
    CHECK_NEXT(w, "created /brief");
    brio_watcher_close(w);
    return 0;
}

/* ---- Waiting ------------------------------------------------------------ */

static int next_of(void *arg)
{
    brio_change c;
    return brio_watcher_next(arg, &c);
}

static int write_later(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        CHECK_OK(brio_yield());
    return mknod(in_dir("later").ptr, S_IFREG | 0600, 0);
}

FILE_TEST_SHUFFLED(who_waits_is_woken)
{
    brio_watcher *w = watch_dir(NULL);
    CHECK_OK(brio_gather({next_of, w}, {write_later, NULL}));
    nothing_more(w);
    brio_watcher_close(w);
    return 0;
}

static int result_of_next(brio_watcher *w, bool cancel)
{
    int result = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, next_of, w);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        brio_change c;
        CHECK_INT(brio_watcher_next(w, &c), -EBUSY);
        if (cancel)
            CHECK(brio_task_cancel(task));
        else
            brio_watcher_close(w);
        CHECK_OK(brio_join(task, &result));
    }
    return result;
}

FILE_TEST_SHUFFLED(a_cancelled_wait_loses_no_change)
{
    brio_watcher *w = watch_dir(NULL);
    CHECK_INT(result_of_next(w, true), -ECANCELED);
    CHECK_INT(mknod(in_dir("f").ptr, S_IFREG | 0600, 0), 0);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(next_of(w), -ECANCELED);
    }
    CHECK_NEXT(w, "created /f");
    brio_watcher_close(w);
    return 0;
}

FILE_TEST_SHUFFLED(closing_wakes_who_waits)
{
    brio_watcher *w = watch_dir(NULL);
    CHECK_INT(result_of_next(w, false), BRIO_ECLOSED);
    return 0;
}

/* At any moment of adding, debouncing or walking a new directory. The kernel
 * takes its time to end a watch, so there are fewer orders of these. */
FILE_TEST_SHUFFLES(closing_at_any_moment_is_safe, 25)
{
    for (int turns = 2; turns < 10; turns++) {
        brio_watcher *w =
            watch_dir(&(brio_watcher_options){.recursive = true, .debounce = BRIO_MS(1)});
        CHECK_OK(brio_path_make_dirs(in_dir("a/b"), 0));
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_spawn(&g, next_of, w);
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            brio_watcher_close(w);
        }
        CHECK_OK(brio_path_remove_tree(in_dir("a"), 0));
    }
    return 0;
}

FILE_TEST_SHUFFLED(cancelling_at_any_moment_loses_nothing)
{
    brio_watcher *w = watch_dir(&(brio_watcher_options){.recursive = true});
    for (int turns = 0; turns < 8; turns++) {
        int result;
        CHECK_INT(mkdir(in_dir("a").ptr, 0700), 0);
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_task *task = brio_spawn(&g, next_of, w);
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            (void)brio_task_cancel(task);
            CHECK_OK(brio_join(task, &result));
        }
        if (result == -ECANCELED)
            CHECK_NEXT(w, "created/ /a");
        CHECK_INT(mknod(in_dir("a/f").ptr, S_IFREG | 0600, 0), 0);
        CHECK_NEXT(w, "created /a/f"); /* it is watched, whatever happened */
        CHECK_OK(brio_path_remove_tree(in_dir("a"), 0));
        CHECK_NEXT(w, "removed /a/f");
        CHECK_NEXT(w, "removed/ /a");
    }
    brio_watcher_close(w);
    return 0;
}

FILE_TEST(a_watcher_nobody_closed_ends_with_the_loop)
{
    CHECK(watch_dir(NULL));
    return 0;
}
