/* SPDX-License-Identifier: MIT
 *
 * A body read by hand and documented by hand. */
#include <brio/brio.h>

static int create_item(brio_request *req, const brio_none *in, brio_json *out)
{
    brio_json content = BRIO_JSON({"name": "Maaaagic", "price": 42, "description": "Just kiddin', no magic here. ✨"});
    *out = BRIO_OBJECT(req, "size", brio_request_body(req).len, "content", content);
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, brio_none, brio_json,
              .openapi_extra =
                  BRIO_JSON_TEXT({"requestBody": {"content": {"application/json": {"schema": {"required": ["name", "price"], "type": "object", "properties": {"name": {"type": "string"}, "price": {"type": "number"}, "description": {"type": "string"}}}}}, "required": true}}));
}
