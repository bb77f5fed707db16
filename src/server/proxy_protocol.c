/* SPDX-License-Identifier: MIT
 *
 * The PROXY protocol, versions 1 and 2 (haproxy's doc/proxy-protocol.txt),
 * without I/O: the head of a connection by which a proxy says whom it speaks
 * for.
 *
 *     "PROXY TCP4 203.0.113.7 10.0.0.1 51234 443\r\n"
 *     0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A | version, command | family | length | addresses, TLVs
 *
 * A head is collected in a buffer of fixed size; what stands behind the
 * addresses of a version 2 (TLVs) is skipped by its length alone. Nothing is
 * guessed: whatever is not one of the two is refused at its first wrong byte. */
#include "server/server_internal.h"

#include <arpa/inet.h>
#include <errno.h>

enum {
    LINE_MAX_BYTES = 107, /* of a version 1, its end included */
    FIXED = 16,           /* bytes of a version 2 before the addresses */
    INET_BYTES = 12,
    INET6_BYTES = 36,
    UNIX_BYTES = 216
};

static const char magic[] = "\r\n\r\n\0\r\nQUIT\n";
static const char word[] = "PROXY ";
enum { MAGIC = sizeof magic - 1, WORD = sizeof word - 1 };

/* ---- Version 1 ------------------------------------------------------------- */

static int set_client(brio_server_proxy *p, int family, const void *address, uint16_t port)
{
    if (!inet_ntop(family, address, p->host, sizeof p->host))
        return -EBADMSG;
    p->port = port;
    p->known = true;
    return 1;
}

/* An address of that family, as the line's sender must have written it. */
static bool read_address(int family, brio_str text, uint8_t ret[16])
{
    char copy[INET6_ADDRSTRLEN];
    if (text.len >= sizeof copy || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return inet_pton(family, copy, ret) == 1;
}

static bool read_port(brio_str text, uint16_t *ret)
{
    uint64_t n;
    if (text.len > 5 || (text.len > 1 && text.ptr[0] == '0') || brio_str_to_u64(text, &n) < 0 ||
        n > UINT16_MAX)
        return false;
    *ret = (uint16_t)n;
    return true;
}

/* "203.0.113.7 10.0.0.1 51234 443" */
static int read_tcp(brio_server_proxy *p, int family, brio_str rest)
{
    brio_str parts[4] = {{0}};
    uint8_t from[16], to[16];
    uint16_t port, to_port;
    for (size_t i = 0; i < 4; i++) {
        brio_str_pair cut = brio_str_cut(rest, ' ');
        if (cut.found != (i < 3) || cut.head.len == 0)
            return -EBADMSG;
        parts[i] = cut.head;
        rest = cut.tail;
    }
    if (!read_address(family, parts[0], from) || !read_address(family, parts[1], to) ||
        !read_port(parts[2], &port) || !read_port(parts[3], &to_port))
        return -EBADMSG;
    return set_client(p, family, from, port);
}

/* `line` is without its end. */
static int read_line(brio_server_proxy *p, brio_str line)
{
    brio_str rest = brio_str_slice(line, WORD, line.len);
    brio_str_pair parts = brio_str_cut(rest, ' ');
    if (brio_str_eq(parts.head, BRIO_S("UNKNOWN")))
        return 1; /* whatever follows: the connection's own address stays */
    if (brio_str_eq(parts.head, BRIO_S("TCP4")) && parts.found)
        return read_tcp(p, AF_INET, parts.tail);
    if (brio_str_eq(parts.head, BRIO_S("TCP6")) && parts.found)
        return read_tcp(p, AF_INET6, parts.tail);
    return -EBADMSG;
}

static int step_1(brio_server_proxy *p)
{
    size_t n = p->len;
    if (n <= WORD)
        return p->head[n - 1] == word[n - 1] ? 0 : -EBADMSG;
    bool cr = p->head[n - 2] == '\r';
    if (cr != (p->head[n - 1] == '\n'))
        return -EBADMSG;
    if (cr)
        return read_line(p, (brio_str){p->head, n - 2});
    return n < LINE_MAX_BYTES ? 0 : -EBADMSG;
}

/* ---- Version 2 -------------------------------------------------------------- */

static unsigned byte(const brio_server_proxy *p, size_t i)
{
    return (uint8_t)p->head[i];
}

static uint16_t number(const brio_server_proxy *p, size_t at)
{
    return (uint16_t)(byte(p, at) << 8 | byte(p, at + 1));
}

/* Bytes of the addresses, by the byte of family and transport; -1: there is no
 * such thing on a stream. */
static int addresses(unsigned family)
{
    switch (family) {
    case 0x00:
        return 0; /* unspecified */
    case 0x11:
        return INET_BYTES;
    case 0x21:
        return INET6_BYTES;
    case 0x31:
        return UNIX_BYTES;
    default:
        return -1;
    }
}

/* Its fixed part is there: what follows? */
static int begin_2(brio_server_proxy *p)
{
    unsigned command = byte(p, 12);
    int need = addresses(byte(p, 13)), length = number(p, 14);
    bool local = command == 0x20;
    if ((!local && command != 0x21) || length > BRIO_SERVER_PROXY_MAX)
        return -EBADMSG;
    if (local) /* a check of the proxy's own: no addresses, whatever stands there */
        need = 0;
    if (need < 0 || need > length)
        return -EBADMSG;
    p->need = (uint16_t)(FIXED + need);
    p->skip = (uint16_t)(length - need);
    return 0;
}

static int finish_2(brio_server_proxy *p)
{
    const char *at = p->head + FIXED;
    if (p->need == FIXED + INET_BYTES)
        return set_client(p, AF_INET, at, number(p, FIXED + 8));
    if (p->need == FIXED + INET6_BYTES)
        return set_client(p, AF_INET6, at, number(p, FIXED + 32));
    if (p->need == FIXED + UNIX_BYTES)
        p->known = true; /* a client without an address */
    return 1;
}

static int step_2(brio_server_proxy *p)
{
    size_t n = p->len;
    if (n <= MAGIC)
        return p->head[n - 1] == magic[n - 1] ? 0 : -EBADMSG;
    if (n == FIXED) {
        int rc = begin_2(p);
        if (rc < 0)
            return rc;
    }
    return n >= FIXED && n == p->need && p->skip == 0 ? finish_2(p) : 0;
}

/* ---- Bytes ------------------------------------------------------------------- */

/* TLVs: only their number counts. */
static int skip(brio_server_proxy *p, brio_str *input)
{
    size_t n = input->len < p->skip ? input->len : p->skip;
    p->skip = (uint16_t)(p->skip - n);
    *input = brio_str_slice(*input, n, input->len);
    return p->skip == 0 ? finish_2(p) : 0;
}

int brio_server_proxy_read(brio_server_proxy *p, brio_str *input)
{
    int rc = 0;
    while (rc == 0 && input->len > 0) {
        if (p->need && p->len == p->need) {
            rc = skip(p, input);
            continue;
        }
        BRIO_ASSERT(p->len < sizeof p->head);
        p->head[p->len++] = *input->ptr;
        *input = brio_str_slice(*input, 1, input->len);
        rc = p->head[0] == word[0] ? step_1(p) : step_2(p);
    }
    return rc;
}
