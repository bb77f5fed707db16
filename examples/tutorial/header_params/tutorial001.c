/* SPDX-License-Identifier: MIT
 *
 * A header; its underscores are hyphens on the wire. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str *user_agent;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_HEADER(user_agent));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "User-Agent", in->user_agent);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
