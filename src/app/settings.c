/* SPDX-License-Identifier: MIT
 *
 * Settings: an object of texts from flags, environment and file, which the model
 * then reads as it reads any other. */
#include "app/app_internal.h"

#include <brio/settings.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

enum { FILE_MAX = 1024 * 1024 };

typedef struct source {
    const brio_settings_options *options;
    brio_arena *arena;
    brio_env_entry *entries; /* of the file */
    size_t n;
} source;

/* ---- Where a value is -------------------------------------------------------------- */

static bool same_flag(brio_str flag, brio_str name)
{
    if (flag.len != name.len)
        return false;
    for (size_t i = 0; i < flag.len; i++) {
        char c = flag.ptr[i] == '-' ? '_' : brio_lower(flag.ptr[i]);
        if (c != brio_lower(name.ptr[i]))
            return false;
    }
    return true;
}

/* The last one counts. A flag without a value is "true" if the field is a bool. */
static bool find_flag(const source *s, brio_str name, bool is_bool, brio_str *ret)
{
    bool found = false;
    for (int i = 1; s->options->argv && i < s->options->argc; i++) {
        brio_str arg = brio_str_from(s->options->argv[i]);
        if (!brio_str_starts(arg, BRIO_S("--")))
            continue;
        brio_str_pair cut = brio_str_cut(brio_str_slice(arg, 2, SIZE_MAX), '=');
        if (!same_flag(cut.head, name))
            continue;
        if (cut.found)
            *ret = cut.tail;
        else if (is_bool)
            *ret = BRIO_S("true");
        else if (i + 1 < s->options->argc)
            *ret = brio_str_from(s->options->argv[++i]);
        else
            continue;
        found = true;
    }
    return found;
}

static bool find_variable(brio_str name, brio_str *ret)
{
    for (char **at = environ; at && *at; at++) {
        brio_str_pair cut = brio_str_cut(brio_str_from(*at), '=');
        if (cut.found && brio_str_eq_nocase(cut.head, name)) {
            *ret = cut.tail;
            return true;
        }
    }
    return false;
}

static bool find_entry(const source *s, brio_str name, brio_str *ret)
{
    for (size_t i = s->n; i-- > 0;)
        if (brio_str_eq_nocase(s->entries[i].name, name)) {
            *ret = s->entries[i].value;
            return true;
        }
    return false;
}

static brio_str full_name(const source *s, const brio_field *field, brio_str key)
{
    if (!s->options->prefix || field->alias || field->validation_alias)
        return key;
    return brio_printf(s->arena, "%s%.*s", s->options->prefix, BRIO_ARG(key));
}

static bool find(const source *s, const brio_field *field, brio_str key, brio_str *ret)
{
    brio_str name = full_name(s, field, key);
    return find_flag(s, key, field->kind == BRIO_KIND_BOOL, ret) || find_variable(name, ret) ||
           find_entry(s, name, ret);
}

/* ---- The object ----------------------------------------------------------------------- */

static brio_kind kind_of(const brio_field *field)
{
    return field->kind == BRIO_KIND_MODEL ? field->model()->kind : field->kind;
}

static bool is_json(brio_kind kind)
{
    return kind == BRIO_KIND_STRUCT || kind == BRIO_KIND_LIST || kind == BRIO_KIND_TUPLE ||
           kind == BRIO_KIND_DICT || kind == BRIO_KIND_JSON;
}

static void put(const source *s, const brio_field *field, brio_str key, brio_str text,
                brio_json_writer *w)
{
    brio_json value;
    bool json = is_json(kind_of(field)) && brio_json_parse(s->arena, text, NULL, &value, NULL) == 0;
    brio_json_key(w, key);
    if (json)
        brio_json_value(w, &value);
    else
        brio_json_str(w, text); /* the model says what it thinks of it */
}

/* The name an entry of the file has for the model; empty: none of its business. */
static brio_str key_of(const source *s, brio_str name)
{
    brio_str prefix = brio_str_from(s->options->prefix);
    if (!prefix.len)
        return name;
    bool ours =
        name.len > prefix.len && brio_str_eq_nocase(brio_str_slice(name, 0, prefix.len), prefix);
    return ours ? brio_str_slice(name, prefix.len, SIZE_MAX) : (brio_str){0};
}

static bool is_field(const source *s, const brio_model *model, brio_str name)
{
    size_t n;
    const brio_field *rows = brio_model_rows(model, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].in == BRIO_IN_FIELD &&
            brio_str_eq_nocase(full_name(s, &rows[i], brio_field_wire_name(model, i)), name))
            return true;
    return false;
}

static brio_str lower(brio_arena *arena, brio_str s)
{
    char *out = brio_alloc_aligned(arena, s.len, 1);
    for (size_t i = 0; i < s.len; i++)
        out[i] = brio_lower(s.ptr[i]);
    return (brio_str){out, s.len};
}

/* Names of the file that no field has, for the model to forbid. */
static void put_others(const source *s, const brio_model *model, brio_json_writer *w)
{
    for (size_t i = 0; i < s->n; i++) {
        brio_str key = key_of(s, s->entries[i].name);
        if (!key.len || is_field(s, model, s->entries[i].name))
            continue;
        brio_json_key(w, lower(s->arena, key));
        brio_json_str(w, s->entries[i].value);
    }
}

static void put_all(const source *s, const brio_model *model, brio_json_writer *w)
{
    size_t n;
    const brio_field *rows = brio_model_rows(model, &n);
    brio_json_begin(w, '{');
    for (size_t i = 0; i < n; i++) {
        brio_str key = brio_field_wire_name(model, i), text;
        if (rows[i].in == BRIO_IN_FIELD && find(s, &rows[i], key, &text))
            put(s, &rows[i], key, text, w);
    }
    put_others(s, model, w);
    brio_json_end(w, '}');
}

/* ---- Loading ------------------------------------------------------------------------------ */

static int read_file(source *s)
{
    if (!s->options->env_file)
        return 0;
    FILE *file = fopen(s->options->env_file, "re");
    if (!file)
        return errno == ENOENT ? 0 : -errno;
    char *text = brio_alloc_aligned(s->arena, FILE_MAX + 1, 1);
    size_t len = fread(text, 1, FILE_MAX + 1, file);
    int rc = ferror(file) ? -EIO : 0;
    fclose(file);
    if (rc < 0)
        return rc;
    if (len > FILE_MAX)
        return BRIO_ELIMIT;
    return brio_env_parse(s->arena, (brio_str){text, len}, &s->entries, &s->n);
}

int brio_settings_load(brio_arena *arena, const brio_model *model, void *ret,
                       const brio_settings_options *options, brio_problems *problems)
{
    static const brio_settings_options none = {0};
    source s = {.options = options ? options : &none, .arena = arena};
    int rc = read_file(&s);
    if (rc < 0)
        return rc;
    brio_buf text = {0};
    brio_json_writer w = {.out = &text};
    put_all(&s, model, &w);
    brio_str json = brio_str_copy(arena, brio_buf_str(&text));
    rc = text.failed ? -ENOMEM : brio_decode(json, model, ret, NULL, problems);
    brio_buf_fini(&text);
    return rc;
}

/* ---- Complaining ----------------------------------------------------------------------------- */

static void complain(const brio_problem *p)
{
    brio_buf out = {0};
    brio_json_writer w = {.out = &out};
    const brio_loc *steps[BRIO_APP_ROWS_MAX];
    size_t n = 0;
    for (const brio_loc *at = p->loc; at && n < BRIO_APP_ROWS_MAX; at = at->up)
        steps[n++] = at;
    for (size_t i = n; i-- > 0;) {
        if (steps[i]->is_index)
            brio_buf_i64(&out, steps[i]->index);
        else
            brio_buf_add(&out, steps[i]->name);
        brio_buf_add(&out, i ? BRIO_S(".") : BRIO_S("\n"));
    }
    brio_buf_printf(&out, "  %.*s [type=%s, input_value=", BRIO_ARG(p->msg), p->type);
    brio_json_value(&w, &p->input);
    brio_str text = brio_buf_str(&out);
    fprintf(stderr, "%.*s]\n", BRIO_ARG(text));
    brio_buf_fini(&out);
}

void brio_settings_complain(const brio_model *model, const brio_problems *problems)
{
    fprintf(stderr, "%zu validation error%s for %s\n", problems->count,
            problems->count == 1 ? "" : "s", model->name);
    for (const brio_problem *p = problems->first; p; p = p->next)
        complain(p);
}
