/* SPDX-License-Identifier: MIT
 *
 * Content codings: what Accept-Encoding asks for, and each coder against its own
 * other half, whole, in pieces, cut off, damaged and blown up. */
#include "harness/test.h"

#include <brio/http.h>

#include <errno.h>

static const brio_coding codings[] = {BRIO_GZIP, BRIO_BROTLI, BRIO_ZSTD};

#define EACH_CODING(c)                                                                             \
    for (size_t each = 0; each < 3; each++)                                                        \
        for (brio_coding c = codings[each]; c & brio_codings(); c = BRIO_IDENTITY)

static const char *accepted(const char *header, unsigned offered)
{
    return brio_coding_name(brio_coding_accepted(brio_str_from(header), offered)).ptr;
}

TEST(accept_encoding)
{
    unsigned all = BRIO_GZIP | BRIO_BROTLI | BRIO_ZSTD;
    if (brio_codings() != all)
        test_skip("a coding is not in this build");
    static const struct {
        const char *header, *all, *gzip;
    } cases[] = {
        {"", "identity", "identity"},
        {"gzip", "gzip", "gzip"},
        {"GZip", "gzip", "gzip"},
        {"x-gzip", "gzip", "gzip"},
        {"gzip, deflate, br", "br", "gzip"},
        {"gzip, deflate, br, zstd", "zstd", "gzip"},
        {"br;q=0.5, gzip;q=0.8", "gzip", "gzip"},
        {"gzip;q=0", "identity", "identity"},
        {"gzip;q=0.000, *", "zstd", "identity"},
        {"*;q=0.1", "zstd", "gzip"},
        {"*;q=0", "identity", "identity"},
        {"identity", "identity", "identity"},
        {"gzip;q=2", "identity", "identity"},
        {"gzip;q=x", "identity", "identity"},
        {"gzip ; q=0.001", "gzip", "gzip"},
        {"gzip;level=1;Q=0.5", "gzip", "gzip"},
        {"gzipped, ,;q=1", "identity", "identity"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_STR(brio_str_from(accepted(cases[i].header, all)), cases[i].all);
        CHECK_STR(brio_str_from(accepted(cases[i].header, BRIO_GZIP)), cases[i].gzip);
    }
}

/* ---- Coders ----------------------------------------------------------------- */

static brio_str sample(brio_arena *arena, size_t len)
{
    char *text = brio_alloc(arena, len + 1);
    uint32_t x = 1;
    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        text[i] = i % 3 ? (char)('a' + (x >> 28)) : "hello world "[i % 12];
    }
    return (brio_str){text, len};
}

static brio_str coded(brio_arena *arena, brio_coding c, brio_str plain, size_t piece)
{
    brio_coder *coder;
    brio_buf *out = BRIO_NEW(arena, brio_buf);
    CHECK_OK(brio_encoder_open(&coder, arena, c, 0));
    for (size_t at = 0; at < plain.len; at += piece)
        CHECK_INT(brio_coder_write(coder, out, brio_str_slice(plain, at, piece), BRIO_CODER_MORE),
                  0);
    CHECK_INT(brio_coder_write(coder, out, (brio_str){0}, BRIO_CODER_END), 0);
    brio_str result = brio_str_copy(arena, brio_buf_str(out));
    brio_buf_fini(out);
    brio_coder_close(coder);
    return result;
}

static int decoded(brio_arena *arena, brio_coding c, brio_str data, size_t piece, size_t limit,
                   brio_str *ret)
{
    brio_coder *coder;
    brio_buf out = {.limit = limit};
    CHECK_OK(brio_decoder_open(&coder, arena, c));
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < data.len; at += piece)
        rc = brio_coder_write(coder, &out, brio_str_slice(data, at, piece), BRIO_CODER_MORE);
    if (rc == 0)
        rc = brio_coder_write(coder, &out, (brio_str){0}, BRIO_CODER_END);
    *ret = brio_str_copy(arena, brio_buf_str(&out));
    brio_buf_fini(&out);
    return rc;
}

TEST(coders_give_back_what_they_took)
{
    static const size_t sizes[] = {0, 1, 500, 20000, 300000}, pieces[] = {1, 7, 4096, 1000000};
    EACH_CODING(c) for (size_t i = 0; i < 5; i++) for (size_t j = 0; j < 4; j++)
    {
        if (sizes[i] / pieces[j] > 50000)
            continue;
        brio_arena arena;
        brio_arena_init(&arena, 0);
        brio_str plain = sample(&arena, sizes[i]), again;
        brio_str small = coded(&arena, c, plain, pieces[j]);
        CHECK(plain.len < 500 || small.len < plain.len);
        CHECK_INT(decoded(&arena, c, small, pieces[j], 0, &again), 1);
        CHECK(brio_str_eq(again, plain));
        brio_arena_fini(&arena);
    }
}

TEST(a_flush_can_be_read_at_once)
{
    EACH_CODING(c)
    {
        brio_arena arena;
        brio_coder *encoder, *decoder;
        brio_buf wire = {0}, plain = {0};
        brio_arena_init(&arena, 0);
        CHECK_OK(brio_encoder_open(&encoder, &arena, c, 1));
        CHECK_OK(brio_decoder_open(&decoder, &arena, c));
        for (int i = 0; i < 5; i++) {
            brio_buf_clear(&wire);
            brio_buf_clear(&plain);
            CHECK_INT(brio_coder_write(encoder, &wire, BRIO_S("data: one\n\n"), BRIO_CODER_FLUSH),
                      0);
            CHECK_INT(brio_coder_write(decoder, &plain, brio_buf_str(&wire), BRIO_CODER_MORE), 0);
            CHECK_STR(brio_buf_str(&plain), "data: one\n\n");
        }
        brio_buf_fini(&wire);
        brio_buf_fini(&plain);
        brio_arena_fini(&arena); /* closes both */
    }
}

TEST(cut_off_and_damaged_streams_are_refused)
{
    EACH_CODING(c)
    {
        brio_arena arena;
        brio_arena_init(&arena, 0);
        brio_str again, small = coded(&arena, c, sample(&arena, 2000), 2000);
        CHECK_INT(decoded(&arena, c, brio_str_slice(small, 0, small.len - 1), 9, 0, &again),
                  BRIO_ESYNTAX);
        CHECK_INT(decoded(&arena, c, BRIO_S(""), 1, 0, &again), BRIO_ESYNTAX);
        CHECK_INT(decoded(&arena, c, BRIO_S("\xFF\xFF\xFFhello, hello"), 5, 0, &again),
                  BRIO_ESYNTAX);
        brio_str longer = brio_printf(&arena, "%s", "");
        char *more = brio_alloc(&arena, small.len + 1);
        memcpy(more, small.ptr, small.len);
        more[small.len] = 'x';
        longer = (brio_str){more, small.len + 1};
        CHECK_INT(decoded(&arena, c, longer, longer.len, 0, &again), BRIO_ESYNTAX);
        brio_arena_fini(&arena);
    }
}

TEST(a_bomb_ends_at_the_limit)
{
    EACH_CODING(c)
    {
        brio_arena arena;
        brio_arena_init(&arena, 16 << 20);
        char *zeros = brio_calloc(&arena, 4 << 20, 1);
        brio_str again, small = coded(&arena, c, (brio_str){zeros, 4 << 20}, 4 << 20);
        CHECK(small.len < 8192);
        CHECK_INT(decoded(&arena, c, small, small.len, 1 << 20, &again), BRIO_ELIMIT);
        CHECK(again.len <= 1 << 20);
        brio_arena_fini(&arena);
    }
}

TEST(a_coding_that_is_not_there)
{
    brio_arena arena;
    brio_coder *coder;
    brio_arena_init(&arena, 0);
    CHECK_INT(brio_encoder_open(&coder, &arena, BRIO_IDENTITY, 0), -ENOSYS);
    for (size_t i = 0; i < 3; i++)
        if (!(codings[i] & brio_codings()))
            CHECK_INT(brio_decoder_open(&coder, &arena, codings[i]), -ENOSYS);
    brio_arena_fini(&arena);
}
