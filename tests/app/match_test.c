/* SPDX-License-Identifier: MIT
 *
 * Templates against paths. The judge is a matcher that does what a regular
 * expression does, backtracking included: slow, obvious, and for random
 * templates and paths it must agree with ours to the last capture. */
#include "app/routing.h"
#include "harness/test.h"

static const brio_route nowhere = {.method = "GET", .path = "/"};

static brio_app_path compile(brio_arena *arena, const char *template)
{
    brio_route route = nowhere;
    route.path = template;
    brio_app_path path;
    brio_app_path_compile(arena, &route, &path);
    return path;
}

/* ---- The judge ---------------------------------------------------------------- */

static bool is_number(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return s.len > 0;
}

static bool is_hexadecimal(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789abcdefABCDEF", s.ptr[i]))
            return false;
    return true;
}

static bool is_uuid(brio_str s)
{
    char bare[40];
    size_t len = 0;
    for (size_t i = 0; i < s.len && len < sizeof bare; i++) {
        bool place = len == 8 || len == 12 || len == 16 || len == 20;
        bool hyphen = place && s.ptr[i] == '-' && s.ptr[i - 1] != '-';
        if (!hyphen)
            bare[len++] = s.ptr[i];
    }
    return len == 32 && is_hexadecimal((brio_str){bare, len});
}

static bool is_value_of(brio_app_convertor convertor, brio_str s)
{
    brio_str_pair parts = brio_str_cut(s, '.');
    switch (convertor) {
    case BRIO_APP_CONV_STR:
        return s.len && !brio_str_cut(s, '/').found;
    case BRIO_APP_CONV_PATH:
        return true;
    case BRIO_APP_CONV_INT:
        return is_number(s);
    case BRIO_APP_CONV_FLOAT:
        return is_number(parts.head) && (!parts.found || is_number(parts.tail));
    case BRIO_APP_CONV_UUID:
        return is_uuid(s);
    }
    return false;
}

static bool judge(const brio_app_path *path, size_t piece, brio_str rest, brio_str *captures)
{
    if (piece == path->n_pieces)
        return rest.len == 0;
    const brio_app_piece *p = &path->pieces[piece];
    if (!p->is_param)
        return brio_str_starts(rest, p->text) &&
               judge(path, piece + 1, brio_str_slice(rest, p->text.len, SIZE_MAX), captures);
    for (size_t len = rest.len + 1; len-- > 0;) {
        brio_str value = brio_str_slice(rest, 0, len);
        if (!is_value_of(p->convertor, value) ||
            !judge(path, piece + 1, brio_str_slice(rest, len, SIZE_MAX), captures + 1))
            continue;
        *captures = value;
        return true;
    }
    return false;
}

/* ---- Random templates and paths -------------------------------------------------- */

static uint64_t state = 1;

static size_t any(size_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(state >> 33) % n;
}

static const char *const bits[] = {"/", "/", "/", "a", "b", "1", ".", "-", "/a", "/1", "1.5", "x"};
static const char *const params[] = {"{%c}",       "/{%c}",      "{%c:int}",
                                     "{%c:float}", "/{%c:path}", "{%c:path}"};

static brio_str random_template(brio_arena *arena)
{
    brio_str t = BRIO_S("/");
    size_t n = 1 + any(6);
    char name = 'p';
    for (size_t i = 0; i < n; i++) {
        char param[16] = "";
        const char *piece = bits[any(sizeof bits / sizeof *bits)];
        if (any(2)) {
            const char *form = params[any(sizeof params / sizeof *params)];
            const char *at = strchr(form, '%');
            brio_buf buf = brio_buf_over(param, sizeof param - 1);
            brio_buf_add(&buf, brio_str_span(form, at));
            brio_buf_char(&buf, name++);
            brio_buf_add(&buf, brio_str_from(at + 2));
            piece = param;
        }
        t = brio_printf(arena, "%.*s%s", BRIO_ARG(t), piece);
    }
    return t;
}

static brio_str random_path(brio_arena *arena)
{
    brio_str path = BRIO_S("/");
    for (size_t n = any(9); n; n--)
        path = brio_printf(arena, "%.*s%s", BRIO_ARG(path), bits[any(sizeof bits / sizeof *bits)]);
    return path;
}

static void compare(brio_arena *arena, const brio_app_path *path, brio_str text)
{
    brio_str want[BRIO_APP_PARAMS_MAX + 1] = {{0}}, got[BRIO_APP_PARAMS_MAX] = {{0}};
    bool expected = judge(path, 0, text, want);
    bool matched = brio_app_path_match(path, text, arena, got);
    if (expected != matched)
        test_fail(__FILE__, __LINE__, "%.*s on %.*s: %d", BRIO_ARG(path->text), BRIO_ARG(text),
                  matched);
    for (size_t i = 0; matched && i < path->n_params; i++)
        if (!brio_str_eq(want[i], got[i]))
            test_fail(__FILE__, __LINE__, "%.*s on %.*s: capture %zu is \"%.*s\", want \"%.*s\"",
                      BRIO_ARG(path->text), BRIO_ARG(text), i, BRIO_ARG(got[i]), BRIO_ARG(want[i]));
}

TEST(agrees_with_a_regular_expression)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    for (int i = 0; i < 3000; i++) {
        brio_str template = random_template(&arena);
        brio_app_path path = compile(&arena, brio_cstr(&arena, template));
        for (int k = 0; k < 30; k++)
            compare(&arena, &path, random_path(&arena));
        brio_arena_reset(&arena);
    }
    brio_arena_fini(&arena);
}

TEST(uuids_agree_with_a_regular_expression)
{
    static const char *const texts[] = {
        "/12345678-1234-5678-1234-567812345678",  "/12345678123456781234567812345678",
        "/123456781234-56781234567812345678",     "/12345678-1234-5678-1234-56781234567",
        "/12345678--1234-5678-1234-567812345678", "/g2345678-1234-5678-1234-567812345678",
        "/12345678-1234-5678-1234-5678123456781", "/",
        "/12345678-1234-5678-1234-567812345678/", "/-12345678-1234-5678-1234-567812345678",
        "/1234-56781234567812345678567812345678"};
    static const char *const templates[] = {"/{u:uuid}", "/{u:uuid}{n}", "/{n:path}{u:uuid}"};
    brio_arena arena;
    brio_arena_init(&arena, 0);
    for (size_t t = 0; t < sizeof templates / sizeof *templates; t++) {
        brio_app_path path = compile(&arena, templates[t]);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            compare(&arena, &path, brio_str_from(texts[i]));
    }
    brio_arena_fini(&arena);
}

/* A backtracking matcher would need longer than the universe has. */
TEST(hostile_paths_take_linear_time)
{
    static const char *const templates[] = {
        "/{a}-{b}-{c}-{d}-{e}-{f}-{g}x", "/{a:path}-{b:path}-{c:path}-{d:path}-{e:path}x",
        "/{a:float}{b:float}{c:float}{d:float}x", "/{a:int}{b:int}{c:int}{d:int}x"};
    static char text[64 * 1024];
    brio_arena arena;
    brio_arena_init(&arena, 0);
    for (size_t t = 0; t < sizeof templates / sizeof *templates; t++) {
        brio_app_path path = compile(&arena, templates[t]);
        memset(text, t < 2 ? '-' : '1', sizeof text);
        text[0] = '/';
        brio_str captures[BRIO_APP_PARAMS_MAX];
        CHECK(!brio_app_path_match(&path, (brio_str){text, sizeof text}, &arena, captures));
        text[sizeof text - 1] = 'x';
        CHECK(brio_app_path_match(&path, (brio_str){text, sizeof text}, &arena, captures));
        brio_arena_reset(&arena);
    }
    brio_arena_fini(&arena);
}

TEST(a_template_is_simple_when_each_segment_is_one_thing)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    CHECK(compile(&arena, "/items/{id}").simple);
    CHECK(compile(&arena, "/items/{id:int}/").simple);
    CHECK(compile(&arena, "/files/{rest:path}").simple);
    CHECK(!compile(&arena, "/files/{rest:path}/meta").simple);
    CHECK(!compile(&arena, "/files/x{rest:path}").simple);
    CHECK(!compile(&arena, "/{a}.{b}").simple);
    brio_arena_fini(&arena);
}

TEST(the_documents_key_has_no_convertors)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    CHECK_STR(compile(&arena, "/a/{b:path}").format, "/a/{b}");
    CHECK_STR(compile(&arena, "/{a:int}-{b}.txt").format, "/{a}-{b}.txt");
    CHECK_STR(compile(&arena, "/").format, "/");
    brio_arena_fini(&arena);
}

TEST(text_that_is_no_path_never_matches)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_app_path rest = compile(&arena, "/{rest:path}"), root = compile(&arena, "/");
    brio_str captures[BRIO_APP_PARAMS_MAX];
    CHECK(!brio_app_path_match(&rest, BRIO_S(""), &arena, captures));
    CHECK(!brio_app_path_match(&rest, BRIO_S("*"), &arena, captures));
    CHECK(!brio_app_path_match(&root, BRIO_S(""), &arena, captures));
    CHECK(brio_app_path_match(&rest, BRIO_S("/"), &arena, captures));
    CHECK_STR(captures[0], "");
    brio_arena_fini(&arena);
}
