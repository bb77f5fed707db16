/* SPDX-License-Identifier: MIT
 *
 * Reads an answer as a client would. The bytes are our own writer's, so what
 * is malformed is a bug here and an error for the test, not input to survive;
 * it is checked all the same. */
#include "app/test_client.h"

#include <errno.h>

static int read_status(brio_str head, int *ret)
{
    uint64_t status;
    brio_str line = brio_str_cut(head, '\r').head;
    if (!brio_str_starts(line, BRIO_S("HTTP/1.1 ")) ||
        brio_str_to_u64(brio_str_slice(line, 9, 3), &status) < 0)
        return -EPROTO;
    *ret = (int)status;
    return 0;
}

static int hex_digit(char c)
{
    char lower = brio_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int brio_app_test_chunk_size(brio_str text, size_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.ptr[i]);
        if (digit < 0 || *ret > SIZE_MAX / 32)
            return -EPROTO;
        *ret = *ret * 16 + (size_t)digit;
    }
    return text.len ? 0 : -EPROTO;
}

/* Puts the chunks of `s` together; stops at the end or where bytes are missing. */
static int read_chunks(brio_arena *arena, brio_str s, brio_str *ret)
{
    char *body = brio_alloc_aligned(arena, s.len, 1);
    size_t len = 0, size;
    while (s.len) {
        brio_str_pair line = brio_str_cut(s, '\r');
        if (brio_app_test_chunk_size(line.head, &size) < 0 || line.tail.len < size + 3)
            return -EPROTO;
        if (size == 0)
            break;
        memcpy(body + len, line.tail.ptr + 1, size);
        len += size;
        s = brio_str_slice(line.tail, size + 3, SIZE_MAX);
    }
    *ret = (brio_str){body, len};
    return 0;
}

brio_str brio_test_header(const brio_test_response *response, brio_str name)
{
    brio_str rest = brio_str_cut(response->head, '\n').tail;
    while (rest.len) {
        brio_str_pair line = brio_str_cut(rest, '\r');
        brio_str_pair header = brio_str_cut(line.head, ':');
        if (header.found && brio_str_eq_nocase(header.head, name))
            return brio_str_trim(header.tail);
        rest = brio_str_slice(line.tail, 1, SIZE_MAX);
    }
    return BRIO_S("");
}

static int read_body(const brio_app_visit *v, brio_str rest, brio_test_response *ret)
{
    brio_arena *arena = &v->client->arena;
    ret->body = rest;
    ret->cut_off = v->chunked && !v->ended;
    int rc = v->chunked && !v->sized ? read_chunks(arena, rest, &ret->body) : 0;
    if (v->sized && v->ended && rest.len && rest.len != v->length)
        return -EPROTO; /* the next answer would begin in the wrong place */
    if (rc < 0 || !ret->body.len || brio_test_header(ret, BRIO_S("content-encoding")).len ||
        !brio_media_is_json(brio_test_header(ret, BRIO_S("content-type"))))
        return rc;
    return brio_json_parse(arena, ret->body, NULL, &ret->json, NULL);
}

int brio_app_visit_read_head(const brio_app_visit *v, brio_test_response *ret, size_t *ret_at)
{
    brio_str bytes = brio_buf_str(&v->answer);
    brio_str scheme = v->url.scheme, host = v->url.host, target = v->url.target;
    ptrdiff_t blank = brio_str_find(bytes, BRIO_S("\r\n\r\n"));
    *ret = (brio_test_response){0};
    *ret_at = 0;
    if (v->rc < 0 || v->answer.failed)
        return v->rc < 0 ? v->rc : -ENOMEM;
    if (blank < 0)
        return v->answer.len ? -EPROTO : -EAGAIN;
    ret->head = brio_str_copy(&v->client->arena, brio_str_slice(bytes, 0, (size_t)blank));
    ret->url = brio_printf(&v->client->arena, "%.*s://%.*s%.*s", BRIO_ARG(scheme), BRIO_ARG(host),
                           BRIO_ARG(target));
    *ret_at = (size_t)blank + 4;
    return read_status(ret->head, &ret->status);
}

int brio_app_visit_read(const brio_app_visit *v, brio_test_response *ret)
{
    size_t at;
    int rc = brio_app_visit_read_head(v, ret, &at);
    if (rc == -EAGAIN)
        return v->gone ? 0 : -EPROTO;
    return rc < 0 ? rc : read_body(v, brio_str_slice(brio_buf_str(&v->answer), at, SIZE_MAX), ret);
}
