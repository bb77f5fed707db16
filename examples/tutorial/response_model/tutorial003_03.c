/* SPDX-License-Identifier: MIT
 *
 * Always a redirect. */
#include <brio/brio.h>

static int get_teleport(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_redirect(req, 0, BRIO_S("https://www.youtube.com/watch?v=dQw4w9WgXcQ"));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/teleport", get_teleport, brio_none, brio_response);
}
