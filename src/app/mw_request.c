/* SPDX-License-Identifier: MIT
 *
 * Names of requests, and how long they took. */
#include "app/mw_common.h"

#include <inttypes.h>

static const char id_key[] = "brio.request-id";

/* ---- Names ------------------------------------------------------------------------ */

typedef struct naming {
    brio_str header;
    bool trust;
} naming;

static bool is_name(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7F)
            return false;
    return s.len > 0 && s.len <= 128;
}

static int run_id(brio_request *req, brio_next *next, void *arg)
{
    const naming *n = arg;
    brio_str *id = BRIO_NEW(req->arena, brio_str);
    brio_str given = n->trust ? brio_request_header(req, n->header) : BRIO_S("");
    *id = is_name(given) ? given : brio_app_random_name(req->arena);
    brio_request_set(req, id_key, id);
    req->ex->request_id = *id;
    brio_app_put_header(req, n->header, *id);
    return brio_next_run(req, next);
}

brio_str brio_request_id(const brio_request *req)
{
    const brio_str *id = brio_request_get(req, id_key);
    return id ? *id : BRIO_S("");
}

void brio_use_request_id(brio_app *app, const brio_request_id_options *options)
{
    naming *n = BRIO_NEW(&app->arena, naming);
    brio_str header = BRIO_S("x-request-id");
    if (options && options->header)
        header = brio_str_from(options->header);
    char *lower = brio_cstr(&app->arena, header);
    for (size_t i = 0; i < header.len; i++) {
        bool token = (header.ptr[i] >= '0' && header.ptr[i] <= '9') || header.ptr[i] == '-' ||
                     (brio_lower(header.ptr[i]) >= 'a' && brio_lower(header.ptr[i]) <= 'z');
        BRIO_ASSERT(token); /* a header's name: letters, digits and dashes */
        lower[i] = brio_lower(header.ptr[i]);
    }
    *n = (naming){.header = {lower, header.len}, .trust = options && options->trust_client};
    brio_app_use(app, run_id, n);
}

/* ---- Times -------------------------------------------------------------------------- */

static void tell_time(brio_request *req, void *arg)
{
    char text[BRIO_F64_TEXT_MAX];
    double seconds = (double)(brio_clock_monotonic() - *(const brio_time *)arg) / 1e9;
    brio_str value = {text, brio_f64_text(text, seconds)};
    brio_app_put_header(req, BRIO_S("x-process-time"), brio_str_copy(req->arena, value));
}

static int run_time(brio_request *req, brio_next *next, void *arg)
{
    brio_time *start = BRIO_NEW(req->arena, brio_time);
    (void)arg;
    *start = brio_clock_monotonic();
    return brio_mw_watch(req, next, tell_time, start);
}

void brio_use_process_time(brio_app *app)
{
    brio_app_use(app, run_time, NULL);
}
