/* SPDX-License-Identifier: MIT
 *
 * Scanning with the machine's own instructions, and the word-wise compare of
 * header names. */
#include "http/scan_cases.h"

TEST(scan_sees_every_byte)
{
    check_all_bytes();
}
TEST(scan_mask_is_exact)
{
    check_mask();
}

static bool among(int c, const char *set)
{
    return c && strchr(set, c);
}

/* RFC 9110, 5.5 and 5.6.2; RFC 3986, 2.2 and 2.3. */
TEST(table_of_bytes_is_as_the_rfcs_say)
{
    for (int c = 0; c < 256; c++) {
        bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'Z',
             lower = c >= 'a' && c <= 'z';
        bool alnum = digit || upper || lower;
        unsigned want = 0;
        want |= alnum || among(c, "!#$%&'*+-.^_`|~") ? BRIO_HTTP_TOKEN : 0u;
        want |= c == '\t' || (c >= ' ' && c != 0x7F) ? BRIO_HTTP_TEXT : 0u;
        want |= c > ' ' && c < 0x7F && !among(c, "#?") ? BRIO_HTTP_TARGET : 0u;
        want |= alnum || among(c, "-._~") || among(c, "!$&'()*+,;=") ? BRIO_HTTP_NAME : 0u;
        CHECK_INT(brio_http_bytes[c], want);
    }
}

TEST(hex_digits_have_values)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    for (int c = 0; c < 256; c++) {
        const char *at = c ? strchr(digits, c) : NULL;
        if (!at)
            at = c >= 'A' && c <= 'F' ? digits + 16 + 10 + (c - 'A') : NULL;
        CHECK_INT(brio_http_hex_value((char)c), at ? (at - digits) % 16 : -1);
    }
}

TEST(names_differ_in_any_byte)
{
    static const char want[] = "transfer-encoding";
    for (size_t n = 4; n <= sizeof(want) - 1; n++) {
        for (size_t at = 0; at < n; at++) {
            char text[sizeof(want)];
            memcpy(text, want, sizeof(want));
            CHECK(brio_http_is_name((brio_str){text, n}, want, n));
            CHECK(!brio_http_is_name((brio_str){text, n - 1}, want, n));
            if (text[at] != '-')
                text[at] = (char)(text[at] ^ 0x20);
            CHECK(brio_http_is_name((brio_str){text, n}, want, n));
            text[at] = (char)(text[at] ^ 0x01);
            CHECK(!brio_http_is_name((brio_str){text, n}, want, n));
        }
    }
}
