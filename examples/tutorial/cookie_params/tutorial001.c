/* SPDX-License-Identifier: MIT
 *
 * A cookie. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str *ads_id;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_COOKIE(ads_id));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "ads_id", in->ads_id);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
