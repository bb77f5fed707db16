/* SPDX-License-Identifier: MIT
 *
 * Both ends of a life, and what lives between them. */
#include <brio/brio.h>

typedef double model(double x);

static double fake_answer_to_everything_ml_model(double x)
{
    return x * 42;
}

static model *answer_to_everything;

static int load(brio_app *app, void *state)
{
    answer_to_everything = fake_answer_to_everything_ml_model;
    return 0;
}

static int unload(brio_app *app, void *state)
{
    answer_to_everything = NULL;
    return 0;
}

typedef struct Predict {
    double x;
} Predict;
BRIO_MODEL(Predict, BRIO_QUERY(x));

static int predict(brio_request *req, const Predict *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "result", answer_to_everything(in->x));
    return 0;
}

BRIO_MAIN(.on_startup = load, .on_shutdown = unload)
{
    BRIO_GET(app, "/predict", predict, Predict, brio_json);
}
