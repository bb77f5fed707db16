/* SPDX-License-Identifier: MIT
 *
 * A C enum with names on the wire. */
#include <brio/brio.h>

typedef enum ModelName { ALEXNET, RESNET, LENET } ModelName;
BRIO_ENUM(ModelName, {ALEXNET, "alexnet"}, {RESNET, "resnet"}, {LENET, "lenet"});

typedef struct GetModel {
    ModelName model_name;
} GetModel;
BRIO_MODEL(GetModel, BRIO_PATH_AS(model_name, ModelName));

static int get_model(brio_request *req, const GetModel *in, brio_json *out)
{
    const char *message = in->model_name == ALEXNET ? "Deep Learning FTW!"
                          : in->model_name == LENET ? "LeCNN all the images"
                                                    : "Have some residuals";
    *out = BRIO_OBJECT(req, "model_name", BRIO_AS(ModelName, &in->model_name), "message", message);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/models/{model_name}", get_model, GetModel, brio_json);
}
