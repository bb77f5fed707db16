/* SPDX-License-Identifier: MIT
 *
 * Scanning as it is done where there is no SSE2. */
#define BRIO_HTTP_PORTABLE
#include "http/scan_cases.h"

TEST(portable_scan_sees_every_byte)
{
    check_all_bytes();
}
TEST(portable_scan_mask_is_exact)
{
    check_mask();
}
