/* SPDX-License-Identifier: MIT
 *
 * Cookies gathered in a struct. */
#include <brio/brio.h>

typedef struct Cookies {
    brio_str session_id;
    brio_str *fatebook_tracker, *googall_tracker;
} Cookies;
BRIO_MODEL(Cookies, BRIO_FIELD(session_id), BRIO_FIELD(fatebook_tracker),
           BRIO_FIELD(googall_tracker));

typedef struct ReadItems {
    Cookies cookies;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_COOKIE_AS(cookies, Cookies));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Cookies), &in->cookies);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
