/* SPDX-License-Identifier: MIT
 *
 * How 241 programs become one. Each file of the tutorial is a whole program
 * that ends in BRIO_MAIN; the build includes this header before it, so that
 * BRIO_MAIN here adds a record to a linker section instead of a main(). */
#ifndef TUTORIAL_H
#define TUTORIAL_H

#include <brio/brio.h>

typedef struct tutorial_app {
    const char *file; /* .../examples/tutorial/body/tutorial001.c is body.tutorial001 */
    brio_app *(*make)(void);
} tutorial_app;

/* `used` keeps the record; the aligned pointer keeps the section an array. */
#undef BRIO_MAIN
#define BRIO_MAIN(...)                                                                             \
    static void tutorial_routes(brio_app *app);                                                    \
    static brio_app *tutorial_make(void)                                                           \
    {                                                                                              \
        brio_app *app =                                                                            \
            brio_app_new(&(const brio_app_options){.brio_private_zero = 0, __VA_ARGS__});          \
        tutorial_routes(app);                                                                      \
        return app;                                                                                \
    }                                                                                              \
    static const tutorial_app tutorial_record = {__FILE__, tutorial_make};                         \
    static const tutorial_app *const tutorial_entry                                                \
        __attribute__((used, section("tutorial_apps"))) = &tutorial_record;                        \
    static void tutorial_routes(brio_app *app)

#endif
