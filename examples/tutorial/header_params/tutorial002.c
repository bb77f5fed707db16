/* SPDX-License-Identifier: MIT
 *
 * A header with underscores in its name. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str *strange_header;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_HEADER(strange_header, .exact_name = true));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "strange_header", in->strange_header);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
