/* SPDX-License-Identifier: MIT
 *
 * An uploaded file as a value: what makes it a type of fields, so that lists of
 * files, their bounds and what is wrong with them are the model room's.
 *
 * A file travels as a JSON object that says what is known of it, which is also
 * what a problem shows as its input. It is told from an object that a client
 * made up by its first key, which is this file's own text and no copy. */
#include "app/upload.h"

static const char mark[] = "filename";

typedef struct upload_value {
    brio_json_member members[3];
    const brio_upload *upload;
} upload_value;

static brio_json headers_value(brio_arena *arena, const brio_upload *upload)
{
    brio_json value = {.type = BRIO_JSON_OBJECT, .n = (uint32_t)upload->n_headers};
    value.members = BRIO_NEW_ARRAY(arena, brio_json_member, upload->n_headers);
    for (size_t i = 0; i < upload->n_headers; i++)
        value.members[i] = (brio_json_member){upload->headers[i].name,
                                              brio_json_from_str(upload->headers[i].value)};
    return value;
}

brio_json brio_app_upload_value(brio_arena *arena, const brio_upload *upload)
{
    upload_value *v = BRIO_NEW(arena, upload_value);
    v->upload = upload;
    v->members[0].key = (brio_str){mark, sizeof mark - 1};
    v->members[0].value = brio_json_from_str(upload->filename);
    v->members[1].key = BRIO_S("size");
    v->members[1].value = brio_json_from_int((int64_t)upload->size);
    v->members[2].key = BRIO_S("headers");
    v->members[2].value = headers_value(arena, upload);
    return (brio_json){.type = BRIO_JSON_OBJECT, .n = 3, .members = v->members};
}

/* NULL if it is none. */
static const brio_upload *upload_in(const brio_json *value)
{
    if (value->type != BRIO_JSON_OBJECT || value->n != 3 || value->members[0].key.ptr != mark)
        return NULL;
    return BRIO_CONTAINER(value->members, upload_value, members)->upload;
}

static const char *class_of(brio_json_type type) /* ORDER JSON_TYPE */
{
    static const char *const names[] = {"NoneType", "bool", "int",  "int", "float",
                                        "str",      "list", "dict", "str"};
    return names[type];
}

static int read_upload(brio_input *in, const brio_json *value, void *out)
{
    const brio_upload *upload = upload_in(value);
    if (!upload)
        return brio_input_fail(
            in, "value_error",
            brio_printf(brio_input_arena(in),
                        "Value error, Expected UploadFile, received: <class '%s'>",
                        class_of(value->type)),
            BRIO_S("{\"error\":{}}"));
    *(brio_upload *)out = *upload;
    return 0;
}

static void write_upload(brio_json_writer *w, const brio_field *field, const void *value,
                         bool plain)
{
    (void)field, (void)plain;
    const brio_upload *upload = value;
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("filename"));
    brio_json_str(w, upload->filename);
    brio_json_key(w, BRIO_S("size"));
    brio_json_i64(w, (int64_t)upload->size);
    brio_json_end(w, '}');
}

static void describe_upload(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field, (void)output;
    brio_json_key(w, BRIO_S("type"));
    brio_json_str(w, BRIO_S("string"));
    brio_json_key(w, BRIO_S("contentMediaType"));
    brio_json_str(w, BRIO_S("application/octet-stream"));
}

static const brio_type upload_type = {
    .read = read_upload, .write = write_upload, .schema = describe_upload};

const brio_model *brio_upload_model(void)
{
    static brio_model model = {.name = "brio_upload",
                               .kind = BRIO_KIND_TYPE,
                               .size = sizeof(brio_upload),
                               .type = &upload_type};
    return &model;
}

const brio_model *brio_upload_list_model(void)
{
    static const brio_field item[] = {{.name = "item", .model = brio_upload_model}};
    static brio_model model = {.name = "brio_upload_list",
                               .kind = BRIO_KIND_LIST,
                               .size = sizeof(brio_upload_list),
                               .fields = item,
                               .n = 1};
    return &model;
}
