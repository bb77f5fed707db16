/* SPDX-License-Identifier: MIT
 *
 * A validator of one's own, after the value has been read. */
#include <brio/brio.h>

static const char *const data[][2] = {
    {"isbn-9781529046137", "The Hitchhiker's Guide to the Galaxy"},
    {"imdb-tt0371724", "The Hitchhiker's Guide to the Galaxy"},
    {"isbn-9781439512982", "Isaac Asimov: The Complete Stories, Vol. 2"},
};

static int check_valid_id(brio_check *c, void *value)
{
    const brio_str *id = *(brio_str **)value;
    if (!id || brio_str_starts(*id, BRIO_S("isbn-")) || brio_str_starts(*id, BRIO_S("imdb-")))
        return 0;
    return brio_check_fail(c, "Invalid ID format, it must start with \"isbn-\" or \"imdb-\"");
}

typedef struct ReadItems {
    brio_str *id;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY(id, .after = check_valid_id));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    size_t any = (size_t)brio_now() % 3;
    brio_str id = in->id ? *in->id : brio_str_from(data[any][0]);
    const char *name = NULL;
    for (size_t i = 0; i < 3; i++)
        if (brio_str_eq(id, brio_str_from(data[i][0])))
            name = data[i][1];
    *out = BRIO_OBJECT(req, "id", id, "name", name);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
