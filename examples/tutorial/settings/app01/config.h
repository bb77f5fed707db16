/* SPDX-License-Identifier: MIT
 *
 * The settings, for all files of the application. */
#ifndef SETTINGS_APP01_H
#define SETTINGS_APP01_H

#include <brio/brio.h>

typedef struct Settings {
    brio_str app_name, admin_email;
    int64_t items_per_user;
} Settings;
BRIO_MODEL(Settings, BRIO_FIELD(app_name, .def = BRIO_JSON_TEXT("Awesome API")),
                                BRIO_FIELD(admin_email), BRIO_FIELD(items_per_user, .def = "50"));

/* Filled by app01_load_settings, a startup hook. */
extern Settings app01_settings;
int app01_load_settings(brio_app *app, void *state);

#endif
