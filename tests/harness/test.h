/* SPDX-License-Identifier: MIT
 *
 * The test harness. A TEST is a record in a linker section; the runner forks
 * one child per test, so a crash, a leaked descriptor or a hang is that
 * test's failure alone. Output is one TAP line per test.
 *
 *     TEST(cut_without_separator)
 *     {
 *         brio_str_pair p = brio_str_cut(BRIO_S("abc"), ',');
 *         CHECK(!p.found);
 *         CHECK_STR(p.head, "abc");
 *     }
 *
 *     test_base [--list] [--no-fork] [NAME-PART ...] */
#ifndef BRIO_TEST_H
#define BRIO_TEST_H

#include <brio/base.h>

typedef struct brio_test {
    const char *name;
    const char *file;
    void (*run)(void);
    int timeout_s; /* 0 means 60 */
} brio_test;

/* `used` keeps the record; the aligned pointer keeps the section an array. */
#define TEST_TIMEOUT(id, seconds)                                                                  \
    static void test_##id(void);                                                                   \
    static const brio_test test_record_##id = {#id, __FILE__, test_##id, seconds};                 \
    static const brio_test *const test_entry_##id __attribute__((used, section("brio_tests"))) =   \
        &test_record_##id;                                                                         \
    static void test_##id(void)
#define TEST(id) TEST_TIMEOUT(id, 0)

/* Reports and ends the test as failed. */
void test_fail(const char *file, int line, const char *fmt, ...) BRIO_PRINTF(3, 4)
    __attribute__((noreturn));
void test_check_int(const char *file, int line, const char *expr, long long got, long long want);
void test_check_str(const char *file, int line, const char *expr, brio_str got, brio_str want);

/* Skips the rest of this test; printed as "ok - name # SKIP reason". Only for
 * what the machine cannot do (io_uring forbidden), never for a failure. */
void test_skip(const char *reason) __attribute__((noreturn));

#define CHECK(expr) ((expr) ? (void)0 : test_fail(__FILE__, __LINE__, "%s", #expr))
#define CHECK_INT(got, want)                                                                       \
    test_check_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define CHECK_STR(got, want) test_check_str(__FILE__, __LINE__, #got, (got), brio_str_from(want))
#define CHECK_OK(expr)                                                                             \
    do {                                                                                           \
        int check_rc = (expr);                                                                     \
        if (check_rc < 0)                                                                          \
            test_fail(__FILE__, __LINE__, "%s: %s", #expr, brio_error_text(check_rc));             \
    } while (0)

#endif
