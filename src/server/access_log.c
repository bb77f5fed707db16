/* SPDX-License-Identifier: MIT
 *
 * One line per answer, in uvicorn's form:
 *
 *     127.0.0.1:52814 - "GET /items/5?q=x HTTP/1.1" 200 OK
 *
 * As JSON its parts are members, too, so that nobody has to parse the line.
 * The log's writer thread does the input and output, and escapes whatever a
 * client could forge lines with; quotes in a target are escaped here, because
 * they delimit. */
#include "server/server_internal.h"

enum { TARGET_MAX = 2048 };

/* `target` with '"' and '\' escaped, in `room` if it must be; cut if it is long. */
static brio_str quoted(brio_str target, char room[TARGET_MAX])
{
    target = brio_str_slice(target, 0, TARGET_MAX);
    if (!memchr(target.ptr, '"', target.len) && !memchr(target.ptr, '\\', target.len))
        return target;
    size_t n = 0;
    for (size_t i = 0; i < target.len && n + 1 < TARGET_MAX; i++) {
        if (target.ptr[i] == '"' || target.ptr[i] == '\\')
            room[n++] = '\\';
        room[n++] = target.ptr[i];
    }
    return (brio_str){room, n};
}

void brio_server_access_log(brio_server_conn *conn, const brio_http_request *req, int status)
{
    if (conn->worker->options->no_access_log || !brio_log_enabled(BRIO_LOG_INFO))
        return;
    static _Thread_local char room[TARGET_MAX]; /* off the task's small stack */
    brio_server_conn_know(conn);
    brio_str reason = brio_status_reason(status);
    const int64_t number = status, port = conn->port;
    brio_str host = {conn->host, conn->host_len};
    const brio_log_field fields[] = {
        {.key = "client", .text = host},
        {.key = "port", .number = &port},
        {.key = "method", .text = req->method_text},
        {.key = "target", .text = req->target},
        {.key = "status", .number = &number},
    };
    brio_str target = quoted(req->target, room);
    brio_log_fields(BRIO_LOG_INFO, fields,
                    conn->worker->log_json ? sizeof fields / sizeof *fields : 0,
                    "%.*s:%d - \"%.*s %.*s HTTP/1.%d\" %d%s%.*s", BRIO_ARG(host), (int)port,
                    BRIO_ARG(req->method_text), BRIO_ARG(target), req->minor, status,
                    reason.len ? " " : "", BRIO_ARG(reason));
}

void brio_server_refusal_log(brio_server_conn *conn, const brio_http_conn *http)
{
    brio_server_conn_know(conn);
    brio_log(BRIO_LOG_WARNING, "%.*s:%d - Invalid HTTP request received: %s (%d)",
             (int)conn->host_len, conn->host, conn->port, http->reason, http->refusal);
}

void brio_server_slow_log(brio_server_conn *conn)
{
    brio_server_conn_know(conn);
    brio_log(BRIO_LOG_WARNING, "%.*s:%d - The client does not read; connection closed",
             (int)conn->host_len, conn->host, conn->port);
}
