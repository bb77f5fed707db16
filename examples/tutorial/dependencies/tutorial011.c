/* SPDX-License-Identifier: MIT
 *
 * One function, several providers: told apart by their argument. */
#include <brio/brio.h>

typedef struct Check {
    brio_str q;
} Check;
BRIO_MODEL(Check, BRIO_QUERY(q, .def = BRIO_JSON_TEXT("")));

static int fixed_content_checker(brio_request *req, const Check *in, bool *out)
{
    *out = brio_str_find(in->q, brio_str_from(brio_provider_arg(req))) >= 0;
    return 0;
}
BRIO_PROVIDER_NAMED(checker, fixed_content_checker, Check, bool, .arg = "bar");

typedef struct ReadQueryCheck {
    bool fixed_content_included;
} ReadQueryCheck;
BRIO_MODEL(ReadQueryCheck, BRIO_DEPENDS(fixed_content_included, checker));

static int read_query_check(brio_request *req, const ReadQueryCheck *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "fixed_content_in_query", in->fixed_content_included);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/query-checker/", read_query_check, ReadQueryCheck, brio_json);
}
