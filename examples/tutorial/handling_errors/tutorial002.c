/* SPDX-License-Identifier: MIT
 *
 * A failure with a header. */
#include <brio/brio.h>

typedef struct ReadItemHeader {
    brio_str item_id;
} ReadItemHeader;
BRIO_MODEL(ReadItemHeader, BRIO_PATH(item_id));

static int read_item_header(brio_request *req, const ReadItemHeader *in, brio_json *out)
{
    if (!brio_str_eq(in->item_id, BRIO_S("foo"))) {
        brio_fail_header(req, "X-Error", "There goes my error");
        return brio_fail(req, 404, "Item not found");
    }
    *out = BRIO_JSON({"item": "The Foo Wrestlers"});
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items-header/{item_id}", read_item_header, ReadItemHeader, brio_json);
}
