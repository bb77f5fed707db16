/* SPDX-License-Identifier: MIT
 *
 * Another application under a prefix. There is no WSGI in C: what is mounted
 * is brio's own kind. */
#include <brio/brio.h>

typedef struct Greet {
    brio_str name;
} Greet;
BRIO_MODEL(Greet, BRIO_QUERY(name, .def = BRIO_JSON_TEXT("World")));

static int other_main(brio_request *req, const Greet *in, brio_text *out)
{
    out->text =
        brio_printf(brio_request_arena(req), "Hello, %.*s from another app!", BRIO_ARG(in->name));
    return 0;
}

static int read_main(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World"});
    return 0;
}

BRIO_MAIN()
{
    brio_app *other = brio_app_new(&(brio_app_options){.openapi_url = ""});
    BRIO_GET(other, "/", other_main, Greet, brio_text);
    BRIO_GET(app, "/v2", read_main, brio_none, brio_json, .run = BRIO_BLOCKING);
    brio_mount(app, "/v1", other);
}
