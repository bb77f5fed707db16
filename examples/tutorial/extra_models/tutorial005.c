/* SPDX-License-Identifier: MIT
 *
 * A dictionary with any keys. */
#include <brio/brio.h>

BRIO_DICT(Weights, brio_str, double);

static int read_keyword_weights(brio_request *req, const brio_none *in, Weights *out)
{
    static Weights_entry weights[] = {{BRIO_S_INIT("foo"), 2.3}, {BRIO_S_INIT("bar"), 3.4}};
    *out = (Weights){weights, 2};
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/keyword-weights/", read_keyword_weights, brio_none, Weights);
}
