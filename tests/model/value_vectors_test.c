/* SPDX-License-Identifier: MIT
 *
 * Replays what the real pydantic said to values of every type in
 * <brio/types.h> (tests/model/vectors/type_*.json, written by
 * tools/value_vectors.py): what is read and how it is written with and without
 * a response model, or the errors; and the schemas that FastAPI shows. Inputs
 * take the fast road, the judge's and, strings among them, a parameter's. */
#include "model/type_internal.h"
#include "vector_models.h"

#include <stdio.h>

enum { GROUPS_MAX = 128 };

typedef union holder {
    char bytes[128];
    void *pointer;
    double number;
} holder;

/* Static: plans live as long as the program and must stay reachable. */
static brio_field fields[GROUPS_MAX];
static brio_model owners[GROUPS_MAX];
static size_t n_groups;

typedef struct vector {
    brio_arena *arena;
    const char *file;
    const brio_json *options, *want;
    const brio_model *owner;
    size_t failures;
} vector;

static brio_num num_of(const brio_json *v)
{
    if (!v)
        return (brio_num){0};
    if (v->type == BRIO_JSON_INT)
        return (brio_num){true, true, v->integer, (double)v->integer};
    return (brio_num){.set = true, .i = INT64_MIN, .v = v->number}; /* i is not looked at */
}

static size_t size_of(const brio_json *v)
{
    return v ? (size_t)v->integer : 0;
}

static const char *text_of(brio_arena *arena, const brio_json *v)
{
    return v ? brio_cstr(arena, v->str) : NULL;
}

#define OPTION(name) brio_json_get(options, BRIO_S(name))

static brio_field field_of(brio_arena *arena, const brio_json *options, brio_model_fn *model)
{
    return (brio_field){.name = "v",
                        .kind = BRIO_KIND_MODEL,
                        .model = model,
                        .size = sizeof(holder),
                        .gt = num_of(OPTION("gt")),
                        .ge = num_of(OPTION("ge")),
                        .lt = num_of(OPTION("lt")),
                        .le = num_of(OPTION("le")),
                        .multiple_of = num_of(OPTION("multiple_of")),
                        .gt_text = text_of(arena, OPTION("gt_text")),
                        .ge_text = text_of(arena, OPTION("ge_text")),
                        .lt_text = text_of(arena, OPTION("lt_text")),
                        .le_text = text_of(arena, OPTION("le_text")),
                        .min_length = size_of(OPTION("min_length")),
                        .max_length = size_of(OPTION("max_length")),
                        .max_digits = (unsigned)size_of(OPTION("max_digits")),
                        .decimal_places = (unsigned)size_of(OPTION("decimal_places")),
                        .uuid_version = (unsigned)size_of(OPTION("uuid_version")),
                        .tz = (brio_tz)size_of(OPTION("tz")),
                        .when = (brio_when)size_of(OPTION("when")),
                        .base64 = OPTION("base64") != NULL};
}

static const brio_model *owner_of(brio_arena *arena, const brio_json *options, brio_model_fn *model)
{
    CHECK(n_groups < GROUPS_MAX);
    fields[n_groups] = field_of(arena, options, model);
    owners[n_groups] = (brio_model){.name = "Vector",
                                    .kind = BRIO_KIND_STRUCT,
                                    .size = sizeof(holder),
                                    .fields = &fields[n_groups],
                                    .n = 1};
    brio_str why = {0};
    if (brio_model_check(&owners[n_groups], arena, &why) < 0)
        test_fail(__FILE__, __LINE__, "%.*s", BRIO_ARG(why));
    return &owners[n_groups++];
}

/* ---- Comparing ---------------------------------------------------------------- */

static brio_json parsed(brio_arena *arena, brio_buf *buf)
{
    brio_json value = {0};
    CHECK(!buf->failed);
    CHECK_OK(brio_json_parse(arena, brio_str_copy(arena, brio_buf_str(buf)), NULL, &value, NULL));
    brio_buf_fini(buf);
    return value;
}

static void expect(vector *v, const char *what, const brio_json *want, const brio_json *got)
{
    if (want && vectors_equal(want, got))
        return;
    fprintf(stderr, "# %s %s\n#   field %.*s\n#   case %.*s\n#   got  %.*s\n", v->file, what,
            BRIO_ARG(brio_json_text(v->arena, v->options)),
            BRIO_ARG(brio_json_text(v->arena, v->want)), BRIO_ARG(brio_json_text(v->arena, got)));
    v->failures++;
}

static brio_json written(vector *v, const holder *value, bool plain)
{
    brio_buf buf = {0};
    const brio_encode_options options = {.plain = plain};
    const char *why;
    if (plain)
        CHECK_OK(brio_encode_with(&buf, v->owner, value, &options, &why));
    else
        CHECK_OK(brio_encode(&buf, v->owner, value, &why));
    brio_json object = parsed(v->arena, &buf);
    return *vectors_get(&object, "v");
}

/* Locations are the caller's: only the rest of an error is compared. */
static brio_json errors_of(brio_arena *arena, const brio_problems *problems)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_problems_write(&w, problems);
    brio_json errors = parsed(arena, &buf);
    for (uint32_t i = 0; i < errors.n; i++) {
        brio_json *loc = (brio_json *)(uintptr_t)vectors_get(&errors.items[i], "loc");
        *loc = (brio_json){.type = BRIO_JSON_ARRAY, .n = 1, .items = BRIO_NEW(arena, brio_json)};
        loc->items[0] = brio_json_from_str(BRIO_S("v"));
    }
    return errors;
}

static void compare(vector *v, const char *road, int rc, const holder *out, brio_problems *problems)
{
    if (rc < 0) {
        brio_json errors = errors_of(v->arena, problems);
        expect(v, road, brio_json_get(v->want, BRIO_S("errors")), &errors);
        return;
    }
    brio_json ok = written(v, out, false), plain = written(v, out, true);
    expect(v, road, brio_json_get(v->want, BRIO_S("ok")), &ok);
    expect(v, road, brio_json_get(v->want, BRIO_S("plain")), &plain);
}

static void replay_case(vector *v)
{
    const brio_json *input = vectors_get(v->want, "v");
    brio_str text =
        brio_printf(v->arena, "{\"v\":%.*s}", BRIO_ARG(brio_json_text(v->arena, input)));
    holder out;
    brio_problems fast = {.arena = v->arena}, slow = fast, parameter = fast;
    int rc = brio_decode(text, v->owner, &out, NULL, &fast);
    compare(v, "by text", rc, &out, &fast);
    rc = brio_decode_field(input, &v->owner->fields[0], &out, NULL, &slow);
    compare(v, "by value", rc, &out, &slow);
    if (input->type != BRIO_JSON_STR)
        return;
    rc = brio_decode_strings(&input->str, 1, &v->owner->fields[0], &out, NULL, &parameter);
    compare(v, "by parameter", rc, &out, &parameter);
}

/* ---- Schemas --------------------------------------------------------------------- */

static brio_json without_title(brio_json schema)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < schema.n; i++)
        if (!brio_str_eq(schema.members[i].key, BRIO_S("title")))
            schema.members[n++] = schema.members[i];
    schema.n = n;
    return schema;
}

static void replay_schemas(vector *v, const brio_json *schemas)
{
    const char *const names[] = {"input", "output", "parameter"};
    for (size_t i = 0; i < 3; i++) {
        const brio_json *want = brio_json_get(schemas, brio_str_from(names[i]));
        brio_buf buf = {0};
        brio_json_writer w = {.out = &buf};
        const brio_schema_mode mode = {.output = i == 1};
        brio_schema_site site = {&w, &brio_model_plan(v->owner)->fields[0], i == 2, &mode};
        brio_json_begin(&w, '{');
        brio_schema_type(&site);
        brio_json_end(&w, '}');
        brio_json got = without_title(parsed(v->arena, &buf));
        v->want = schemas;
        if (want)
            expect(v, names[i], want, &got);
    }
}

/* ---- Files ------------------------------------------------------------------------- */

static bool needs_idn(const brio_json *input)
{
    if (input->type != BRIO_JSON_STR)
        return false;
    for (size_t i = 0; i < input->str.len; i++)
        if ((unsigned char)input->str.ptr[i] >= 0x80 || input->str.ptr[i] == '%')
            return true;
    return brio_str_find(input->str, BRIO_S("xn--")) >= 0;
}

/* Without libidn2 names beyond ASCII have another answer. */
static bool is_skipped(brio_model_fn *model, const brio_json *input)
{
    brio_str ascii;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    bool has_idn = brio_idna_to_ascii(&arena, BRIO_S("\xC3\xBC"), false, &ascii);
    brio_arena_fini(&arena);
    bool named =
        model == brio_email_model || model == brio_url_model || model == brio_http_url_model;
    return !has_idn && named && needs_idn(input);
}

static size_t replay_group(const char *file, const brio_json *group, brio_model_fn *model,
                           brio_arena *keep)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    vector v = {.arena = &arena, .file = file, .options = vectors_get(group, "field")};
    v.owner = owner_of(keep, v.options, model);
    replay_schemas(&v, vectors_get(group, "schemas"));
    const brio_json *cases = vectors_get(group, "cases");
    CHECK(cases->n > 0);
    for (uint32_t i = 0; i < cases->n; i++) {
        brio_arena_reset(&arena);
        v.want = &cases->items[i];
        if (!is_skipped(model, vectors_get(v.want, "v")))
            replay_case(&v);
    }
    brio_arena_fini(&arena);
    return v.failures;
}

static void replay(const char *file, brio_model_fn *model)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json vectors = vectors_read(&arena, file);
    const brio_json *groups = vectors_get(&vectors, "groups");
    size_t failures = 0;
    for (uint32_t i = 0; i < groups->n; i++)
        failures += replay_group(file, &groups->items[i], model, &arena);
    brio_arena_fini(&arena);
    CHECK_INT(failures, 0);
}

#define REPLAY(name, T)                                                                            \
    TEST(vectors_of_##name)                                                                        \
    {                                                                                              \
        replay("type_" #name ".json", T##_model);                                                  \
    }

REPLAY(date, brio_date)
REPLAY(time, brio_daytime)
REPLAY(datetime, brio_datetime)
REPLAY(timedelta, brio_timedelta)
REPLAY(uuid, brio_uuid)
REPLAY(decimal, brio_decimal)
REPLAY(bytes, brio_bytes)
REPLAY(email, brio_email)
REPLAY(url, brio_url)
REPLAY(http_url, brio_http_url)
REPLAY(ipv4, brio_ipv4)
REPLAY(ipv6, brio_ipv6)
REPLAY(ip, brio_ip)
REPLAY(ipv4_network, brio_ipv4_network)
REPLAY(ipv6_network, brio_ipv6_network)
REPLAY(ip_network, brio_ip_network)
REPLAY(ipv4_interface, brio_ipv4_interface)
REPLAY(ipv6_interface, brio_ipv6_interface)
REPLAY(ip_interface, brio_ip_interface)
REPLAY(secret, brio_secret)
REPLAY(path, brio_file_path)
