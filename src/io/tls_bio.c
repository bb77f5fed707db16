/* SPDX-License-Identifier: MIT
 *
 * The BIO between OpenSSL and our bytes: takes from received chunks, and hands
 * what is to be sent to its owner (a stream's queue, a session's buffer).
 *
 * For kTLS it stands before a socket BIO of OpenSSL's own, to which it passes
 * every control it does not know once all before it is with the kernel: so keys
 * go there by OpenSSL's code, or not at all if something is still on its way.
 * Once the kernel encrypts, records that are not data go that way too. */
#include "io/io_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <pthread.h>

/* ---- Received chunks ----------------------------------------------------- */

void brio_io_tls_pipe_push(brio_tls_pipe *p, brio_chunk *chunk)
{
    chunk->next = NULL;
    if (p->last)
        p->last->next = chunk;
    else
        p->first = chunk;
    p->last = chunk;
}

static void drop_first(brio_tls_pipe *p)
{
    brio_chunk *chunk = p->first;
    p->first = chunk->next;
    p->at = 0;
    if (!p->first)
        p->last = NULL;
    brio_chunk_release(p->loop, chunk);
}

void brio_io_tls_pipe_fini(brio_tls_pipe *p)
{
    while (p->first)
        drop_first(p);
}

static size_t take(brio_tls_pipe *p, char *into, size_t cap)
{
    size_t n = p->first->len - p->at;
    n = n < cap ? n : cap;
    memcpy(into, p->first->data + p->at, n);
    p->at += n;
    if (p->at == p->first->len)
        drop_first(p);
    return n;
}

/* ---- The BIO ------------------------------------------------------------ */

static int bio_read(BIO *bio, char *into, size_t cap, size_t *ret)
{
    brio_tls_pipe *p = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    *ret = 0;
    while (p->first && *ret < cap)
        *ret += take(p, into + *ret, cap - *ret);
    if (*ret == 0 && !p->ended)
        BIO_set_retry_read(bio);
    return *ret > 0;
}

static bool in_kernel(BIO *bio)
{
    BIO *next = BIO_next(bio);
    return next && BIO_ctrl(next, BIO_CTRL_GET_KTLS_SEND, 0, NULL) > 0;
}

static int bio_write(BIO *bio, const char *data, size_t len, size_t *ret)
{
    brio_tls_pipe *p = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (in_kernel(bio)) {
        int rc = BIO_write_ex(BIO_next(bio), data, len, ret);
        BIO_copy_next_retry(bio);
        return rc;
    }
    p->send(p, (brio_str){data, len});
    *ret = len;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    brio_tls_pipe *p = BIO_get_data(bio);
    if (command == BIO_CTRL_EOF)
        return p->ended;
    if (command == BIO_CTRL_FLUSH)
        return 1;
    BIO *next = BIO_next(bio);
    bool asks = command == BIO_CTRL_GET_KTLS_SEND || command == BIO_CTRL_GET_KTLS_RECV;
    return next && (asks || p->flush(p)) ? BIO_ctrl(next, command, number, pointer) : 0;
}

static BIO_METHOD *method;

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "brio");
    if (!method)
        return;
    BIO_meth_set_read_ex(method, bio_read);
    BIO_meth_set_write_ex(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
}

struct bio_st *brio_io_tls_bio(brio_tls_pipe *p)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_method);
    BIO *bio = method ? BIO_new(method) : NULL;
    if (bio) {
        BIO_set_data(bio, p);
        BIO_set_init(bio, 1);
    }
    return bio;
}
#endif
