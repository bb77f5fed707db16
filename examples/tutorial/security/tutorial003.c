/* SPDX-License-Identifier: MIT
 *
 * Logging in: OAuth2's form in, a token out. Passwords and tokens are fake here;
 * the next app has real ones. */
#include <brio/brio.h>

typedef struct User {
    brio_str username;
    brio_str *email;
    brio_str *full_name;
    bool *disabled;
} User;
BRIO_MODEL(User, BRIO_FIELD(username), BRIO_FIELD(email), BRIO_FIELD(full_name),
           BRIO_FIELD(disabled));

typedef struct UserInDB {
    User user;
    brio_str hashed_password;
} UserInDB;
BRIO_MODEL(UserInDB, BRIO_BASE(user, User), BRIO_FIELD(hashed_password));

static const UserInDB fake_users_db[] = {
    {.user = {.username = BRIO_S_INIT("johndoe"),
              .full_name = &(brio_str)BRIO_S_INIT("John Doe"),
              .email = &(brio_str)BRIO_S_INIT("johndoe@example.com"),
              .disabled = &(bool){false}},
     .hashed_password = BRIO_S_INIT("fakehashedsecret")},
    {.user = {.username = BRIO_S_INIT("alice"),
              .full_name = &(brio_str)BRIO_S_INIT("Alice Wonderson"),
              .email = &(brio_str)BRIO_S_INIT("alice@example.com"),
              .disabled = &(bool){true}},
     .hashed_password = BRIO_S_INIT("fakehashedsecret2")},
};

static brio_str fake_hash_password(brio_request *req, brio_str password)
{
    return brio_printf(brio_request_arena(req), "fakehashed%.*s", BRIO_ARG(password));
}

BRIO_OAUTH2_PASSWORD(oauth2_scheme, "token");

static const UserInDB *get_user(brio_str username)
{
    for (size_t i = 0; i < sizeof fake_users_db / sizeof *fake_users_db; i++)
        if (brio_str_eq(fake_users_db[i].user.username, username))
            return &fake_users_db[i];
    return NULL;
}

/* No security at all: see the next app. */
static const UserInDB *fake_decode_token(brio_str token)
{
    return get_user(token);
}

typedef struct WithToken {
    brio_str token;
} WithToken;
BRIO_MODEL(WithToken, BRIO_DEPENDS(token, oauth2_scheme));

static int get_current_user(brio_request *req, const WithToken *in, UserInDB *out)
{
    const UserInDB *user = fake_decode_token(in->token);
    if (!user)
        return brio_fail_unauthorized(req, "Bearer", "Not authenticated");
    *out = *user;
    return 0;
}
BRIO_PROVIDER(get_current_user, WithToken, UserInDB);

typedef struct WithUser {
    UserInDB current_user;
} WithUser;
BRIO_MODEL(WithUser, BRIO_DEPENDS(current_user, get_current_user));

static int get_current_active_user(brio_request *req, const WithUser *in, UserInDB *out)
{
    if (*in->current_user.user.disabled)
        return brio_fail(req, 400, "Inactive user");
    *out = in->current_user;
    return 0;
}
BRIO_PROVIDER(get_current_active_user, WithUser, UserInDB);

static int login(brio_request *req, const brio_oauth2_form *form_data, brio_json *out)
{
    const UserInDB *user = get_user(form_data->username);
    if (!user)
        return brio_fail(req, 400, "Incorrect username or password");
    brio_str hashed_password = fake_hash_password(req, form_data->password);
    if (!brio_str_eq(hashed_password, user->hashed_password))
        return brio_fail(req, 400, "Incorrect username or password");
    *out = BRIO_OBJECT(req, "access_token", user->user.username, "token_type", "bearer");
    return 0;
}

typedef struct WithActiveUser {
    UserInDB current_user;
} WithActiveUser;
BRIO_MODEL(WithActiveUser, BRIO_DEPENDS(current_user, get_current_active_user));

static int read_users_me(brio_request *req, const WithActiveUser *in, brio_json *out)
{
    *out = BRIO_DUMP(req, UserInDB, &in->current_user);
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/token", login, brio_oauth2_form, brio_json);
    BRIO_GET(app, "/users/me", read_users_me, WithActiveUser, brio_json);
}
