/* SPDX-License-Identifier: MIT
 *
 * Swagger UI in another theme. */
#include <brio/brio.h>

typedef struct ReadUser {
    brio_str username;
} ReadUser;
BRIO_MODEL(ReadUser, BRIO_PATH(username));

static int read_user(brio_request *req, const ReadUser *in, brio_json *out)
{
    brio_str message = brio_printf(brio_request_arena(req), "Hello %.*s", BRIO_ARG(in->username));
    *out = BRIO_OBJECT(req, "message", message);
    return 0;
}

BRIO_MAIN(.swagger_ui_parameters = BRIO_JSON_TEXT({"syntaxHighlight": {"theme": "obsidian"}}))
{
    BRIO_GET(app, "/users/{username}", read_user, ReadUser, brio_json);
}
