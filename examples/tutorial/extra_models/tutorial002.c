/* SPDX-License-Identifier: MIT
 *
 * What they share is their base. */
#include <brio/brio.h>

#include <stdio.h>

typedef struct UserBase {
    brio_str username;
    brio_email email;
    brio_str *full_name;
} UserBase;
BRIO_MODEL(UserBase, BRIO_FIELD(username), BRIO_FIELD(email), BRIO_FIELD(full_name));

typedef struct UserIn {
    UserBase base;
    brio_str password;
} UserIn;
BRIO_MODEL(UserIn, BRIO_BASE(base, UserBase), BRIO_FIELD(password));

typedef struct UserOut {
    UserBase base;
} UserOut;
BRIO_MODEL(UserOut, BRIO_BASE(base, UserBase));

typedef struct UserInDB {
    UserBase base;
    brio_str hashed_password;
} UserInDB;

static brio_str fake_password_hasher(brio_request *req, brio_str raw_password)
{
    return brio_printf(brio_request_arena(req), "supersecret%.*s", BRIO_ARG(raw_password));
}

static UserInDB fake_save_user(brio_request *req, const UserIn *user)
{
    puts("User saved! ..not really");
    return (UserInDB){user->base, fake_password_hasher(req, user->password)};
}

static int create_user(brio_request *req, const UserIn *user, UserOut *out)
{
    out->base = fake_save_user(req, user).base;
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/user/", create_user, UserIn, UserOut);
}
