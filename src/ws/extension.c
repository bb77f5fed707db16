/* SPDX-License-Identifier: MIT
 *
 * What the two sides agree on about compression: offers and the answer to them
 * (RFC 6455, section 9.1; RFC 7692, section 5 and 7.1).
 *
 *     extensions = name *( ";" name [ "=" ( token | quoted-string ) ] ), ...
 *
 * What is no such list fails the handshake; an offer that is one, with a
 * parameter that is not right, is only passed over. */
#include "ws/ws_internal.h"

#include <brio/http.h>

enum { BITS_MIN = 8, BITS_MAX = 15 };

/* ---- The grammar --------------------------------------------------------------- */

static bool is_token_char(char c)
{
    uint8_t low = (uint8_t)(c | 0x20);
    return (c >= '0' && c <= '9') || (low >= 'a' && low <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void skip_blanks(brio_str *at)
{
    while (at->len && (at->ptr[0] == ' ' || at->ptr[0] == '\t'))
        *at = brio_str_slice(*at, 1, SIZE_MAX);
}

/* Takes the character `c` and blanks around it. */
static bool take_char(brio_str *at, char c)
{
    skip_blanks(at);
    if (!at->len || at->ptr[0] != c)
        return false;
    *at = brio_str_slice(*at, 1, SIZE_MAX);
    skip_blanks(at);
    return true;
}

static brio_str take_token(brio_str *at)
{
    size_t n = 0;
    while (n < at->len && is_token_char(at->ptr[n]))
        n++;
    brio_str token = brio_str_slice(*at, 0, n);
    *at = brio_str_slice(*at, n, SIZE_MAX);
    return token;
}

/* A token, or one in quotation marks; empty: neither. */
static brio_str take_value(brio_str *at)
{
    bool quoted = at->len && at->ptr[0] == '"';
    if (quoted)
        *at = brio_str_slice(*at, 1, SIZE_MAX);
    brio_str value = take_token(at);
    if (!quoted)
        return value;
    if (!at->len || at->ptr[0] != '"')
        return (brio_str){0};
    *at = brio_str_slice(*at, 1, SIZE_MAX);
    return value;
}

/* ---- One extension ---------------------------------------------------------------- */

typedef struct extension {
    bool ours;  /* permessage-deflate ... */
    bool wrong; /* ... with a parameter that may not be there */
    bool server_no_takeover, client_no_takeover;
    bool has_server_bits, has_client_bits;
    uint8_t server_bits, client_bits; /* 0: without a value */
} extension;

/* Decimal, without leading zeroes; 0: it is not a window's. */
static uint8_t bits_of(brio_str value)
{
    uint64_t n;
    if (!value.len || value.ptr[0] == '0' || brio_str_to_u64(value, &n) < 0)
        return 0;
    return n >= BITS_MIN && n <= BITS_MAX ? (uint8_t)n : 0;
}

static bool set_flag(bool *flag, bool has_value)
{
    bool right = !*flag && !has_value;
    *flag = true;
    return right;
}

static bool set_bits(bool *has, uint8_t *bits, bool has_value, brio_str value)
{
    bool right = !*has;
    *has = true;
    *bits = has_value ? bits_of(value) : 0;
    return right && (!has_value || *bits);
}

static bool set_param(extension *e, brio_str name, bool has_value, brio_str value)
{
    if (brio_str_eq(name, BRIO_S("server_no_context_takeover")))
        return set_flag(&e->server_no_takeover, has_value);
    if (brio_str_eq(name, BRIO_S("client_no_context_takeover")))
        return set_flag(&e->client_no_takeover, has_value);
    if (brio_str_eq(name, BRIO_S("server_max_window_bits")))
        return has_value && set_bits(&e->has_server_bits, &e->server_bits, true, value);
    if (brio_str_eq(name, BRIO_S("client_max_window_bits")))
        return set_bits(&e->has_client_bits, &e->client_bits, has_value, value);
    return false;
}

/* Takes one extension off a list; false: it is none. */
static bool take_extension(brio_str *at, extension *ret)
{
    brio_str name = take_token(at);
    *ret = (extension){.ours = brio_str_eq(name, BRIO_S("permessage-deflate"))};
    if (!name.len)
        return false;
    while (take_char(at, ';')) {
        brio_str param = take_token(at), value = {0};
        bool has_value = take_char(at, '=');
        if (has_value)
            value = take_value(at);
        if (!param.len || (has_value && !value.len))
            return false;
        ret->wrong |= !set_param(ret, param, has_value, value);
    }
    return !at->len || at->ptr[0] == ',';
}

static void skip_commas(brio_str *at)
{
    skip_blanks(at);
    while (take_char(at, ','))
        ;
}

/* ---- A server's choice ------------------------------------------------------------ */

static uint8_t lesser(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static uint8_t wished_bits(const brio_ws_deflate_wish *wish)
{
    uint8_t bits = wish && wish->window_bits ? wish->window_bits : BITS_MAX;
    BRIO_ASSERT(bits > BITS_MIN && bits <= BITS_MAX);
    return bits;
}

static brio_ws_deflate accept_offer(const extension *offer, const brio_ws_deflate_wish *wish)
{
    bool takeover = wish && wish->takeover;
    uint8_t bits = wished_bits(wish);
    brio_ws_deflate d = {.on = true, .server_bits = bits, .client_bits = BITS_MAX};
    d.server_no_takeover = offer->server_no_takeover || !takeover;
    d.client_no_takeover = offer->client_no_takeover || !takeover;
    if (offer->has_server_bits)
        d.server_bits = lesser(bits, offer->server_bits);
    if (offer->has_client_bits)
        d.client_bits = lesser(bits, offer->client_bits ? offer->client_bits : BITS_MAX);
    return d;
}

static void put_bits(brio_buf *out, const char *name, uint8_t bits)
{
    brio_buf_printf(out, "; %s_max_window_bits=%u", name, bits);
}

static void put_deflate(brio_buf *out, const brio_ws_deflate *d, bool server_bits)
{
    brio_buf_add(out, BRIO_S("permessage-deflate"));
    if (d->server_no_takeover)
        brio_buf_add(out, BRIO_S("; server_no_context_takeover"));
    if (d->client_no_takeover)
        brio_buf_add(out, BRIO_S("; client_no_context_takeover"));
    if (server_bits || d->server_bits < BITS_MAX)
        put_bits(out, "server", d->server_bits);
    if (d->client_bits < BITS_MAX)
        put_bits(out, "client", d->client_bits);
}

/* Every offer is read, also behind the one that is taken: they are to be right. */
static bool choose(brio_str list, const brio_ws_deflate_wish *wish, brio_ws_deflate *ret,
                   brio_buf *out)
{
    extension offer;
    for (skip_commas(&list); list.len; skip_commas(&list)) {
        if (!take_extension(&list, &offer))
            return false;
        if (ret->on || !offer.ours || offer.wrong)
            continue;
        *ret = accept_offer(&offer, wish);
        put_deflate(out, ret, offer.has_server_bits);
    }
    return true;
}

int brio_ws_deflate_choose(const brio_http_request *req, const brio_ws_deflate_wish *wish,
                           brio_ws_deflate *ret, brio_buf *out)
{
    size_t before = out->len;
    *ret = (brio_ws_deflate){0};
    for (size_t i = 0; i < req->n_headers; i++) {
        if (!brio_str_eq_nocase(req->headers[i].name, BRIO_S("sec-websocket-extensions")))
            continue;
        if (!choose(req->headers[i].value, wish, ret, out))
            return 400;
    }
    if (!brio_ws_deflate_available() || out->failed) {
        *ret = (brio_ws_deflate){0};
        out->len = before;
    }
    return ret->on;
}

/* ---- A client's side ---------------------------------------------------------------- */

void brio_ws_deflate_offer(const brio_ws_deflate_wish *wish, brio_buf *out)
{
    bool alone = !(wish && wish->takeover);
    brio_ws_deflate d = {.server_no_takeover = alone, .client_no_takeover = alone};
    d.server_bits = wished_bits(wish);
    d.client_bits = BITS_MAX;
    put_deflate(out, &d, false);
    if (d.server_bits < BITS_MAX)
        put_bits(out, "client", d.server_bits);
    else
        brio_buf_add(out, BRIO_S("; client_max_window_bits"));
}

int brio_ws_deflate_agree(brio_str value, const brio_ws_deflate_wish *wish, brio_ws_deflate *ret)
{
    bool alone = !(wish && wish->takeover);
    extension e;
    *ret = (brio_ws_deflate){0};
    skip_commas(&value);
    if (!value.len)
        return 0;
    bool right = take_extension(&value, &e) && e.ours && !e.wrong;
    skip_commas(&value);
    if (!right || value.len || !brio_ws_deflate_available())
        return BRIO_ESYNTAX;
    uint8_t server_bits = e.has_server_bits ? e.server_bits : BITS_MAX;
    bool kept = (!alone || e.server_no_takeover) && server_bits <= wished_bits(wish);
    if (!kept || (e.has_client_bits && !e.client_bits))
        return BRIO_ESYNTAX;
    *ret = (brio_ws_deflate){.on = true,
                             .server_no_takeover = e.server_no_takeover,
                             .client_no_takeover = alone || e.client_no_takeover,
                             .server_bits = server_bits,
                             .client_bits = e.has_client_bits ? e.client_bits : BITS_MAX};
    return 0;
}
