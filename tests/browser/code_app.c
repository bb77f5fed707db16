/* SPDX-License-Identifier: MIT
 *
 * An application whose tokens somebody else gives, at PROVIDER; it tells which
 * one it got. For login.js. */
#include <brio/brio.h>

BRIO_OAUTH2_CODE(login, PROVIDER "/authorize", PROVIDER "/token");

typedef struct Me {
    brio_str token;
} Me;
BRIO_MODEL(Me, BRIO_DEPENDS(token, login));

static int me(brio_request *req, const Me *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "token", in->token);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/me", me, Me, brio_json);
}
