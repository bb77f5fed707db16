/* SPDX-License-Identifier: MIT
 *
 * Sec-WebSocket-Extensions: whatever a client offers, what the server answers is
 * within the RFC's bounds, and is an answer that a client understands. */
#include <brio/http.h>
#include <brio/ws.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_agreed(const brio_ws_deflate *d, const brio_ws_deflate_wish *wish,
                         brio_str answer)
{
    uint8_t most = wish->window_bits ? wish->window_bits : 15;
    BRIO_ASSERT(d->on && d->server_bits >= 8 && d->server_bits <= most);
    BRIO_ASSERT(d->client_bits >= 8 && d->client_bits <= 15);
    BRIO_ASSERT(wish->takeover || (d->server_no_takeover && d->client_no_takeover));
    brio_ws_deflate seen;
    int rc = brio_ws_deflate_agree(answer, &(brio_ws_deflate_wish){.takeover = true}, &seen);
    BRIO_ASSERT(rc == 0 && seen.on);
    BRIO_ASSERT(memcmp(d, &seen, sizeof seen) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    brio_str value = {(const char *)data + 1, size - 1};
    brio_str_pair two = brio_str_cut(value, '\n');
    brio_header headers[] = {{BRIO_S("sec-websocket-extensions"), two.head},
                             {BRIO_S("sec-websocket-extensions"), two.tail}};
    brio_http_request req = {.headers = headers, .n_headers = two.found ? 2 : 1};
    brio_ws_deflate_wish wish = {.takeover = data[0] & 1, .window_bits = (uint8_t)(data[0] & 8)};
    if (wish.window_bits)
        wish.window_bits = (uint8_t)(9 + (data[0] >> 4) % 7);
    brio_ws_deflate agreed, seen;
    brio_buf answer = {0};
    int rc = brio_ws_deflate_choose(&req, &wish, &agreed, &answer);
    BRIO_ASSERT(rc == 0 || rc == 1 || rc == 400);
    if (rc == 1)
        check_agreed(&agreed, &wish, brio_buf_str(&answer));
    brio_buf_fini(&answer);
    (void)!brio_ws_deflate_agree(value, &wish, &seen); /* and as an answer */
    return 0;
}
