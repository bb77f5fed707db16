/* SPDX-License-Identifier: MIT
 *
 * Texts of value types from strangers. The first byte chooses the type; every
 * text is read by the type's own reader through a model, and what was read is
 * written, read again and written again, to the same text. The arithmetic and
 * order of times and decimals is checked on what was read. */
#include "model/model_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MEMBER_OF(T, L) T of_##T;
typedef union holder {
    BRIO_VALUE_TYPES_(MEMBER_OF)
    brio_date date;
    brio_daytime daytime;
    brio_datetime datetime;
    brio_timedelta timedelta;
    brio_uuid uuid;
    brio_decimal decimal;
    brio_bytes bytes; /* and all that are one text */
    brio_ip ip;
} holder;

static void must(bool fact)
{
    if (!fact)
        abort();
}

#define MODEL_OF(T, L) T##_model,
static brio_model_fn *const models[] = {BRIO_VALUE_TYPES_(MODEL_OF)};

static bool read_text(brio_arena *arena, const brio_field *field, brio_str text, holder *out)
{
    brio_problems problems = {.arena = arena};
    brio_json value = brio_json_from_str(text);
    return brio_decode_field(&value, field, out, NULL, &problems) == 0;
}

static brio_str write_text(brio_arena *arena, const brio_field *field, const holder *value)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    field->model()->type->write(&w, field, value, false);
    brio_str text = brio_str_copy(arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    brio_json json;
    must(brio_json_parse(arena, text, NULL, &json, NULL) == 0);
    must(json.type == BRIO_JSON_STR);
    return json.str;
}

/* Whether the text reads as the value: a secret's is stars, bytes may be no
 * UTF-8 once decoded, and in a file URL what is left of a path may turn out to
 * be a drive (the reference parser has the same fault). */
static bool returns(const brio_field *field, const holder *value)
{
    if (field->model == brio_secret_model)
        return false;
    if (field->model == brio_url_model)
        return !brio_str_starts(brio_bytes_str(value->bytes), BRIO_S("file:"));
    return field->model != brio_bytes_model || field->base64 ||
           brio_utf8_valid(brio_bytes_str(value->bytes));
}

static void check_datetime(const holder *v)
{
    brio_datetime again;
    brio_timedelta second = {.seconds = 1};
    if (brio_datetime_from_unix_us(brio_datetime_unix_us(v->datetime), &again) == 0)
        must(brio_datetime_unix_us(again) == brio_datetime_unix_us(v->datetime));
    if (brio_datetime_add(v->datetime, second, &again) == 0)
        must(brio_timedelta_compare(brio_datetime_diff(again, v->datetime), second) == 0);
}

static void check_decimal(brio_arena *arena, const holder *v)
{
    brio_decimal one = brio_decimal_from_i64(arena, 1), sum;
    if (brio_decimal_add(arena, v->decimal, one, &sum) < 0)
        return;
    must(brio_decimal_compare(sum, v->decimal) > 0);
    must(brio_decimal_add(arena, sum, brio_decimal_from_i64(arena, -1), &sum) == 0);
    must(brio_decimal_compare(sum, v->decimal) == 0);
}

static void fuzz_type(brio_arena *arena, const brio_field *field, brio_str text)
{
    holder first, second;
    if (!read_text(arena, field, text, &first) || !returns(field, &first))
        return;
    brio_str written = write_text(arena, field, &first);
    must(read_text(arena, field, written, &second));
    must(brio_str_eq(written, write_text(arena, field, &second)));
    if (field->model == brio_datetime_model)
        check_datetime(&first);
    if (field->model == brio_decimal_model)
        check_decimal(arena, &first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    brio_arena arena;
    brio_arena_init(&arena, 256 << 20);
    size_t n = sizeof(models) / sizeof(*models);
    brio_field field = {.name = "v", .kind = BRIO_KIND_MODEL, .model = models[data[0] % n]};
    field.base64 = data[0] >= 128;
    field.max_digits = data[0] >= 128 ? 9 : 0;
    brio_str text = {(const char *)data + 1, size - 1};
    if (brio_utf8_valid(text)) /* as all strings are that come from JSON or a URL */
        fuzz_type(&arena, &field, text);
    brio_arena_fini(&arena);
    return 0;
}
