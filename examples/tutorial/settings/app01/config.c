/* SPDX-License-Identifier: MIT
 *
 * Reads the settings once, when the application starts. */
#include "config.h"

Settings app01_settings;

int app01_load_settings(brio_app *app, void *state)
{
    static brio_arena arena; /* as long as the program */
    brio_problems problems = {.arena = &arena};
    brio_arena_init(&arena, 0);
    int rc = brio_settings_load(&arena, BRIO_TYPE(Settings), &app01_settings, NULL, &problems);
    if (rc < 0)
        brio_settings_complain(BRIO_TYPE(Settings), &problems);
    return rc;
}
