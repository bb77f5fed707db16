/* SPDX-License-Identifier: MIT
 *
 * Three structs for one user: as sent, as stored, as shown. */
#include <brio/brio.h>

#include <stdio.h>

typedef struct UserIn {
    brio_str username, password;
    brio_email email;
    brio_str *full_name;
} UserIn;
BRIO_MODEL(UserIn, BRIO_FIELD(username), BRIO_FIELD(password), BRIO_FIELD(email),
           BRIO_FIELD(full_name));

typedef struct UserOut {
    brio_str username;
    brio_email email;
    brio_str *full_name;
} UserOut;
BRIO_MODEL(UserOut, BRIO_FIELD(username), BRIO_FIELD(email), BRIO_FIELD(full_name));

typedef struct UserInDB {
    brio_str username, hashed_password;
    brio_email email;
    brio_str *full_name;
} UserInDB;

static brio_str fake_password_hasher(brio_request *req, brio_str raw_password)
{
    return brio_printf(brio_request_arena(req), "supersecret%.*s", BRIO_ARG(raw_password));
}

static UserInDB fake_save_user(brio_request *req, const UserIn *user)
{
    puts("User saved! ..not really");
    return (UserInDB){user->username, fake_password_hasher(req, user->password), user->email,
                      user->full_name};
}

static int create_user(brio_request *req, const UserIn *user, UserOut *out)
{
    UserInDB saved = fake_save_user(req, user);
    *out = (UserOut){saved.username, saved.email, saved.full_name};
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/user/", create_user, UserIn, UserOut);
}
