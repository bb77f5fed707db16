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
