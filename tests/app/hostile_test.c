/* SPDX-License-Identifier: MIT
 *
 * What a client says, said again in a head: names of files, values of cookies,
 * addresses. None of it may end a line or begin a header of its own, nor markup. */
#include "client.h"

#include <errno.h>
#include <stdio.h>

typedef struct Echo {
    brio_str q;
} Echo;
BRIO_MODEL(Echo, BRIO_QUERY(q));

static int file(brio_request *req, const Echo *in, brio_response *out)
{
    (void)out;
    const char *name = brio_cstr(brio_request_arena(req), in->q);
    return brio_answer_file(req, brio_str_from(BRIO_TEST_DATA "/http/disposition.txt"),
                            &(brio_answer_file_options){.filename = name});
}

static int redirect(brio_request *req, const Echo *in, brio_response *out)
{
    (void)out;
    return brio_answer_redirect(req, 303, in->q);
}

/* Whoever says these things unseen is told that they cannot be said. */
static int head(brio_request *req, const Echo *in, brio_text *out)
{
    const char *text = brio_cstr(brio_request_arena(req), in->q);
    CHECK_INT(brio_respond_header(req, BRIO_S("x-echo"), in->q), -EINVAL);
    CHECK_INT(brio_respond_header(req, in->q, BRIO_S("x")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("content-type"), in->q), -EINVAL);
    CHECK_INT(brio_respond_cookie(req, &(brio_cookie){.name = text}), -EINVAL);
    CHECK_INT(brio_respond_cookie(req, &(brio_cookie){.name = "p", .path = text}), -EINVAL);
    CHECK_INT(brio_respond_cookie(req, &(brio_cookie){.name = "d", .domain = text}), -EINVAL);
    brio_fail_header(req, "x-failed", text);
    out->text = BRIO_S("ok");
    return brio_respond_cookie(req, &(brio_cookie){.name = "v", .value = in->q});
}

typedef struct Files {
    brio_upload file;
} Files;
BRIO_MODEL(Files, BRIO_FILE(file, brio_upload));

static int back(brio_request *req, const Files *in, brio_response *out)
{
    (void)out;
    const char *name = brio_cstr(brio_request_arena(req), in->file.filename);
    return brio_answer_file(req, brio_str_from(BRIO_TEST_DATA "/http/disposition.txt"),
                            &(brio_answer_file_options){.filename = name});
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/file", file, Echo, brio_response);
    BRIO_GET(app, "/redirect", redirect, Echo, brio_response);
    BRIO_GET(app, "/head", head, Echo, brio_text);
    BRIO_POST(app, "/back", back, Files, brio_response);
    return app;
}

static void check_clean(const brio_test_response *r)
{
    CHECK(brio_str_find(r->head, BRIO_S("\nx-evil")) < 0);
    CHECK(brio_str_find(r->body, BRIO_S("<b>")) < 0);
}

TEST(no_text_of_a_client_ends_a_line_of_the_head)
{
    static const char *const urls[] = {"/file?q=", "/redirect?q=http://a.b/", "/head?q="};
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        char url[256];
        snprintf(url, sizeof url, "%s%s", urls[i], "a%0D%0Ax-evil:%201%0D%0A%0D%0A%3Cb%3E");
        brio_test_response r = client_get(client, url);
        CHECK_INT(r.status, i == 1 ? 303 : 200);
        check_clean(&r);
        CHECK(brio_str_find(r.head, BRIO_S("x-failed")) < 0);
    }
    client_close(client, app);
}

TEST(nor_does_the_name_of_a_file_that_comes_back)
{
    static const char body[] = "--b\r\ncontent-disposition: form-data; name=\"file\"; "
                               "filename=\"a\\\r b\"; filename*=utf-8''x%0d%0ax-evil: 1\r\n\r\n"
                               "x\r\n--b--\r\n";
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.method = "POST",
                                                .url = "/back",
                                                .headers = "Content-Type: multipart/form-data; "
                                                           "boundary=b\r\n",
                                                .body = {body, sizeof body - 1}});
    CHECK(r.status == 200 || r.status == 400 || r.status == 422);
    check_clean(&r);
    client_close(client, app);
}

TEST(html_is_escaped)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str plain = BRIO_S("caf\xC3\xA9 2");
    CHECK(brio_html_escape(&arena, plain).ptr == plain.ptr);
    CHECK_STR(brio_html_escape(&arena, BRIO_S("<a href='x'>\"&\"</a>")),
              "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
    CHECK_STR(brio_html_escape(&arena, BRIO_S("")), "");
    brio_arena_fini(&arena);
}
