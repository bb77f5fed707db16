/* SPDX-License-Identifier: MIT
 *
 * A request of the test client as the bytes a client would send. Headers that a
 * test writes are sent as they are and win over those of the client. */
#include "app/test_client.h"

/* The first line of `*rest` without its end, and its name. */
static brio_str next_line(brio_str *rest, brio_str *ret_name)
{
    brio_str_pair cut = brio_str_cut(*rest, '\n');
    brio_str line = {rest->ptr, cut.head.len + (cut.found ? 1 : 0)};
    *ret_name = brio_str_cut(cut.head, ':').head;
    *rest = cut.tail;
    return line;
}

bool brio_app_test_has_header(brio_str headers, brio_str name)
{
    brio_str key;
    while (headers.len) {
        next_line(&headers, &key);
        if (brio_str_eq_nocase(key, name))
            return true;
    }
    return false;
}

/* A header of the author's that a redirect drops. */
static bool drops(const brio_app_test_turn *turn, brio_str name)
{
    bool of_body = brio_str_eq_nocase(name, BRIO_S("content-length")) ||
                   brio_str_eq_nocase(name, BRIO_S("content-type")) ||
                   brio_str_eq_nocase(name, BRIO_S("transfer-encoding"));
    bool of_host = brio_str_eq_nocase(name, BRIO_S("authorization")) ||
                   brio_str_eq_nocase(name, BRIO_S("host"));
    return (turn->no_body && of_body) || (turn->foreign && of_host) ||
           (turn->again && brio_str_eq_nocase(name, BRIO_S("cookie")));
}

/* What the test wrote for this request, then the client's own headers. */
static brio_str written(brio_test_client *client, const brio_test_request *r,
                        const brio_app_test_turn *turn)
{
    brio_buf out = {0};
    brio_str own = brio_str_from(r->headers), name;
    for (brio_str rest = own; rest.len;) {
        brio_str line = next_line(&rest, &name);
        if (!drops(turn, name))
            brio_buf_add(&out, line);
    }
    for (brio_str rest = brio_str_from(client->options.headers); rest.len;) {
        brio_str line = next_line(&rest, &name);
        if (!brio_app_test_has_header(own, name) && !drops(turn, name))
            brio_buf_add(&out, line);
    }
    BRIO_ASSERT(!out.failed);
    brio_str text = brio_str_copy(&client->arena, brio_buf_str(&out));
    brio_buf_fini(&out);
    return text;
}

static void put_header(brio_buf *out, brio_str given, brio_str name, brio_str value)
{
    if (value.len && !brio_app_test_has_header(given, name))
        brio_buf_printf(out, "%.*s: %.*s\r\n", BRIO_ARG(name), BRIO_ARG(value));
}

static void put_body_headers(brio_arena *arena, brio_buf *out, brio_str given, brio_str type,
                             brio_str body)
{
    put_header(out, given, BRIO_S("content-type"), type);
    if (body.len && !brio_app_test_has_header(given, BRIO_S("transfer-encoding")))
        put_header(out, given, BRIO_S("content-length"), brio_printf(arena, "%zu", body.len));
}

brio_str brio_app_test_request_text(brio_test_client *client, const brio_test_request *r,
                                    const brio_app_test_url *url, const brio_app_test_turn *turn)
{
    brio_arena *arena = &client->arena;
    brio_str given = written(client, r, turn), type = {0}, body = {0};
    const char *method = r->method ? r->method : "GET";
    if (!turn->no_body)
        body = brio_app_test_body(arena, r, &type);
    brio_buf out = {0};
    brio_buf_printf(&out, "%s %.*s HTTP/1.1\r\n", turn->method ? turn->method : method,
                    BRIO_ARG(url->target));
    put_header(&out, given, BRIO_S("host"), url->host);
    brio_buf_add(&out, given);
    put_body_headers(arena, &out, given, type, body);
    put_header(&out, given, BRIO_S("cookie"), brio_app_test_cookies_for(client, url, r->cookies));
    put_header(&out, given, BRIO_S("user-agent"), BRIO_S("testclient"));
    brio_buf_add(&out, BRIO_S("\r\n"));
    brio_buf_add(&out, body);
    BRIO_ASSERT(!out.failed);
    brio_str text = brio_str_copy(arena, brio_buf_str(&out));
    brio_buf_fini(&out);
    return text;
}
