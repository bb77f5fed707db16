/* SPDX-License-Identifier: MIT
 *
 * Settings are a struct that the environment fills:
 * ADMIN_EMAIL=me@example.com. What is wrong with them is told at the start. */
#include <brio/brio.h>

typedef struct Settings {
    brio_str app_name, admin_email;
    int64_t items_per_user;
} Settings;
BRIO_MODEL(Settings, BRIO_FIELD(app_name, .def = BRIO_JSON_TEXT("Awesome API")),
                                BRIO_FIELD(admin_email), BRIO_FIELD(items_per_user, .def = "50"));

static Settings settings;

static int load_settings(brio_app *app, void *state)
{
    static brio_arena arena; /* as long as the program */
    brio_problems problems = {.arena = &arena};
    brio_arena_init(&arena, 0);
    int rc = brio_settings_load(&arena, BRIO_TYPE(Settings), &settings, NULL, &problems);
    if (rc < 0)
        brio_settings_complain(BRIO_TYPE(Settings), &problems);
    return rc;
}

static int info(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "app_name", settings.app_name, "admin_email", settings.admin_email,
                       "items_per_user", settings.items_per_user);
    return 0;
}

BRIO_MAIN(.on_startup = load_settings)
{
    BRIO_GET(app, "/info", info, brio_none, brio_json);
}
