/* SPDX-License-Identifier: MIT
 *
 * The struct that depends is itself shared. */
#include <brio/brio.h>

typedef struct Common {
    brio_str *q;
    int64_t skip, limit;
} Common;
BRIO_MODEL(Common, BRIO_QUERY(q), BRIO_QUERY(skip, .def = "0"), BRIO_QUERY(limit, .def = "100"));

static int common_parameters(brio_request *req, const Common *in, Common *out)
{
    *out = *in;
    return 0;
}
BRIO_PROVIDER(common_parameters, Common, Common);

typedef struct Read {
    Common commons;
} Read;
BRIO_MODEL(Read, BRIO_DEPENDS(commons, common_parameters));

static int read_items(brio_request *req, const Read *in, brio_json *out)
{
    const Common *c = &in->commons;
    *out = BRIO_OBJECT(req, "q", c->q, "skip", c->skip, "limit", c->limit);
    return 0;
}

static int read_users(brio_request *req, const Read *in, brio_json *out)
{
    const Common *c = &in->commons;
    *out = BRIO_OBJECT(req, "q", c->q, "skip", c->skip, "limit", c->limit);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, Read, brio_json);
    BRIO_GET(app, "/users/", read_users, Read, brio_json);
}
