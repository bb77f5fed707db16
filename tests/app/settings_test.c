/* SPDX-License-Identifier: MIT
 *
 * Settings: flags before the environment before the file before defaults; any
 * case; JSON of lists; problems; the syntax of .env files, cut at every byte. */
#include "harness/test.h"

#include <brio/app.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct Settings {
    brio_str app_name, admin_email;
    int64_t items;
    bool debug;
    brio_str_list hosts;
} Settings;
BRIO_MODEL(Settings, BRIO_FIELD(app_name, .def = "\"Shop\""), BRIO_FIELD(admin_email),
           BRIO_FIELD(items, .def = "50", .ge = BRIO_NUM(1)), BRIO_FIELD(debug, .def = "false"),
           BRIO_FIELD(hosts, .def = "[]"), BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID));

static brio_arena arena;
static Settings settings;
static brio_problems problems;

static int load(const brio_settings_options *options)
{
    brio_arena_init(&arena, 0);
    problems = (brio_problems){.arena = &arena};
    return brio_settings_load(&arena, BRIO_TYPE(Settings), &settings, options, &problems);
}

static const char *write_file(const char *text)
{
    static char path[] = "/tmp/brio-settings-XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return path;
}

TEST(the_environment_in_any_case)
{
    CHECK(setenv("Admin_Email", "a@example.com", 1) == 0);
    CHECK(setenv("ITEMS", "7", 1) == 0);
    CHECK(setenv("HOSTS", "[\"a\", \"b\"]", 1) == 0);
    CHECK_OK(load(NULL));
    CHECK_STR(settings.admin_email, "a@example.com");
    CHECK_STR(settings.app_name, "Shop");
    CHECK_INT(settings.items, 7);
    CHECK_INT(settings.hosts.len, 2);
    brio_arena_fini(&arena);
}

TEST(flags_first_then_environment_then_file)
{
    char words[6][16] = {"shop", "--items", "3", "--unknown", "--debug", "--ITEMS=4"};
    char *argv[7] = {words[0], words[1], words[2], words[3], words[4], words[5], NULL};
    const char *path = write_file("ITEMS=1\nAPP_NAME=file\nadmin_email=f@example.com\n");
    CHECK(setenv("APP_NAME", "env", 1) == 0);
    CHECK_OK(load(&(brio_settings_options){.env_file = path, .argc = 6, .argv = argv}));
    CHECK_STR(settings.app_name, "env");
    CHECK_STR(settings.admin_email, "f@example.com");
    CHECK_INT(settings.items, 4);
    CHECK(settings.debug);
    brio_arena_fini(&arena);
    unlink(path);
}

TEST(every_problem_is_listed)
{
    const char *path = write_file("SHOP_ITEMS=0\nSHOP_MORE=x\nOTHER=y\nSHOP_HOSTS=a\n");
    CHECK_INT(load(&(brio_settings_options){.env_file = path, .prefix = "shop_"}), BRIO_EINVALID);
    static const char *types[] = {"missing", "greater_than_equal", "list_type", "extra_forbidden"};
    const brio_problem *p = problems.first;
    for (size_t i = 0; i < 4; i++, p = p->next)
        CHECK(p && strcmp(p->type, types[i]) == 0);
    CHECK(!p);
    brio_settings_complain(BRIO_TYPE(Settings), &problems);
    brio_arena_fini(&arena);
    unlink(path);
}

TEST(a_file_that_is_not_there)
{
    CHECK(setenv("ADMIN_EMAIL", "a@example.com", 1) == 0);
    CHECK_OK(load(&(brio_settings_options){.env_file = "/nonexistent/.env"}));
    brio_arena_fini(&arena);
    CHECK(load(&(brio_settings_options){.env_file = "/tmp"}) < 0);
    brio_arena_fini(&arena);
}

/* ---- .env ------------------------------------------------------------------------- */

static void check_env(const char *text, const char *want)
{
    brio_env_entry *entries;
    size_t n;
    char seen[512];
    brio_buf out = brio_buf_over(seen, sizeof seen);
    brio_arena_init(&arena, 0);
    CHECK_OK(brio_env_parse(&arena, brio_str_from(text), &entries, &n));
    for (size_t i = 0; i < n; i++)
        brio_buf_printf(&out, "%.*s=%.*s|", BRIO_ARG(entries[i].name), BRIO_ARG(entries[i].value));
    CHECK_STR(brio_buf_str(&out), want);
    brio_arena_fini(&arena);
}

TEST(lines_of_an_env_file)
{
    check_env("A=1\nB = two words \r\n# C=3\n\nexport D=4\nexport=5",
              "A=1|B=two words|D=4|export=5|");
    check_env("A=x # comment\nB=x#y\nC=#c\nD=", "A=x|B=x#y|C=|D=|");
    check_env("A='x # ${B}\\n'\nB=\"a\\nb\\\"c\nd\" # more\nC=1",
              "A=x # ${B}\\n|B=a\nb\"c\nd|C=1|");
    check_env("no entry\n=x\nA=\"open\nB=2", "B=2|");
    check_env("\xef\xbb\xbf"
              "A=1",
              "A=1|");
}

TEST(names_in_values)
{
    CHECK(setenv("BRIO_TEST_NAME", "env", 1) == 0);
    check_env("A=1\nB=${A}2\nC=\"${B}-${NONE}-${NONE:-d}\"\nD=${BRIO_TEST_NAME}\nE=${A",
              "A=1|B=12|C=12--d|D=env|E=${A|");
}

TEST(values_that_grow_out_of_hand)
{
    static char text[2000];
    size_t len = (size_t)snprintf(text, sizeof text, "A0=0123456789\n");
    for (int i = 1; i < 40; i++)
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "A%d=${A%d}${A%d}\n", i, i - 1, i - 1);
    brio_env_entry *entries;
    size_t n;
    brio_arena_init(&arena, 0);
    CHECK_INT(brio_env_parse(&arena, (brio_str){text, len}, &entries, &n), BRIO_ELIMIT);
    brio_arena_fini(&arena);
}

TEST(an_env_file_cut_at_every_byte)
{
    static const char text[] = "export A='x'\nB=\"y\\\"${A}\"\n#c\nD=${E:-f} # g\n";
    for (size_t len = 0; len < sizeof text; len++) {
        brio_env_entry *entries;
        size_t n = 9;
        char *exact = malloc(len ? len : 1);
        CHECK(exact);
        memcpy(exact, text, len);
        brio_arena_init(&arena, 0);
        CHECK_OK(brio_env_parse(&arena, (brio_str){exact, len}, &entries, &n));
        CHECK(n <= 3);
        brio_arena_fini(&arena);
        free(exact);
    }
}
