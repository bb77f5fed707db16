/* SPDX-License-Identifier: MIT
 *
 * brio/cli.h: `brio_main`, the flags of `uvicorn main:app` for a compiled app.
 *
 *     BRIO_MAIN(.title = "Shop")
 *     {
 *         BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Item);
 *     } */
#ifndef BRIO_CLI_H
#define BRIO_CLI_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_app;

/* Reads the flags (--help lists them), opens the log, serves, frees the app
 * (taken). Returns the process' exit status: 0 after a clean stop, 1 for a
 * failure, 2 for wrong flags, with one sentence on standard error. */
BRIO_API int brio_main(struct brio_app *app, int argc, char **argv) BRIO_CHECKED;

/* A whole program: main() that makes an app of these options, hands it as `app`
 * to the body that follows, which adds the routes, and serves it by
 * brio_main. The options are those of brio_app_options; none are needed. */
#define BRIO_MAIN(...)                                                                             \
    static void brio_main_routes(brio_app *app);                                                   \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        brio_app *brio_main_app =                                                                  \
            brio_app_new(&(const brio_app_options){.brio_private_zero = 0, __VA_ARGS__});          \
        brio_main_routes(brio_main_app);                                                           \
        return brio_main(brio_main_app, argc, argv);                                               \
    }                                                                                              \
    static void brio_main_routes(brio_app *app)

#ifdef __cplusplus
}
#endif
#endif
