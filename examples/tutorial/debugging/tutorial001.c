/* SPDX-License-Identifier: MIT
 *
 * BRIO_MAIN is a main(): start it under gdb. */
#include <brio/brio.h>

static int root(brio_request *req, const brio_none *in, brio_json *out)
{
    const char *a = "a";
    brio_str b = brio_printf(brio_request_arena(req), "b%s", a);
    *out = BRIO_OBJECT(req, "hello world", b);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", root, brio_none, brio_json, .run = BRIO_BLOCKING);
}
