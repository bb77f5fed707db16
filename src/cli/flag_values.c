/* SPDX-License-Identifier: MIT
 *
 * What the value of a flag may be, and what is said of one that it may not.
 *
 * A value goes straight into the options it sets; zero means "default" there, so a
 * zero that means zero is mapped on the way (port 0: the kernel chooses; a timeout
 * of 0: at once). */
#include "cli/flags.h"

_Static_assert(sizeof(int) == sizeof(unsigned), "NUMBER writes either");

/* ---- Values ------------------------------------------------------------- */

static bool set_number(char *at, const brio_cli_flag *f, brio_str text)
{
    uint64_t n;
    if (brio_str_to_u64(text, &n) < 0 || n < f->min || n > f->max)
        return false;
    int value = f->kind == PORT && n == 0 ? -1 : (int)n;
    memcpy(at, &value, sizeof value);
    return true;
}

static bool set_seconds(char *at, const brio_cli_flag *f, brio_str text)
{
    uint64_t n;
    if (brio_str_to_u64(text, &n) < 0 || n < f->min || n > f->max)
        return false;
    brio_time zero = f->kind == SPAN ? BRIO_NEVER : BRIO_NS(1);
    brio_time value = n ? BRIO_SEC((int64_t)n) : zero;
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

static bool set_deflate(char *at, brio_str text)
{
    static const char *const names[] = {"false", "true", "0", "1"};
    enum { N_NAMES = sizeof names / sizeof *names };
    size_t chosen = choose(text, names, N_NAMES);
    brio_ws_compression value = chosen % 2 ? BRIO_WS_COMPRESS_ALONE : BRIO_WS_COMPRESS_OFF;
    memcpy(at, &value, sizeof value);
    return chosen < N_NAMES;
}

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "BYTES writes either");

/* A number, with K, M or G for its powers of 1024. `max` 0: as large as it can be. */
static bool set_bytes(char *at, const brio_cli_flag *f, brio_str text)
{
    static const char units[] = "KMG";
    uint64_t n, max = f->max ? f->max : INT64_MAX;
    const char *unit = text.len ? strchr(units, text.ptr[text.len - 1]) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (unit)
        text = brio_str_slice(text, 0, text.len - 1);
    if (brio_str_to_u64(text, &n) < 0 || n < 1 || n > max >> shift)
        return false;
    size_t value = (size_t)(n << shift);
    memcpy(at, &value, sizeof value);
    return true;
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

static bool add_header(brio_cli_flags *ret, brio_str text)
{
    brio_str_pair parts = brio_str_cut(text, ':');
    brio_header header = {parts.head, brio_str_trim(parts.tail)};
    if (!parts.found || ret->server.n_headers >= BRIO_CLI_HEADERS_MAX ||
        brio_http_stamp_check(&header, 1) < 0)
        return false;
    ret->headers[ret->server.n_headers++] = header;
    return true;
}

bool brio_cli_set(brio_cli_flags *ret, const brio_cli_flag *f, const char *value)
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
    case HEADER:
        return add_header(ret, text);
    case BYTES:
        return set_bytes(at, f, text);
    case NUMBER:
    case PORT:
        return set_number(at, f, text);
    case DEFLATE:
        return set_deflate(at, text);
    case SECONDS:
    case SPAN:
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

void brio_cli_say_expected(brio_buf *out, const brio_cli_flag *f)
{
    if (f->kind == NUMBER || f->kind == PORT)
        brio_buf_printf(out, "a number from %u to %u", f->min, f->max);
    else if (f->kind == BYTES && f->max)
        brio_buf_printf(out, "a number from 1 to %u", f->max);
    else if (f->kind == BYTES)
        brio_buf_add(out, BRIO_S("a number of bytes, such as 500, 64K, 16M or 2G"));
    else if (f->kind == HEADER)
        brio_buf_printf(out, "NAME:VALUE, %d times at most", BRIO_CLI_HEADERS_MAX);
    else if (f->kind == SECONDS || f->kind == SPAN)
        brio_buf_printf(out, "a whole number of seconds up to %u", f->max);
    else if (f->kind == DEFLATE)
        brio_buf_add(out, BRIO_S("true or false"));
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
