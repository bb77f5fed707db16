/* SPDX-License-Identifier: MIT
 *
 * The environment decides whether there is a document: OPENAPI_URL= turns it
 * off. */
#include <brio/brio.h>

#include <stdlib.h>

static int root(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World"});
    return 0;
}

BRIO_MAIN(.openapi_url = getenv("OPENAPI_URL"))
{
    BRIO_GET(app, "/", root, brio_none, brio_json, .run = BRIO_BLOCKING);
}
