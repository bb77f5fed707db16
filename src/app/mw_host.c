/* SPDX-License-Identifier: MIT
 *
 * Which hosts are served, and over what: Starlette's TrustedHostMiddleware and
 * HTTPSRedirectMiddleware. */
#include "app/mw_common.h"

typedef struct hosts {
    brio_mw_list allowed;
    bool any, www_redirect;
} hosts;

static bool is_host(brio_str host, brio_str pattern)
{
    return brio_str_eq(host, pattern) ||
           (brio_str_starts(pattern, BRIO_S("*")) &&
            brio_str_ends(host, brio_str_slice(pattern, 1, SIZE_MAX)));
}

static bool is_www_of(brio_str pattern, brio_str host)
{
    return brio_str_starts(pattern, BRIO_S("www.")) &&
           brio_str_eq(brio_str_slice(pattern, 4, SIZE_MAX), host);
}

static int run_hosts(brio_request *req, brio_next *next, void *arg)
{
    const hosts *h = arg;
    brio_str given = req->http->host, host = brio_str_cut(given, ':').head;
    bool www = false;
    for (size_t i = 0; i < h->allowed.n; i++) {
        if (is_host(host, h->allowed.items[i]))
            return brio_next_run(req, next);
        www = www || is_www_of(h->allowed.items[i], host);
    }
    if (h->any)
        return brio_next_run(req, next);
    if (!www || !h->www_redirect)
        return brio_answer_text(req, 400, BRIO_S("Invalid host header"));
    brio_str netloc = brio_printf(req->arena, "www.%.*s", BRIO_ARG(given));
    return brio_answer_redirect(req, 0, brio_mw_url(req, brio_request_scheme(req), netloc));
}

void brio_use_trusted_host(brio_app *app, const brio_trusted_host_options *options)
{
    hosts *h = BRIO_NEW(&app->arena, hosts);
    const char *allowed = options && options->allowed_hosts ? options->allowed_hosts : "*";
    *h = (hosts){.allowed = brio_mw_split(app, allowed),
                 .www_redirect = !options || !options->no_www_redirect};
    for (size_t i = 0; i < h->allowed.n; i++) {
        brio_str pattern = h->allowed.items[i];
        bool star = brio_str_starts(pattern, BRIO_S("*"));
        bool all = brio_str_eq(pattern, BRIO_S("*"));
        /* a wildcard is "*" or the first label: "*.example.com" */
        BRIO_ASSERT(!star || all || brio_str_starts(pattern, BRIO_S("*.")));
        BRIO_ASSERT(brio_str_find(brio_str_slice(pattern, 1, SIZE_MAX), BRIO_S("*")) < 0);
        h->any = h->any || all;
    }
    brio_app_use(app, run_hosts, h);
}

/* The port of plain http is not that of https. */
static brio_str without_usual_port(brio_str host)
{
    if (brio_str_ends(host, BRIO_S(":80")))
        host.len -= 3;
    else if (brio_str_ends(host, BRIO_S(":443")))
        host.len -= 4;
    return host;
}

static int run_https(brio_request *req, brio_next *next, void *arg)
{
    (void)arg;
    if (!brio_str_eq(brio_request_scheme(req), BRIO_S("http")))
        return brio_next_run(req, next);
    brio_str netloc = without_usual_port(req->http->host);
    return brio_answer_redirect(req, 0, brio_mw_url(req, BRIO_S("https"), netloc));
}

void brio_use_https_redirect(brio_app *app)
{
    brio_app_use(app, run_https, NULL);
}
