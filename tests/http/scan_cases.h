/* SPDX-License-Identifier: MIT
 *
 * The scanning functions against one-byte-at-a-time references: every byte
 * value at every place of inputs of every length around the stride, each input
 * ending at a page that cannot be read. Included twice: with the machine's own
 * instructions and with the portable ones. */
#include "harness/test.h"
#include "http/http_internal.h"

#include <sys/mman.h>
#include <unistd.h>

enum { LONGEST = 3 * BRIO_HTTP_STRIDE + 2 };

static char *guarded(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    CHECK(mprotect(p + page, page, PROT_NONE) == 0);
    return p + page;
}

static const char *text_reference(const char *p, const char *end)
{
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            break;
    }
    return p;
}

static const char *token_reference(const char *p, const char *end)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (; p < end; p++) {
        bool alnum =
            (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        if (!alnum && (!*p || !strchr(marks, *p)))
            break;
    }
    return p;
}

static void check_at(char *edge, size_t len, size_t place, int c)
{
    char *p = edge - len;
    memset(p, 'a', len);
    p[place] = (char)c;
    CHECK(brio_http_scan_text(p, p, edge) == text_reference(p, edge));
    CHECK(brio_http_scan_token(p, edge, edge) == token_reference(p, edge));
    for (size_t from = 0; from <= len; from += 5) {
        CHECK(brio_http_scan_text(p, p + from, edge) == text_reference(p + from, edge));
        CHECK(brio_http_scan_token(p, p + from, edge) == token_reference(p, p + from));
    }
}

static void check_all_bytes(void)
{
    char *edge = guarded();
    for (size_t len = 1; len <= LONGEST; len++)
        for (size_t place = 0; place < len; place++)
            for (int c = 0; c < 256; c += len < 20 ? 1 : 5)
                check_at(edge, len, place, c);
    CHECK(brio_http_scan_text(edge, edge, edge) == edge);
    CHECK(brio_http_scan_token(edge, edge, edge) == edge);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(edge - page, 2 * page);
}

static void check_mask(void)
{
    for (unsigned bits = 0; bits < 0x10000; bits += 1 + bits / 64) {
        unsigned char bytes[16];
        brio_http_lanes v;
        for (int i = 0; i < 16; i++)
            bytes[i] = bits >> i & 1 ? 0xFF : 0;
        memcpy(&v, bytes, sizeof(v));
        CHECK_INT(brio_http_mask(v), bits);
    }
}
