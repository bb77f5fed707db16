/* SPDX-License-Identifier: MIT
 *
 * Background tasks: the response is sent first, the work follows. Each task
 * gets a struct from the request's arena, which lives until they have run. */
#include "guide.h"

#include <unistd.h>

typedef struct Email {
    brio_str email;
} Email;
BRIO_MODEL(Email, BRIO_QUERY(email));

typedef struct mail {
    brio_str email;
    const char *text;
} mail;

static int send_email_sync(void *arg)
{
    const mail *m = arg;
    sleep(2); /* on a thread of the pool */
    brio_log(BRIO_LOG_INFO, "Email envoyé à %.*s: %s", BRIO_ARG(m->email), m->text);
    return 0;
}

/* The asynchronous steps differ only in how long they take and what they say. */
static int pause_then_log(brio_time pause, const char *before, brio_str email, const char *after)
{
    int rc = brio_sleep(pause);
    if (rc < 0)
        return rc;
    brio_log(BRIO_LOG_INFO, "%s%.*s%s", before, BRIO_ARG(email), after);
    return 0;
}

static int send_email_async(void *arg)
{
    const mail *m = arg;
    return pause_then_log(BRIO_SEC(2), "Email async envoyé à ", m->email, m->text);
}

static int create_user_profile(void *arg)
{
    const mail *m = arg;
    return pause_then_log(BRIO_SEC(1), "Profil créé pour ", m->email, "");
}

static int add_to_mailing_list(void *arg)
{
    const mail *m = arg;
    return pause_then_log(BRIO_MS(500), "", m->email, " ajouté à la mailing list");
}

static mail *mail_to(brio_request *req, brio_str email, const char *text)
{
    mail *m = BRIO_NEW(brio_request_arena(req), mail);
    *m = (mail){email, text};
    return m;
}

static int send_notification(brio_request *req, const Email *in, Message *out)
{
    brio_background_blocking(req, send_email_sync, mail_to(req, in->email, "Bienvenue !"));
    out->message = BRIO_S("Notification en cours d'envoi");
    return 0;
}

static int send_notification_async(brio_request *req, const Email *in, Message *out)
{
    brio_background(req, send_email_async, mail_to(req, in->email, ": Bienvenue async !"));
    out->message = BRIO_S("Notification async en cours d'envoi");
    return 0;
}

static int register_user(brio_request *req, const Email *in, Message *out)
{
    mail *m = mail_to(req, in->email, ": Bienvenue !");
    brio_background(req, send_email_async, m);
    brio_background(req, create_user_profile, m);
    brio_background(req, add_to_mailing_list, m);
    out->message = BRIO_S("Inscription réussie, traitements en cours");
    return 0;
}

void guide_add_background(brio_app *app)
{
    BRIO_POST(app, "/send-notification/", send_notification, Email, Message, .run = BRIO_BLOCKING);
    BRIO_POST(app, "/send-notification-async/", send_notification_async, Email, Message);
    BRIO_POST(app, "/register-user/", register_user, Email, Message);
}
