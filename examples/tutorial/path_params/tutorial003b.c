/* SPDX-License-Identifier: MIT
 *
 * The same path twice: the first one wins. */
#include <brio/brio.h>

static int read_users(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON(["Rick", "Morty"]);
    return 0;
}

static int read_users2(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON(["Bean", "Elfo"]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/users", read_users, brio_none, brio_json);
    BRIO_GET(app, "/users", read_users2, brio_none, brio_json);
}
