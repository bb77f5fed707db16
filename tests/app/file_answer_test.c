/* SPDX-License-Identifier: MIT
 *
 * Files as answers: heads, ranges, conditions, whole and in pieces. */
#include "app/client.h"

#include <brio/http.h>
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char small_path[64], large_path[64];

enum { LARGE = 300000 };

static char byte_at(size_t i)
{
    return (char)('a' + i % 23);
}

static void make_files(void)
{
    char dir[] = "/tmp/brio-files-XXXXXX";
    CHECK(mkdtemp(dir) != NULL);
    (void)snprintf(small_path, sizeof small_path, "%s/small.txt", dir);
    (void)snprintf(large_path, sizeof large_path, "%s/large.bin", dir);
    FILE *f = fopen(small_path, "w");
    CHECK(f && fputs("0123456789abcdefghij", f) >= 0 && fclose(f) == 0);
    f = fopen(large_path, "w");
    CHECK(f != NULL);
    for (size_t i = 0; i < LARGE; i++)
        CHECK(fputc(byte_at(i), f) != EOF);
    CHECK(fclose(f) == 0);
}

static void remove_files(void)
{
    CHECK(unlink(small_path) == 0 && unlink(large_path) == 0);
    *strrchr(small_path, '/') = '\0';
    CHECK(rmdir(small_path) == 0);
}

static int small(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_file(req, brio_str_from(small_path), NULL);
}

static int large(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_file(
        req, brio_str_from(large_path),
        &(brio_answer_file_options){.filename = "b\xC3\xBCro.mp4", .disposition = "inline"});
}

static int named(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_file(req, brio_str_from(small_path),
                            &(brio_answer_file_options){
                                .filename = "x.html", .media_type = "video/mp4", .status = 201});
}

static int path_out(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)req, (void)in;
    *out = brio_str_from(small_path);
    return 0;
}

static int missing(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    int rc = brio_answer_file(req, BRIO_S("/nonexistent/x"), NULL);
    return rc == -ENOENT ? brio_fail(req, 404, "no file") : rc;
}

static int folder(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    CHECK_INT(brio_answer_file(req, BRIO_S("/tmp"), NULL), -EISDIR);
    return brio_fail(req, 404, "a folder");
}

static brio_app *app_new(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/small", small, brio_none, brio_response);
    BRIO_GET(app, "/blocking", small, brio_none, brio_response, .run = BRIO_BLOCKING);
    BRIO_HEAD(app, "/small", small, brio_none, brio_response, .name = "head_small");
    BRIO_GET(app, "/large", large, brio_none, brio_response);
    BRIO_HEAD(app, "/large", large, brio_none, brio_response, .name = "head_large");
    BRIO_GET(app, "/named", named, brio_none, brio_response);
    BRIO_GET(app, "/path", path_out, brio_none, brio_str, .response = BRIO_FILE_RESPONSE);
    BRIO_GET(app, "/missing", missing, brio_none, brio_response);
    BRIO_GET(app, "/folder", folder, brio_none, brio_response);
    return app;
}

static void header_is(const brio_test_response *r, const char *name, const char *want)
{
    CHECK_STR(brio_test_header(r, brio_str_from(name)), want);
}

TEST(files_have_heads)
{
    make_files();
    brio_app *app = app_new();
    brio_test_client *client = client_open(app);
    static const char *const urls[] = {"/small", "/blocking", "/path"};
    for (size_t i = 0; i < 3; i++) {
        brio_test_response r = client_get(client, urls[i]);
        CHECK_ANSWER(r, 200, "0123456789abcdefghij");
        header_is(&r, "content-type", "text/plain; charset=utf-8");
        header_is(&r, "content-length", "20");
        header_is(&r, "accept-ranges", "bytes");
        header_is(&r, "content-disposition", "");
        CHECK(brio_test_header(&r, BRIO_S("etag")).len > 4);
        CHECK_INT(brio_test_header(&r, BRIO_S("last-modified")).len, BRIO_HTTP_DATE);
    }
    brio_test_response r = client_get(client, "/named");
    CHECK_ANSWER(r, 201, "0123456789abcdefghij");
    header_is(&r, "content-type", "video/mp4");
    header_is(&r, "content-disposition", "attachment; filename=\"x.html\"");
    CHECK_ANSWER(client_get(client, "/missing"), 404, "{\"detail\":\"no file\"}");
    CHECK_ANSWER(client_get(client, "/folder"), 404, "{\"detail\":\"a folder\"}");
    client_close(client, app);
    remove_files();
}

TEST(large_files_go_in_pieces)
{
    make_files();
    brio_app *app = app_new();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/large");
    CHECK_INT(r.status, 200);
    CHECK_INT(r.body.len, LARGE);
    CHECK(!r.cut_off);
    for (size_t i = 0; i < LARGE; i++)
        CHECK(r.body.ptr[i] == byte_at(i));
    header_is(&r, "content-type", "video/mp4");
    header_is(&r, "content-length", "300000");
    header_is(&r, "transfer-encoding", "");
    header_is(&r, "content-disposition", "inline; filename*=utf-8''b%C3%BCro.mp4");
    r = client_send(client, (brio_test_request){.method = "HEAD", .url = "/large"});
    CHECK_ANSWER(r, 200, "");
    header_is(&r, "content-length", "300000");
    client_close(client, app);
    remove_files();
}

static brio_test_response ranged(brio_test_client *client, const char *url, const char *headers)
{
    return client_send(client, (brio_test_request){.url = url, .headers = headers});
}

TEST(parts_of_files)
{
    make_files();
    brio_app *app = app_new();
    brio_test_client *client = client_open(app);
    brio_test_response r = ranged(client, "/small", "range: bytes=2-4\r\n");
    CHECK_ANSWER(r, 206, "234");
    header_is(&r, "content-range", "bytes 2-4/20");
    header_is(&r, "content-length", "3");
    r = ranged(client, "/large", "range: bytes=-200000\r\n");
    CHECK_INT(r.status, 206);
    CHECK_INT(r.body.len, 200000);
    CHECK(r.body.ptr[0] == byte_at(100000));
    header_is(&r, "content-range", "bytes 100000-299999/300000");
    r = ranged(client, "/small", "range: bytes=20-\r\n");
    CHECK_ANSWER(r, 416, "");
    header_is(&r, "content-range", "bytes */20");
    header_is(&r, "content-type", "text/plain; charset=utf-8");
    header_is(&r, "etag", "");
    r = ranged(client, "/small", "range: bytes=\r\n");
    CHECK_ANSWER(r, 400, "Range header: range must be requested");
    r = ranged(client, "/small", "range: bytes=2-4\r\nif-range: \"other\"\r\n");
    CHECK_ANSWER(r, 200, "0123456789abcdefghij");
    client_close(client, app);
    remove_files();
}

TEST(several_parts)
{
    make_files();
    brio_app *app = app_new();
    brio_test_client *client = client_open(app);
    brio_test_response r = ranged(client, "/small", "range: bytes=15-, 0-1\r\n");
    CHECK_INT(r.status, 206);
    CHECK(!r.cut_off);
    brio_str type = brio_test_header(&r, BRIO_S("content-type"));
    CHECK(brio_str_starts(type, BRIO_S("multipart/byteranges; boundary=")));
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str b = brio_str_slice(type, 31, SIZE_MAX);
    brio_str want = brio_printf(
        &arena,
        "--%.*s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes "
        "0-1/20\r\n\r\n01\r\n--%.*s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: "
        "bytes 15-19/20\r\n\r\nfghij\r\n--%.*s--",
        BRIO_ARG(b), BRIO_ARG(b), BRIO_ARG(b));
    CHECK(brio_str_eq(r.body, want));
    header_is(&r, "content-length", brio_printf(&arena, "%zu", want.len).ptr);
    header_is(&r, "content-range", "");
    brio_arena_fini(&arena);
    client_close(client, app);
    remove_files();
}

TEST(known_files_are_not_sent_again)
{
    make_files();
    brio_app *app = app_new();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/small");
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str etag = brio_test_header(&r, BRIO_S("etag"));
    brio_str date = brio_test_header(&r, BRIO_S("last-modified"));
    brio_str by_tag = brio_printf(&arena, "if-none-match: \"x\", W/%.*s\r\n", BRIO_ARG(etag));
    brio_str by_date = brio_printf(&arena, "if-modified-since: %.*s\r\n", BRIO_ARG(date));
    brio_str part = brio_printf(&arena, "range: bytes=0-0\r\nif-range: %.*s\r\n", BRIO_ARG(etag));
    r = ranged(client, "/small", by_tag.ptr);
    CHECK_ANSWER(r, 304, "");
    CHECK(brio_str_eq(brio_test_header(&r, BRIO_S("etag")), etag));
    header_is(&r, "content-type", "");
    header_is(&r, "last-modified", "");
    CHECK_INT(ranged(client, "/small", by_date.ptr).status, 304);
    CHECK_ANSWER(ranged(client, "/small", part.ptr), 206, "0");
    CHECK_INT(ranged(client, "/named", by_tag.ptr).status, 201);
    brio_arena_fini(&arena);
    client_close(client, app);
    remove_files();
}
