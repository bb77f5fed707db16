/* SPDX-License-Identifier: MIT
 *
 * A provider that depends on a provider. */
#include <brio/brio.h>

typedef brio_str *Text; /* may be NULL */

typedef struct QueryExtractor {
    Text q;
} QueryExtractor;
BRIO_MODEL(QueryExtractor, BRIO_QUERY(q));

static int query_extractor(brio_request *req, const QueryExtractor *in, Text *out)
{
    *out = in->q;
    return 0;
}
BRIO_PROVIDER(query_extractor, QueryExtractor, Text, .run = BRIO_BLOCKING);

typedef struct QueryOrCookie {
    Text q, last_query;
} QueryOrCookie;
BRIO_MODEL(QueryOrCookie, BRIO_DEPENDS(q, query_extractor), BRIO_COOKIE(last_query));

static int query_or_cookie_extractor(brio_request *req, const QueryOrCookie *in, Text *out)
{
    *out = in->q && in->q->len ? in->q : in->last_query;
    return 0;
}
BRIO_PROVIDER(query_or_cookie_extractor, QueryOrCookie, Text, .run = BRIO_BLOCKING);

typedef struct ReadQuery {
    Text query_or_default;
} ReadQuery;
BRIO_MODEL(ReadQuery, BRIO_DEPENDS(query_or_default, query_or_cookie_extractor));

static int read_query(brio_request *req, const ReadQuery *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "q_or_cookie", in->query_or_default);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_query, ReadQuery, brio_json);
}
