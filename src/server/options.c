/* SPDX-License-Identifier: MIT
 *
 * Options: every zero becomes the default here and nowhere else, so what is
 * logged at start is what is used. */
#include "server/server_internal.h"

#include <errno.h>

enum { WORKERS_MAX = 1024 };

static int wrong(const char *what, long long value)
{
    brio_log(BRIO_LOG_ERROR, "server option %s is out of range: %lld", what, value);
    return -EINVAL;
}

/* The default address is for those who named no socket at all. */
static void resolve_address(brio_server_options *o)
{
    bool others = o->uds || o->fd || o->n_listen || brio_server_passed(o);
    if (others && !o->host && o->port == 0)
        return;
    o->host = o->host ? o->host : "127.0.0.1";
    o->port = o->port == 0 ? 8000 : o->port;
}

static brio_server_ssl resolve_ssl(const brio_server_ssl *given)
{
    brio_server_ssl ssl = *given;
    ssl.handshake_timeout = ssl.handshake_timeout ? ssl.handshake_timeout : BRIO_SEC(10);
    ssl.limit_handshakes = ssl.limit_handshakes ? ssl.limit_handshakes : 1024;
    return ssl;
}

int brio_server_resolve(brio_server_options *ret, const brio_server_options *options)
{
    brio_server_options o = options ? *options : (brio_server_options){0};
    if (o.port < -1 || o.port > UINT16_MAX)
        return wrong("port", o.port);
    if (o.workers < 0 || o.workers > WORKERS_MAX)
        return wrong("workers", o.workers);
    if (o.backlog < 0)
        return wrong("backlog", o.backlog);
    if (o.fd < 0)
        return wrong("fd", o.fd);
    if (o.n_listen > BRIO_SERVER_LISTEN_MAX)
        return wrong("n_listen", (long long)o.n_listen);
    if (o.grace < 0)
        return wrong("grace", o.grace);
    if (o.access_format < BRIO_ACCESS_UVICORN || o.access_format > BRIO_ACCESS_COMBINED)
        return wrong("access_format", o.access_format);
    if (o.metrics && o.metrics[0] != '/')
        return wrong("metrics: not a path", 0);
    if (o.request_timeout < 0)
        return wrong("request_timeout", o.request_timeout);
    if (o.retry_after < 0)
        return wrong("retry_after", o.retry_after);
    if (o.worker_timeout < 0)
        return wrong("worker_timeout", o.worker_timeout);
    if (o.limit_worker_age < 0)
        return wrong("limit_worker_age", o.limit_worker_age);
    if (brio_http_stamp_check(o.headers, o.n_headers) < 0) {
        brio_log(BRIO_LOG_ERROR, "server option headers: what cannot stand in an answer");
        return -EINVAL;
    }
    if (o.backend < BRIO_BACKEND_AUTO || o.backend > BRIO_BACKEND_URING)
        return wrong("backend", o.backend);
    if (o.versions < BRIO_SERVER_HTTP_ANY || o.versions > BRIO_SERVER_HTTP_2)
        return wrong("versions", o.versions);
    o.forwarded_allow_ips = o.forwarded_allow_ips ? o.forwarded_allow_ips : "127.0.0.1,::1";
    o.proxy_protocol_from = o.proxy_protocol_from ? o.proxy_protocol_from : "127.0.0.1,::1,unix";
    o.metrics_from = o.metrics_from ? o.metrics_from : "127.0.0.1,::1,unix";
    resolve_address(&o);
    o.workers = o.workers ? o.workers : 1;
    o.backlog = o.backlog ? o.backlog : 2048;
    o.limit_connections = o.limit_connections ? o.limit_connections : 10000;
    o.grace = o.grace ? o.grace : BRIO_SEC(30);
    o.retry_after = o.retry_after ? o.retry_after : BRIO_SEC(1);
    o.worker_timeout = o.worker_timeout ? o.worker_timeout : BRIO_SEC(30);
    o.http = brio_http_limits_resolve(&o.http);
    o.ssl = resolve_ssl(&o.ssl);
    o.h2 = brio_h2_limits_resolve(&o.h2);
    o.request_arena_limit = o.request_arena_limit ? o.request_arena_limit : (size_t)64 << 20;
    *ret = o;
    return 0;
}

static int64_t ms(brio_time t)
{
    return t / BRIO_MS(1);
}

enum { TEXTS = 5, NUMBERS_MAX = 32 };

typedef struct option_number {
    const char *key;
    int64_t value;
} option_number;

/* The numbers among the options; returns how many. */
static size_t numbers_of(const brio_server_options *o, option_number ret[NUMBERS_MAX])
{
    const option_number numbers[] = {
        {"port", o->port < 0 ? 0 : o->port},
        {"workers", o->workers},
        {"backlog", o->backlog},
        {"limit_concurrency", o->limit_concurrency},
        {"limit_connections", o->limit_connections},
        {"limit_connections_per_address", o->limit_connections_per_address},
        {"limit_max_requests", o->limit_max_requests},
        {"limit_worker_age_ms", ms(o->limit_worker_age)},
        {"limit_worker_memory_bytes", (int64_t)o->limit_worker_memory},
        {"request_timeout_ms", ms(o->request_timeout)},
        {"grace_ms", ms(o->grace)},
        {"worker_timeout_ms", o->worker_timeout == BRIO_NEVER ? 0 : ms(o->worker_timeout)},
        {"header_bytes", (int64_t)o->http.header_bytes},
        {"header_count", (int64_t)o->http.header_count},
        {"target_bytes", (int64_t)o->http.target_bytes},
        {"body_bytes", (int64_t)o->http.body_bytes},
        {"header_timeout_ms", ms(o->http.header_timeout)},
        {"body_timeout_ms", ms(o->http.body_timeout)},
        {"keep_alive_ms", ms(o->http.keep_alive)},
        {"write_timeout_ms", ms(o->http.write_timeout)},
        {"h2_streams", o->versions == BRIO_SERVER_HTTP_1 ? 0 : o->h2.streams},
        {"body_rate", (int64_t)o->http.body_rate},
        {"write_rate", (int64_t)o->http.write_rate},
        {"request_arena_bytes", (int64_t)o->request_arena_limit},
        {"handshake_timeout_ms", ms(o->ssl.handshake_timeout)},
        {"limit_handshakes", o->ssl.limit_handshakes},
    };
    _Static_assert(sizeof numbers / sizeof *numbers <= NUMBERS_MAX, "room for all");
    memcpy(ret, numbers, sizeof numbers);
    return sizeof numbers / sizeof *numbers;
}

/* What differs from the defaults is worth a glance at each start; all of it is for who asks. */
void brio_server_log_options(const brio_server_options *o, const char *backend)
{
    bool all = brio_log_enabled(BRIO_LOG_DEBUG);
    option_number is[NUMBERS_MAX], usual[NUMBERS_MAX];
    brio_server_options defaults;
    if (brio_server_resolve(&defaults, NULL) < 0)
        return;
    size_t count = numbers_of(o, is), n = TEXTS;
    numbers_of(&defaults, usual);
    brio_log_field fields[TEXTS + NUMBERS_MAX] = {
        {.key = "backend", .text = brio_str_from(backend)},
        {.key = "host", .text = brio_str_from(o->host ? o->host : "")},
        {.key = "forwarded_allow_ips", .text = brio_str_from(o->forwarded_allow_ips)},
        {.key = "access_log", .text = o->no_access_log ? BRIO_S("off") : BRIO_S("on")},
        {.key = "tls", .text = brio_server_tls_mode(o)},
    };
    for (size_t i = 0; i < count; i++)
        if (all || is[i].value != usual[i].value)
            fields[n++] = (brio_log_field){.key = is[i].key, .number = &is[i].value};
    brio_log_fields(BRIO_LOG_INFO, fields, n, "Options:");
}

void brio_server_log_running(const brio_server_sockets *s, const char *backend)
{
    char text[192];
    for (size_t i = 0; i < s->n; i++) {
        brio_server_listener_text(&s->list[i], text, sizeof text);
        brio_log(BRIO_LOG_INFO, "brio running on %s with %s (Press CTRL+C to quit)", text, backend);
    }
}
