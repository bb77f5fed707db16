/* SPDX-License-Identifier: MIT
 *
 * Every code has its own number, text, name and a status a client may see. */
#include "harness/dies.h"
#include "harness/test.h"

#include <errno.h>
#include <limits.h>

static const int all_codes[] = {
#define CODE(name, code, status, text) name,
    BRIO_ERROR_TABLE(CODE)
#undef CODE
};
enum { N_CODES = sizeof(all_codes) / sizeof(all_codes[0]) };

TEST(own_codes_are_complete)
{
    for (int i = 0; i < N_CODES; i++) {
        int status = brio_error_status(all_codes[i]);
        CHECK(status >= 400 && status <= 599);
        CHECK(strcmp(brio_error_text(all_codes[i]), "unknown error") != 0);
        CHECK(!strncmp(brio_error_name(all_codes[i]), "BRIO_E", 6));
        CHECK(all_codes[i] <= -4001); /* beyond every errno, the kernel's end at 4095 less */
        for (int k = 0; k < i; k++)
            CHECK(all_codes[k] != all_codes[i]);
    }
}

TEST(own_codes_say_what_the_table_says)
{
    CHECK_STR(brio_str_from(brio_error_text(BRIO_EURI)), "URI too long");
    CHECK_STR(brio_str_from(brio_error_name(BRIO_EURI)), "BRIO_EURI");
    CHECK_INT(brio_error_status(BRIO_EURI), 414);
}

TEST(errno_values_have_texts)
{
    CHECK_STR(brio_str_from(brio_error_text(-ENOENT)), "No such file or directory");
    CHECK_STR(brio_str_from(brio_error_name(-ENOENT)), "ENOENT");
    CHECK_INT(brio_error_status(-ENOENT), 500);
    CHECK_INT(brio_error_status(-ETIMEDOUT), 504);
    CHECK_INT(brio_error_status(-ECANCELED), 499);
    CHECK_INT(brio_error_status(-ENOMEM), 503);
    CHECK_INT(brio_error_status(-EMFILE), 503);
    CHECK_INT(brio_error_status(-ENOSPC), 507);
}

TEST(success_is_no_error)
{
    CHECK_STR(brio_str_from(brio_error_text(0)), "success");
    CHECK_STR(brio_str_from(brio_error_name(17)), "OK");
    CHECK_INT(brio_error_status(0), 200);
}

TEST(unknown_codes_are_answered)
{
    static const int strange[] = {-3999, -4000, -4095, -4999, -5000, INT_MIN, INT_MIN + 1};
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        CHECK_STR(brio_str_from(brio_error_text(strange[i])), "unknown error");
        CHECK_STR(brio_str_from(brio_error_name(strange[i])), "?");
        CHECK_INT(brio_error_status(strange[i]), 500);
    }
}

static void break_promise(void)
{
    BRIO_ASSERT(1 + 1 == 3);
}

TEST(assert_aborts_with_its_text)
{
    CHECK(aborts(break_promise));
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        break_promise();
    }
    char text[256];
    waitpid(pid, NULL, 0);
    ssize_t n = read(ends[0], text, sizeof(text));
    CHECK(n > 0);
    brio_str said = {text, (size_t)n};
    CHECK(brio_str_starts(said, BRIO_S("brio: assertion failed: 1 + 1 == 3 (")));
    CHECK(brio_str_find(said, BRIO_S("error_test.c:")) > 0);
    close(ends[0]);
    close(ends[1]);
}

TEST(version_has_three_numbers)
{
    int dots = 0;
    for (const char *c = brio_version(); *c; c++) {
        CHECK(*c == '.' || (*c >= '0' && *c <= '9'));
        dots += *c == '.';
    }
    CHECK_INT(dots, 2);
}

TEST(clocks_run_forward)
{
    brio_time last = brio_clock_monotonic();
    for (int i = 0; i < 1000; i++) {
        brio_time now = brio_clock_monotonic();
        CHECK(now >= last);
        last = now;
    }
    CHECK(brio_clock_realtime() > BRIO_SEC(1700000000)); /* later than 2023 */
    CHECK_INT(BRIO_MS(3), 3000000);
    CHECK_INT(BRIO_US(3), 3000);
}
