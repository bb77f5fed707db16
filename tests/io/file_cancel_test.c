/* SPDX-License-Identifier: MIT
 *
 * Cancelled means it did not happen: whatever the moment, a call on files
 * either did all it says or nothing, and leaks nothing. */
#include "io/file_bed.h"

/* Starts fn, cancels it after `turns` turns, and returns its result. */
static int cancelled_after(int turns, brio_task_fn *fn, void *arg)
{
    int result = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task =
            brio_spawn_with(&g, fn, arg, &(brio_task_options){.stack_size = 256 << 10});
        for (int i = 0; i < turns; i++)
            CHECK_OK(brio_yield());
        (void)brio_task_cancel(task); /* it may have ended: that is one of the cases */
        CHECK_OK(brio_join(task, &result));
    }
    return result;
}

/* Once per moment, until it is too late to cancel. */
static void cancel_at_every_turn(brio_task_fn *fn, void (*judge)(int result))
{
    for (int turns = 0; turns < 12; turns++) {
        int result = cancelled_after(turns, fn, NULL);
        CHECK(result == 0 || result == -ECANCELED);
        judge(result);
    }
}

static bool holds(const char *name, const char *text)
{
    brio_str found;
    return brio_path_read(in_dir(name), 0, &found) == 0 && brio_str_eq(found, brio_str_from(text));
}

static int create(void *arg)
{
    brio_file *f;
    (void)arg;
    int rc = brio_file_open(&f, in_dir("new"), "x", NULL);
    if (rc == 0)
        brio_file_close(f);
    return rc;
}

static void made_or_not(int result)
{
    CHECK_INT(brio_path_exists(in_dir("new")), result == 0);
    if (result == 0)
        CHECK_OK(brio_path_remove(in_dir("new")));
}

FILE_TEST_SHUFFLED(a_cancelled_open_made_no_file)
{
    cancel_at_every_turn(create, made_or_not);
    return 0;
}

static int replace(void *arg)
{
    (void)arg;
    return brio_path_replace(in_dir("f"), BRIO_S("new"), 0);
}

static void old_or_new(int result)
{
    CHECK(holds("f", result == 0 ? "new" : "old"));
    CHECK_INT(names_in_dir(), 1);
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("old"), 0));
}

FILE_TEST_SHUFFLED(a_cancelled_replace_left_the_old_file)
{
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("old"), 0));
    cancel_at_every_turn(replace, old_or_new);
    return 0;
}

static int copy(void *arg)
{
    (void)arg;
    int64_t n = brio_path_copy(in_dir("from"), in_dir("to"));
    return n < 0 ? (int)n : 0;
}

static void copied_or_not(int result)
{
    CHECK(holds("to", result == 0 ? "new" : "old"));
    CHECK_INT(names_in_dir(), 2);
    CHECK_OK(brio_path_write(in_dir("to"), BRIO_S("old"), 0));
}

FILE_TEST_SHUFFLED(a_cancelled_copy_left_the_old_file)
{
    CHECK_OK(brio_path_write(in_dir("from"), BRIO_S("new"), 0));
    CHECK_OK(brio_path_write(in_dir("to"), BRIO_S("old"), 0));
    cancel_at_every_turn(copy, copied_or_not);
    return 0;
}

static brio_file *shared;
enum { MUCH = 300000 };

static int write_all(void *arg)
{
    static char bytes[MUCH];
    (void)arg;
    memset(bytes, 'x', MUCH);
    return brio_file_write(shared, (brio_str){bytes, MUCH});
}

static void written_or_not(int result)
{
    brio_file_info info;
    CHECK_OK(brio_file_stat(shared, &info));
    CHECK_INT(info.size, result == 0 ? MUCH : 0);
    CHECK_INT(brio_file_seek(shared, 0, SEEK_CUR), result == 0 ? MUCH : 0);
    CHECK_INT(brio_file_seek(shared, 0, SEEK_SET), 0);
    CHECK_OK(brio_file_truncate(shared, 0));
}

FILE_TEST_SHUFFLED(a_cancelled_write_wrote_nothing)
{
    CHECK_OK(brio_file_open(&shared, in_dir("f"), "w", NULL));
    cancel_at_every_turn(write_all, written_or_not);
    brio_file_close(shared);
    return 0;
}

static int read_much(void *arg)
{
    char *into = malloc(MUCH); /* beyond what is read at once */
    (void)arg;
    ptrdiff_t n = brio_file_read(shared, into, MUCH);
    free(into);
    CHECK(n < 0 || n == MUCH);
    return n < 0 ? (int)n : 0;
}

static void read_or_not(int result)
{
    CHECK_INT(brio_file_seek(shared, 0, SEEK_CUR), result == 0 ? MUCH : 0);
    CHECK_INT(brio_file_seek(shared, 0, SEEK_SET), 0);
}

FILE_TEST_SHUFFLED(a_cancelled_read_moved_nothing)
{
    CHECK_OK(brio_file_open(&shared, in_dir("f"), "w+", NULL));
    CHECK_OK(write_all(NULL));
    CHECK_INT(brio_file_seek(shared, 0, SEEK_SET), 0);
    cancel_at_every_turn(read_much, read_or_not);
    brio_file_close(shared);
    return 0;
}

static int read_line(void *arg)
{
    brio_str line;
    int rc = brio_file_read_line(arg, 0, &line);
    return rc < 0 ? rc : 0;
}

FILE_TEST_SHUFFLED(a_cancelled_read_line_lost_no_line)
{
    brio_str line;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("one\ntwo\n"), 0));
    CHECK_OK(brio_file_open(&shared, in_dir("f"), "r", NULL));
    int rc = cancelled_after(0, read_line, shared);
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(brio_file_read_line(shared, 0, &line), 1);
    CHECK_STR(line, "one");
    brio_file_close(shared);
    return 0;
}

/* Every call is a cancellation point, also one that needs no waiting. */
FILE_TEST(in_a_cancelled_scope_every_call_says_so)
{
    brio_file *f, *g;
    brio_file_info info;
    brio_str text;
    brio_dir_entry *entries;
    char byte;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("x\ny\n"), 0));
    CHECK_OK(brio_file_open(&f, in_dir("f"), "r+", NULL));
    CHECK_INT(brio_file_read_line(f, 0, &text), 1); /* the next one is read ahead */
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_file_read_line(f, 0, &text), -ECANCELED);
        CHECK_INT(brio_file_read(f, &byte, 1), -ECANCELED);
        CHECK_INT(brio_file_pread(f, &byte, 1, 0), -ECANCELED);
        CHECK_INT(brio_file_write(f, BRIO_S("x")), -ECANCELED);
        CHECK_INT(brio_file_write(f, BRIO_S("")), -ECANCELED);
        CHECK_INT(brio_file_pwrite(f, BRIO_S("x"), 0), -ECANCELED);
        CHECK_INT(brio_file_sync(f, false), -ECANCELED);
        CHECK_INT(brio_file_truncate(f, 0), -ECANCELED);
        CHECK_INT(brio_file_stat(f, &info), -ECANCELED);
        CHECK_INT(brio_file_open(&g, in_dir("f"), "r", NULL), -ECANCELED);
        CHECK_INT(brio_file_temp(&g, dir, NULL), -ECANCELED);
        CHECK_INT(brio_path_temp_dir(dir, &text), -ECANCELED);
        CHECK_INT(brio_path_exists(dir), -ECANCELED);
        CHECK_INT(brio_path_read(in_dir("f"), 0, &text), -ECANCELED);
        CHECK_INT(brio_path_write(in_dir("f"), BRIO_S(""), 0), -ECANCELED);
        CHECK_INT(brio_path_replace(in_dir("f"), BRIO_S(""), 0), -ECANCELED);
        CHECK_INT(brio_path_copy(in_dir("f"), in_dir("g")), -ECANCELED);
        CHECK_INT(brio_path_list(dir, 0, &entries), -ECANCELED);
        CHECK_INT(brio_path_remove_tree(in_dir("f"), 0), -ECANCELED);
        CHECK_INT(brio_path_make_dirs(in_dir("d"), 0), -ECANCELED);
        CHECK_INT(brio_path_rename(in_dir("f"), in_dir("g"), false), -ECANCELED);
    }
    CHECK_INT(brio_file_seek(f, 0, SEEK_CUR), 2);
    brio_file_close(f);
    CHECK_INT(names_in_dir(), 1);
    CHECK(holds("f", "x\ny\n"));
    return 0;
}
