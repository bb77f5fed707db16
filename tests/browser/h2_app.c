/* SPDX-License-Identifier: MIT
 *
 * The app of h2.js: something to post, events, and a file to keep. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    double price;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name, .min_length = 2), BRIO_FIELD(price, .gt = BRIO_NUM(0)));

static int add(brio_request *req, const Item *in, Item *out)
{
    (void)req;
    *out = *in;
    out->price *= 2;
    return 0;
}

/* Ten, one after the other. */
static int ticks(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    int rc = 0;
    for (int i = 1; i <= 10 && rc >= 0; i++) {
        brio_str text = brio_printf(brio_request_arena(req), "%d", i);
        rc = brio_respond_event(req, &(brio_sse){.event = BRIO_S("tick"), .id = text, .raw = text});
        rc = rc < 0 ? rc : brio_sleep(BRIO_MS(20));
    }
    return rc;
}

static int report(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    return brio_answer_file(req, BRIO_S(H2_FILE),
                            &(brio_answer_file_options){.filename = "a report.bin"});
}

BRIO_MAIN(.title = "Over HTTP/2")
{
    BRIO_POST(app, "/items", add, Item, Item);
    BRIO_GET(app, "/ticks", ticks, brio_none, brio_none, .response = BRIO_SSE);
    BRIO_GET(app, "/report", report, brio_none, brio_none);
}
