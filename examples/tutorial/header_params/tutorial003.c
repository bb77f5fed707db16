/* SPDX-License-Identifier: MIT
 *
 * A header that is sent several times. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str_list *x_token;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_HEADER(x_token));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "X-Token values", in->x_token);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
