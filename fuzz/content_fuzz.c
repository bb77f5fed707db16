/* SPDX-License-Identifier: MIT
 *
 * What requests ask of a body: ranges lie inside it, in order and apart; dates
 * that are read are written the same; a coding is one of those on offer; decoders
 * end at their limit and say the same however the bytes were cut. */
#include <brio/http.h>

enum { DECODED_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ranges(brio_str text)
{
    brio_range r[BRIO_RANGES_MAX];
    const char *why = NULL;
    int n = brio_range_parse(text, 1000, r, BRIO_RANGES_MAX, &why);
    BRIO_ASSERT(n <= BRIO_RANGES_MAX);
    for (int i = 0; i < n; i++) {
        BRIO_ASSERT(r[i].from < r[i].to && r[i].to <= 1000);
        BRIO_ASSERT(i == 0 || r[i].from > r[i - 1].to);
    }
}

static void dates(brio_str text)
{
    char out[BRIO_HTTP_DATE];
    int64_t second = 0, again = 0;
    if (brio_http_date_parse(text, &second) < 0)
        return;
    BRIO_ASSERT(brio_http_date_parse(brio_http_date_text(out, second), &again) == 0);
    BRIO_ASSERT(again == second);
}

static int decode(brio_arena *arena, brio_coding coding, brio_str text, size_t piece, brio_buf *out)
{
    brio_coder *coder;
    *out = (brio_buf){.limit = DECODED_MAX};
    if (brio_decoder_open(&coder, arena, coding) < 0)
        return 0;
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < text.len; at += piece)
        rc = brio_coder_write(coder, out, brio_str_slice(text, at, piece), BRIO_CODER_MORE);
    BRIO_ASSERT(out->len <= DECODED_MAX);
    return rc;
}

static void coders(brio_arena *arena, brio_str text)
{
    static const brio_coding all[] = {BRIO_GZIP, BRIO_BROTLI, BRIO_ZSTD};
    for (size_t i = 0; i < 3; i++) {
        brio_buf whole, pieces;
        int rc = decode(arena, all[i], text, text.len ? text.len : 1, &whole);
        int cut = decode(arena, all[i], text, 1, &pieces);
        if (rc >= 0 && cut >= 0)
            BRIO_ASSERT(brio_str_eq(brio_buf_str(&whole), brio_buf_str(&pieces)));
        brio_buf_fini(&whole);
        brio_buf_fini(&pieces);
    }
}

static void names(brio_str text)
{
    brio_buf out = {0};
    brio_disposition_format(&out, BRIO_S("inline"), text);
    (void)brio_media_of_name(text);
    (void)brio_media_compresses(text);
    brio_buf_clear(&out);
    if (brio_cookie_format(&out, &(brio_cookie){.name = "k", .value = text}) == 0)
        for (size_t i = 0; i < out.len; i++)
            BRIO_ASSERT((unsigned char)out.ptr[i] >= 0x20 && (unsigned char)out.ptr[i] < 0x7F);
    brio_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_arena arena;
    brio_str text = {(const char *)data, size};
    brio_arena_init(&arena, 0);
    ranges(text);
    dates(text);
    BRIO_ASSERT(!(brio_coding_accepted(text, BRIO_GZIP) & ~(unsigned)BRIO_GZIP));
    names(text);
    coders(&arena, text);
    brio_arena_fini(&arena);
    return 0;
}
