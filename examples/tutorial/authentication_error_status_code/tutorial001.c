/* SPDX-License-Identifier: MIT
 *
 * 403 for requests without credentials, as FastAPI did before it said 401. */
#include <brio/brio.h>

static int forbid(brio_request *req)
{
    return brio_fail(req, 403, "Not authenticated");
}
BRIO_HTTP_BEARER(bearer, .name = "HTTPBearer403", .refuse = forbid);

typedef struct WithCredentials {
    brio_bearer_credentials credentials;
} WithCredentials;
BRIO_MODEL(WithCredentials, BRIO_DEPENDS(credentials, bearer));

static int read_me(brio_request *req, const WithCredentials *in, brio_json *out)
{
    *out =
        BRIO_OBJECT(req, "message", "You are authenticated", "token", in->credentials.credentials);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/me", read_me, WithCredentials, brio_json);
}
