/* SPDX-License-Identifier: MIT
 *
 * Compressed bodies come decoded to whoever reads them. */
#include <brio/brio.h>

BRIO_LIST(Numbers, int64_t);

static int sum_numbers(brio_request *req, const Numbers *numbers, brio_json *out)
{
    int64_t sum = 0;
    for (size_t i = 0; i < numbers->len; i++)
        sum += numbers->items[i];
    *out = BRIO_OBJECT(req, "sum", sum);
    return 0;
}

BRIO_MAIN()
{
    brio_use_decoding(app, &(brio_decoding_options){.codings = BRIO_GZIP});
    BRIO_POST(app, "/sum", sum_numbers, Numbers, brio_json);
}
