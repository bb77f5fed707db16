/* SPDX-License-Identifier: MIT
 *
 * Real tokens and passwords: JWT signed with HMAC, hashes by Argon2. */
#include <brio/brio.h>

/* To get a text like this run: openssl rand -hex 32 */
static const brio_jwt_key secret_key = {
    .algorithm = BRIO_HS256,
    .secret = BRIO_S_INIT("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7")};
static const brio_time access_token_expires = BRIO_SEC(30 * 60);

typedef struct Token {
    brio_str access_token, token_type;
} Token;
BRIO_MODEL(Token, BRIO_FIELD(access_token), BRIO_FIELD(token_type));

typedef struct TokenData {
    brio_str sub;
} TokenData;
BRIO_MODEL(TokenData, BRIO_FIELD(sub));

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
     .hashed_password = BRIO_S_INIT("$argon2id$v=19$m=65536,t=3,p=4$wagCPXjifgvUFBzq4hqe3w"
                                    "$CYaIb8sB+wtD+Vu/P4uod1+Qof8h+1g7bbDlBID48Rc")},
};

BRIO_OAUTH2_PASSWORD(oauth2_scheme, "token");

static const UserInDB *get_user(brio_str username)
{
    for (size_t i = 0; i < sizeof fake_users_db / sizeof *fake_users_db; i++)
        if (brio_str_eq(fake_users_db[i].user.username, username))
            return &fake_users_db[i];
    return NULL;
}

/* An unknown user takes as long as a wrong password. */
static const UserInDB *authenticate_user(brio_str username, brio_str password)
{
    const UserInDB *user = get_user(username);
    int rc = brio_password_verify(password, user ? user->hashed_password : brio_password_dummy());
    return rc < 0 ? NULL : user;
}

typedef struct WithToken {
    brio_str token;
} WithToken;
BRIO_MODEL(WithToken, BRIO_DEPENDS(token, oauth2_scheme));

static int get_current_user(brio_request *req, const WithToken *in, User *out)
{
    TokenData data;
    int rc = brio_jwt_verify_model(brio_request_arena(req), &(brio_jwt_check){.key = &secret_key},
                                   in->token, BRIO_TYPE(TokenData), &data);
    const UserInDB *user = rc < 0 ? NULL : get_user(data.sub);
    if (!user)
        return brio_fail_unauthorized(req, "Bearer", "Could not validate credentials");
    *out = user->user;
    return 0;
}
BRIO_PROVIDER(get_current_user, WithToken, User);

typedef struct WithUser {
    User current_user;
} WithUser;
BRIO_MODEL(WithUser, BRIO_DEPENDS(current_user, get_current_user));

static int get_current_active_user(brio_request *req, const WithUser *in, User *out)
{
    if (*in->current_user.disabled)
        return brio_fail(req, 400, "Inactive user");
    *out = in->current_user;
    return 0;
}
BRIO_PROVIDER(get_current_active_user, WithUser, User);

static int login_for_access_token(brio_request *req, const brio_oauth2_form *form_data, Token *out)
{
    const UserInDB *user = authenticate_user(form_data->username, form_data->password);
    if (!user)
        return brio_fail_unauthorized(req, "Bearer", "Incorrect username or password");
    out->token_type = BRIO_S("bearer");
    return brio_jwt_sign_model(
        brio_request_arena(req),
        &(brio_jwt_signing){.key = &secret_key, .expires_in = access_token_expires},
        BRIO_TYPE(TokenData), &(TokenData){.sub = user->user.username}, &out->access_token);
}

typedef struct WithActiveUser {
    User current_user;
} WithActiveUser;
BRIO_MODEL(WithActiveUser, BRIO_DEPENDS(current_user, get_current_active_user));

static int read_users_me(brio_request *req, const WithActiveUser *in, User *out)
{
    *out = in->current_user;
    return 0;
}

static int read_own_items(brio_request *req, const WithActiveUser *in, brio_json *out)
{
    *out = BRIO_ARRAY(req, BRIO_OBJECT(req, "item_id", "Foo", "owner", in->current_user.username));
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/token", login_for_access_token, brio_oauth2_form, Token);
    BRIO_GET(app, "/users/me/", read_users_me, WithActiveUser, User);
    BRIO_GET(app, "/users/me/items/", read_own_items, WithActiveUser, brio_json);
}
