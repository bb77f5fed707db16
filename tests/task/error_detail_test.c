/* SPDX-License-Identifier: MIT
 *
 * Error detail: kept per task, copied, cut. */
#include "task/everywhere.h"

static int remember(void *arg)
{
    const char *text = arg;
    CHECK_STR(brio_error_detail(), "");
    CHECK_INT(brio_error(-EIO, "%s", text), -EIO);
    CHECK_INT(brio_yield(), 0);
    CHECK_STR(brio_error_detail(), text);
    CHECK_INT(brio_error(-EPIPE, "%.*s, again", BRIO_ARG(brio_error_detail())), -EPIPE);
    char want[64];
    snprintf(want, sizeof(want), "%s, again", text);
    CHECK_STR(brio_error_detail(), want);
    return 0;
}

static int tasks_main(void *arg)
{
    static char first[] = "first", second[] = "second";
    (void)arg;
    for (int i = 0; i < 3; i++)
        CHECK_INT(brio_gather({remember, first}, {remember, second}), 0);
    CHECK_STR(brio_error_detail(), "");
    return 0;
}

TEST(each_task_has_its_own_words)
{
    run_everywhere(tasks_main);
}

TEST(outside_tasks_the_thread_keeps_them)
{
    CHECK_STR(brio_error_detail(), "");
    CHECK_INT(brio_error(-EIO, "disk %d", 1), -EIO);
    CHECK_STR(brio_error_detail(), "disk 1");
    run_everywhere(tasks_main);
    CHECK_STR(brio_error_detail(), "disk 1");
}

TEST(long_text_is_cut)
{
    char text[2000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    CHECK_INT(brio_error(-EIO, "%s", text), -EIO);
    CHECK_INT(brio_error_detail().len, 511);
}

static int complain(void *arg)
{
    *(int *)arg = __LINE__ + 1;
    return brio_error(-EIO, "from below");
}

static int place_main(void *arg)
{
    int line = 1, said;
    (void)arg;
    CHECK(brio_error_file(&line) == NULL);
    CHECK_INT(line, 0);
    CHECK_INT(brio_gather({complain, &said}), -EIO);
    CHECK_STR(brio_str_from(brio_error_file(&line)), __FILE__);
    CHECK_INT(line, said);
    CHECK_INT(brio_error_at("elsewhere.c", 7, -EIO, "from there"), -EIO);
    CHECK_STR(brio_str_from(brio_error_file(&line)), "elsewhere.c");
    CHECK_INT(line, 7);
    return 0;
}

TEST(words_have_a_place)
{
    run_everywhere(place_main);
}
