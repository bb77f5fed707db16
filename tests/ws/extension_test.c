/* SPDX-License-Identifier: MIT
 *
 * permessage-deflate is agreed on: offers and answers of RFC 7692, section 7.1. */
#include "harness/test.h"

#include <brio/http.h>
#include <brio/ws.h>
#include <stdio.h>

/* What a server answers to the offers of up to two headers: the value, "-" for
 * none, "400". */
static void check_choice(const char *offers, const char *more, const brio_ws_deflate_wish *wish,
                         const char *want)
{
    brio_header headers[] = {{BRIO_S("sec-websocket-extensions"), brio_str_from(offers)},
                             {BRIO_S("Sec-WebSocket-Extensions"), brio_str_from(more)}};
    brio_http_request req = {.headers = headers, .n_headers = more ? 2 : 1};
    brio_ws_deflate d;
    brio_buf out = {0};
    int rc = brio_ws_deflate_choose(&req, wish, &d, &out);
    if (rc == 400)
        CHECK_STR(brio_str_from(want), "400");
    else if (!brio_ws_deflate_available() || rc == 0)
        CHECK_STR(brio_str_from(rc || out.len ? "?" : "-"),
                  brio_ws_deflate_available() ? want : "-");
    else
        CHECK_STR(brio_buf_str(&out), want);
    CHECK(rc == 400 || d.on == (rc == 1));
    brio_buf_fini(&out);
}

#define ALONE "; server_no_context_takeover; client_no_context_takeover"

TEST(a_server_takes_the_first_offer_that_is_right)
{
    static const brio_ws_deflate_wish keep = {.takeover = true};
    check_choice("permessage-deflate", NULL, NULL, "permessage-deflate" ALONE);
    check_choice("permessage-deflate", NULL, &keep, "permessage-deflate");
    check_choice("permessage-deflate; server_no_context_takeover", NULL, &keep,
                 "permessage-deflate; server_no_context_takeover");
    check_choice("permessage-deflate; client_no_context_takeover", NULL, &keep,
                 "permessage-deflate; client_no_context_takeover");
    check_choice("permessage-deflate; client_max_window_bits", NULL, &keep, "permessage-deflate");
    check_choice("x-webkit-deflate-frame, foo;bar=\"baz\" , permessage-deflate", NULL, &keep,
                 "permessage-deflate");
    check_choice("permessage-deflate; what, permessage-deflate; server_max_window_bits=10", NULL,
                 &keep, "permessage-deflate; server_max_window_bits=10");
    check_choice("foo", "permessage-deflate", &keep, "permessage-deflate");
    check_choice("permessage-deflate", "permessage-deflate; server_max_window_bits=10", &keep,
                 "permessage-deflate");
    check_choice(" , ,permessage-deflate,", NULL, &keep, "permessage-deflate");
    check_choice("", NULL, &keep, "-");
    check_choice("foo", NULL, &keep, "-");
}

TEST(windows_are_the_smaller_of_both_wishes)
{
    static const brio_ws_deflate_wish keep = {.takeover = true};
    static const brio_ws_deflate_wish twelve = {.takeover = true, .window_bits = 12};
    check_choice("permessage-deflate; server_max_window_bits=15", NULL, &keep,
                 "permessage-deflate; server_max_window_bits=15");
    check_choice("permessage-deflate; server_max_window_bits=8", NULL, &keep,
                 "permessage-deflate; server_max_window_bits=8");
    check_choice("permessage-deflate; server_max_window_bits=\"9\"", NULL, &keep,
                 "permessage-deflate; server_max_window_bits=9");
    check_choice("permessage-deflate; client_max_window_bits=9", NULL, &keep,
                 "permessage-deflate; client_max_window_bits=9");
    check_choice("permessage-deflate", NULL, &twelve,
                 "permessage-deflate; server_max_window_bits=12"); /* it can not be told */
    check_choice("permessage-deflate; client_max_window_bits", NULL, &twelve,
                 "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12");
    check_choice("permessage-deflate; client_max_window_bits=10; server_max_window_bits=14", NULL,
                 &twelve,
                 "permessage-deflate; server_max_window_bits=12; client_max_window_bits=10");
}

TEST(an_offer_with_a_wrong_parameter_is_passed_over)
{
    static const char *const wrong[] = {
        "server_no_context_takeover=1",
        "client_no_context_takeover=true",
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=08",
        "server_max_window_bits=x",
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=010",
        "client_max_window_bits=99999999999999999999",
        "server_max_window_bits=9; server_max_window_bits=9",
        "client_max_window_bits; client_max_window_bits",
        "server_no_context_takeover; server_no_context_takeover",
        "unknown",
        "unknown=1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char offer[128];
        snprintf(offer, sizeof offer, "permessage-deflate; %s", wrong[i]);
        check_choice(offer, NULL, NULL, "-");
    }
}

TEST(what_is_no_list_of_extensions_is_refused)
{
    static const char *const malformed[] = {
        "permessage-deflate;",
        "permessage-deflate; =1",
        "permessage-deflate; a=",
        "permessage-deflate; a=\"b",
        "permessage-deflate; a=\"\"",
        "permessage-deflate foo",
        "; a",
        "permessage-deflate; a=b c",
        "per\x01message",
        "permessage-deflate, \"x\"",
        "a=b",
    };
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        check_choice(malformed[i], NULL, NULL, "400");
        check_choice("permessage-deflate", malformed[i], NULL, "400");
    }
}

static int agree(const char *value, bool takeover, brio_ws_deflate *d)
{
    return brio_ws_deflate_agree(brio_str_from(value),
                                 &(brio_ws_deflate_wish){.takeover = takeover}, d);
}

TEST(a_client_reads_the_answer)
{
    brio_ws_deflate d;
    CHECK_INT(agree("", true, &d), 0);
    CHECK(!d.on);
    CHECK_INT(agree("foo", true, &d), BRIO_ESYNTAX);
    CHECK_INT(agree("permessage-deflate, permessage-deflate", true, &d), BRIO_ESYNTAX);
    CHECK_INT(agree("permessage-deflate; unknown", true, &d), BRIO_ESYNTAX);
    CHECK_INT(agree("permessage-deflate; client_max_window_bits", true, &d), BRIO_ESYNTAX);
    CHECK_INT(agree("permessage-deflate", false, &d), BRIO_ESYNTAX); /* alone was asked for */
    if (!brio_ws_deflate_available())
        return;
    CHECK_INT(
        agree("permessage-deflate; server_max_window_bits=10; client_max_window_bits=11", true, &d),
        0);
    CHECK(d.on && !d.server_no_takeover && !d.client_no_takeover);
    CHECK_INT(d.server_bits, 10);
    CHECK_INT(d.client_bits, 11);
    CHECK_INT(agree("permessage-deflate" ALONE, false, &d), 0);
    CHECK(d.on && d.server_no_takeover && d.client_no_takeover);
}

TEST(a_server_understands_what_a_client_offers)
{
    for (int i = 0; i < 4; i++) {
        brio_ws_deflate_wish wish = {.takeover = i & 1, .window_bits = i & 2 ? 11 : 0};
        brio_buf offer = {0}, answer = {0};
        brio_ws_deflate server, client;
        brio_ws_deflate_offer(&wish, &offer);
        brio_header header = {BRIO_S("sec-websocket-extensions"), brio_buf_str(&offer)};
        brio_http_request req = {.headers = &header, .n_headers = 1};
        CHECK_INT(brio_ws_deflate_choose(&req, &(brio_ws_deflate_wish){.takeover = true}, &server,
                                         &answer),
                  brio_ws_deflate_available());
        CHECK_INT(brio_ws_deflate_agree(brio_buf_str(&answer), &wish, &client), 0);
        CHECK(memcmp(&client, &server, sizeof client) == 0);
        brio_buf_fini(&offer);
        brio_buf_fini(&answer);
    }
}
