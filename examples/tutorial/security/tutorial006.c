/* SPDX-License-Identifier: MIT
 *
 * HTTP Basic: the browser asks for user and password. */
#include <brio/brio.h>

BRIO_HTTP_BASIC(security);

typedef struct WithCredentials {
    brio_basic_credentials credentials;
} WithCredentials;
BRIO_MODEL(WithCredentials, BRIO_DEPENDS(credentials, security));

static int read_current_user(brio_request *req, const WithCredentials *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "username", in->credentials.username, "password",
                       in->credentials.password);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/users/me", read_current_user, WithCredentials, brio_json);
}
