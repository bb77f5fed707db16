/* SPDX-License-Identifier: MIT
 *
 * Traces (W3C Trace Context, level 1): who is asked on whose behalf.
 *
 *     traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 *                  version, trace, span of the caller, flags */
#include "app/mw_common.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

static const char trace_key[] = "brio.trace";

enum {
    TRACE = 32,
    SPAN = 16,
    AT_TRACE = 3,
    AT_SPAN = 36,
    AT_FLAGS = 53,
    LENGTH = 55,
    STATE_MAX = 512
};

/* ---- What came ------------------------------------------------------------------- */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Lower-case hex, and not all zeros unless `zero` is fine. */
static bool is_hex(brio_str s, bool zero)
{
    bool any = false;
    for (size_t i = 0; i < s.len; i++) {
        if (digit(s.ptr[i]) < 0)
            return false;
        any = any || s.ptr[i] != '0';
    }
    return any || zero;
}

/* A later version may have more behind the flags. */
static bool is_well_formed(brio_str s)
{
    if (s.len < LENGTH || s.ptr[2] != '-' || s.ptr[AT_SPAN - 1] != '-' ||
        s.ptr[AT_FLAGS - 1] != '-')
        return false;
    brio_str version = brio_str_slice(s, 0, 2);
    bool first = brio_str_eq(version, BRIO_S("00"));
    if (!is_hex(version, true) || brio_str_eq(version, BRIO_S("ff")))
        return false;
    if (s.len > LENGTH && (first || s.ptr[LENGTH] != '-'))
        return false;
    return is_hex(brio_str_slice(s, AT_TRACE, TRACE), false) &&
           is_hex(brio_str_slice(s, AT_SPAN, SPAN), false) &&
           is_hex(brio_str_slice(s, AT_FLAGS, 2), true);
}

static brio_str take_state(const brio_request *req)
{
    brio_str state = brio_request_header(req, BRIO_S("tracestate"));
    return state.len <= STATE_MAX ? state : BRIO_S("");
}

/* ---- What is made ------------------------------------------------------------------ */

static uint64_t random_word(void)
{
    uint64_t word = 0;
    if (getrandom(&word, sizeof word, 0) != (ssize_t)sizeof word || word == 0)
        word = (uint64_t)brio_clock_monotonic() | 1;
    return word;
}

static void continue_trace(brio_trace *t, brio_str parent, brio_str state)
{
    memcpy(t->trace_id, parent.ptr + AT_TRACE, TRACE);
    memcpy(t->parent_id, parent.ptr + AT_SPAN, SPAN);
    t->sampled = digit(parent.ptr[LENGTH - 1]) & 1;
    t->state = state;
}

static void begin_trace(brio_trace *t, bool sampled)
{
    snprintf(t->trace_id, sizeof t->trace_id, "%016" PRIx64 "%016" PRIx64, random_word(),
             random_word());
    t->sampled = sampled;
}

static brio_str written(brio_request *req, const brio_trace *t)
{
    return brio_printf(req->arena, "00-%s-%s-%s", t->trace_id, t->span_id,
                       t->sampled ? "01" : "00");
}

static int run_trace(brio_request *req, brio_next *next, void *arg)
{
    const brio_trace_options *o = arg;
    brio_trace *t = BRIO_NEW(req->arena, brio_trace);
    brio_str parent = o->restart ? BRIO_S("") : brio_request_header(req, BRIO_S("traceparent"));
    if (is_well_formed(parent))
        continue_trace(t, parent, take_state(req));
    else
        begin_trace(t, !o->not_sampled);
    snprintf(t->span_id, sizeof t->span_id, "%016" PRIx64, random_word());
    brio_request_set(req, trace_key, t);
    req->ex->trace_id = (brio_str){t->trace_id, TRACE};
    brio_app_put_header(req, BRIO_S("traceresponse"), written(req, t));
    return brio_next_run(req, next);
}

void brio_use_trace(brio_app *app, const brio_trace_options *options)
{
    brio_trace_options *kept = BRIO_NEW(&app->arena, brio_trace_options);
    *kept = options ? *options : (brio_trace_options){0};
    brio_app_use(app, run_trace, kept);
}

const brio_trace *brio_request_trace(const brio_request *req)
{
    return brio_request_get(req, trace_key);
}

brio_str brio_request_traceparent(brio_request *req)
{
    const brio_trace *t = brio_request_trace(req);
    return t ? written(req, t) : BRIO_S("");
}
