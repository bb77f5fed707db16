/* SPDX-License-Identifier: MIT
 *
 * Work for after the answer. */
#include <brio/brio.h>

#include <errno.h>
#include <stdio.h>

static int write_notification(void *arg)
{
    const brio_str *email = arg;
    FILE *file = fopen("log.txt", "w");
    if (!file)
        return -errno;
    fprintf(file, "notification for %.*s: some notification", BRIO_ARG(*email));
    return fclose(file) == 0 ? 0 : -errno;
}

typedef struct SendNotification {
    brio_str email;
} SendNotification;
BRIO_MODEL(SendNotification, BRIO_PATH(email));

static int send_notification(brio_request *req, const SendNotification *in, brio_json *out)
{
    brio_str *email = BRIO_NEW(brio_request_arena(req), brio_str);
    *email = in->email;
    brio_background_blocking(req, write_notification, email);
    *out = BRIO_JSON({"message": "Notification sent in the background"});
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/send-notification/{email}", send_notification, SendNotification, brio_json);
}
