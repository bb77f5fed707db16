/* SPDX-License-Identifier: MIT
 *
 * Query parameters gathered in a struct. */
#include <brio/brio.h>

typedef struct FilterParams {
    int64_t limit, offset;
    brio_str order_by;
    brio_str_list tags;
} FilterParams;
BRIO_MODEL(FilterParams, BRIO_FIELD(limit, .def = "100", .gt = BRIO_NUM(0), .le = BRIO_NUM(100)),
           BRIO_FIELD(offset, .def = "0", .ge = BRIO_NUM(0)),
           BRIO_FIELD(order_by, .def = BRIO_JSON_TEXT("created_at"),
                                                      .literal = BRIO_JSON_TEXT(["created_at", "updated_at"])),
                                                      BRIO_FIELD(tags, .def = "[]"));

typedef struct ReadItems {
    FilterParams filter_query;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY_AS(filter_query, FilterParams));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(FilterParams), &in->filter_query);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
