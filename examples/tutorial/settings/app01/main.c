/* SPDX-License-Identifier: MIT
 *
 * Settings in a file of their own. */
#include "config.h"

static int info(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "app_name", app01_settings.app_name, "admin_email",
                       app01_settings.admin_email, "items_per_user", app01_settings.items_per_user);
    return 0;
}

BRIO_MAIN(.on_startup = app01_load_settings)
{
    BRIO_GET(app, "/info", info, brio_none, brio_json);
}
