/* SPDX-License-Identifier: MIT
 *
 * A form gathered in a struct. */
#include <brio/brio.h>

typedef struct FormData {
    brio_str username, password;
} FormData;
BRIO_MODEL(FormData, BRIO_FIELD(username), BRIO_FIELD(password));

typedef struct Login {
    FormData data;
} Login;
BRIO_MODEL(Login, BRIO_FORM_AS(data, FormData));

static int login(brio_request *req, const Login *in, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(FormData), &in->data);
}

BRIO_MAIN()
{
    BRIO_POST(app, "/login/", login, Login, brio_json);
}
