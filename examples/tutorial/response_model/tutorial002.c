/* SPDX-License-Identifier: MIT
 *
 * The same struct in and out: do not do this with passwords. */
#include <brio/brio.h>

typedef struct UserIn {
    brio_str username, password;
    brio_email email;
    brio_str *full_name;
} UserIn;
BRIO_MODEL(UserIn, BRIO_FIELD(username), BRIO_FIELD(password), BRIO_FIELD(email),
           BRIO_FIELD(full_name));

static int create_user(brio_request *req, const UserIn *user, UserIn *out)
{
    *out = *user;
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/user/", create_user, UserIn, UserIn);
}
