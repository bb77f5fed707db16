/* SPDX-License-Identifier: MIT
 *
 * The request itself. */
#include <brio/brio.h>

typedef struct ReadRoot {
    brio_str item_id;
} ReadRoot;
BRIO_MODEL(ReadRoot, BRIO_PATH(item_id));

static int read_root(brio_request *req, const ReadRoot *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "client_host", brio_request_client(req, NULL), "item_id", in->item_id);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_root, ReadRoot, brio_json, .run = BRIO_BLOCKING);
}
