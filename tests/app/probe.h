/* SPDX-License-Identifier: MIT
 *
 * A server of one exchange that notes what the app does with it and when, for
 * what the test client cannot see: order in time, cancelling, a client that
 * goes away, limits. Use it inside brio_sim_run. */
#ifndef BRIO_TESTS_APP_PROBE_H
#define BRIO_TESTS_APP_PROBE_H

#include "harness/test.h"

#include <brio/app.h>
#include <brio/http.h>
#include <brio/task.h>

#include <errno.h>

typedef struct probe {
    brio_exchange ex;
    brio_arena arena;
    brio_http_request http;
    brio_time sending; /* how long `sent` and each `write` take; -1: until cancelled */
    int status;        /* of the answer */
    char head[64];     /* content-type */
    char body[4096];
    size_t body_len;
    int responded, sent, finished, ended;
    brio_time responded_at, sent_at, finished_at;
} probe;

static inline probe *probe_of(brio_exchange *ex)
{
    return BRIO_CONTAINER(ex, probe, ex);
}

static inline void probe_keep(probe *p, brio_str data)
{
    CHECK(data.len <= sizeof p->body - p->body_len);
    if (data.len)
        memcpy(p->body + p->body_len, data.ptr, data.len);
    p->body_len += data.len;
}

static inline void probe_respond(brio_exchange *ex, const brio_http_response *response)
{
    probe *p = probe_of(ex);
    p->responded++;
    p->responded_at = brio_now();
    p->status = response->status;
    if (!response->chunked)
        probe_keep(p, brio_str_slice(response->body, 0, sizeof p->body));
}

static inline int probe_write(brio_exchange *ex, brio_str data, bool last)
{
    probe *p = probe_of(ex);
    CHECK_INT(p->responded, 1);
    probe_keep(p, data);
    p->ended += last;
    return brio_sleep(p->sending < 0 ? BRIO_SEC(3600) : p->sending);
}

static inline int probe_sent(brio_exchange *ex)
{
    probe *p = probe_of(ex);
    CHECK_INT(p->responded, 1);
    int rc = brio_sleep(p->sending);
    p->sent++;
    p->sent_at = brio_now();
    return rc;
}

static inline void probe_finished(brio_exchange *ex)
{
    probe *p = probe_of(ex);
    p->finished++;
    p->finished_at = brio_now();
    brio_arena_fini(&p->arena);
    memset(&p->http, 0xEE, sizeof p->http); /* nobody may look at it now */
}

static inline void probe_init(probe *p, const char *method, const char *path, brio_str body)
{
    *p = (probe){.sending = BRIO_MS(10)};
    brio_arena_init(&p->arena, 256 * 1024);
    p->http = (brio_http_request){.method_text = brio_str_from(method),
                                  .path = brio_str_from(path),
                                  .host = BRIO_S("probe"),
                                  .content_type = BRIO_S("application/json"),
                                  .body = body};
    while (!brio_str_eq(brio_method_name(p->http.method), p->http.method_text))
        p->http.method++;
    p->ex = (brio_exchange){.http = &p->http,
                            .arena = &p->arena,
                            .client_host = BRIO_S("192.0.2.1"),
                            .client_port = 4711,
                            .scheme = BRIO_S("http"),
                            .respond = probe_respond,
                            .write = probe_write,
                            .sent = probe_sent,
                            .finished = probe_finished};
}

/* Waits until the app let go. */
static inline void probe_wait(const probe *p)
{
    for (int i = 0; i < 100000 && !p->finished; i++)
        CHECK_OK(brio_sleep(BRIO_MS(1)));
    CHECK_INT(p->finished, 1);
}

static inline brio_str probe_body(const probe *p)
{
    return (brio_str){p->body, p->body_len};
}

#endif
