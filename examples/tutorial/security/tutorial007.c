/* SPDX-License-Identifier: MIT
 *
 * HTTP Basic, checked in a time that does not tell how far a guess was right. */
#include <brio/brio.h>

BRIO_HTTP_BASIC(security);

typedef struct WithCredentials {
    brio_basic_credentials credentials;
} WithCredentials;
BRIO_MODEL(WithCredentials, BRIO_DEPENDS(credentials, security));

static int get_current_username(brio_request *req, const WithCredentials *in, brio_str *out)
{
    bool is_username = brio_compare_digest(in->credentials.username, BRIO_S("stanleyjobson"));
    bool is_password = brio_compare_digest(in->credentials.password, BRIO_S("swordfish"));
    if (!is_username || !is_password)
        return brio_fail_unauthorized(req, "Basic", "Incorrect username or password");
    *out = in->credentials.username;
    return 0;
}
BRIO_PROVIDER(get_current_username, WithCredentials, brio_str);

typedef struct WithUsername {
    brio_str username;
} WithUsername;
BRIO_MODEL(WithUsername, BRIO_DEPENDS(username, get_current_username));

static int read_current_user(brio_request *req, const WithUsername *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "username", in->username);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/users/me", read_current_user, WithUsername, brio_json);
}
