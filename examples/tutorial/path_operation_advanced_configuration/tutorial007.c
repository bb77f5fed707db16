/* SPDX-License-Identifier: MIT
 *
 * A body in another language, read by hand and judged by a model. This reader
 * knows of YAML what the example needs: a mapping of scalars and of lists. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(tags));

/* "key: value" as an object, else the text itself. */
static brio_json scalar(brio_arena *arena, brio_str text)
{
    brio_str_pair pair = brio_str_cut(text, ':');
    if (!pair.found)
        return brio_json_from_str(text);
    return BRIO_JSON_OBJECT(arena, brio_cstr(arena, pair.head), brio_str_trim(pair.tail));
}

/* One line onto what there is; false if it is nothing this reader knows. */
static bool read_line(brio_arena *arena, brio_str line, brio_json *object, const char **list)
{
    if (brio_str_starts(line, BRIO_S("- ")) && *list) {
        const brio_json *old = brio_json_get(object, brio_str_from(*list));
        const brio_json more =
            BRIO_JSON_ARRAY(arena, scalar(arena, brio_str_slice(line, 2, SIZE_MAX)));
        brio_json_set(arena, object, *list, brio_json_merge(arena, old, &more));
        return true;
    }
    brio_str_pair pair = brio_str_cut(line, ':');
    brio_str value = brio_str_trim(pair.tail);
    const char *key = brio_cstr(arena, pair.head);
    *list = value.len ? NULL : key;
    brio_json_set(arena, object, key,
                  value.len ? brio_json_from_str(value) : brio_json_array(arena, 0, NULL));
    return pair.found;
}

static bool read_yaml(brio_arena *arena, brio_str text, brio_json *ret)
{
    const char *list = NULL;
    *ret = brio_json_object(arena, 0, NULL);
    while (text.len) {
        brio_str_pair lines = brio_str_cut(text, '\n');
        brio_str line = brio_str_trim(lines.head);
        if (line.len && !read_line(arena, line, ret, &list))
            return false;
        text = lines.tail;
    }
    return true;
}

static int create_item(brio_request *req, const brio_none *in, brio_response *out)
{
    brio_arena *arena = brio_request_arena(req);
    brio_problems problems = {.arena = arena};
    brio_json data;
    Item item;
    if (!read_yaml(arena, brio_request_body(req), &data))
        return brio_fail(req, 422, "Invalid YAML");
    if (brio_decode_value(&data, BRIO_TYPE(Item), &item, NULL, &problems) < 0)
        return brio_fail_json(req, 422, brio_problems_json(&problems));
    return brio_answer_model(req, 200, BRIO_TYPE(Item), &item);
}

static const char extra[] = BRIO_JSON_TEXT({
    "requestBody": {
        "content": {
            "application/x-yaml": {
                "schema": {
                    "title": "Item",
                    "type": "object",
                    "properties": {
                        "name": {"title": "Name", "type": "string"},
                        "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}}
                    },
                    "required": ["name", "tags"]
                }
            }
        },
        "required": true
    }
});

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, brio_none, brio_response, .openapi_extra = extra);
}
