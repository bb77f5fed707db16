/* SPDX-License-Identifier: MIT
 *
 * Request bodies that come compressed. */
#include "client.h"

#include <brio/content.h>

#include <stdio.h>

typedef struct Sum {
    int64_t sum;
} Sum;
BRIO_MODEL(Sum, BRIO_FIELD(sum));

static int add(brio_request *req, const brio_i64_list *in, Sum *out)
{
    (void)req;
    for (size_t i = 0; i < in->len; i++)
        out->sum += in->items[i];
    return 0;
}

static brio_buf packed;

static brio_str pack(brio_str text, brio_coding coding)
{
    brio_arena arena;
    brio_coder *coder;
    brio_arena_init(&arena, 0);
    brio_buf_clear(&packed);
    CHECK_OK(brio_encoder_open(&coder, &arena, coding, 0));
    CHECK_OK(brio_coder_write(coder, &packed, text, BRIO_CODER_END));
    brio_arena_fini(&arena);
    return brio_buf_str(&packed);
}

static brio_test_response post(brio_test_client *client, const char *url, const char *coding,
                               brio_str body)
{
    char headers[128];
    (void)snprintf(headers, sizeof headers,
                   "content-type: application/json\r\ncontent-encoding: %s\r\n", coding);
    return client_send(client, (brio_test_request){
                                   .method = "POST", .url = url, .headers = headers, .body = body});
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_POST(app, "/all", add, brio_i64_list, Sum);
    BRIO_POST(app, "/small", add, brio_i64_list, Sum, .body_limit = 8);
    brio_use_decoding(app, &(brio_decoding_options){.limit = 4000});
    return app;
}

TEST(compressed_bodies_are_decoded)
{
    static const brio_coding codings[] = {BRIO_GZIP, BRIO_BROTLI, BRIO_ZSTD};
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    for (size_t i = 0; i < 3; i++) {
        if (!(brio_codings() & codings[i]))
            continue;
        const char *name = brio_coding_name(codings[i]).ptr;
        CHECK_ANSWER(post(client, "/all", name, pack(BRIO_S("[1,2,3]"), codings[i])), 200,
                     "{\"sum\":6}");
        brio_str whole = pack(BRIO_S("[1,2,3]"), codings[i]);
        for (size_t cut = 1; cut < whole.len; cut++)
            CHECK_INT(post(client, "/all", name, brio_str_slice(whole, 0, cut)).status, 400);
        CHECK_INT(post(client, "/all", name, BRIO_S("[1,2,3]")).status, 400);
    }
    CHECK_ANSWER(post(client, "/all", "identity", BRIO_S("[1,2]")), 200, "{\"sum\":3}");
    brio_test_response r = post(client, "/all", "compress", BRIO_S("[1,2]"));
    CHECK_INT(r.status, 415);
    CHECK(brio_test_header(&r, BRIO_S("accept-encoding")).len > 0);
    CHECK_INT(post(client, "/none", "compress", BRIO_S("[1,2]")).status, 404);
    brio_buf_fini(&packed);
    client_close(client, app);
}

TEST(what_a_body_blows_up_to_has_a_limit)
{
    static char spaces[4001];
    memset(spaces, ' ', sizeof spaces);
    memcpy(spaces, "[1]", 3);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    if (brio_codings() & BRIO_GZIP) {
        brio_str fits = {spaces, 4000}, beyond = {spaces, 4001};
        CHECK_INT(post(client, "/all", "gzip", pack(fits, BRIO_GZIP)).status, 200);
        CHECK_INT(post(client, "/all", "gzip", pack(beyond, BRIO_GZIP)).status, 413);
        CHECK_INT(post(client, "/small", "gzip", pack(fits, BRIO_GZIP)).status, 413);
    }
    brio_buf_fini(&packed);
    client_close(client, app);
}
