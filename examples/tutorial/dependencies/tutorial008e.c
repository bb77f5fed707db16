/* SPDX-License-Identifier: MIT
 *
 * What follows the handler, before the answer is sent. */
#include <brio/brio.h>

#include <stdio.h>

static int clean_up(brio_request *req, void *arg, int outcome)
{
    puts("Cleanup up before response is sent");
    return outcome;
}

static int get_username(brio_request *req, const brio_none *in, brio_str *out)
{
    *out = BRIO_S("Rick");
    brio_on_exit(req, clean_up, NULL);
    return 0;
}
BRIO_PROVIDER(get_username, brio_none, brio_str, .run = BRIO_BLOCKING, .scope = BRIO_PER_FUNCTION);

typedef struct GetUserMe {
    brio_str username;
} GetUserMe;
BRIO_MODEL(GetUserMe, BRIO_DEPENDS(username, get_username));

static int get_user_me(brio_request *req, const GetUserMe *in, brio_json *out)
{
    *out = brio_json_from_str(in->username);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/users/me", get_user_me, GetUserMe, brio_json, .run = BRIO_BLOCKING);
}
