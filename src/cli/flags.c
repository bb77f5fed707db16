/* SPDX-License-Identifier: MIT
 *
 * The flags of `uvicorn main:app`, as one table: parsing, error sentences and
 * --help all come from it. What a value may be is in flag_values.c. */
#include "cli/flags.h"

#include <errno.h>
#include <stdlib.h>

#define AT(member) offsetof(brio_cli_flags, member)

static const brio_cli_flag flags[] = {
    {"host", TEXT, AT(server.host), 0, 0, "ADDRESS",
     "Address to listen on: numeric or \"localhost\" [127.0.0.1]"},
    {"port", PORT, AT(server.port), 0, 65535, "NUMBER", "Port; 0 picks a free one [8000]"},
    {"uds", TEXT, AT(server.uds), 0, 0, "PATH", "Listen on a Unix socket [none]"},
    {"fd", NUMBER, AT(server.fd), 3, 1048576, "NUMBER",
     "Listen on a socket that was inherited [none]"},
    {"listen", LISTEN, 0, 0, 0, "ADDRESS",
     "HOST:PORT, [IPV6]:PORT, :PORT, unix:PATH, fd:N; repeated for several"},
    {"proxy-protocol-from", TEXT, AT(server.proxy_protocol_from), 0, 0, "LIST",
     "Who may begin connections with a PROXY header [127.0.0.1,::1,unix]"},
    {"workers", NUMBER, AT(server.workers), 1, 1024, "NUMBER", "Worker processes [1]"},
    {"log-level", LEVEL, AT(log.level), 0, 0, "LEVEL",
     "critical, error, warning, info, debug, trace or off [info]"},
    {"log-format", FORMAT, AT(log.format), 0, 0, "FORMAT",
     "auto, text or json; auto is text on a terminal [auto]"},
    {"access-log", TEXT, AT(log.lines_path), 0, 0, "FILE",
     "Append the access log to a file; opened again at SIGHUP [standard error]"},
    {"access-log-format", ACCESS, AT(server.access_format), 0, 0, "FORMAT",
     "uvicorn, common or combined; combined for a file [uvicorn]"},
    {"metrics", TEXT, AT(server.metrics), 0, 0, "PATH",
     "Answer Prometheus at this path, \"/metrics\" by custom [nowhere]"},
    {"metrics-from", TEXT, AT(server.metrics_from), 0, 0, "LIST",
     "Who may read them [127.0.0.1,::1,unix]"},
    {"no-access-log", SWITCH, AT(server.no_access_log), 0, 0, NULL, "No line per request"},
    {"backend", BACKEND, AT(server.backend), 0, 0, "NAME", "auto, uring or epoll [auto]"},
    {"http", VERSIONS, AT(server.versions), 0, 0, "VERSION",
     "1, 2 or any: which HTTP is spoken [any]"},
    {"limit-h2-streams", NUMBER, AT(server.h2.streams), 1, 65536, "NUMBER",
     "Streams of an HTTP/2 connection at once [100]"},
    {"limit-h2-resets", NUMBER, AT(server.h2.resets), 1, 1000000, "NUMBER",
     "Streams that an HTTP/2 client may cut off in ten seconds [500]"},
    {"limit-h2-idle-frames", NUMBER, AT(server.h2.idle_frames), 1, 1000000, "NUMBER",
     "HTTP/2 frames that bring nothing, in ten seconds [1000]"},
    {"limit-h2-memory", NUMBER, AT(server.h2.memory), 65536, 1u << 30, "BYTES",
     "What HTTP/2 may take for a connection [256 KiB, and 16 KiB a stream]"},
    {"h2-stream-window", NUMBER, AT(server.h2.stream_window), 1, 1u << 30, "BYTES",
     "What an HTTP/2 client may send ahead of a body's reader [65535]"},
    {"h2-window", NUMBER, AT(server.h2.window), 65535, 1u << 30, "BYTES",
     "The same of all bodies of a connection [1048576]"},
    {"timeout-keep-alive", SECONDS, AT(server.http.keep_alive), 0, 86400, "SECONDS",
     "Close connections that are idle for so long [5]"},
    {"timeout-graceful-shutdown", SECONDS, AT(server.grace), 0, 86400, "SECONDS",
     "Wait so long for running requests when stopping [30]"},
    {"limit-concurrency", NUMBER, AT(server.limit_concurrency), 0, 1000000, "NUMBER",
     "Answer 503 beyond so many connections or running requests [none]"},
    {"limit-max-requests", NUMBER, AT(server.limit_max_requests), 0, 1000000000, "NUMBER",
     "Replace a worker after so many requests [never]"},
    {"limit-max-requests-jitter", NUMBER, AT(server.limit_max_requests_jitter), 0, 1000000000,
     "NUMBER", "And up to so many more, by chance [0]"},
    {"limit-worker-age", SECONDS, AT(server.limit_worker_age), 1, 31536000, "SECONDS",
     "Replace a worker at this age [never]"},
    {"limit-worker-memory", BYTES, AT(server.limit_worker_memory), 0, 0, "BYTES",
     "Replace a worker that has more in memory [never]"},
    {"limit-connections", NUMBER, AT(server.limit_connections), 1, 10000000, "NUMBER",
     "Answer 503 beyond so many connections of a worker [10000]"},
    {"limit-connections-per-address", NUMBER, AT(server.limit_connections_per_address), 0, 10000000,
     "NUMBER", "Beyond so many from one address, an IPv6 /64 [none]"},
    {"limit-headers", BYTES, AT(server.http.header_count), 1, 16384, "NUMBER",
     "Answer 431 beyond so many headers [100]"},
    {"limit-header-bytes", BYTES, AT(server.http.header_bytes), 0, 0, "BYTES",
     "Answer 431 beyond so much request line and headers [64K]"},
    {"limit-url", BYTES, AT(server.http.target_bytes), 0, 0, "BYTES",
     "Answer 414 beyond so long a URL [8K]"},
    {"limit-body", BYTES, AT(server.http.body_bytes), 0, 0, "BYTES",
     "Answer 413 beyond so large a body [16M]"},
    {"limit-body-rate", BYTES, AT(server.http.body_rate), 0, 0, "BYTES",
     "Answer 408 to a body that brings less a second [240]"},
    {"limit-write-rate", BYTES, AT(server.http.write_rate), 0, 0, "BYTES",
     "Cut clients off that read less a second [240]"},
    {"timeout-header", SECONDS, AT(server.http.header_timeout), 1, 86400, "SECONDS",
     "Answer 408 to a head that takes longer [10]"},
    {"timeout-body", SECONDS, AT(server.http.body_timeout), 1, 86400, "SECONDS",
     "Answer 408 to a body that is silent for so long [20]"},
    {"timeout-write", SECONDS, AT(server.http.write_timeout), 1, 86400, "SECONDS",
     "Cut clients off that do not read for so long [30]"},
    {"timeout-request", SECONDS, AT(server.request_timeout), 1, 86400, "SECONDS",
     "Answer 503 if a handler has not begun its answer by then [none]"},
    {"retry-after", SPAN, AT(server.retry_after), 0, 86400, "SECONDS",
     "Retry-After of answers that refuse for want of room; 0: none [1]"},
    {"timeout-worker", SPAN, AT(server.worker_timeout), 0, 86400, "SECONDS",
     "Replace a worker whose loop stands still so long; 0: never [30]"},
    {"backlog", NUMBER, AT(server.backlog), 1, 65535, "NUMBER",
     "Connections that may wait to be accepted [2048]"},
    {"forwarded-allow-ips", TEXT, AT(server.forwarded_allow_ips), 0, 0, "LIST",
     "Proxies whose X-Forwarded-* are believed [127.0.0.1,::1]"},
    {"bus", TEXT, AT(bus), 0, 0, "URL",
     "Where workers meet: local, redis://host:port/db or rediss:// [local]"},
    {"header", HEADER, 0, 0, 0, "NAME:VALUE", "A header of every answer; may be repeated"},
    {"no-server-header", SWITCH, AT(server.no_server_header), 0, 0, NULL, "Answers without server"},
    {"no-date-header", SWITCH, AT(server.no_date_header), 0, 0, NULL, "Answers without date"},
    {"user", TEXT, AT(server.user), 0, 0, "NAME", "Workers become this user [who starts them]"},
    {"group", TEXT, AT(server.group), 0, 0, "NAME", "And this group [the user's]"},
    {"refuse-root", SWITCH, AT(server.refuse_root), 0, 0, NULL, "End if a worker would be root"},
    {"no-new-privileges", SWITCH, AT(server.no_new_privileges), 0, 0, NULL,
     "Nothing a worker starts has more rights than it"},
    {"ws-max-size", BYTES, AT(ws.message_bytes), 0, 0, "BYTES",
     "Close WebSockets that send larger messages [16M]"},
    {"ws-max-queue", NUMBER, AT(ws.max_queue), 1, 1000000, "NUMBER",
     "Messages of a WebSocket that are read before they are asked for [32]"},
    {"ws-ping-interval", SPAN, AT(ws.ping_interval), 0, 86400, "SECONDS",
     "Ping a WebSocket that was silent for so long; 0: never [20]"},
    {"ws-ping-timeout", SPAN, AT(ws.ping_timeout), 0, 86400, "SECONDS",
     "Close one that is silent for so long after it; 0: never [20]"},
    {"ws-close-timeout", SPAN, AT(ws.close_timeout), 0, 86400, "SECONDS",
     "Cut one that does not answer a close for so long; 0: never [10]"},
    {"ws-per-message-deflate", DEFLATE, AT(ws.compression), 0, 0, "BOOL",
     "Compress messages with clients that offer it [true]"},
    {"root-path", TEXT, AT(root_path), 0, 0, "PATH", "Path prefix that a proxy cuts off [none]"},
    {"tls", SWITCH, AT(tls), 0, 0, NULL,
     "Serve HTTPS; without --ssl-certfile by a certificate made for this run"},
    {"ssl-certfile", TEXTS, AT(server.ssl.certfile), 0, 0, "FILE",
     "Serve HTTPS with this certificate; again: for other host names"},
    {"ssl-keyfile", TEXTS, AT(server.ssl.keyfile), 0, 0, "FILE",
     "Its key, in the order of the certificates [in the same file]"},
    {"ssl-keyfile-password", TEXT, AT(server.ssl.keyfile_password), 0, 0, "TEXT",
     "Password of the key files [none]"},
    {"ssl-ca-certs", TEXT, AT(server.ssl.ca_certs), 0, 0, "FILE",
     "Who may vouch for clients' certificates"},
    {"ssl-cert-reqs", CERT_REQS, AT(server.ssl.cert_reqs), 0, 0, "HOW",
     "Ask clients for one: none, optional or required (0, 1, 2) [none]"},
    {"ssl-ciphers", TEXT, AT(server.ssl.ciphers), 0, 0, "LIST",
     "Ciphers for TLS 1.2, as OpenSSL writes them"},
    {"ssl-min-version", TLS_VERSION, AT(server.ssl.min_version), 0, 0, "VERSION",
     "1.2 or 1.3 [1.2]"},
    {"ssl-handshake-timeout", SECONDS, AT(server.ssl.handshake_timeout), 0, 86400, "SECONDS",
     "Close connections whose handshake takes longer [10]"},
    {"ssl-ticket-life", SPAN, AT(server.ssl.ticket_life), 0, 31536000, "SECONDS",
     "New keys of session tickets after so long; 0: at SIGHUP only [43200]"},
    {"limit-handshakes", NUMBER, AT(server.ssl.limit_handshakes), 1, 1000000, "NUMBER",
     "Handshakes under way; beyond, the oldest is closed [1024]"},
    {"no-ssl-ktls", SWITCH, AT(server.ssl.no_ktls), 0, 0, NULL,
     "Never let the kernel encrypt, even if it can"},
    {"reload", SWITCH, AT(reload), 0, 0, NULL,
     "Start anew when the program's file changes: while one writes it"},
    {"version", SWITCH, AT(version), 0, 0, NULL, "Print the version and exit"},
    {"help", SWITCH, AT(help), 0, 0, NULL, "Print this and exit"},
};
enum { N = sizeof flags / sizeof *flags };

/* ---- Sentences ---------------------------------------------------------- */

static int unknown(brio_buf *message, const char *given, brio_str name)
{
    const char *near = brio_cli_nearest(name);
    if (near)
        brio_buf_printf(message, "unknown option %s; did you mean --%s?", given, near);
    else
        brio_buf_printf(message, "unknown option %s; --help lists the options.", given);
    return -EINVAL;
}

static int wrong_value(brio_buf *message, const brio_cli_flag *f, const char *value)
{
    brio_buf_printf(message, "--%s %s ", f->name, value ? "takes" : "needs a value:");
    brio_cli_say_expected(message, f);
    if (value)
        brio_buf_printf(message, ", not \"%s\"", value);
    brio_buf_char(message, '.');
    return -EINVAL;
}

/* ---- Nearest ------------------------------------------------------------ */

enum { NAME_MAX_BYTES = 40 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's, one row at a time. Both fit into NAME_MAX_BYTES. */
static size_t distance(brio_str a, brio_str b)
{
    size_t row[NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 0; i < a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.len; j++) {
            size_t change = diagonal + (brio_lower(a.ptr[i]) != b.ptr[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(change, row[j] + 1, diagonal + 1);
        }
    }
    return row[b.len];
}

const char *brio_cli_nearest(brio_str name)
{
    const char *best = NULL;
    size_t best_distance = name.len / 2 < 4 ? name.len / 2 + 1 : 4; /* beyond: a guess */
    if (name.len > NAME_MAX_BYTES)
        return NULL;
    for (size_t i = 0; i < N; i++) {
        size_t d = distance(name, brio_str_from(flags[i].name));
        if (d < best_distance) {
            best = flags[i].name;
            best_distance = d;
        }
    }
    return best;
}

/* ---- Reading ------------------------------------------------------------ */

static const brio_cli_flag *find(brio_str name)
{
    for (size_t i = 0; i < N; i++)
        if (brio_str_eq(name, brio_str_from(flags[i].name)))
            return &flags[i];
    return NULL;
}

/* One argument, and the next if it is the value. Moves *at past them. */
static int parse_one(brio_cli_flags *ret, char *const **at, brio_buf *message)
{
    const char *given = *(*at)++;
    brio_str text = brio_str_from(given);
    if (!brio_str_starts(text, BRIO_S("--")) || text.len == 2) {
        bool dashed = text.len > 1 && given[0] == '-';
        brio_buf_printf(message, "unexpected argument \"%s\"; %s", given,
                        dashed ? "options begin with two dashes." : "--help lists the options.");
        return -EINVAL;
    }
    brio_str_pair pair = brio_str_cut(brio_str_slice(text, 2, text.len), '=');
    const brio_cli_flag *f = find(pair.head);
    if (!f)
        return unknown(message, given, pair.head);
    if (f->kind == SWITCH && pair.found) {
        brio_buf_printf(message, "--%s takes no value.", f->name);
        return -EINVAL;
    }
    const char *value = pair.found ? pair.tail.ptr : f->kind == SWITCH ? NULL : *(*at);
    if (f->kind != SWITCH && !pair.found && value)
        ++*at;
    if (f->kind != SWITCH && !value)
        return wrong_value(message, f, NULL);
    return brio_cli_set(ret, f, value) ? 0 : wrong_value(message, f, value);
}

int brio_cli_parse(brio_cli_flags *ret, int argc, char *const *argv, brio_buf *message)
{
    brio_cli_flags parsed = {0};
    char *const *at = argv + (argc > 0);
    int rc = 0;
    while (*at && rc == 0 && !parsed.help && !parsed.version)
        rc = parse_one(&parsed, &at, message);
    if (rc == 0) {
        *ret = parsed;
        ret->server.listen = ret->server.n_listen ? ret->listen : NULL;
        ret->server.headers = ret->server.n_headers ? ret->headers : NULL;
    }
    return rc;
}

/* ---- Help --------------------------------------------------------------- */

void brio_cli_help(brio_buf *out, const char *program)
{
    enum { COLUMN = 38 };
    brio_buf_printf(out, "Usage: %s [OPTIONS]\n\nServes this application.\n\nOptions:\n", program);
    for (size_t i = 0; i < N; i++) {
        const char *value = flags[i].value ? flags[i].value : "";
        size_t before = out->len;
        brio_buf_printf(out, "  --%s %s", flags[i].name, value);
        size_t used = out->len - before;
        brio_buf_printf(out, "%*s%s\n", used < COLUMN ? (int)(COLUMN - used) : 1, "",
                        flags[i].help);
    }
    brio_buf_add(out, BRIO_S("\nThe environment variable BRIO_BACKEND is used when --backend is "
                             "auto, BRIO_BUS without --bus.\n"));
}
