/* SPDX-License-Identifier: MIT
 *
 * The settings as a dependency: made once, at the start, from the environment
 * and a file .env; tests put others in their place. */
#ifndef SETTINGS_APP03_H
#define SETTINGS_APP03_H

#include <brio/brio.h>

typedef struct Settings {
    brio_str app_name, admin_email;
    int64_t items_per_user;
} Settings;
BRIO_MODEL(Settings, BRIO_FIELD(app_name, .def = BRIO_JSON_TEXT("Awesome API")),
                                BRIO_FIELD(admin_email), BRIO_FIELD(items_per_user, .def = "50"));

static int get_settings(brio_request *req, const brio_none *in, Settings *out)
{
    brio_problems problems = {.arena = brio_request_arena(req)};
    const brio_settings_options options = {.env_file = ".env"};
    int rc = brio_settings_load(problems.arena, BRIO_TYPE(Settings), out, &options, &problems);
    if (rc < 0)
        brio_settings_complain(BRIO_TYPE(Settings), &problems);
    return rc;
}
BRIO_PROVIDER(get_settings, brio_none, Settings, .scope = BRIO_PER_APP);

#endif
