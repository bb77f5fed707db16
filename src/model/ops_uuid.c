/* SPDX-License-Identifier: MIT
 *
 * UUIDs in models. A version that is asked for is looked at before the variant,
 * as in pydantic, and the error of both is the same. */
#include "model/type_ops.h"

#include <stdio.h>

static int fail_version(brio_input *in, unsigned version)
{
    brio_arena *arena = brio_input_arena(in);
    return brio_input_fail(in, "uuid_version",
                           brio_printf(arena, "UUID version %u expected", version),
                           brio_printf(arena, "{\"expected_version\":%u}", version));
}

static int read(brio_input *in, const brio_json *value, void *out)
{
    brio_uuid uuid;
    unsigned version = brio_input_field(in)->uuid_version;
    if (value->type != BRIO_JSON_STR)
        return brio_type_fail(in, "uuid_type",
                              "UUID input should be a string, bytes or UUID object");
    if (brio_input_strict(in))
        return brio_input_fail(in, "is_instance_of", BRIO_S("Input should be an instance of UUID"),
                               BRIO_S("{\"class\":\"UUID\"}"));
    if (!brio_uuid_read(value->str, &uuid))
        return brio_type_fail_error(in, "uuid_parsing", "Input should be a valid UUID",
                                    brio_uuid_why(brio_input_arena(in), value->str));
    if (version && brio_uuid_version(uuid) != (int)version)
        return fail_version(in, version);
    memcpy(out, &uuid, sizeof(uuid));
    return 0;
}

static void write(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    (void)plain;
    char text[BRIO_UUID_TEXT_MAX];
    brio_type_put_text(w, text, brio_uuid_text(text, *(const brio_uuid *)value));
}

static void schema(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)output;
    char format[16] = "uuid";
    if (field && field->uuid_version)
        snprintf(format, sizeof(format), "uuid%u", field->uuid_version);
    brio_type_schema_format(w, format);
}

static int compare(const void *a, const void *b)
{
    return brio_uuid_compare(*(const brio_uuid *)a, *(const brio_uuid *)b);
}

const brio_type brio_uuid_ops = {
    .read = read, .write = write, .schema = schema, .compare = compare, .label = "uuid"};
