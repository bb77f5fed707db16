/* SPDX-License-Identifier: MIT
 *
 * Either JSON or a redirect: no model describes it. */
#include <brio/brio.h>

typedef struct GetPortal {
    bool teleport;
} GetPortal;
BRIO_MODEL(GetPortal, BRIO_QUERY(teleport, .def = "false"));

static int get_portal(brio_request *req, const GetPortal *in, brio_response *out)
{
    if (in->teleport)
        return brio_answer_redirect(req, 0, BRIO_S("https://www.youtube.com/watch?v=dQw4w9WgXcQ"));
    *out = BRIO_JSON({"message": "Here's your interdimensional portal."});
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/portal", get_portal, GetPortal, brio_response);
}
