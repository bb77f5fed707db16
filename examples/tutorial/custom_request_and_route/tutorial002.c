/* SPDX-License-Identifier: MIT
 *
 * What was sent, in the answer to what was wrong with it. */
#include <brio/brio.h>

BRIO_LIST(Numbers, int64_t);

static int log_validation_error(brio_request *req, const brio_exception *f)
{
    return brio_answer_json(req, 422,
                            BRIO_OBJECT(req, "detail",
                                        BRIO_OBJECT(req, "errors", brio_exception_errors(req, f),
                                                    "body", brio_request_body(req))));
}

static int sum_numbers(brio_request *req, const Numbers *numbers, brio_json *out)
{
    int64_t sum = 0;
    for (size_t i = 0; i < numbers->len; i++)
        sum += numbers->items[i];
    *out = brio_json_from_int(sum);
    return 0;
}

BRIO_MAIN()
{
    brio_app_on_invalid(app, log_validation_error);
    BRIO_POST(app, "/", sum_numbers, Numbers, brio_json);
}
