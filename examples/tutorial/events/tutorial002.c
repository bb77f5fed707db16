/* SPDX-License-Identifier: MIT
 *
 * Something done after the last request. */
#include <brio/brio.h>

#include <errno.h>
#include <stdio.h>

static int shutdown_event(brio_app *app, void *state)
{
    FILE *log = fopen("log.txt", "a");
    if (!log)
        return -EIO;
    fputs("Application shutdown", log);
    return fclose(log) == 0 ? 0 : -EIO;
}

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([ {"name" : "Foo"} ]);
    return 0;
}

BRIO_MAIN(.on_shutdown = shutdown_event)
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json);
}
