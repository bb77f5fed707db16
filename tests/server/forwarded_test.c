/* SPDX-License-Identifier: MIT
 *
 * Whom a proxy speaks for, and who is believed. */
#include "routes.h"

static void check_whose(const char *allowed, const char *headers, const char *want)
{
    rig r = rig_start(&(rig_options){.server.forwarded_allow_ips = allowed, .prepare = routes});
    client *c = dial(&r);
    char text[512];
    snprintf(text, sizeof text, "GET /whose HTTP/1.1\r\nhost: t\r\n%s\r\n", headers);
    say(c, text);
    expect_answer(c, 200, want);
    get(c, "/whose"); /* nothing of it stays for the next request */
    expect_answer(c, 200, "http://127.0.0.1 known");
    hang_up(c);
    rig_stop(&r);
}

TEST(proxies_on_this_machine_are_believed)
{
    check_whose(NULL, "x-forwarded-proto: https\r\n", "https://127.0.0.1 known");
    check_whose(NULL, "X-Forwarded-Proto: WSS\r\nX-Forwarded-For: 10.1.2.3\r\n",
                "https://10.1.2.3 0");
    check_whose(NULL, "x-forwarded-proto: gopher\r\n", "http://127.0.0.1 known");
    check_whose(NULL, "x-forwarded-for: [2001:db8::1]:443\r\n", "http://2001:db8::1 0");
    check_whose(NULL, "x-forwarded-for: 10.1.2.3:80\r\n", "http://10.1.2.3 0");
    check_whose(NULL, "x-forwarded-for: , ,\r\n", "http://127.0.0.1 known");
}

TEST(the_last_address_that_is_no_proxy_is_the_client)
{
    check_whose("127.0.0.1,10.0.0.0/8", "x-forwarded-for: 6.6.6.6, 7.7.7.7, 10.200.0.1\r\n",
                "http://7.7.7.7 0");
    check_whose("127.0.0.1,10.0.0.0/9", "x-forwarded-for: 7.7.7.7, 10.200.0.1\r\n",
                "http://10.200.0.1 0");
    check_whose("127.0.0.0/8,2001:db8::/32", "x-forwarded-for: a.host, 2001:db8:1::5\r\n",
                "http://a.host 0");
    check_whose("*", "x-forwarded-for: 6.6.6.6, 7.7.7.7\r\n", "http://6.6.6.6 0");
}

TEST(others_are_not_believed)
{
    const char *headers = "x-forwarded-proto: https\r\nx-forwarded-for: 10.1.2.3\r\n";
    check_whose("", headers, "http://127.0.0.1 known");
    check_whose("10.0.0.0/8, 127.0.0.2, 127.0.0.1/33, ::/0, x/y", headers,
                "http://127.0.0.1 known");
}
