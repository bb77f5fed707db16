/* SPDX-License-Identifier: MIT
 *
 * And no other fields. */
#include <brio/brio.h>

typedef struct FormData {
    brio_str username, password;
} FormData;
BRIO_MODEL(FormData, BRIO_FIELD(username), BRIO_FIELD(password),
           BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID));

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
