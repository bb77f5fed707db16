/* SPDX-License-Identifier: MIT
 *
 * Providers may add work, too: it is one queue. */
#include <brio/brio.h>

#include <errno.h>
#include <stdio.h>

static int write_log(void *arg)
{
    FILE *log = fopen("log.txt", "a");
    if (!log)
        return -errno;
    fputs(arg, log);
    return fclose(log) == 0 ? 0 : -errno;
}

static void log_later(brio_request *req, const char *what, brio_str value)
{
    brio_str line = brio_printf(brio_request_arena(req), "%s%.*s\n", what, BRIO_ARG(value));
    brio_background_blocking(req, write_log, (char *)(uintptr_t)line.ptr);
}

typedef struct GetQuery {
    brio_str *q;
} GetQuery;
BRIO_MODEL(GetQuery, BRIO_QUERY(q));

static int get_query(brio_request *req, const GetQuery *in, GetQuery *out)
{
    if (in->q && in->q->len)
        log_later(req, "found query: ", *in->q);
    *out = *in;
    return 0;
}
BRIO_PROVIDER(get_query, GetQuery, GetQuery);

typedef struct SendNotification {
    brio_str email;
    GetQuery q;
} SendNotification;
BRIO_MODEL(SendNotification, BRIO_PATH(email), BRIO_DEPENDS(q, get_query));

static int send_notification(brio_request *req, const SendNotification *in, brio_json *out)
{
    log_later(req, "message to ", in->email);
    *out = BRIO_JSON({"message": "Message sent"});
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/send-notification/{email}", send_notification, SendNotification, brio_json);
}
