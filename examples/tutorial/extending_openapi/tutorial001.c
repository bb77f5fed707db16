/* SPDX-License-Identifier: MIT
 *
 * The document changed before it is shown. */
#include <brio/brio.h>

static int custom_openapi(const brio_app *app, brio_arena *arena, brio_json *document)
{
    const brio_json logo = brio_json_read(
        arena, BRIO_JSON({
        "info": {"x-logo": {"url": "https://fastapi.tiangolo.com/img/logo-margin/logo-teal.png"}}
    }));
    *document = brio_json_merge(arena, document, &logo);
    return 0;
}

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"name": "Foo"}]);
    return 0;
}

BRIO_MAIN(.title = "Custom title", .version = "2.5.0",
          .summary = "This is a very custom OpenAPI schema",
          .description = "Here's a longer description of the custom **OpenAPI** schema")
{
    brio_app_custom_openapi(app, custom_openapi);
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json);
}
