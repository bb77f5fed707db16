/* SPDX-License-Identifier: MIT
 *
 * What answers say of themselves: cookies, dates, ranges and file names against
 * what Python and Starlette said (tests/data/http), and at the edges those
 * cannot show. */
#include "harness/vectors.h"

#include <brio/http.h>

#include <errno.h>
#include <stdlib.h>

/* ---- Cookies --------------------------------------------------------------- */

static void check_set_cookie(brio_arena *arena, const vector *v)
{
    brio_buf out = brio_buf_over(brio_alloc(arena, 1024), 1024);
    CHECK_INT(brio_cookie_format(&out, &(brio_cookie){.name = "k", .value = v->words[0]}), 0);
    vector_same(v, brio_latin1_decode(arena, brio_buf_str(&out)), v->words[1]);
}

TEST(cookies_to_set_as_starlette)
{
    vectors_run(BRIO_TEST_DATA "/http/set_cookie.txt", check_set_cookie, 200);
}

static void cookie_is(const brio_cookie *cookie, const char *want)
{
    char text[512];
    brio_buf out = brio_buf_over(text, sizeof text);
    CHECK_INT(brio_cookie_format(&out, cookie), 0);
    CHECK_STR(brio_buf_str(&out), want);
}

TEST(attributes_are_alphabetical)
{
    cookie_is(&(brio_cookie){.name = "k",
                             .value = BRIO_S("v w"),
                             .max_age = BRIO_SEC(10),
                             .http_only = true,
                             .secure = true,
                             .same_site = "none"},
              "k=\"v w\"; HttpOnly; Max-Age=10; Path=/; SameSite=none; Secure");
    cookie_is(&(brio_cookie){.name = "k",
                             .value = BRIO_S("v"),
                             .expires = BRIO_SEC(784111777),
                             .domain = "a.example",
                             .path = "",
                             .same_site = "",
                             .partitioned = true},
              "k=v; Domain=a.example; expires=Sun, 06 Nov 1994 08:49:37 GMT; Partitioned");
    cookie_is(&(brio_cookie){.name = "k", .max_age = -1},
              "k=\"\"; Max-Age=0; Path=/; SameSite=lax");
}

static void cookie_is_refused(const brio_cookie *cookie)
{
    char text[512];
    brio_buf out = brio_buf_over(text, sizeof text);
    CHECK_INT(brio_cookie_format(&out, cookie), -EINVAL);
    CHECK_INT(out.len, 0);
}

TEST(cookies_cannot_break_out)
{
    cookie_is_refused(&(brio_cookie){.name = ""});
    cookie_is_refused(&(brio_cookie){.name = NULL});
    cookie_is_refused(&(brio_cookie){.name = "a b"});
    cookie_is_refused(&(brio_cookie){.name = "a=b"});
    cookie_is_refused(&(brio_cookie){.name = "Path"});
    cookie_is_refused(&(brio_cookie){.name = "k", .value = BRIO_S("\xE2\x82\xAC")}); /* euro */
    cookie_is_refused(&(brio_cookie){.name = "k", .value = BRIO_S("\xC3")});
    cookie_is_refused(&(brio_cookie){.name = "k", .path = "/; Domain=evil"});
    cookie_is_refused(&(brio_cookie){.name = "k", .domain = "a\r\nb"});
    cookie_is_refused(&(brio_cookie){.name = "k", .same_site = "some"});
    cookie_is(&(brio_cookie){.name = "k", .value = BRIO_S("a\r\nb;c")},
              "k=\"a\\015\\012b\\073c\"; Path=/; SameSite=lax");
}

TEST(a_cookie_without_room_writes_nothing)
{
    char text[24];
    brio_buf out = brio_buf_over(text, sizeof text);
    CHECK_INT(brio_cookie_format(&out, &(brio_cookie){.name = "k", .value = BRIO_S("v")}), -ENOMEM);
    CHECK_INT(out.len, 0);
}

/* ---- Dates ----------------------------------------------------------------- */

static void check_date(brio_arena *arena, const vector *v)
{
    char text[BRIO_HTTP_DATE];
    int64_t want = strtoll(brio_cstr(arena, v->words[0]), NULL, 10), got = -1;
    vector_same(v, brio_http_date_text(text, want), v->words[1]);
    CHECK_INT(brio_http_date_parse(v->words[1], &got), 0);
    CHECK_INT(got, want);
}

TEST(dates_as_python)
{
    vectors_run(BRIO_TEST_DATA "/http/date.txt", check_date, 200);
}

TEST(older_dates_are_read)
{
    int64_t second;
    CHECK_OK(brio_http_date_parse(BRIO_S("Sunday, 06-Nov-94 08:49:37 GMT"), &second));
    CHECK_INT(second, 784111777);
    CHECK_OK(brio_http_date_parse(BRIO_S("Sun Nov  6 08:49:37 1994"), &second));
    CHECK_INT(second, 784111777);
    CHECK_OK(brio_http_date_parse(BRIO_S("Sun, 06 Nov 1994 23:59:60 GMT"), &second));
    CHECK_INT(second, 784166399);
}

TEST(no_other_dates_are_read)
{
    static const char *const wrong[] = {"",
                                        "Sun",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 31 Feb 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 24:49:37 GMT",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:37 GMTx",
                                        "Sun, 00 Nov 1994 08:49:37 GMT",
                                        "sun, 06 Nov 1994 08:49:37 GMT",
                                        "784111777"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t second = 7;
        CHECK_INT(brio_http_date_parse(brio_str_from(wrong[i]), &second), -EINVAL);
        CHECK_INT(second, 7);
    }
    char text[BRIO_HTTP_DATE];
    CHECK_STR(brio_http_date_text(text, INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK_STR(brio_http_date_text(text, INT64_MIN), "Mon, 01 Jan 0001 00:00:00 GMT");
}

/* ---- Media types and file names --------------------------------------------- */

TEST(media_types_by_name)
{
    CHECK_STR(brio_media_of_name(BRIO_S("a.txt")), "text/plain");
    CHECK_STR(brio_media_of_name(BRIO_S("dir.d/INDEX.HTML")), "text/html");
    CHECK_STR(brio_media_of_name(BRIO_S("a.tar.gz")), "application/x-tar");
    CHECK_STR(brio_media_of_name(BRIO_S("a.tgz")), "application/x-tar");
    CHECK_STR(brio_media_of_name(BRIO_S("a.css.br")), "text/css");
    CHECK_STR(brio_media_of_name(BRIO_S("a.3g2")), "audio/3gpp2");
    CHECK_STR(brio_media_of_name(BRIO_S("a.zip")), "application/zip");
    CHECK_STR(brio_media_of_name(BRIO_S("a.mp4")), "video/mp4");
    CHECK_STR(brio_media_of_name(BRIO_S("a.js")), "text/javascript");
    static const char *const unknown[] = {
        "",       "a",    ".txt", "..txt",  "a.",
        "a.txt/", "a.gz", "txt",  "a.txtt", "a.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        CHECK_STR(brio_media_of_name(brio_str_from(unknown[i])), "");
    CHECK(brio_media_compresses(BRIO_S("text/html; charset=utf-8")));
    CHECK(brio_media_compresses(BRIO_S("application/problem+json")));
    CHECK(brio_media_compresses(BRIO_S("image/svg+xml")));
    CHECK(!brio_media_compresses(BRIO_S("image/png")));
    CHECK(!brio_media_compresses(BRIO_S("")));
}

static void check_disposition(brio_arena *arena, const vector *v)
{
    brio_buf out = brio_buf_over(brio_alloc(arena, 512), 512);
    brio_disposition_format(&out, BRIO_S("attachment"), v->words[0]);
    vector_same(v, brio_buf_str(&out), v->words[1]);
}

TEST(file_names_as_starlette)
{
    vectors_run(BRIO_TEST_DATA "/http/disposition.txt", check_disposition, 100);
}

/* ---- Ranges ----------------------------------------------------------------- */

static void check_range(brio_arena *arena, const vector *v)
{
    brio_range ranges[BRIO_RANGES_MAX];
    const char *why = NULL;
    int n = brio_range_parse(v->words[0], 20, ranges, BRIO_RANGES_MAX, &why);
    const char *status = n == -ERANGE ? "416" : n == -EINVAL ? "400" : "206";
    vector_same(v, brio_str_from(status), v->words[1]);
    if (n == -EINVAL)
        vector_same(v, brio_str_from(why), v->words[2]);
    for (int i = 0; i < n; i++) {
        CHECK((size_t)i * 2 + 3 < v->n);
        vector_same(v, brio_printf(arena, "%d", (int)ranges[i].from), v->words[2 + 2 * i]);
        vector_same(v, brio_printf(arena, "%d", (int)ranges[i].to), v->words[3 + 2 * i]);
    }
    if (n > 0)
        CHECK_INT(v->n, 2 + 2 * (size_t)n);
}

TEST(ranges_as_starlette)
{
    vectors_run(BRIO_TEST_DATA "/http/range.txt", check_range, 500);
}

TEST(ranges_at_the_edges)
{
    brio_range r[2];
    const char *why;
    CHECK_INT(brio_range_parse(BRIO_S("bytes=0-0"), 0, r, 2, &why), -ERANGE);
    CHECK_INT(brio_range_parse(BRIO_S("bytes=-5"), 0, r, 2, &why), -ERANGE);
    CHECK_INT(brio_range_parse(BRIO_S("bytes=5-4"), 20, r, 2, &why), -EINVAL);
    CHECK_STR(brio_str_from(why), "Range header: start must be less than end");
    CHECK_INT(brio_range_parse(BRIO_S("bytes=0-1,4-5,8-9"), 20, r, 2, &why), 0);
    CHECK_INT(brio_range_parse(BRIO_S("bytes=0-18446744073709551615"), UINT64_MAX, r, 2, &why), 1);
    CHECK(r[0].from == 0 && r[0].to == UINT64_MAX);
    CHECK_INT(brio_range_parse(BRIO_S("bytes=4-5,0-1"), 20, r, 2, &why), 2);
    CHECK(r[0].from == 0 && r[0].to == 2 && r[1].from == 4 && r[1].to == 6);
}

/* ---- Conditions ------------------------------------------------------------- */

static bool not_modified(const char *name, const char *value)
{
    brio_header header = {brio_str_from(name), brio_str_from(value)};
    brio_http_request req = {.headers = &header, .n_headers = 1};
    return brio_http_not_modified(&req, BRIO_S("\"a-1\""), 784111777);
}

static bool range_counts(const char *name, const char *value)
{
    brio_header header = {brio_str_from(name), brio_str_from(value)};
    brio_http_request req = {.headers = &header, .n_headers = 1};
    return brio_http_if_range(&req, BRIO_S("\"a-1\""), 784111777);
}

TEST(conditions)
{
    CHECK(not_modified("If-None-Match", "\"a-1\""));
    CHECK(not_modified("if-none-match", "\"b\", W/\"a-1\""));
    CHECK(not_modified("if-none-match", "*"));
    CHECK(!not_modified("if-none-match", "\"b\""));
    CHECK(!not_modified("if-none-match", "a-1"));
    CHECK(not_modified("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"));
    CHECK(not_modified("if-modified-since", "Sun, 06 Nov 1994 08:49:38 GMT"));
    CHECK(!not_modified("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT"));
    CHECK(!not_modified("if-modified-since", "yesterday"));
    CHECK(!not_modified("x", "y"));
    brio_header both[] = {{BRIO_S("if-none-match"), BRIO_S("\"b\"")},
                          {BRIO_S("if-modified-since"), BRIO_S("Sun, 06 Nov 1994 08:49:38 GMT")}};
    brio_http_request req = {.headers = both, .n_headers = 2};
    CHECK(!brio_http_not_modified(&req, BRIO_S("\"a-1\""), 784111777));
    CHECK(range_counts("x", "y"));
    CHECK(range_counts("if-range", "\"a-1\""));
    CHECK(range_counts("if-range", "Sun, 06 Nov 1994 08:49:37 GMT"));
    CHECK(!range_counts("if-range", "Sun, 06 Nov 1994 08:49:38 GMT"));
    CHECK(!range_counts("if-range", "W/\"a-1\""));
}

TEST(etags_tell_files_apart)
{
    char a[BRIO_ETAG], b[BRIO_ETAG];
    CHECK_STR(brio_etag_of_file(a, 0xABC, 16), "\"abc-10\"");
    CHECK_INT(brio_etag_of_file(b, -1, UINT64_MAX).len, 35);
    CHECK(!brio_str_eq(brio_etag_of_file(a, 1, 2), brio_etag_of_file(b, 2, 1)));
}
