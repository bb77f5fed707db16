/* SPDX-License-Identifier: MIT
 *
 * Certificates: read before anything is forked, and again at SIGHUP.
 *
 * Before the fork, so that workers share the keys of session tickets (a client may
 * resume at any of them), need no right to read key files themselves, and a wrong
 * file is told at once. Ticket keys are new by time, and with a reload: what a certificate vouched
 * for that is not trusted any more is not resumed. */
#include "server/server_internal.h"

#include <errno.h>

/* Else everything would go in clear, and nobody would have asked for that. */
static int lacks_certificate(const brio_server_ssl *ssl)
{
    bool meant = ssl->keyfile[0] || ssl->ca_certs || ssl->keyfile_password ||
                 ssl->cert_reqs > BRIO_TLS_VERIFY_NONE;
    if (meant)
        brio_log(BRIO_LOG_ERROR, "TLS cannot be served: there is no certificate");
    return meant ? -EINVAL : 0;
}

static int add_hosts(brio_tls_context *context, const brio_server_ssl *ssl)
{
    int rc = 0;
    for (size_t i = 1; i < BRIO_SERVER_CERTIFICATES && ssl->certfile[i] && rc == 0; i++)
        rc = brio_tls_context_add_host(context, NULL, ssl->certfile[i], ssl->keyfile[i]);
    return rc;
}

static void log_failure(const char *what, int rc)
{
    brio_str why = brio_error_detail();
    why = why.len ? why : brio_str_from(brio_error_text(rc));
    brio_log(BRIO_LOG_ERROR, "%s: %.*s", what, BRIO_ARG(why));
}

/* What TLS may agree upon, best first. */
static const char *protocols(const brio_server_options *o)
{
    if (o->versions == BRIO_SERVER_HTTP_1 || !brio_h2_preface().len)
        return "http/1.1";
    return o->versions == BRIO_SERVER_HTTP_2 ? "h2" : "h2,http/1.1";
}

int brio_server_tls_load(brio_tls_context **ret, const brio_server_options *o)
{
    const brio_server_ssl *ssl = &o->ssl;
    *ret = NULL;
    if (!ssl->certfile[0])
        return lacks_certificate(ssl);
    int rc = brio_tls_context_new(ret, &(brio_tls_options){.server = true,
                                                           .cert_file = ssl->certfile[0],
                                                           .key_file = ssl->keyfile[0],
                                                           .key_password = ssl->keyfile_password,
                                                           .ca_file = ssl->ca_certs,
                                                           .verify = ssl->cert_reqs,
                                                           .alpn = protocols(o),
                                                           .min_version = ssl->min_version,
                                                           .ciphers = ssl->ciphers,
                                                           .ticket_life = ssl->ticket_life,
                                                           .ktls = !ssl->no_ktls});
    if (rc == 0)
        rc = add_hosts(*ret, ssl);
    if (rc < 0) {
        log_failure("TLS cannot be served", rc);
        brio_tls_context_free(*ret);
        *ret = NULL;
    }
    return rc;
}

brio_str brio_server_tls_mode(const brio_server_options *o)
{
    if (!o->ssl.certfile[0])
        return BRIO_S("off");
    bool kernel = !o->ssl.no_ktls && brio_tls_kernel() == 0;
    return kernel ? BRIO_S("on, encrypted by the kernel") : BRIO_S("on");
}

/* ---- Again ---------------------------------------------------------------- */

void brio_server_tls_reload(brio_tls_context *context)
{
    int rc = brio_tls_context_reload(context);
    if (rc < 0)
        log_failure("The certificates could not be read again; the old ones stay", rc);
    else
        brio_log(BRIO_LOG_INFO, "Certificates read again.");
}

static int reload_task(void *arg)
{
    brio_server_secure *secure = arg;
    do {
        secure->again = false;
        brio_server_tls_reload(secure->context);
    } while (secure->again);
    secure->reloading = false;
    return 0;
}

void brio_server_tls_reload_soon(brio_server_worker *w)
{
    static const brio_task_options named = {.name = "certificates"};
    brio_server_secure *secure = &w->secure;
    secure->again = true;
    if (secure->reloading)
        return;
    secure->reloading = brio_create_task_on(w->loop, reload_task, secure, &named) != NULL;
    if (!secure->reloading)
        brio_log(BRIO_LOG_ERROR, "no memory to read the certificates again");
}
