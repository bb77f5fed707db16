/* SPDX-License-Identifier: MIT
 *
 * An error of one's own, and who answers it. */
#include <brio/brio.h>

#define EUNICORN BRIO_ERROR(1)

typedef struct ReadUnicorn {
    brio_str name;
} ReadUnicorn;
BRIO_MODEL(ReadUnicorn, BRIO_PATH(name));

static int unicorn_exception_handler(brio_request *req, const brio_exception *f)
{
    brio_str message =
        brio_printf(brio_request_arena(req), "Oops! %s did something. There goes a rainbow...",
                    (const char *)f->data);
    return brio_answer_json(req, 418, BRIO_OBJECT(req, "message", message));
}

static int read_unicorn(brio_request *req, const ReadUnicorn *in, brio_json *out)
{
    if (brio_str_eq(in->name, BRIO_S("yolo")))
        return brio_raise(req, EUNICORN, "yolo");
    *out = BRIO_OBJECT(req, "unicorn_name", in->name);
    return 0;
}

BRIO_MAIN()
{
    brio_app_on_error(app, EUNICORN, unicorn_exception_handler);
    BRIO_GET(app, "/unicorns/{name}", read_unicorn, ReadUnicorn, brio_json);
}
