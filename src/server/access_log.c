/* SPDX-License-Identifier: MIT
 *
 * One line per answer, in uvicorn's form when it begins, or in the common log
 * format when it ends:
 *
 *     127.0.0.1:52814 - "GET /items/5?q=x HTTP/1.1" 200 OK
 *     127.0.0.1 - - [29/Nov/2026:12:00:00 +0000] "GET /items/5?q=x HTTP/1.1" 200 17
 *
 * As JSON its parts are members, too, so that nobody has to parse the line.
 * The log's writer thread does the input and output, and escapes whatever a
 * client could forge lines with; quotes are escaped here, because they
 * delimit. */
#include "server/server_internal.h"

#include <stdio.h>

enum { TEXT_MAX = 1024, TARGET_MAX = 2048 };

/* Off the task's small stack. */
static _Thread_local char target_room[TARGET_MAX], referer_room[TEXT_MAX], agent_room[TEXT_MAX];

/* `text` with '"' and '\' escaped, in `room` if it must be; cut if it is long. */
static brio_str quoted(brio_str text, char *room, size_t size)
{
    text = brio_str_slice(text, 0, size);
    if (!text.len || (!memchr(text.ptr, '"', text.len) && !memchr(text.ptr, '\\', text.len)))
        return text;
    size_t n = 0;
    for (size_t i = 0; i < text.len && n + 1 < size; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            room[n++] = '\\';
        room[n++] = text.ptr[i];
    }
    return (brio_str){room, n};
}

brio_server_access brio_server_access_of(const brio_server_options *o, bool json)
{
    if (o->no_access_log)
        return BRIO_SERVER_ACCESS_NONE;
    bool own_file = o->log && o->log->lines_path;
    if (o->access_format != BRIO_ACCESS_UVICORN && (own_file || !json))
        return BRIO_SERVER_ACCESS_LINES;
    return json ? BRIO_SERVER_ACCESS_JSON : BRIO_SERVER_ACCESS_UVICORN;
}

/* ---- Parts of a line ------------------------------------------------------------ */

static const char *version_of(const brio_http_request *http)
{
    return http->major == 2 ? "2" : http->minor ? "1.1" : "1.0";
}

/* ---- uvicorn's, with or without members -------------------------------------- */

static void put_uvicorn(const brio_exchange *ex, int status, const brio_log_field *fields, size_t n)
{
    brio_str reason = brio_status_reason(status);
    brio_str target = quoted(ex->http->target, target_room, sizeof target_room);
    brio_log_fields(BRIO_LOG_INFO, fields, n, "%.*s:%d - \"%.*s %.*s HTTP/%s\" %d%s%.*s",
                    BRIO_ARG(ex->client_host), ex->client_port, BRIO_ARG(ex->http->method_text),
                    BRIO_ARG(target), version_of(ex->http), status, reason.len ? " " : "",
                    BRIO_ARG(reason));
}

static void put_json(const brio_exchange *ex, const brio_server_tally *t)
{
    enum { ALWAYS = 7 };
    const int64_t port = ex->client_port, status = t->status, bytes = (int64_t)t->bytes;
    const int64_t took = (brio_clock_monotonic() - t->begun) / BRIO_US(1);
    brio_log_field fields[ALWAYS + 3] = {
        {.key = "client", .text = ex->client_host},
        {.key = "port", .number = &port},
        {.key = "method", .text = ex->http->method_text},
        {.key = "target", .text = ex->http->target},
        {.key = "status", .number = &status},
        {.key = "bytes", .number = &bytes},
        {.key = "duration_us", .number = &took},
    };
    size_t n = ALWAYS;
    if (ex->route)
        fields[n++] = (brio_log_field){.key = "route", .text = brio_str_from(ex->route)};
    if (ex->request_id.len)
        fields[n++] = (brio_log_field){.key = "request_id", .text = ex->request_id};
    if (ex->trace_id.len)
        fields[n++] = (brio_log_field){.key = "trace_id", .text = ex->trace_id};
    put_uvicorn(ex, t->status, fields, n);
}

/* ---- The common log format ----------------------------------------------------- */

static brio_str header(const brio_http_request *http, brio_str name, char *room)
{
    const brio_header *h = brio_http_header(http, name);
    return h ? quoted(h->value, room, TEXT_MAX) : BRIO_S("-");
}

static void put_line(const brio_server_worker *w, const brio_exchange *ex,
                     const brio_server_tally *t)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    brio_civil at = brio_clock_civil(brio_loop_wall(w->loop) / BRIO_SEC(1));
    brio_str target = quoted(ex->http->target, target_room, sizeof target_room);
    brio_str host = ex->client_host.len ? ex->client_host : BRIO_S("-");
    bool more = w->options->access_format == BRIO_ACCESS_COMBINED;
    brio_str referer = header(ex->http, BRIO_S("referer"), referer_room);
    brio_str agent = header(ex->http, BRIO_S("user-agent"), agent_room);
    char bytes[24] = "-";
    if (t->bytes)
        snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)t->bytes);
    brio_log_line("%.*s - - [%02d/%s/%04d:%02d:%02d:%02d +0000] \"%.*s %.*s HTTP/%s\" %d %s%s%.*s%s"
                  "%.*s%s",
                  BRIO_ARG(host), at.day, months[at.month - 1], at.year, at.hour, at.minute,
                  at.second, BRIO_ARG(ex->http->method_text), BRIO_ARG(target),
                  version_of(ex->http), t->status, bytes, more ? " \"" : "",
                  BRIO_ARG(more ? referer : BRIO_S("")), more ? "\" \"" : "",
                  BRIO_ARG(more ? agent : BRIO_S("")), more ? "\"" : "");
}

/* ---- When ------------------------------------------------------------------------ */

void brio_server_tally_begin(const brio_server_worker *w, brio_server_tally *t)
{
    *t = (brio_server_tally){.begun = BRIO_UNLIKELY(w->timed) ? brio_clock_monotonic() : 0};
}

void brio_server_answer_begins(const brio_server_worker *w, const brio_exchange *ex, int status)
{
    if (w->access == BRIO_SERVER_ACCESS_UVICORN && brio_log_enabled(BRIO_LOG_INFO))
        put_uvicorn(ex, status, NULL, 0);
}

void brio_server_answer_ends(const brio_server_worker *w, const brio_exchange *ex,
                             brio_server_tally *t)
{
    if (BRIO_LIKELY(!w->timed) || t->told)
        return;
    t->told = true;
    if (w->counts)
        brio_server_metrics_note(w, ex, t);
    if (!brio_log_enabled(BRIO_LOG_INFO))
        return;
    if (w->access == BRIO_SERVER_ACCESS_JSON)
        put_json(ex, t);
    else if (w->access == BRIO_SERVER_ACCESS_LINES)
        put_line(w, ex, t);
}

/* ---- What is no answer of the app ------------------------------------------------- */

void brio_server_refusal_log(brio_server_conn *conn, const char *reason, int status)
{
    brio_server_conn_know(conn);
    brio_server_metrics_refused(conn->worker);
    brio_log(BRIO_LOG_WARNING, "%.*s:%d - Invalid HTTP request received: %s (%d)",
             (int)conn->host_len, conn->host, conn->port, reason, status);
}

void brio_server_h2_log(brio_server_conn *conn, const char *reason)
{
    brio_server_conn_know(conn);
    brio_log(BRIO_LOG_WARNING, "%.*s:%d - Invalid HTTP/2 received: %s", (int)conn->host_len,
             conn->host, conn->port, reason);
}

void brio_server_slow_log(brio_server_conn *conn)
{
    char buf[BRIO_SERVER_HOST_BYTES];
    brio_server_conn_know(conn);
    brio_str host = brio_server_conn_host(conn, buf);
    brio_log(BRIO_LOG_WARNING, "%.*s:%d - The client does not read; connection closed",
             BRIO_ARG(host), conn->port);
}

void brio_server_overdue_log(brio_server_conn *conn, const brio_http_request *req)
{
    brio_server_conn_know(conn);
    brio_log(BRIO_LOG_WARNING, "%.*s:%d - %.*s %.*s took too long; cancelled", (int)conn->host_len,
             conn->host, conn->port, BRIO_ARG(req->method_text),
             BRIO_ARG(brio_str_slice(req->path, 0, 256)));
}
