/* SPDX-License-Identifier: MIT
 *
 * What requests must bring. */
#include "bigger.h"

int get_token_header(brio_request *req, const TokenHeader *in, brio_none *out)
{
    if (!brio_str_eq(in->x_token, BRIO_S("fake-super-secret-token")))
        return brio_fail(req, 400, "X-Token header invalid");
    return 0;
}

int get_query_token(brio_request *req, const QueryToken *in, brio_none *out)
{
    if (!brio_str_eq(in->token, BRIO_S("jessica")))
        return brio_fail(req, 400, "No Jessica token provided");
    return 0;
}
