/* SPDX-License-Identifier: MIT
 *
 * Snapshots: made, found again, told apart line by line. */
#include "harness/test.h"
#include "app/test_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/brio-snapshot-XXXXXX";

static void begin(void)
{
    CHECK(mkdtemp(folder) != NULL);
    setenv("BRIO_SNAPSHOT_DIR", folder, 1);
    unsetenv("BRIO_SNAPSHOT");
}

static void make(const char *path, const char *text)
{
    setenv("BRIO_SNAPSHOT", "update", 1);
    CHECK_INT(brio_test_snapshot(path, brio_str_from(text)), 0);
    unsetenv("BRIO_SNAPSHOT");
}

static void check_file(const char *name, const char *want)
{
    char path[128], text[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "r");
    CHECK(in != NULL);
    size_t n = fread(text, 1, sizeof text, in);
    fclose(in);
    CHECK_STR(((brio_str){text, n}), want);
    unlink(path);
}

TEST(a_snapshot_is_made_and_found_again)
{
    begin();
    CHECK_INT(brio_test_snapshot("a.txt", BRIO_S("one\ntwo")), -ENOENT);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("BRIO_SNAPSHOT=update")) > 0);
    make("a.txt", "one\ntwo");
    CHECK_INT(brio_test_snapshot("a.txt", BRIO_S("one\ntwo")), 0);
    CHECK_INT(brio_test_snapshot("a.txt", BRIO_S("one\ntwo\n")), 0);
    CHECK_INT(brio_test_snapshot("a.txt", BRIO_S("one\nthree")), BRIO_EINVALID);
    make("a.txt", "three");
    CHECK_INT(brio_test_snapshot("a.txt", BRIO_S("three")), 0);
    check_file("a.txt", "three\n");
    rmdir(folder);
}

TEST(json_is_compared_as_values)
{
    begin();
    make("deep/er/a.json", "{\"b\":[1,{\"z\":null,\"a\":\"\\u00fc\"}],\"a\":{},\"c\":[]}");
    CHECK_INT(
        brio_test_snapshot(
            "deep/er/a.json",
            BRIO_S(" {\"c\": [], \"a\": {}, \"b\": [1, {\"a\": \"\xC3\xBC\", \"z\": null}]}")),
        0);
    CHECK_INT(brio_test_snapshot("deep/er/a.json", BRIO_S("{\"c\":[]}")), BRIO_EINVALID);
    CHECK_INT(brio_test_snapshot("deep/er/a.json", BRIO_S("{\"c\":")), BRIO_ESYNTAX);
    check_file("deep/er/a.json",
               "{\n  \"a\": {},\n  \"b\": [\n    1,\n    {\n      \"a\": \"\xC3\xBC\",\n"
               "      \"z\": null\n    }\n  ],\n  \"c\": []\n}\n");
    char path[64];
    snprintf(path, sizeof path, "%s/deep/er", folder);
    CHECK_INT(rmdir(path), 0);
    path[strlen(path) - 3] = '\0';
    CHECK_INT(rmdir(path), 0);
    rmdir(folder);
}

static void check_diff(const char *then, const char *now, const char *want)
{
    brio_buf out = {0};
    brio_app_test_diff(&out, brio_str_from(then), brio_str_from(now));
    CHECK_STR(brio_buf_str(&out), want);
    brio_buf_fini(&out);
}

TEST(differences_are_shown_by_lines)
{
    check_diff("a\nb\nc\n", "a\nb\nc\n", "");
    check_diff("a\nb\nc\n", "a\nx\nc\n", "  a\n- b\n+ x\n  c\n");
    check_diff("", "a\n", "+ a\n");
    check_diff("a\n", "", "- a\n");
    check_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n3\n4\n5\n6\n7\n8\n9\nx\n",
               "  1\n- 2\n  3\n  4\n...\n  8\n  9\n+ x\n");
    check_diff("a\nb\nc\nd\n", "b\nx\nd\ne\n", "- a\n  b\n- c\n+ x\n  d\n+ e\n");
}
