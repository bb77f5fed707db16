/* SPDX-License-Identifier: MIT
 *
 * The member's type and the provider's must agree: the compiler checks it. */
#include <brio/brio.h>

static const char *const fake_items_db[] = {"Foo", "Bar", "Baz"};

typedef struct CommonQueryParams {
    brio_str *q;
    int64_t skip, limit;
} CommonQueryParams;
BRIO_MODEL(CommonQueryParams, BRIO_QUERY(q), BRIO_QUERY(skip, .def = "0"),
           BRIO_QUERY(limit, .def = "100"));

static int common_query_params(brio_request *req, const CommonQueryParams *in,
                               CommonQueryParams *out)
{
    *out = *in;
    return 0;
}
BRIO_PROVIDER(common_query_params, CommonQueryParams, CommonQueryParams);

typedef struct ReadItems {
    CommonQueryParams commons;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_DEPENDS(commons, common_query_params));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    brio_json items[3];
    size_t n = 0;
    for (int64_t i = 0; i < 3; i++)
        if (i >= in->commons.skip && i < in->commons.skip + in->commons.limit)
            items[n++] = BRIO_OBJECT(req, "item_name", fake_items_db[i]);
    *out = BRIO_OBJECT(req, "q", BRIO_SOME(in->commons.q), "items",
                       brio_json_array(brio_request_arena(req), n, items));
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
