/* SPDX-License-Identifier: MIT
 *
 * What a handler asks of its request. Nothing is looked up before it is asked
 * for, and texts are the request's own bytes wherever they can be. */
#include "app/app_internal.h"

#include <brio/tls.h>

#include <errno.h>

brio_arena *brio_request_arena(brio_request *req)
{
    return req->arena;
}

brio_app *brio_request_app(brio_request *req)
{
    return req->app;
}

void *brio_request_state(brio_request *req)
{
    return req->app->options.state;
}

const brio_http_request *brio_request_http(const brio_request *req)
{
    return req->http;
}

brio_str brio_request_header(const brio_request *req, brio_str name)
{
    const brio_header *header = brio_http_header(req->http, name);
    return header ? header->value : BRIO_S("");
}

brio_str brio_request_client(const brio_request *req, uint16_t *ret_port)
{
    if (ret_port)
        *ret_port = req->ex->client_port;
    return req->ex->client_host;
}

brio_str brio_request_method(const brio_request *req)
{
    return req->http->method_text;
}

brio_str brio_request_path(const brio_request *req)
{
    return req->path;
}

brio_str brio_request_root_path(const brio_request *req)
{
    return req->app->root_path;
}

brio_str brio_request_query(const brio_request *req)
{
    return req->http->query;
}

brio_str brio_request_body(const brio_request *req)
{
    return req->http->body;
}

void brio_request_set_body(brio_request *req, brio_str body)
{
    brio_http_request *copy = BRIO_NEW(req->arena, brio_http_request);
    *copy = *req->http;
    copy->body = body;
    req->http = copy;
}

brio_str brio_request_scheme(const brio_request *req)
{
    return req->ex->scheme.len ? req->ex->scheme : BRIO_S("http");
}

int brio_request_tls(const brio_request *req, brio_tls_info *ret)
{
    *ret = (brio_tls_info){0};
    return req->ex->tls_info ? req->ex->tls_info(req->ex, ret) : -ENOTCONN;
}

int brio_request_tls_peer(brio_request *req, brio_tls_certificate *ret)
{
    *ret = (brio_tls_certificate){0};
    return req->ex->tls_peer ? req->ex->tls_peer(req->ex, req->arena, ret) : -ENOTCONN;
}

/* ---- Cookies ----------------------------------------------------------------- */

static bool find_cookie(brio_request *req, brio_str header, brio_str name, brio_str *ret)
{
    brio_pair *pairs;
    size_t n;
    bool found = false;
    brio_cookie_parse(req->arena, brio_latin1_decode(req->arena, header), &pairs, &n);
    for (size_t i = 0; i < n; i++)
        if (brio_str_eq(pairs[i].name, name)) {
            *ret = pairs[i].value;
            found = true;
        }
    return found;
}

bool brio_request_cookie(brio_request *req, brio_str name, brio_str *ret)
{
    bool found = false;
    for (size_t i = 0; i < req->http->n_headers; i++)
        if (brio_str_eq_nocase(req->http->headers[i].name, BRIO_S("cookie")))
            found |= find_cookie(req, req->http->headers[i].value, name, ret);
    return found;
}

/* ---- What others left -------------------------------------------------------- */

static brio_app_note *note_of(const brio_request *req, const char *key)
{
    brio_app_note *note = req->notes;
    while (note && strcmp(note->key, key) != 0)
        note = note->next;
    return note;
}

void brio_request_set(brio_request *req, const char *key, void *value)
{
    BRIO_ASSERT(key);
    brio_app_note *note = note_of(req, key);
    if (!note) {
        note = BRIO_NEW(req->arena, brio_app_note);
        *note = (brio_app_note){.next = req->notes, .key = key};
        req->notes = note;
    }
    note->value = value;
}

void *brio_request_get(const brio_request *req, const char *key)
{
    const brio_app_note *note = note_of(req, key);
    return note ? note->value : NULL;
}
