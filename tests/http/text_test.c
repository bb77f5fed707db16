/* SPDX-License-Identifier: MIT
 *
 * Escapes, queries, cookies and media types: against what Python and Starlette
 * said (tests/data/http), and at the edges those cannot show. */
#include "harness/vectors.h"
#include "http/http_internal.h"

/* ---- Escapes --------------------------------------------------------------- */

static void check_percent(brio_arena *arena, const vector *v)
{
    vector_same(v, brio_percent_decode(arena, v->words[0], false), v->words[1]);
    vector_same(v, brio_percent_decode(arena, v->words[0], true), v->words[2]);
    vector_same(v, brio_percent_encode(arena, v->words[0], NULL), v->words[3]);
    vector_same(v, brio_percent_encode(arena, v->words[0], "/+&"), v->words[4]);
}

TEST(escapes_as_python)
{
    vectors_run(BRIO_TEST_DATA "/http/percent.txt", check_percent, 300);
}

TEST(unchanged_text_is_not_copied)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str s = BRIO_S("a+b/c\xC3\xA9"), ascii = BRIO_S("a-b._~Z9");
    CHECK(brio_percent_decode(&arena, s, false).ptr == s.ptr);
    CHECK(brio_percent_decode(&arena, s, true).ptr != s.ptr);
    CHECK(brio_percent_encode(&arena, ascii, NULL).ptr == ascii.ptr);
    CHECK(brio_latin1_decode(&arena, ascii).ptr == ascii.ptr);
    brio_str none = {NULL, 0};
    CHECK_INT(brio_percent_decode(&arena, none, true).len, 0);
    CHECK_INT(brio_percent_encode(&arena, none, "/").len, 0);
    CHECK_INT(brio_latin1_decode(&arena, none).len, 0);
    brio_arena_fini(&arena);
}

TEST(every_byte_survives_a_round_trip)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        brio_str coded = brio_percent_encode(&arena, (brio_str){&byte, 1}, "/");
        brio_str again = brio_percent_decode(&arena, coded, false);
        if (c < 0x80)
            CHECK(again.len == 1 && again.ptr[0] == byte);
        else
            CHECK_STR(again, "\xEF\xBF\xBD"); /* not UTF-8 on its own */
    }
    CHECK_STR(brio_percent_decode(&arena, BRIO_S("a\xFF"), false), "a\xEF\xBF\xBD");
    CHECK_STR(brio_latin1_decode(&arena, BRIO_S("a\xE9\x80\xFF")), "a\xC3\xA9\xC2\x80\xC3\xBF");
    brio_arena_fini(&arena);
}

/* ---- Queries --------------------------------------------------------------- */

static void check_query(brio_arena *arena, const vector *v)
{
    brio_pair *pairs = NULL;
    size_t n = 0;
    CHECK_OK(brio_query_parse(arena, v->words[0], 0, &pairs, &n));
    if (n * 2 + 1 != v->n)
        test_fail(v->file, v->line, "%zu pairs, want %zu", n, v->n / 2);
    for (size_t i = 0; i < n; i++) {
        vector_same(v, pairs[i].name, v->words[1 + i * 2]);
        vector_same(v, pairs[i].value, v->words[2 + i * 2]);
    }
}

TEST(queries_as_python)
{
    vectors_run(BRIO_TEST_DATA "/http/query.txt", check_query, 400);
}

TEST(pairs_are_limited)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_pair *pairs = NULL;
    size_t n = 77;
    CHECK_INT(brio_query_parse(&arena, BRIO_S("a&b&c"), 2, &pairs, &n), BRIO_ELIMIT);
    CHECK(n == 77 && pairs == NULL);
    CHECK_OK(brio_query_parse(&arena, BRIO_S("&&a&&b&&"), 2, &pairs, &n));
    CHECK_INT(n, 2);
    static char many[4004];
    memset(many, '&', sizeof(many));
    for (size_t i = 0; i < 2002; i += 2)
        many[i] = 'a';
    CHECK_INT(brio_query_parse(&arena, (brio_str){many, 2001}, 0, &pairs, &n), BRIO_ELIMIT);
    CHECK_OK(brio_query_parse(&arena, (brio_str){many, 2000}, 0, &pairs, &n));
    CHECK_INT(n, 1000);
    CHECK_OK(brio_query_parse(&arena, (brio_str){NULL, 0}, 0, &pairs, &n));
    CHECK(n == 0 && pairs == NULL);
    brio_arena_fini(&arena);
}

/* ---- Cookies --------------------------------------------------------------- */

static brio_str last_of(const brio_pair *pairs, size_t n, brio_str name)
{
    while (n-- > 0)
        if (brio_str_eq(pairs[n].name, name))
            return pairs[n].value;
    return BRIO_S("(absent)");
}

static bool is_first_of_its_name(const brio_pair *pairs, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (brio_str_eq(pairs[i].name, pairs[at].name))
            return false;
    return true;
}

/* Starlette's result is a dict: names in order of first appearance. */
static void check_cookie(brio_arena *arena, const vector *v)
{
    brio_pair *pairs = NULL;
    size_t n = 0, at = 1;
    brio_cookie_parse(arena, v->words[0], &pairs, &n);
    for (size_t i = 0; i < n; i++) {
        if (!is_first_of_its_name(pairs, i))
            continue;
        if (at + 1 >= v->n)
            test_fail(v->file, v->line, "unexpected \"%.*s\"", BRIO_ARG(pairs[i].name));
        vector_same(v, pairs[i].name, v->words[at]);
        vector_same(v, last_of(pairs, n, pairs[i].name), v->words[at + 1]);
        at += 2;
    }
    CHECK_INT(at, v->n);
}

TEST(cookies_as_starlette)
{
    vectors_run(BRIO_TEST_DATA "/http/cookie.txt", check_cookie, 600);
}

TEST(plain_cookies_are_not_copied)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str header = BRIO_S("a=b; c=\"d\"");
    brio_pair *pairs = NULL;
    size_t n = 0;
    brio_cookie_parse(&arena, header, &pairs, &n);
    CHECK_INT(n, 2);
    CHECK(pairs[0].value.ptr == header.ptr + 2 && pairs[1].value.ptr == header.ptr + 8);
    brio_cookie_parse(&arena, (brio_str){NULL, 0}, &pairs, &n);
    CHECK(n == 0 && pairs == NULL);
    brio_arena_fini(&arena);
}

/* ---- Statuses -------------------------------------------------------------- */

static void check_status(brio_arena *arena, const vector *v)
{
    uint64_t status = 0;
    CHECK_OK(brio_str_to_u64(v->words[0], &status));
    brio_str line = brio_printf(arena, "HTTP/1.1 %d %.*s\r\n", (int)status, BRIO_ARG(v->words[1]));
    vector_same(v, brio_status_reason((int)status), v->words[1]);
    vector_same(v, brio_http_status_line((int)status), line);
}

TEST(statuses_as_python)
{
    size_t known = 0;
    vectors_run(BRIO_TEST_DATA "/http/status.txt", check_status, 62);
    for (int status = -1; status < 1000; status++)
        known += brio_status_reason(status).len > 0;
    CHECK_INT(known, 62);
}

/* ---- Media types ----------------------------------------------------------- */

TEST(media_types_that_are_json)
{
    static const struct {
        const char *text;
        bool json;
    } rows[] = {{"application/json", true},
                {"Application/JSON; charset=utf-8", true},
                {" application/json ", true},
                {"application/json;", true},
                {"application/vnd.api+json", true},
                {"application/+JSON", true},
                {"application/geo+json;v=1", true},
                {"", false},
                {"application", false},
                {"application/", false},
                {"application/jso", false},
                {"application/jsonx", false},
                {"application/x-json", false},
                {"application/xjson", false},
                {"application/json/x", false},
                {"application/a/b+json", false},
                {"application /json", false},
                {"application/ json", false},
                {"text/json", false},
                {"text/x+json", false},
                {"application/x-www-form-urlencoded", false},
                {"application/json, text/plain", false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (brio_media_is_json(brio_str_from(rows[i].text)) != rows[i].json)
            test_fail(__FILE__, __LINE__, "\"%s\"", rows[i].text);
    CHECK(!brio_media_is_json((brio_str){NULL, 0}));
}
