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
