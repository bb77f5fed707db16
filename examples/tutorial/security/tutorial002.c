/* SPDX-License-Identifier: MIT
 *
 * The current user: a dependency on the scheme, for others to depend on. */
#include <brio/brio.h>

BRIO_OAUTH2_PASSWORD(oauth2_scheme, "token");

typedef struct User {
    brio_str username;
    brio_str *email;
    brio_str *full_name;
    bool *disabled;
} User;
BRIO_MODEL(User, BRIO_FIELD(username), BRIO_FIELD(email), BRIO_FIELD(full_name),
           BRIO_FIELD(disabled));

static User fake_decode_token(brio_request *req, brio_str token)
{
    static brio_str email = BRIO_S_INIT("john@example.com"), full_name = BRIO_S_INIT("John Doe");
    brio_str username = brio_printf(brio_request_arena(req), "%.*sfakedecoded", BRIO_ARG(token));
    return (User){.username = username, .email = &email, .full_name = &full_name};
}

typedef struct WithToken {
    brio_str token;
} WithToken;
BRIO_MODEL(WithToken, BRIO_DEPENDS(token, oauth2_scheme));

static int get_current_user(brio_request *req, const WithToken *in, User *out)
{
    *out = fake_decode_token(req, in->token);
    return 0;
}
BRIO_PROVIDER(get_current_user, WithToken, User);

typedef struct WithUser {
    User current_user;
} WithUser;
BRIO_MODEL(WithUser, BRIO_DEPENDS(current_user, get_current_user));

static int read_users_me(brio_request *req, const WithUser *in, brio_json *out)
{
    *out = BRIO_DUMP(req, User, &in->current_user);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/users/me", read_users_me, WithUser, brio_json);
}
