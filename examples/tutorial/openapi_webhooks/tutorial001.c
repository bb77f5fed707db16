/* SPDX-License-Identifier: MIT
 *
 * Webhooks: requests that the API will send to whoever subscribes. */
#include <brio/brio.h>

typedef struct Subscription {
    brio_str username;
    double monthly_fee;
    brio_datetime start_date;
} Subscription;
BRIO_MODEL(Subscription, BRIO_FIELD(username), BRIO_FIELD(monthly_fee), BRIO_FIELD(start_date));

static int read_users(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON(["Rick", "Morty"]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_DESCRIBE(brio_app_webhooks(app), "POST", "new-subscription", new_subscription,
                  Subscription, brio_json,
                  .description =
                      "When a new user subscribes to your service we'll send you a POST request "
                      "with this\ndata to the URL that you register for the event "
                      "`new-subscription` in the dashboard.");
    BRIO_GET(app, "/users/", read_users, brio_none, brio_json);
}
