/* SPDX-License-Identifier: MIT
 *
 * Templates against what Jinja made of them (tests/data/template), and what Jinja
 * is not asked: limits, messages, names that would leave the directory. */
#include "harness/vectors.h"

#include <brio/task.h>
#include <brio/template.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 16 };

typedef struct files {
    struct {
        char name[64], text[512];
    } of[FILES_MAX];
    size_t n;
} files;

static files known;

static void add(brio_str name, brio_str text)
{
    CHECK(known.n < FILES_MAX && name.len < 64 && text.len < 512);
    memset(&known.of[known.n], 0, sizeof known.of[0]);
    memcpy(known.of[known.n].name, name.ptr, name.len);
    memcpy(known.of[known.n++].text, text.ptr, text.len);
}

static int load(void *arg, brio_arena *arena, brio_str name, brio_str *ret)
{
    const files *f = arg;
    (void)arena;
    for (size_t i = 0; i < f->n; i++)
        if (brio_str_eq(name, brio_str_from(f->of[i].name))) {
            *ret = brio_str_from(f->of[i].text);
            return 0;
        }
    return -ENOENT;
}

static void check_jinja(brio_arena *arena, const vector *v)
{
    brio_json context;
    brio_buf out = {0};
    if (v->n == 2) {
        add(v->words[0], v->words[1]);
        return;
    }
    brio_template_set *set =
        brio_template_set_new(&(brio_template_options){.load = load, .load_arg = &known});
    CHECK_OK(brio_json_parse(arena, v->words[1], NULL, &context, NULL));
    int rc = brio_template_render_text(set, BRIO_S("t"), v->words[0], &context, NULL, arena, &out);
    if (rc < 0)
        test_fail(v->file, v->line, "%.*s", BRIO_ARG(brio_error_detail()));
    vector_same(v, brio_buf_str(&out), v->words[2]);
    brio_buf_fini(&out);
    brio_template_set_free(set);
}

TEST(templates_as_jinja)
{
    vectors_run(BRIO_TEST_DATA "/template/jinja.txt", check_jinja, 50);
}

/* ---- Messages --------------------------------------------------------------- */

static int render(const brio_template_options *options, const char *text, const char *context,
                  brio_buf *out)
{
    brio_arena arena;
    brio_json value;
    brio_arena_init(&arena, 0);
    brio_template_set *set = brio_template_set_new(options);
    CHECK_OK(brio_json_parse(&arena, brio_str_from(context), NULL, &value, NULL));
    int rc = brio_template_render_text(set, BRIO_S("t.html"), brio_str_from(text), &value, NULL,
                                       &arena, out);
    brio_template_set_free(set);
    brio_arena_fini(&arena);
    return rc;
}

static void refused(const char *text, int err, const char *why)
{
    brio_buf out = {0};
    brio_buf_add(&out, BRIO_S("kept"));
    brio_template_options options = {.load = load, .load_arg = &known};
    int rc = render(&options, text, "{\"n\": 1, \"l\": [1]}", &out);
    if (rc != err)
        test_fail(__FILE__, __LINE__, "%s: %d (%.*s)", text, rc, BRIO_ARG(brio_error_detail()));
    CHECK_STR(brio_error_detail(), why);
    CHECK_STR(brio_buf_str(&out), "kept");
    brio_buf_fini(&out);
}

TEST(faults_name_file_and_line)
{
    refused("a\n{% if n %}", BRIO_ESYNTAX, "t.html:2: no 'endif' for what line 2 opened");
    refused("{% if n %}\n{% endfor %}", BRIO_ESYNTAX,
            "t.html:2: expected 'endif' for what line 1 opened, found 'endfor'");
    refused("{{ n", BRIO_ESYNTAX, "t.html:1: a tag without its end");
    refused("{{ n + }}", BRIO_ESYNTAX,
            "t.html:1: expected an expression before the end of the tag");
    refused("{{ }}", BRIO_ESYNTAX, "t.html:1: expected an expression before the end of the tag");
    refused("{% %}", BRIO_ESYNTAX, "t.html:1: an empty tag");
    refused("{% macro x() %}", BRIO_ESYNTAX, "t.html:1: unexpected 'macro'");
    refused("{{ n|nope }}", BRIO_ESYNTAX, "t.html:1: no filter is named 'nope'");
    refused("{{ 'abc }}", BRIO_ESYNTAX, "t.html:1: a string without its end");
    refused("{# abc", BRIO_ESYNTAX, "t.html:1: a comment without #}");
    refused("{% raw %}", BRIO_ESYNTAX, "t.html:1: raw without endraw");
    refused("{{ (n }}", BRIO_ESYNTAX, "t.html:1: expected ')', found '}'");
    refused("{% block a %}{% endblock %}{% block a %}{% endblock %}", BRIO_ESYNTAX,
            "t.html:1: a second block 'a'");
    refused("\n\n{{ gone.x }}", BRIO_EMODEL, "t.html:3: 'gone' is undefined");
    refused("{{ n + 'x' }}", BRIO_EMODEL, "t.html:1: a number + a text is not defined");
    refused("{{ n / 0 }}", BRIO_EMODEL, "t.html:1: division by zero");
    refused("{{ nope(1) }}", BRIO_EMODEL, "t.html:1: no function is named 'nope'");
    refused("{{ n is nope }}", BRIO_EMODEL, "t.html:1: no test is named 'nope'");
    refused("{% for a, b in l %}{% endfor %}", BRIO_EMODEL, "t.html:1: an item that is no pair");
    refused("{% for a in n %}{% endfor %}", BRIO_EMODEL,
            "t.html:1: a number cannot be iterated over");
    refused("{{ n < 'a' }}", BRIO_EMODEL, "t.html:1: a number and a text have no order");
    refused("\n{% include 'gone' %}", -ENOENT, "t.html:2: no template is named 'gone'");
    refused("{{ super() }}", BRIO_EMODEL, "t.html:1: super() without a block below");
}

TEST(faults_of_other_files_name_those)
{
    known.n = 0;
    add(BRIO_S("bad.html"), BRIO_S("\n{% if %}"));
    add(BRIO_S("late.html"), BRIO_S("\n\n{{ a.b }}"));
    refused("{% include 'bad.html' %}", BRIO_ESYNTAX,
            "bad.html:2: expected an expression before the end of the tag");
    refused("{% extends 'late.html' %}", BRIO_EMODEL, "late.html:3: 'a' is undefined");
}

/* ---- Limits ----------------------------------------------------------------- */

static char *repeated(const char *piece, size_t n, const char *end)
{
    static char text[65536];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    memcpy(text + len, end, strlen(end) + 1);
    return text;
}

static int rc_of(const brio_template_options *options, const char *text)
{
    brio_buf out = {0};
    int rc = render(options, text, "{}", &out);
    brio_buf_fini(&out);
    return rc;
}

TEST(depth_has_a_limit)
{
    CHECK_INT(rc_of(NULL, repeated("{% if 1 %}", 1000, "")), BRIO_ESYNTAX);
    static char nested[65536];
    nested[0] = '\0';
    memcpy(nested, "{{ ", 4);
    memcpy(nested + 3, repeated("(", 5000, ""), 5001);
    CHECK_INT(rc_of(NULL, nested), BRIO_ESYNTAX);
    memcpy(nested + 3, repeated("1+", 5000, "1 }}"), 10005);
    CHECK_INT(rc_of(NULL, nested), BRIO_ESYNTAX);
    memcpy(nested + 3, repeated("[", 5000, ""), 5001);
    CHECK_INT(rc_of(NULL, nested), BRIO_ESYNTAX);
    memcpy(nested + 3, repeated("-", 5000, ""), 5001);
    CHECK_INT(rc_of(NULL, nested), BRIO_ESYNTAX);
    memcpy(nested + 3, repeated("not ", 5000, "1 }}"), 20005);
    CHECK_INT(rc_of(NULL, nested), 0);
}

TEST(circles_end)
{
    known.n = 0;
    add(BRIO_S("self.html"), BRIO_S("x{% include 'self.html' %}"));
    add(BRIO_S("up.html"), BRIO_S("{% extends 'up.html' %}"));
    brio_template_options options = {.load = load, .load_arg = &known};
    CHECK_INT(rc_of(&options, "{% include 'self.html' %}"), BRIO_ELIMIT);
    CHECK_INT(rc_of(&options, "{% extends 'up.html' %}"), BRIO_ELIMIT);
}

TEST(work_and_output_have_limits)
{
    brio_template_options small = {.max_output = 100, .max_steps = 1000, .max_source = 200};
    CHECK_INT(rc_of(&small, "{% for i in range(50) %}12345{% endfor %}"), BRIO_ELIMIT);
    CHECK_INT(rc_of(&small, "{% for i in range(2000) %}{% endfor %}"), BRIO_ELIMIT);
    CHECK_INT(rc_of(&small, "{% for i in range(1000000000) %}{% endfor %}"), BRIO_ELIMIT);
    CHECK_INT(rc_of(&small, repeated("x", 201, "")), BRIO_ELIMIT);
    CHECK_INT(rc_of(&small, "{% set a %}{% for i in range(50) %}12345{% endfor %}{% endset %}"),
              BRIO_ELIMIT);
    CHECK_INT(rc_of(&small, "{{ range(90)|join }}"), BRIO_ELIMIT);
    CHECK_INT(rc_of(&small, "{{ range(9)|join }}"), 0);
}

/* ---- Functions of the application, and files ---------------------------------- */

static int url_for(void *arg, brio_arena *arena, brio_str function, const brio_template_arg *args,
                   size_t n, brio_json *ret)
{
    CHECK(arg == &known);
    if (!brio_str_eq(function, BRIO_S("url_for")))
        return -ENOENT;
    CHECK_INT(n, 2);
    CHECK_STR(args[1].name, "id");
    *ret = brio_json_from_str(
        brio_printf(arena, "/%.*s/%d", BRIO_ARG(args[0].value.str), (int)args[1].value.integer));
    return 0;
}

TEST(functions_are_the_applications)
{
    brio_arena arena;
    brio_buf out = {0};
    brio_arena_init(&arena, 0);
    brio_template_set *set = brio_template_set_new(NULL);
    brio_template_call call = {url_for, &known};
    CHECK_OK(brio_template_render_text(set, BRIO_S("t"), BRIO_S("{{ url_for('a&b', id=3) }}"), NULL,
                                       &call, &arena, &out));
    CHECK_STR(brio_buf_str(&out), "/a&amp;b/3");
    CHECK_INT(brio_template_render_text(set, BRIO_S("t"), BRIO_S("{{ other() }}"), NULL, &call,
                                        &arena, &out),
              BRIO_EMODEL);
    brio_buf_fini(&out);
    brio_template_set_free(set);
    brio_arena_fini(&arena);
}

static void write_to(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void named(brio_template_set *set, const char *name, int want, const char *text)
{
    brio_arena arena;
    brio_buf out = {0};
    brio_arena_init(&arena, 0);
    CHECK_INT(brio_template_render(set, brio_str_from(name), NULL, NULL, &arena, &out), want);
    CHECK_STR(brio_buf_str(&out), text);
    brio_buf_fini(&out);
    brio_arena_fini(&arena);
}

TEST(files_are_read_once_or_each_time)
{
    char dir[] = "/tmp/brio-template-XXXXXX", path[64], out[64];
    CHECK(mkdtemp(dir) != NULL);
    (void)snprintf(path, sizeof path, "%s/t/a.html", dir);
    (void)snprintf(out, sizeof out, "%s/t", dir);
    CHECK(mkdir(out, 0700) == 0);
    (void)snprintf(out, sizeof out, "%s/out.html", dir);
    write_to(path, "one{{ '<' }}");
    write_to(out, "secret");
    (void)snprintf(out, sizeof out, "%s/t", dir);
    brio_template_set *once = brio_template_set_new(&(brio_template_options){.directory = out});
    brio_template_set *each =
        brio_template_set_new(&(brio_template_options){.directory = out, .reload = true});
    named(once, "a.html", 0, "one&lt;");
    named(each, "a.html", 0, "one&lt;");
    write_to(path, "two");
    named(once, "a.html", 0, "one&lt;");
    named(each, "a.html", 0, "two");
    named(once, "../out.html", -ENOENT, "");
    named(once, "b.html", -ENOENT, "");
    named(once, "", -ENOENT, "");
    named(once, "/etc/passwd", -ENOENT, "");
    named(once, "./a.html", -ENOENT, "");
    named(once, "a.html/x", -ENOENT, "");
    brio_template_set_free(once);
    brio_template_set_free(each);
    CHECK(unlink(path) == 0 && rmdir(out) == 0);
    (void)snprintf(out, sizeof out, "%s/out.html", dir);
    CHECK(unlink(out) == 0 && rmdir(dir) == 0);
}

TEST(only_markup_is_escaped)
{
    known.n = 0;
    add(BRIO_S("a.txt"), BRIO_S("{{ '<' }}"));
    add(BRIO_S("a.xml"), BRIO_S("{{ '<' }}"));
    brio_template_set *set =
        brio_template_set_new(&(brio_template_options){.load = load, .load_arg = &known});
    named(set, "a.txt", 0, "<");
    named(set, "a.xml", 0, "&lt;");
    brio_template_set_free(set);
}
