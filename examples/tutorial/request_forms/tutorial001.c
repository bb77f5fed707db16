/* SPDX-License-Identifier: MIT
 *
 * Fields of an HTML form. */
#include <brio/brio.h>

typedef struct Login {
    brio_str username, password;
} Login;
BRIO_MODEL(Login, BRIO_FORM(username), BRIO_FORM(password));

static int login(brio_request *req, const Login *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "username", in->username);
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/login/", login, Login, brio_json);
}
