/* SPDX-License-Identifier: MIT
 *
 * multipart/form-data: what is read, what is refused, the limits, and that the
 * cut of the bytes changes nothing. What the events of a body are was asked of
 * python-multipart; `tools/http_expectations` asks it again, with bodies of its
 * own making. */
#include "harness/vectors.h"

#include <brio/http.h>

#include <stdio.h>
#include <stdlib.h>

#define TYPE "multipart/form-data; boundary=b"

typedef struct run {
    brio_arena arena;
    brio_buf log;
} run;

static void log_part(brio_buf *log, const brio_part *part)
{
    brio_buf_printf(log, "(%.*s", BRIO_ARG(part->name));
    if (part->is_file)
        brio_buf_printf(log, " file %.*s [%.*s] %zu", BRIO_ARG(part->filename),
                        BRIO_ARG(part->content_type), part->n_headers);
    brio_buf_add(log, BRIO_S(": "));
}

static void log_event(brio_buf *log, const brio_multipart *m, brio_multipart_event event)
{
    if (event == BRIO_MULTIPART_PART)
        log_part(log, &m->part);
    if (event == BRIO_MULTIPART_DATA)
        brio_buf_add(log, m->data);
    if (event == BRIO_MULTIPART_PART_END)
        brio_buf_char(log, ')');
    if (event == BRIO_MULTIPART_REFUSED)
        brio_buf_printf(log, "! %.*s", BRIO_ARG(m->reason));
}

/* One piece, as a heap block of its own size: a view left behind is found. */
static bool feed(brio_multipart *m, brio_str piece, brio_buf *log)
{
    char *copy = malloc(piece.len + 1);
    CHECK(copy != NULL);
    memcpy(copy, piece.ptr, piece.len);
    brio_str input = {copy, piece.len};
    brio_multipart_event event;
    while ((event = brio_multipart_next(m, &input)) > BRIO_MULTIPART_MORE) {
        CHECK(event != BRIO_MULTIPART_DATA || m->data.len > 0);
        log_event(log, m, event);
        if (event == BRIO_MULTIPART_REFUSED)
            break;
    }
    CHECK_INT(input.len, 0);
    free(copy);
    return event != BRIO_MULTIPART_REFUSED;
}

static run parse(const char *type, const brio_form_limits *limits, brio_str body, size_t first,
                 size_t step)
{
    run r = {0};
    brio_multipart m;
    brio_arena_init(&r.arena, 0);
    if (brio_multipart_init(&m, &r.arena, brio_str_from(type), limits) < 0) {
        log_event(&r.log, &m, BRIO_MULTIPART_REFUSED);
        return r;
    }
    bool goes_on = feed(&m, brio_str_slice(body, 0, first), &r.log);
    for (size_t at = first; goes_on && at < body.len; at += step)
        goes_on = feed(&m, brio_str_slice(body, at, step), &r.log);
    return r;
}

static void end(run *r)
{
    brio_arena_fini(&r->arena);
    brio_buf_fini(&r->log);
}

static void check_cut(const char *type, const brio_form_limits *limits, brio_str body, size_t first,
                      size_t step, const char *want)
{
    run r = parse(type, limits, body, first, step);
    if (!brio_str_eq(brio_buf_str(&r.log), brio_str_from(want)))
        test_fail(__FILE__, __LINE__, "cut at %zu, then every %zu of:\n%.*s\ngot:\n%.*s\nwant:\n%s",
                  first, step, BRIO_ARG(body), BRIO_ARG(brio_buf_str(&r.log)), want);
    end(&r);
}

static void check_with(const char *type, const brio_form_limits *limits, brio_str body,
                       const char *want)
{
    for (size_t first = 0; first <= body.len; first++)
        check_cut(type, limits, body, first, body.len, want);
    for (size_t step = 1; step < 9; step++)
        check_cut(type, limits, body, 0, step, want);
}

static void check(brio_str body, const char *want)
{
    check_with(TYPE, NULL, body, want);
}

#define CD "Content-Disposition: form-data; "
#define A  "--b\r\n" CD "name=\"a\"\r\n\r\n"

TEST(fields_and_files)
{
    check(BRIO_S(A "1\r\n--b--\r\n"), "(a: 1)");
    check(BRIO_S(A "1\r\n" A "2\r\n--b--"), "(a: 1)(a: 2)");
    check(BRIO_S(A "\r\n--b--"), "(a: )");
    check(BRIO_S("--b\r\n" CD "name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\n"
                 "one\r\ntwo\r\n--b--\r\n"),
          "(f file x.txt [text/plain] 2: one\r\ntwo)");
    check(BRIO_S("--b\r\n" CD "name=f; filename=\"\"\r\n\r\n\r\n--b--"), "(f file  [] 1: )");
    check(BRIO_S("--b\r\ncontent-disposition:form-data;NAME=\"a;b\"; filename = \"q\\\"\\\\.x\"\r\n"
                 "X-A: 1\r\nx-a: 2\r\n\r\n!\r\n--b--"),
          "(a;b file q\"\\.x [] 3: !)");
}

TEST(whatever_looks_like_a_delimiter)
{
    check(BRIO_S(A "\r\r\n\r\n-\r\n--\r\n--c\r\n--b\r\n--b--"),
          "(a: \r\r\n\r\n-\r\n--\r\n--c)"); /* behind it a head that has no end */
    check(BRIO_S(A "x\r\n--bc\r\n--b-\r\n--b\rx\r\n--b--"), "(a: x\r\n--bc\r\n--b-\r\n--b\rx)");
    check(BRIO_S(A "--b--\r\n--b--"), "(a: --b--)");
    check(BRIO_S(A "\n--b--\n--b--\r\n--b--"), "(a: \n--b--\n--b--)");
    check(BRIO_S(A "\r\n--\r\n--b--"), "(a: \r\n--)");
    check(BRIO_S(A "\r\n\r\n--b--"), "(a: \r\n)");
    check_with("multipart/form-data; boundary=--b", NULL,
               BRIO_S("----b\r\n" CD "name=a\r\n\r\n--\r\n--\r\n----b----"), "(a: --\r\n--)");
    check_with("multipart/form-data; boundary=\"\"", NULL,
               BRIO_S("--\r\n" CD "name=a\r\n\r\nx\r\n----"), "(a: x)");
}

/* Bytes at random are not handed on in shreds: only a beginning of the delimiter cuts. */
TEST(lone_returns_do_not_cut)
{
    brio_str body = BRIO_S(A "1\r2\r\n3\r\n-4\r\r\n--b--");
    brio_arena arena;
    brio_multipart m;
    brio_arena_init(&arena, 0);
    CHECK_OK(brio_multipart_init(&m, &arena, BRIO_S(TYPE), NULL));
    CHECK_INT(brio_multipart_next(&m, &body), BRIO_MULTIPART_PART);
    CHECK_INT(brio_multipart_next(&m, &body), BRIO_MULTIPART_DATA);
    CHECK_STR(m.data, "1\r2\r\n3\r\n-4\r");
    CHECK_INT(brio_multipart_next(&m, &body), BRIO_MULTIPART_PART_END);
    brio_arena_fini(&arena);
}

TEST(blanks_behind_a_delimiter)
{
    check(BRIO_S(A "1\r\n--b \t \r\n" CD "name=c\r\n\r\n2\r\n--b--"), "(a: 1)(c: 2)");
    check(BRIO_S(A "1\r\n--b x"), "(a: 1! ");
    check(BRIO_S(A "1\r\n--b \rx"), "(a: 1! ");
}

TEST(what_comes_before_and_behind)
{
    check(BRIO_S("\r\n\r\n" A "1\r\n--b--"), "(a: 1)");
    check(BRIO_S("\nwhatever it is" A "1\r\n--b--"), "(a: 1)");
    check(BRIO_S("x" A "1\r\n--b--"), "! ");
    check(BRIO_S(A "1\r\n--b--\r\n" A "2\r\n--b--"), "(a: 1)");
    check(BRIO_S(A "1\r\n--b--anything"), "(a: 1)");
    check(BRIO_S("--b--"), "");
    check(BRIO_S("--b-x"), "! ");
    check(BRIO_S(""), "");
}

TEST(a_body_that_ends_too_early_has_no_error)
{
    check(BRIO_S(A "1"), "(a: 1");
    check(BRIO_S(A "1\r\n--b"), "(a: 1");
    check(BRIO_S("--b\r\n" CD "name=a"), "");
    check(BRIO_S(A "1\r\n--b\r\n"), "(a: 1)");
}

TEST(malformed_heads)
{
    check(BRIO_S("--b\r\n" CD "\r\n\r\n"),
          "! The Content-Disposition header field \"name\" must be provided.");
    check(BRIO_S("--b\r\nX: y\r\n\r\n"),
          "! The Content-Disposition header field \"name\" must be provided.");
    check(BRIO_S("--b\r\n\r\n"),
          "! The Content-Disposition header field \"name\" must be provided.");
    check(BRIO_S("--b\r\n" CD "filename=x; name\r\n\r\n1\r\n--b--"), "( file x [] 1: 1)");
    check(BRIO_S("--b\r\n: x\r\n"), "! ");
    check(BRIO_S("--b\r\nX y\r\n"), "! ");
    check(BRIO_S("--b\r\nX : y\r\n"), "! ");
    check(BRIO_S("--b\r\nX: y\rz"), "! ");
    check(BRIO_S("--b\r\n\rx"), "! ");
    check(BRIO_S("--b\rx"), "! ");
    check(BRIO_S("--bx"), "! ");
}

TEST(names_are_utf8_or_latin1)
{
    check(BRIO_S("--b\r\n" CD "name=\"\xC3\xA9\"; filename=\"\xE9\"\r\n\r\n1\r\n--b--"),
          "(\xC3\xA9 file \xC3\xA9 [] 1: 1)");
    check_with("multipart/form-data; charset=ISO-8859-1; boundary=b", NULL,
               BRIO_S("--b\r\n" CD "name=\"\xC3\xA9\"\r\n\r\n1\r\n--b--"), "(\xC3\x83\xC2\xA9: 1)");
    check(BRIO_S("--b\r\n" CD "name=a; filename*=utf-8''x; filename=\"C:\\d\\e.txt\"\r\n\r\n--b--"),
          "(a file e.txt [] 1: --b--");
    check(BRIO_S("--b\r\n" CD "name=a; filename=\"\\\\\\\\host\\f\"\r\n\r\n"), "(a file f [] 1: ");
}

TEST(limits_are_fastapis_words)
{
    const brio_form_limits few = {
        .files = 1, .fields = 2, .field_bytes = 4096, .headers = 2, .header_bytes = 60};
    check_with(TYPE, &few, BRIO_S(A "\r\n" A "\r\n" A "\r\n--b--"),
               "(a: )(a: )! Too many fields. Maximum number of fields is 2.");
#define F "--b\r\n" CD "name=a; filename=x\r\n\r\n"
    check_with(TYPE, &few, BRIO_S(F "\r\n" F "\r\n--b--"),
               "(a file x [] 1: )! Too many files. Maximum number of files is 1.");
    check_with(TYPE, &few, BRIO_S("--b\r\nA: 1\r\nB: 2\r\n\r\n"),
               "! The Content-Disposition header field \"name\" must be provided.");
    check_with(TYPE, &few, BRIO_S("--b\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), "! ");
    check_with(TYPE, &few, BRIO_S("--b\r\n" CD "name=aaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n\r\n--b--"),
               "(aaaaaaaaaaaaaaaaaaaaaaa: )"); /* 60 bytes */
    check_with(TYPE, &few, BRIO_S("--b\r\n" CD "name=aaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n\r\n--b--"),
               "! ");
}

TEST(a_field_has_a_limit_a_file_has_none)
{
    enum { MAX = 1024 * 1024 };
    static char body[2 * MAX];
    const char *heads[] = {A, "--b\r\n" CD "name=a; filename=x\r\n\r\n"};
    for (int file = 0; file < 2; file++) {
        size_t head = strlen(heads[file]);
        memset(body, 'x', sizeof body);
        memcpy(body, heads[file], head);
        run r = parse(TYPE, NULL, (brio_str){body, head + MAX}, MAX / 3, MAX / 3);
        CHECK(!memmem(r.log.ptr, r.log.len, "!", 1));
        end(&r);
        r = parse(TYPE, NULL, (brio_str){body, head + MAX + 1}, MAX / 3, MAX / 3);
        bool refused = memmem(r.log.ptr, r.log.len, "! Part exceeded maximum size of 1024KB.", 39);
        CHECK(refused == !file);
        end(&r);
    }
}

TEST(a_field_is_given_up_to_its_limit)
{
    const brio_form_limits few = {.field_bytes = 4};
    check_with(TYPE, &few, BRIO_S(A "1234\r\n--b--"), "(a: 1234)");
    check_with(TYPE, &few, BRIO_S(A "12345\r\n--b--"),
               "(a: 1234! Part exceeded maximum size of 0KB.");
    check_with(TYPE, &few, BRIO_S(A "123\r\n-\r\n--b--"),
               "(a: 123\r! Part exceeded maximum size of 0KB.");
}

TEST(a_boundary_must_be_there)
{
    check_with("multipart/form-data", NULL, BRIO_S(""), "! Missing boundary in multipart.");
    check_with("multipart/form-data; charset=utf-8", NULL, BRIO_S(""),
               "! Missing boundary in multipart.");
    char type[400] = "multipart/form-data; boundary=";
    memset(type + strlen(type), 'x', 257);
    check_with(type, NULL, BRIO_S(""), "! ");
    type[strlen(type) - 1] = '\0';
    check_with(type, NULL, BRIO_S(""), "");
    CHECK_INT(brio_form_kind_of(BRIO_S(" Multipart/Form-Data ;x")), BRIO_FORM_MULTIPART);
    CHECK_INT(brio_form_kind_of(BRIO_S("application/x-www-form-urlencoded;charset=UTF-8")),
              BRIO_FORM_URLENCODED);
    CHECK_INT(brio_form_kind_of(BRIO_S("text/plain")), BRIO_FORM_NONE);
    CHECK_INT(brio_form_kind_of(BRIO_S("")), BRIO_FORM_NONE);
}

/* Bodies made of beginnings of the delimiter: each byte is looked at a bounded
 * number of times, or this would not end in the harness's time. */
TEST(hostile_bodies_are_linear)
{
    enum { SIZE = 8 * 1024 * 1024 };
    char *body = malloc(SIZE);
    CHECK(body != NULL);
    static char type[300] = "multipart/form-data; boundary=";
    memset(type + strlen(type), '-', 250);
    const char *units[] = {"\r", "\r\n", "\r\n--", "\r\n-----------------------------------"};
    for (int i = 0; i < 4; i++) {
        size_t len = strlen(units[i]);
        char head[400];
        int n = snprintf(head, sizeof head, "--%s\r\n" CD "name=a; filename=x\r\n\r\n", type + 30);
        for (size_t at = 0; at < SIZE; at++)
            body[at] = units[i][at % len];
        memcpy(body, head, (size_t)n);
        run r = parse(type, NULL, (brio_str){body, SIZE}, 1 + (size_t)i, 8191);
        CHECK(r.log.len >= SIZE - 800);
        end(&r);
    }
    free(body);
}

/* ---- What Starlette says ------------------------------------------------------ */

/* The outcome of one body as words; one whose last part has no end is left out. */
static void add_word(brio_buf *log, brio_str word)
{
    brio_buf_printf(log, "%zu:", word.len);
    brio_buf_add(log, word);
    brio_buf_char(log, '\n');
}

static void add_item(brio_buf *log, const brio_multipart *m, const brio_buf *data)
{
    add_word(log, m->part.name);
    add_word(log, m->part.is_file ? BRIO_S("file") : BRIO_S("field"));
    if (m->part.is_file) {
        add_word(log, m->part.filename);
        add_word(log, m->part.content_type);
    }
    brio_str bytes = brio_buf_str(data);
    add_word(log, m->part.is_file ? bytes : brio_multipart_text(m, bytes));
}

static void read_items(brio_arena *arena, const vector *v, brio_buf *log)
{
    brio_multipart m;
    brio_multipart_event event = BRIO_MULTIPART_REFUSED;
    brio_str body = v->words[1];
    brio_buf data = {0};
    if (brio_multipart_init(&m, arena, v->words[0], NULL) == 0)
        while ((event = brio_multipart_next(&m, &body)) != BRIO_MULTIPART_MORE &&
               event != BRIO_MULTIPART_REFUSED) {
            if (event == BRIO_MULTIPART_PART)
                brio_buf_clear(&data);
            else if (event == BRIO_MULTIPART_DATA)
                brio_buf_add(&data, m.data);
            else
                add_item(log, &m, &data);
        }
    if (event == BRIO_MULTIPART_REFUSED) {
        brio_buf_clear(log);
        add_word(log, BRIO_S("refused"));
        add_word(log, m.reason);
    }
    brio_buf_fini(&data);
}

static void check_vector(brio_arena *arena, const vector *v)
{
    brio_buf got = {0}, want = {0};
    read_items(arena, v, &got);
    for (size_t i = 2; i < v->n; i++)
        add_word(&want, v->words[i]);
    vector_same(v, brio_buf_str(&got), brio_buf_str(&want));
    brio_buf_fini(&got);
    brio_buf_fini(&want);
}

TEST(bodies_as_starlette)
{
    vectors_run(BRIO_TEST_DATA "/http/multipart.txt", check_vector, 1000);
}

/* ---- Urlencoded ------------------------------------------------------------- */

static void check_pairs(brio_str body, const brio_form_limits *limits, const char *want)
{
    run r = {0};
    brio_pair *pairs;
    size_t n = 0;
    brio_str reason;
    brio_arena_init(&r.arena, 0);
    int rc = brio_form_parse(&r.arena, body, limits, &pairs, &n, &reason);
    for (size_t i = 0; i < n; i++)
        brio_buf_printf(&r.log, "%.*s=%.*s;", BRIO_ARG(pairs[i].name), BRIO_ARG(pairs[i].value));
    CHECK_STR(rc < 0 ? reason : brio_buf_str(&r.log), want);
    end(&r);
}

static void check_urlencoded(brio_arena *arena, const vector *v)
{
    brio_pair *pairs;
    brio_str reason;
    size_t n;
    CHECK_OK(brio_form_parse(arena, v->words[0], NULL, &pairs, &n, &reason));
    CHECK_INT(2 * n + 1, v->n);
    for (size_t i = 0; i < n; i++) {
        vector_same(v, pairs[i].name, v->words[1 + 2 * i]);
        vector_same(v, pairs[i].value, v->words[2 + 2 * i]);
    }
}

TEST(urlencoded_forms_as_starlette)
{
    vectors_run(BRIO_TEST_DATA "/http/form.txt", check_urlencoded, 400);
}

TEST(urlencoded_forms)
{
    check_pairs(BRIO_S("a=1&b=2&a=3"), NULL, "a=1;b=2;a=3;");
    check_pairs(BRIO_S("&&a&=x&=&a=b=c&"), NULL, "a=;=x;=;a=b=c;");
    check_pairs(BRIO_S("a+b=%41%zz%&x=%C3%A9"), NULL, "a b=A%zz%;x=\xC3\xA9;");
    check_pairs(BRIO_S("a=\xC3\xA9%C3\xA9"), NULL, "a=\xC3\x83\xC2\xA9\xEF\xBF\xBD\xC2\xA9;");
    check_pairs(BRIO_S(""), NULL, "");
    const brio_form_limits few = {.fields = 2, .field_bytes = 2048};
    check_pairs(BRIO_S("a&b&&"), &few, "a=;b=;");
    check_pairs(BRIO_S("a&b&c"), &few, "Too many fields. Maximum number of fields is 2.");
    static char large[2052];
    memset(large, 'a', sizeof large);
    large[3] = '=';
    check_pairs((brio_str){large, 2050}, &few, "Field exceeded maximum size of 2KB.");
    large[2049] = '&';
    brio_pair *pairs;
    size_t n;
    brio_str reason;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    CHECK_OK(brio_form_parse(&arena, (brio_str){large, 2050}, &few, &pairs, &n, &reason));
    CHECK_INT(n, 1);
    brio_arena_fini(&arena);
}
