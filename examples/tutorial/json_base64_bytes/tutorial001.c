/* SPDX-License-Identifier: MIT
 *
 * Bytes as base64, in one direction or both. */
#include <brio/brio.h>

typedef struct Data {
    brio_str description;
    brio_bytes data;
} DataInput, DataOutput, DataInputOutput;
BRIO_MODEL(DataInput, BRIO_FIELD(description), BRIO_FIELD(data, .base64 = true));
BRIO_MODEL(DataOutput, BRIO_FIELD(description), BRIO_FIELD(data, .base64 = true));
BRIO_MODEL(DataInputOutput, BRIO_FIELD(description), BRIO_FIELD(data, .base64 = true));

static int post_data(brio_request *req, const DataInput *body, brio_json *out)
{
    brio_str content = {(const char *)body->data.ptr, body->data.len};
    *out = BRIO_OBJECT(req, "description", body->description, "content", content);
    return 0;
}

static int get_data(brio_request *req, const brio_none *in, DataOutput *out)
{
    *out = (DataOutput){BRIO_S("A plumbus"), {"hello", 5}};
    return 0;
}

static int post_data_in_out(brio_request *req, const DataInputOutput *body, DataInputOutput *out)
{
    *out = *body;
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/data", post_data, DataInput, brio_json, .run = BRIO_BLOCKING);
    BRIO_GET(app, "/data", get_data, brio_none, DataOutput, .run = BRIO_BLOCKING);
    BRIO_POST(app, "/data-in-out", post_data_in_out, DataInputOutput, DataInputOutput,
              .run = BRIO_BLOCKING);
}
