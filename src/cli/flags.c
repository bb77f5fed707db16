/* SPDX-License-Identifier: MIT
 *
 * The flags of `uvicorn main:app`, as one table: parsing, error sentences and
 * --help all come from it. A flag's value goes straight into the options it
 * sets; zero means "default" there, so a zero that means zero is mapped on the
 * way (port 0: the kernel chooses; a timeout of 0: at once). */
#include "cli/cli_internal.h"

#include <errno.h>
#include <stdlib.h>

typedef enum kind {             /* ORDER KIND */
                    SWITCH = 0, /* bool */
                    TEXT,       /* const char * */
                    LISTEN,     /* one more of brio_cli_flags.listen */
                    NUMBER,     /* int or unsigned */
                    PORT,       /* int; 0 becomes -1 */
                    SECONDS,    /* brio_time; 0 becomes 1 ns */
                    LEVEL,
                    FORMAT,
                    ACCESS,
                    BACKEND,
                    TEXTS, /* const char *[BRIO_SERVER_CERTIFICATES], one each time it is given */
                    CERT_REQS,
                    TLS_VERSION,
                    VERSIONS /* brio_server_http */
} kind;

typedef struct flag {
    const char *name;
    kind kind;
    size_t at; /* offset in brio_cli_flags */
    uint32_t min, max;
    const char *value; /* the placeholder in --help */
    const char *help;
} flag;

#define AT(member) offsetof(brio_cli_flags, member)

static const flag flags[] = {
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
    {"backlog", NUMBER, AT(server.backlog), 1, 65535, "NUMBER",
     "Connections that may wait to be accepted [2048]"},
    {"forwarded-allow-ips", TEXT, AT(server.forwarded_allow_ips), 0, 0, "LIST",
     "Proxies whose X-Forwarded-* are believed [127.0.0.1,::1]"},
    {"bus", TEXT, AT(bus), 0, 0, "URL",
     "Where workers meet: local, redis://host:port/db or rediss:// [local]"},
    {"root-path", TEXT, AT(root_path), 0, 0, "PATH", "Path prefix that a proxy cuts off [none]"},
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
    {"limit-handshakes", NUMBER, AT(server.ssl.limit_handshakes), 1, 1000000, "NUMBER",
     "Handshakes under way; beyond, the oldest is closed [1024]"},
    {"no-ssl-ktls", SWITCH, AT(server.ssl.no_ktls), 0, 0, NULL,
     "Never let the kernel encrypt, even if it can"},
    {"version", SWITCH, AT(version), 0, 0, NULL, "Print the version and exit"},
    {"help", SWITCH, AT(help), 0, 0, NULL, "Print this and exit"},
};
enum { N = sizeof flags / sizeof *flags };

_Static_assert(sizeof(int) == sizeof(unsigned), "NUMBER writes either");

/* ---- Values ------------------------------------------------------------- */

static bool set_number(char *at, const flag *f, brio_str text)
{
    uint64_t n;
    if (brio_str_to_u64(text, &n) < 0 || n < f->min || n > f->max)
        return false;
    int value = f->kind == PORT && n == 0 ? -1 : (int)n;
    memcpy(at, &value, sizeof value);
    return true;
}

static bool set_seconds(char *at, const flag *f, brio_str text)
{
    uint64_t n;
    if (brio_str_to_u64(text, &n) < 0 || n > f->max)
        return false;
    brio_time value = n ? BRIO_SEC((int64_t)n) : BRIO_NS(1);
    memcpy(at, &value, sizeof value);
    return true;
}

/* The number of the name that `text` is; `n` if it is none of them. */
static size_t choose(brio_str text, const char *const *names, size_t n)
{
    size_t i = 0;
    while (i < n && !brio_str_eq(text, brio_str_from(names[i])))
        i++;
    return i;
}

static bool set_format(char *at, brio_str text)
{
    static const char *const names[] = {"auto", "text", "json"}; /* ORDER LOG_FORMAT */
    brio_log_format value = (brio_log_format)choose(text, names, 3);
    memcpy(at, &value, sizeof value);
    return value < 3;
}

static bool set_access(char *at, brio_str text)
{
    static const char *const names[] = {"uvicorn", "common", "combined"}; /* ORDER ACCESS_FORMAT */
    brio_access_format value = (brio_access_format)choose(text, names, 3);
    memcpy(at, &value, sizeof value);
    return value < 3;
}

static bool set_level(char *at, brio_str text)
{
    brio_log_level value;
    if (brio_log_level_parse(text, &value) < 0)
        return false;
    memcpy(at, &value, sizeof value);
    return true;
}

static bool set_backend(char *at, brio_str text)
{
    brio_backend value;
    if (brio_backend_parse(text, &value) < 0 || value == BRIO_BACKEND_SIM)
        return false;
    memcpy(at, &value, sizeof value);
    return true;
}

static bool add_listen(brio_cli_flags *ret, const char *value)
{
    if (ret->server.n_listen >= BRIO_SERVER_LISTEN_MAX)
        return false;
    ret->listen[ret->server.n_listen++] = value;
    return true;
}

/* Behind those that were given before. */
static bool set_next(char *at, const char *value)
{
    const char **texts = (const char **)(void *)at;
    size_t n = 0;
    while (n < BRIO_SERVER_CERTIFICATES && texts[n])
        n++;
    if (n < BRIO_SERVER_CERTIFICATES)
        texts[n] = value;
    return n < BRIO_SERVER_CERTIFICATES;
}

/* The numbers are Python's ssl.CERT_NONE and so on, which uvicorn's flag takes. */
static bool set_cert_reqs(char *at, brio_str text)
{
    static const char *const names[] = {"none", "optional", "required"};
    const brio_tls_verify values[] = {BRIO_TLS_VERIFY_NONE, BRIO_TLS_VERIFY_OPTIONAL,
                                      BRIO_TLS_VERIFY_REQUIRED};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char digit = (char)('0' + i);
        if (!brio_str_eq(text, brio_str_from(names[i])) &&
            !brio_str_eq(text, (brio_str){&digit, 1}))
            continue;
        memcpy(at, &values[i], sizeof values[i]);
        return true;
    }
    return false;
}

static bool set_tls_version(char *at, brio_str text)
{
    bool newest = brio_str_eq(text, BRIO_S("1.3"));
    brio_tls_version value = newest ? BRIO_TLS_1_3 : BRIO_TLS_1_2;
    memcpy(at, &value, sizeof value);
    return newest || brio_str_eq(text, BRIO_S("1.2"));
}

static bool set_versions(char *at, brio_str text)
{
    static const char *const names[] = {"any", "1", "2"}; /* ORDER SERVER_HTTP */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (brio_str_eq(text, brio_str_from(names[i]))) {
            brio_server_http value = (brio_server_http)i;
            memcpy(at, &value, sizeof value);
            return true;
        }
    return false;
}

static bool set(brio_cli_flags *ret, const flag *f, const char *value)
{
    char *at = (char *)ret + f->at;
    brio_str text = brio_str_from(value);
    switch (f->kind) {
    case SWITCH:
        *(bool *)at = true;
        return true;
    case TEXT:
        memcpy(at, &value, sizeof value);
        return true;
    case LISTEN:
        return add_listen(ret, value);
    case NUMBER:
    case PORT:
        return set_number(at, f, text);
    case SECONDS:
        return set_seconds(at, f, text);
    case LEVEL:
        return set_level(at, text);
    case FORMAT:
        return set_format(at, text);
    case ACCESS:
        return set_access(at, text);
    case BACKEND:
        return set_backend(at, text);
    case TEXTS:
        return set_next(at, value);
    case CERT_REQS:
        return set_cert_reqs(at, text);
    case TLS_VERSION:
        return set_tls_version(at, text);
    case VERSIONS:
        return set_versions(at, text);
    }
    return false;
}

/* ---- Sentences ---------------------------------------------------------- */

static void say_expected(brio_buf *out, const flag *f)
{
    if (f->kind == NUMBER || f->kind == PORT)
        brio_buf_printf(out, "a number from %u to %u", f->min, f->max);
    else if (f->kind == SECONDS)
        brio_buf_printf(out, "a whole number of seconds up to %u", f->max);
    else if (f->kind == LISTEN)
        brio_buf_printf(out, "an address, %d times at most", BRIO_SERVER_LISTEN_MAX);
    else if (f->kind == LEVEL)
        brio_buf_add(out, BRIO_S("critical, error, warning, info, debug, trace or off"));
    else if (f->kind == FORMAT)
        brio_buf_add(out, BRIO_S("auto, text or json"));
    else if (f->kind == ACCESS)
        brio_buf_add(out, BRIO_S("uvicorn, common or combined"));
    else if (f->kind == BACKEND)
        brio_buf_add(out, BRIO_S("auto, uring or epoll"));
    else if (f->kind == CERT_REQS)
        brio_buf_add(out, BRIO_S("none, optional or required"));
    else if (f->kind == TLS_VERSION)
        brio_buf_add(out, BRIO_S("1.2 or 1.3"));
    else if (f->kind == TEXTS)
        brio_buf_printf(out, "a text, at most %d times", BRIO_SERVER_CERTIFICATES);
    else if (f->kind == VERSIONS)
        brio_buf_add(out, BRIO_S("1, 2 or any"));
    else
        brio_buf_add(out, BRIO_S("a text"));
}

static int unknown(brio_buf *message, const char *given, brio_str name)
{
    const char *near = brio_cli_nearest(name);
    if (near)
        brio_buf_printf(message, "unknown option %s; did you mean --%s?", given, near);
    else
        brio_buf_printf(message, "unknown option %s; --help lists the options.", given);
    return -EINVAL;
}

static int wrong_value(brio_buf *message, const flag *f, const char *value)
{
    brio_buf_printf(message, "--%s %s ", f->name, value ? "takes" : "needs a value:");
    say_expected(message, f);
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

static const flag *find(brio_str name)
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
    const flag *f = find(pair.head);
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
    return set(ret, f, value) ? 0 : wrong_value(message, f, value);
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
                             "auto.\n"));
}
