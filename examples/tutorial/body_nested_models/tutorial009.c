/* SPDX-License-Identifier: MIT
 *
 * A body that is a dictionary; its keys are read as numbers. */
#include <brio/brio.h>

BRIO_DICT(Weights, int64_t, double);

static int create_index_weights(brio_request *req, const Weights *weights, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Weights), weights);
}

BRIO_MAIN()
{
    BRIO_POST(app, "/index-weights/", create_index_weights, Weights, brio_json);
}
