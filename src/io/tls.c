/* SPDX-License-Identifier: MIT
 *
 * The TLS filter: OpenSSL between a stream's transport and its calls.
 *
 *     transport -> `in` chunks -> SSL -> chunks of the stream -> read calls
 *     transport <- stream's queue <- SSL <- write calls
 *
 * It does no I/O: a BIO of ours (tls_bio.c) takes from the chunks and puts into the queue.
 * Everything that takes much stack (handshakes, certificates) runs where bytes
 * arrive, in the loop's callbacks, on the thread's own stack; only encrypting
 * runs on the task's. The end of the bytes without close_notify is a
 * truncation, which an attacker can cause, and never looks like an end. */
#include "io/io_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 64 * 1024 }; /* four records */

static void send(brio_tls_pipe *pipe, brio_str data)
{
    brio_io_output_add(BRIO_CONTAINER(pipe, brio_tls, pipe)->stream, data);
}

/* ---- Failing ------------------------------------------------------------ */

static void fail(brio_tls *t, int err, const char *why)
{
    if (t->failed)
        return;
    t->failed = err;
    snprintf(t->problem, sizeof t->problem, "TLS: %s", why);
    brio_io_end_reading(t->stream, err);
    brio_io_wake(&t->stream->connecter, err);
}

static void fail_in_words(brio_tls *t)
{
    fail(t, BRIO_ETLS, brio_io_tls_why(t->ssl));
    ERR_clear_error();
}

static void truncated(brio_tls *t)
{
    if (t->raw_err < 0)
        fail(t, t->raw_err, brio_error_text(t->raw_err));
    else if (!t->established)
        fail(t, BRIO_ECLOSED, "the peer closed during the handshake");
    else
        fail(t, BRIO_ECLOSED, "the peer closed without saying so: truncated");
    ERR_clear_error();
}

/* ---- Turning ------------------------------------------------------------ */

static void shake_hands(brio_tls *t)
{
    int rc = SSL_do_handshake(t->ssl);
    if (rc == 1) {
        t->established = true;
        brio_io_wake(&t->stream->connecter, 0);
    } else if (SSL_get_error(t->ssl, rc) != SSL_ERROR_WANT_READ || t->pipe.ended) {
        if (t->pipe.ended && !t->pipe.first)
            truncated(t);
        else
            fail_in_words(t);
    }
}

/* One record for the reader; false when there is none. */
static bool read_record(brio_tls *t)
{
    brio_stream *s = t->stream;
    brio_chunk *chunk = brio_chunk_acquire(s->io->loop);
    size_t n = 0;
    int rc = SSL_read_ex(t->ssl, chunk->data, chunk->cap, &n);
    if (rc == 1 && !s->stopped) {
        chunk->len = (uint32_t)n;
        brio_io_keep(s, chunk);
        return true;
    }
    brio_chunk_release(s->io->loop, chunk);
    int err = SSL_get_error(t->ssl, rc);
    if (rc == 1 || err == SSL_ERROR_WANT_READ)
        return rc == 1;
    if (err == SSL_ERROR_ZERO_RETURN)
        brio_io_end_reading(s, 0);
    else if (t->pipe.ended && !t->pipe.first)
        truncated(t);
    else
        fail_in_words(t);
    return false;
}

static void turn(brio_tls *t)
{
    if (!t->ssl || t->failed)
        return;
    ERR_clear_error();
    if (!t->established)
        shake_hands(t);
    while (t->established && !t->failed && !t->stream->ended && read_record(t))
        continue;
    brio_io_output_flush(t->stream);
}

/* ---- The filter --------------------------------------------------------- */

static void tls_received(brio_stream *s, brio_chunk *chunk)
{
    brio_io_tls_pipe_push(&s->tls->pipe, chunk);
    turn(s->tls);
}

static void tls_ended(brio_stream *s, int err)
{
    brio_tls *t = s->tls;
    t->pipe.ended = true;
    t->raw_err = err;
    turn(t);
}

static ptrdiff_t tls_protect(brio_stream *s, brio_str data)
{
    brio_tls *t = s->tls;
    size_t n = 0;
    if (t->failed)
        return brio_error(t->failed, "%s", t->problem);
    if (!t->established)
        return -ENOTCONN;
    ERR_clear_error();
    if (SSL_write_ex(t->ssl, data.ptr, data.len < PIECE ? data.len : PIECE, &n) == 1)
        return (ptrdiff_t)n;
    fail_in_words(t);
    return brio_error(t->failed, "%s", t->problem);
}

static void tls_finish(brio_stream *s)
{
    brio_tls *t = s->tls;
    if (!t->established || t->failed || t->finished)
        return;
    t->finished = true;
    ERR_clear_error();
    (void)SSL_shutdown(t->ssl);
    ERR_clear_error();
}

static const char *tls_problem(const brio_stream *s)
{
    return s->tls->problem[0] ? s->tls->problem : NULL;
}

static void tls_free(brio_stream *s)
{
    brio_tls *t = s->tls;
    brio_loop_call_cancel(s->io->loop, &t->begin);
    brio_io_tls_pipe_fini(&t->pipe);
    SSL_free(t->ssl);
    brio_io_tls_set_release(t->set);
    free(t->server_name);
    free(t);
}

const brio_io_filter brio_io_tls_filter = {
    .received = tls_received,
    .ended = tls_ended,
    .protect = tls_protect,
    .finish = tls_finish,
    .problem = tls_problem,
    .free = tls_free,
};

/* ---- Beginning ---------------------------------------------------------- */

int brio_io_tls_select_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
                            const unsigned char *theirs, unsigned theirs_len, void *arg)
{
    (void)arg;
    const brio_io_alpn *ours = SSL_get_app_data(ssl);
    unsigned char *chosen = NULL;
    if (ours->len == 0)
        return SSL_TLSEXT_ERR_NOACK;
    if (SSL_select_next_proto(&chosen, ret_len, ours->wire, ours->len, theirs, theirs_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301, 3.2 */
    *ret = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool expect_peer(brio_tls *t)
{
    brio_address numeric;
    if (!t->server_name)
        return true;
    if (brio_address_of(&numeric, t->server_name, 0) == 0)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), t->server_name) == 1;
    SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(t->ssl, t->server_name) == 1 &&
           SSL_set_tlsext_host_name(t->ssl, t->server_name) == 1;
}

static bool prepare(brio_tls *t)
{
    t->ssl = SSL_new(brio_io_tls_set_main(t->set));
    t->pipe.loop = t->stream->io->loop;
    t->pipe.send = send;
    BIO *bio = t->ssl ? brio_io_tls_bio(&t->pipe) : NULL;
    if (!bio)
        return false;
    SSL_set_bio(t->ssl, bio, bio);
    SSL_set_app_data(t->ssl, &t->alpn);
    if (!t->client) {
        SSL_set_accept_state(t->ssl);
        return true;
    }
    SSL_set_connect_state(t->ssl);
    return expect_peer(t) &&
           (t->alpn.len == 0 || SSL_set_alpn_protos(t->ssl, t->alpn.wire, t->alpn.len) == 0);
}

/* What came before belongs to the handshake. */
static void take_unread(brio_tls *t)
{
    brio_stream *s = t->stream;
    t->pipe.first = s->first;
    t->pipe.last = s->last;
    t->pipe.at = s->at;
    s->first = s->last = NULL;
    s->at = s->bytes = 0;
    t->pipe.ended = s->ended;
    t->raw_err = s->end_err;
    s->ended = false;
    s->end_err = 0;
    if (s->paused && s->in_loop && !s->raw_closed) {
        s->paused = false;
        s->raw->read_start(s);
    }
}

static void on_begin(brio_callback *cb)
{
    brio_tls *t = BRIO_CONTAINER(cb, brio_tls, begin);
    if (t->stream->stopped)
        return;
    take_unread(t);
    if (prepare(t))
        turn(t);
    else
        fail(t, BRIO_ETLS, "cannot begin");
}

void brio_io_tls_begin(brio_tls *t)
{
    t->begin.fn = on_begin;
    brio_loop_call_soon(t->stream->io->loop, &t->begin);
}
#endif
