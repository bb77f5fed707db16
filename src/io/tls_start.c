/* SPDX-License-Identifier: MIT
 *
 * Putting TLS upon a stream, and what was agreed upon.
 *
 * The handshake is a writer's turn: what was queued in clear goes first, and
 * nobody writes meanwhile. The task only waits; the filter (tls.c) works. */
#include "io/io_internal.h"

#include <errno.h>

#ifdef BRIO_WITH_OPENSSL
#include <stdlib.h>

/* ---- Starting ----------------------------------------------------------- */

static int tls_new(brio_tls **ret, brio_stream *s, brio_tls_context *context,
                   const brio_tls_start *start)
{
    brio_tls *t = brio_zalloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->stream = s;
    t->client = !brio_io_tls_is_server(context);
    t->alpn = *brio_io_tls_alpn(context);
    int rc = start && start->alpn ? brio_io_alpn_parse(&t->alpn, start->alpn) : 0;
    if (rc == 0 && start && start->server_name) {
        t->server_name = brio_strdup(brio_str_from(start->server_name));
        rc = t->server_name ? 0 : -ENOMEM;
    }
    if (rc < 0) {
        free(t->server_name);
        free(t);
        return rc;
    }
    t->set = brio_io_tls_set_acquire(context);
    *ret = t;
    return 0;
}

static bool give_up(brio_waiter *waiter)
{
    brio_stream *s = BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream;
    s->connecter = NULL;
    s->write_ended = true;
    brio_io_close_raw(s);
    return true;
}

static int handshake(brio_stream *s)
{
    brio_io_tls_begin(s->tls);
    int rc = brio_io_wait_on(s, &s->connecter, BRIO_WAIT_CONNECT, give_up);
    if (rc == 0 || rc == -ECANCELED || s->released)
        return rc;
    s->write_ended = true;
    return s->tls->problem[0] ? brio_error(rc, "%s", s->tls->problem) : rc;
}

static int start_tls(brio_stream *s, brio_tls_context *context, const brio_tls_start *start)
{
    brio_tls *t;
    int rc = brio_io_write_begin(s);
    if (rc < 0)
        return rc;
    rc = tls_new(&t, s, context, start);
    if (rc == 0) {
        brio_io_forget_lent(s);
        s->tls = t;
        s->filter = &brio_io_tls_filter;
        rc = handshake(s);
    }
    brio_io_write_end(s);
    return rc;
}

static int start_as(brio_stream *s, brio_tls_context *context, const brio_tls_start *start,
                    bool client)
{
    bool named = start && start->server_name && *start->server_name;
    if (client == brio_io_tls_is_server(context) ||
        (client && !named && brio_io_tls_verifies(context)))
        return -EINVAL;
    if (s->filter)
        return -EALREADY;
    if (s->users > 0)
        return -EBUSY;
    brio_io_enter(s);
    return (int)brio_io_leave(s, start_tls(s, context, start));
}

int brio_stream_tls_client(brio_stream *s, brio_tls_context *context, const brio_tls_start *start)
{
    return start_as(s, context, start, true);
}

int brio_stream_tls_server(brio_stream *s, brio_tls_context *context, const brio_tls_start *start)
{
    return start_as(s, context, start, false);
}

/* ---- Facts -------------------------------------------------------------- */

int brio_stream_tls(const brio_stream *s, brio_tls_info *ret)
{
    *ret = (brio_tls_info){0};
    if (!s->tls || !s->tls->established)
        return -ENOTCONN;
    brio_io_tls_info(s->tls->ssl, ret);
    return 0;
}

int brio_stream_tls_peer(const brio_stream *s, brio_arena *arena, brio_tls_certificate *ret)
{
    *ret = (brio_tls_certificate){0};
    return s->tls && s->tls->established ? brio_io_tls_peer(s->tls->ssl, arena, ret) : -ENOTCONN;
}

#else /* without OpenSSL */

int brio_tls_context_new(brio_tls_context **ret, const brio_tls_options *options)
{
    (void)ret;
    (void)options;
    return brio_error(-ENOTSUP, "brio was built without OpenSSL");
}

int brio_tls_context_add_host(brio_tls_context *c, const char *host, const char *cert_file,
                              const char *key_file)
{
    (void)c;
    (void)host;
    (void)cert_file;
    (void)key_file;
    return -ENOTSUP;
}

int brio_tls_context_reload(brio_tls_context *c)
{
    (void)c;
    return -ENOTSUP;
}

void brio_tls_context_free(brio_tls_context *c)
{
    (void)c;
}

int brio_stream_tls_client(brio_stream *s, brio_tls_context *c, const brio_tls_start *start)
{
    (void)s;
    (void)c;
    (void)start;
    return -ENOTSUP;
}

int brio_stream_tls_server(brio_stream *s, brio_tls_context *c, const brio_tls_start *start)
{
    return brio_stream_tls_client(s, c, start);
}

int brio_stream_tls(const brio_stream *s, brio_tls_info *ret)
{
    (void)s;
    *ret = (brio_tls_info){0};
    return -ENOTCONN;
}

int brio_stream_tls_peer(const brio_stream *s, brio_arena *arena, brio_tls_certificate *ret)
{
    (void)s;
    (void)arena;
    *ret = (brio_tls_certificate){0};
    return -ENOTCONN;
}
#endif
