/* SPDX-License-Identifier: MIT
 *
 * Answers of the test client that are read while they are written. The loop runs
 * until there is a piece, and stops: the handler has not gone on behind it. */
#include "app/test_client.h"

#include <errno.h>

/* ---- Opening ---------------------------------------------------------------------- */

static bool head_there(const void *arg)
{
    const brio_app_visit *v = arg;
    return v->answer.len > 0 || v->over;
}

static int failure_of(const brio_test_stream *s, int otherwise)
{
    const brio_app_visit *v = s->visit;
    if (!s->client->options.raise_errors || !v->failure)
        return otherwise;
    return brio_error(v->failure, "%.*s", BRIO_ARG(v->failure_text));
}

static int await_head(brio_test_stream *s, brio_test_response *ret)
{
    brio_app_visit *v = s->visit;
    int rc = brio_app_client_wait(s->client, head_there, v);
    if (rc >= 0)
        rc = failure_of(s, 0);
    if (rc >= 0)
        rc = brio_app_visit_read_head(v, ret, &s->read);
    if (rc == -EAGAIN)
        return v->gone ? 0 : -EPROTO;
    if (rc >= 0)
        brio_app_test_cookies_keep(s->client, &v->url, ret->head);
    return rc;
}

int brio_test_stream_open(brio_test_client *client, const brio_test_request *request,
                          brio_test_stream **ret, brio_test_response *ret_head)
{
    brio_test_response ignored, *head = ret_head ? ret_head : &ignored;
    brio_app_test_url url;
    *ret = NULL;
    *head = (brio_test_response){0};
    int rc = brio_app_test_url_of(client, request, &url);
    if (rc < 0)
        return rc;
    brio_test_stream *s = BRIO_NEW(&client->arena, brio_test_stream);
    *s = (brio_test_stream){.client = client, .next = client->streams};
    s->visit = brio_app_visit_new(client, request, &url, &(brio_app_test_turn){0});
    s->visit->followed = true;
    client->streams = s;
    rc = await_head(s, head);
    if (rc < 0)
        brio_test_stream_close(s);
    else
        *ret = s;
    return rc;
}

/* ---- Going away ----------------------------------------------------------------------- */

static void leave(brio_callback *cb)
{
    const brio_test_stream *s = BRIO_CONTAINER(cb, brio_test_stream, leave);
    brio_app_visit *v = s->visit;
    if (v->over || !v->served)
        return;
    v->gone = true;
    brio_app_cancel(&v->ex);
}

static bool is_over(const void *arg)
{
    return ((const brio_app_visit *)arg)->over;
}

void brio_test_stream_close(brio_test_stream *s)
{
    if (s->visit->over || s->visit->gone)
        return;
    s->leave = (brio_callback){.fn = leave};
    brio_loop_call_soon(s->client->loop, &s->leave);
    (void)!brio_app_client_wait(s->client, is_over, s->visit);
}

void brio_app_test_streams_end(brio_test_client *client)
{
    for (brio_test_stream *s = client->streams; s; s = s->next)
        brio_test_stream_close(s);
}

/* ---- Pieces ------------------------------------------------------------------------------ */

static bool has_news(const void *arg)
{
    const brio_test_stream *s = arg;
    const brio_app_visit *v = s->visit;
    return s->read < v->answer.len || v->ended || v->over || !v->chunked;
}

/* The chunk that begins at s->read; the writer puts whole ones. 1, 0 for the last. */
static int read_chunk(brio_test_stream *s, brio_str bytes, brio_str *ret_piece)
{
    size_t size;
    brio_str_pair line = brio_str_cut(bytes, '\r');
    if (brio_app_test_chunk_size(line.head, &size) < 0 || line.tail.len < size + 3)
        return -EPROTO;
    *ret_piece = brio_str_slice(line.tail, 1, size);
    s->read += line.head.len + size + 4;
    s->ended = size == 0;
    return size > 0;
}

static int end_of(const brio_test_stream *s)
{
    const brio_app_visit *v = s->visit;
    if (!v->chunked || v->ended)
        return 0;
    return failure_of(s, brio_error(BRIO_ECLOSED, "the answer was cut off"));
}

int brio_test_stream_read(brio_test_stream *s, brio_str *ret_piece)
{
    const brio_app_visit *v = s->visit;
    *ret_piece = BRIO_S("");
    if (s->ended)
        return 0;
    int rc = brio_app_client_wait(s->client, has_news, s);
    if (rc < 0)
        return rc;
    brio_str piece = brio_str_slice(brio_buf_str(&v->answer), s->read, SIZE_MAX);
    if (!piece.len)
        return end_of(s);
    rc = 1;
    if (v->chunked && !v->sized)
        rc = read_chunk(s, piece, &piece);
    else
        s->read = v->answer.len;
    if (rc > 0)
        *ret_piece = brio_str_copy(&s->client->arena, piece);
    return rc;
}
