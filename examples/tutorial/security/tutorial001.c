/* SPDX-License-Identifier: MIT
 *
 * A scheme: the token is taken out of the request, and /docs can log in. */
#include <brio/brio.h>

BRIO_OAUTH2_PASSWORD(oauth2_scheme, "token");

typedef struct ReadItems {
    brio_str token;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_DEPENDS(token, oauth2_scheme));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "token", in->token);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
