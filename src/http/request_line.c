/* SPDX-License-Identifier: MIT
 *
 * "METHOD SP target SP HTTP/1.1". The method is taken from the front and the
 * version from the back, both by comparing words; what lies between is the
 * target, in which a blank is as wrong as any other byte outside 0x21-0x7E. '#'
 * is refused too: a fragment is not sent, and parsers disagree about one that is.
 *
 * An absolute target is reduced to its path and its authority then stands for
 * Host. CONNECT is 501 rather than 405: 405 would promise an Allow list, and no
 * route can ever allow a tunnel. */
#include "http/http_internal.h"

/* ---- Method ---------------------------------------------------------------- */

/* Sets the method and its text; 0 or a fault. */
static inline int take_method(brio_http_request *req, brio_str line)
{
#define TRY_METHOD(name)                                                                           \
    if (line.len > sizeof(#name) && !memcmp(line.ptr, #name " ", sizeof(#name))) {                 \
        req->method = BRIO_METHOD_##name;                                                          \
        req->method_text = (brio_str){line.ptr, sizeof(#name) - 1};                                \
        return 0;                                                                                  \
    }
    BRIO_HTTP_METHODS(TRY_METHOD)
#undef TRY_METHOD
    const char *end = line.ptr + line.len, *stop = brio_http_scan_token(line.ptr, end, end);
    req->method = BRIO_METHOD_OTHER;
    req->method_text = brio_str_span(line.ptr, stop);
    if (req->method_text.len > BRIO_HTTP_METHOD_MAX)
        return BRIO_HTTP_FAULT_METHOD_TOO_LONG;
    return stop > line.ptr && stop < end && *stop == ' ' ? 0 : BRIO_HTTP_FAULT_REQUEST_LINE;
}

int brio_http_request_line_too_long(brio_str line)
{
    brio_http_request req;
    int rc = take_method(&req, line);
    return rc ? rc : BRIO_HTTP_FAULT_TARGET_TOO_LONG;
}

/* ---- Version --------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Eight bytes. Anything in 1.x is answered as the highest minor known. */
static inline int take_version(brio_http_request *req, const char *p)
{
    req->minor = 1;
    if (BRIO_LIKELY(!memcmp(p, "HTTP/1.1", 8)))
        return 0;
    if (memcmp(p, "HTTP/", 5) != 0 || !is_digit(p[5]) || p[6] != '.' || !is_digit(p[7]))
        return BRIO_HTTP_FAULT_VERSION;
    if (p[5] != '1')
        return BRIO_HTTP_FAULT_VERSION_UNKNOWN;
    req->minor = p[7] != '0';
    return 0;
}

/* ---- Authority ------------------------------------------------------------- */

static const char *skip_ip_literal(const char *p, const char *end)
{
    const char *from = ++p; /* behind '[' */
    while (p < end && (brio_http_hex_value(*p) >= 0 || *p == ':' || *p == '.'))
        p++;
    return p < end && *p == ']' && p - from >= 2 ? p + 1 : NULL;
}

static bool is_escape(const char *p, const char *end)
{
    return *p == '%' && end - p >= 3 && brio_http_hex_value(p[1]) >= 0 &&
           brio_http_hex_value(p[2]) >= 0;
}

static const char *skip_name(const char *p, const char *end)
{
    for (;;) {
        while (p < end && brio_http_is(*p, BRIO_HTTP_NAME))
            p++;
        if (p == end || *p == ':')
            return p;
        if (!is_escape(p, end))
            return NULL;
        p += 3;
    }
}

static bool is_port(brio_str s)
{
    uint64_t port = 0;
    return s.len == 0 || (brio_http_to_u64(s, &port) == 0 && port <= 65535);
}

bool brio_http_host_valid(brio_str host)
{
    const char *p = host.ptr, *end = p + host.len;
    if (host.len == 0 || *p == ':')
        return false;
    p = *p == '[' ? skip_ip_literal(p, end) : skip_name(p, end);
    if (!p || (p < end && *p != ':'))
        return false;
    return p == end || is_port(brio_str_span(p + 1, end));
}

/* ---- Target ---------------------------------------------------------------- */

static inline unsigned not_target(brio_http_lanes v)
{
    brio_http_lanes graphic = (brio_http_lanes)(v - 0x21 < 0x7F - 0x21);
    brio_http_lanes mark = (brio_http_lanes)(v == '#') | (brio_http_lanes)(v == '?');
    return brio_http_mask(~graphic | mark);
}

/* First '?', '#' or byte outside 0x21-0x7E; `end`, which is a blank, if none.
 * Up to `readable` may be loaded. */
static inline const char *scan_target(const char *p, const char *end, const char *readable)
{
    for (; readable - p >= BRIO_HTTP_STRIDE && p < end; p += BRIO_HTTP_STRIDE) {
        unsigned stop = not_target(brio_http_load(p));
        if (stop)
            return p + __builtin_ctz(stop);
    }
    while (p < end && brio_http_is(*p, BRIO_HTTP_TARGET))
        p++;
    return p;
}

/* Splits at the first '?' and looks at every byte: 0 or TARGET_BYTE. */
static inline int split_target(brio_http_request *req, brio_str text, const char *readable)
{
    const char *end = text.ptr + text.len, *mark = scan_target(text.ptr, end, readable), *p = mark;
    while (p < end && *p == '?')
        p = scan_target(p + 1, end, readable);
    req->path = brio_str_span(text.ptr, mark);
    req->query = mark < end ? brio_str_span(mark + 1, end) : (brio_str){end, 0};
    return p == end ? 0 : BRIO_HTTP_FAULT_TARGET_BYTE;
}

bool brio_http_target_split(brio_http_request *req, brio_str target)
{
    return split_target(req, target, target.ptr + target.len) == 0;
}

static size_t scheme_length(brio_str target)
{
    static const brio_str schemes[] = {BRIO_S_INIT("http://"), BRIO_S_INIT("https://")};
    for (size_t i = 0; i < 2; i++)
        if (brio_str_eq_nocase(brio_str_slice(target, 0, schemes[i].len), schemes[i]))
            return schemes[i].len;
    return 0;
}

/* path and query hold the split target. "http://host" asks for "/", or with
 * OPTIONS for the server as a whole (RFC 9112, 3.2.4). */
static int reduce_absolute(brio_http_record *rec, brio_str target)
{
    brio_http_request *req = &rec->request;
    size_t scheme = scheme_length(target);
    if (!scheme)
        return BRIO_HTTP_FAULT_TARGET_FORM;
    brio_str rest = brio_str_slice(req->path, scheme, req->path.len);
    const char *slash = rest.len ? memchr(rest.ptr, '/', rest.len) : NULL;
    req->host = brio_str_slice(rest, 0, slash ? (size_t)(slash - rest.ptr) : rest.len);
    rec->seen |= BRIO_HTTP_SEEN_AUTHORITY;
    if (!brio_http_host_valid(req->host))
        return BRIO_HTTP_FAULT_TARGET_AUTHORITY;
    bool server = req->method == BRIO_METHOD_OPTIONS && req->path.len == target.len;
    req->path = brio_str_slice(rest, req->host.len, rest.len);
    if (req->path.len == 0)
        req->path = server ? BRIO_S("*") : BRIO_S("/");
    return 0;
}

static inline int take_target(brio_http_record *rec, brio_str target, const char *readable)
{
    brio_http_request *req = &rec->request;
    req->target = target;
    int rc = split_target(req, target, readable);
    if (rc || BRIO_LIKELY(target.ptr[0] == '/'))
        return rc;
    if (brio_str_eq(target, BRIO_S("*")))
        return req->method == BRIO_METHOD_OPTIONS ? 0 : BRIO_HTTP_FAULT_TARGET_FORM;
    return reduce_absolute(rec, target);
}

int brio_http_request_line(brio_http_record *rec, brio_str line, const char *readable,
                           size_t target_max)
{
    enum { VERSION = sizeof("HTTP/1.1") - 1 };
    brio_http_request *req = &rec->request;
    int rc = take_method(req, line);
    if (rc)
        return rc;
    brio_str rest = brio_str_slice(line, req->method_text.len + 1, line.len);
    if (rest.len < 1 + 1 + VERSION || rest.ptr[rest.len - VERSION - 1] != ' ')
        return BRIO_HTTP_FAULT_REQUEST_LINE;
    rest.len -= VERSION + 1;
    if (rest.len > target_max)
        return BRIO_HTTP_FAULT_TARGET_TOO_LONG;
    rc = take_version(req, rest.ptr + rest.len + 1);
    if (rc)
        return rc;
    if (req->method == BRIO_METHOD_CONNECT)
        return BRIO_HTTP_FAULT_CONNECT;
    rec->seen |= BRIO_HTTP_SEEN_LINE;
    return take_target(rec, rest, readable);
}
