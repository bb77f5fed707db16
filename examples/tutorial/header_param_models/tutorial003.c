/* SPDX-License-Identifier: MIT
 *
 * Underscores that stay underscores. */
#include <brio/brio.h>

typedef struct CommonHeaders {
    brio_str host;
    bool save_data;
    brio_str *if_modified_since, *traceparent;
    brio_str_list x_tag;
} CommonHeaders;
BRIO_MODEL(CommonHeaders, BRIO_FIELD(host), BRIO_FIELD(save_data), BRIO_FIELD(if_modified_since),
           BRIO_FIELD(traceparent), BRIO_FIELD(x_tag, .def = "[]"));

typedef struct ReadItems {
    CommonHeaders headers;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_HEADER_AS(headers, CommonHeaders, .exact_name = true));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(CommonHeaders), &in->headers);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
