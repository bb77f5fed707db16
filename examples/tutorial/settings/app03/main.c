/* SPDX-License-Identifier: MIT
 *
 * Settings as a dependency. */
#include "config.h"

typedef struct Info {
    const Settings *settings;
} Info;
BRIO_MODEL(Info, BRIO_DEPENDS(settings, get_settings));

static int info(brio_request *req, const Info *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "app_name", in->settings->app_name, "admin_email",
                       in->settings->admin_email, "items_per_user", in->settings->items_per_user);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/info", info, Info, brio_json);
}
