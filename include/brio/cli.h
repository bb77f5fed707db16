/* SPDX-License-Identifier: MIT
 *
 * brio/cli.h: `brio_main`, the flags of `uvicorn main:app` for a compiled app.
 *
 *     int main(int argc, char **argv)
 *     {
 *         brio_app *app = brio_app_new(NULL);
 *         ...
 *         return brio_main(app, argc, argv);
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

#ifdef __cplusplus
}
#endif
#endif
