/* SPDX-License-Identifier: MIT
 *
 * The opening handshake (RFC 6455, section 4.2): an HTTP request whose key comes
 * back digested, which shows that both sides speak WebSocket. */
#include "ws/ws_internal.h"

#include <brio/http.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

brio_str brio_ws_next_element(brio_str *list)
{
    while (list->len) {
        brio_str_pair cut = brio_str_cut(*list, ',');
        brio_str element = brio_str_trim(cut.head);
        *list = cut.tail;
        if (element.len)
            return element;
    }
    return (brio_str){0};
}

brio_str brio_ws_next_protocol(brio_str *list)
{
    return brio_ws_next_element(list);
}

/* True if any header of that name lists the token, without case. */
static bool lists(const brio_http_request *req, brio_str name, brio_str token)
{
    for (size_t i = 0; i < req->n_headers; i++) {
        brio_str rest = req->headers[i].value;
        if (!brio_str_eq_nocase(req->headers[i].name, name))
            continue;
        for (brio_str e = brio_ws_next_element(&rest); e.len; e = brio_ws_next_element(&rest))
            if (brio_str_eq_nocase(e, token))
                return true;
    }
    return false;
}

bool brio_ws_asked(const brio_http_request *req)
{
    if (req->major == 2)
        return brio_str_eq(req->protocol, BRIO_S("websocket"));
    return req->minor > 0 && lists(req, BRIO_S("upgrade"), BRIO_S("websocket")) &&
           lists(req, BRIO_S("connection"), BRIO_S("upgrade"));
}

/* The value of the one header of that name; empty if there is none, or another. */
static brio_str only(const brio_http_request *req, brio_str name)
{
    const brio_header *first = brio_http_header(req, name);
    if (!first)
        return (brio_str){0};
    for (const brio_header *h = first + 1; h < req->headers + req->n_headers; h++)
        if (brio_str_eq_nocase(h->name, name))
            return (brio_str){0};
    return first->value;
}

/* 16 bytes are 22 digits of base64 and two signs of padding. */
static bool is_key(brio_str key)
{
    if (key.len != 24 || key.ptr[22] != '=' || key.ptr[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++)
        if (!key.ptr[i] || !strchr(digits, key.ptr[i]))
            return false;
    return true;
}

static void accept_of(brio_str key, char out[BRIO_WS_ACCEPT_LEN])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* section 1.3 */
    char text[24 + sizeof guid - 1];
    uint8_t sum[21] = {0}; /* 20 and a zero, so that groups of three are whole */
    memcpy(text, key.ptr, 24);
    memcpy(text + 24, guid, sizeof guid - 1);
    brio_ws_sha1(sum, (brio_str){text, sizeof text});
    for (size_t i = 0; i < 7; i++) {
        uint32_t three =
            (uint32_t)sum[3 * i] << 16 | (uint32_t)sum[3 * i + 1] << 8 | sum[3 * i + 2];
        for (size_t j = 0; j < 4; j++)
            out[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
    }
    out[BRIO_WS_ACCEPT_LEN - 1] = '=';
}

int brio_ws_handshake(const brio_http_request *req, char accept[BRIO_WS_ACCEPT_LEN])
{
    brio_str key = only(req, BRIO_S("sec-websocket-key"));
    bool by_stream = req->major == 2; /* RFC 8441: the protocol itself shows who is asked */
    if (!by_stream && (req->method != BRIO_METHOD_GET || req->minor < 1))
        return 400;
    if (!brio_str_eq(only(req, BRIO_S("sec-websocket-version")), BRIO_S("13")))
        return 426;
    memset(accept, ' ', BRIO_WS_ACCEPT_LEN);
    if (by_stream)
        return 0;
    if (!is_key(key))
        return 400;
    accept_of(key, accept);
    return 0;
}
