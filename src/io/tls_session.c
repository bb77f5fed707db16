/* SPDX-License-Identifier: MIT
 *
 * Sessions: a server's TLS between chunks, without a stream, a task or I/O.
 *
 *     push -> pipe -> SSL -> read        write -> SSL -> pipe -> out
 *
 * An idle one holds an SSL without record buffers (SSL_MODE_RELEASE_BUFFERS) and
 * no chunk. With kTLS OpenSSL hands the sending key to the kernel when the
 * handshake ends; from then on the owner writes clear bytes, and only alerts
 * and tickets still come from here. Receiving stays ours: the kernel would
 * give records that are not data in a way that recv does not know. */
#include "io/io_internal.h"

#include <errno.h>

#ifdef BRIO_WITH_OPENSSL
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 }; /* four records */

struct brio_tls_session {
    brio_tls_pipe pipe;
    brio_tls_out *out; /* the caller's, while it is inside a call */
    SSL *ssl;
    brio_tls_set *set;
    const char *problem; /* why it failed */
    int failed;          /* < 0: how it ended */
    int fd;
    bool established, in_kernel, finished;
};

/* ---- Bytes out ----------------------------------------------------------- */

static brio_tls_session *of(brio_tls_pipe *pipe)
{
    return BRIO_CONTAINER(pipe, brio_tls_session, pipe);
}

static void send_out(brio_tls_pipe *pipe, brio_str data)
{
    brio_buf_add(&of(pipe)->out->bytes, data);
}

/* Before the kernel may encrypt, all that we did must be with it. */
static bool flush_out(brio_tls_pipe *pipe)
{
    brio_tls_out *out = of(pipe)->out;
    if (!out)
        return true; /* outside a call nothing is kept */
    while (out->bytes.len > 0 && !out->busy) {
        brio_str rest = brio_buf_str(&out->bytes);
        ptrdiff_t n = brio_fd_write(of(pipe)->fd, &rest, 1);
        if (n <= 0)
            break;
        out->bytes.len -= (size_t)n;
        memmove(out->bytes.ptr, out->bytes.ptr + n, out->bytes.len);
    }
    return out->bytes.len == 0 && !out->busy;
}

/* ---- Life ----------------------------------------------------------------- */

/* From here the socket could encrypt, once it is given a key. */
static bool prepare_kernel(brio_tls_session *s, int fd)
{
    static const char name[] = "tls";
    s->fd = fd;
    return fd >= 0 && brio_io_tls_set_ktls(s->set) &&
           setsockopt(fd, IPPROTO_TCP, TCP_ULP, name, sizeof name) == 0;
}

static bool give_bios(brio_tls_session *s, bool kernel)
{
    BIO *in = brio_io_tls_bio(&s->pipe), *out = in;
    BIO *socket = kernel ? BIO_new_socket(s->fd, BIO_NOCLOSE) : NULL;
    if (in && socket)
        out = brio_io_tls_bio(&s->pipe);
    if (!in || !out || (kernel && !socket)) {
        BIO_free(in);
        BIO_free(socket);
        return false;
    }
    SSL_set_bio(s->ssl, in, socket ? BIO_push(out, socket) : out);
    return true;
}

static int prepare(brio_tls_session *s, int fd)
{
    s->ssl = SSL_new(brio_io_tls_set_main(s->set));
    if (!s->ssl || !give_bios(s, prepare_kernel(s, fd)))
        return -ENOMEM;
    SSL_set_app_data(s->ssl, (void *)(uintptr_t)brio_io_tls_set_alpn(s->set));
    SSL_set_accept_state(s->ssl);
    return 0;
}

int brio_tls_session_new(brio_tls_session **ret, brio_tls_context *context, brio_loop *loop, int fd)
{
    if (!brio_io_tls_is_server(context))
        return -EINVAL;
    brio_tls_session *s = brio_zalloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->set = brio_io_tls_set_acquire(context);
    s->pipe = (brio_tls_pipe){.loop = loop, .send = send_out, .flush = flush_out};
    int rc = prepare(s, fd);
    if (rc == 0)
        *ret = s;
    else
        brio_tls_session_free(s);
    ERR_clear_error();
    return rc;
}

void brio_tls_session_free(brio_tls_session *s)
{
    if (!s)
        return;
    brio_io_tls_pipe_fini(&s->pipe);
    SSL_free(s->ssl);
    brio_io_tls_set_release(s->set);
    free(s);
}

void brio_tls_session_push(brio_tls_session *s, brio_chunk *chunk)
{
    brio_io_tls_pipe_push(&s->pipe, chunk);
}

void brio_tls_session_end(brio_tls_session *s)
{
    s->pipe.ended = true;
}

/* ---- Turning -------------------------------------------------------------- */

static void enter(brio_tls_session *s, brio_tls_out *out)
{
    ERR_clear_error();
    s->out = out;
}

static int leave(brio_tls_session *s, int rc)
{
    ERR_clear_error();
    s->out = NULL;
    return rc;
}

static int fail(brio_tls_session *s, int err, const char *why)
{
    s->problem = why;
    return s->failed = err;
}

static int fail_in_words(brio_tls_session *s)
{
    return fail(s, BRIO_ETLS, brio_io_tls_why(s->ssl));
}

/* What an SSL call that did not succeed means: 0, it waits. */
static int judge(brio_tls_session *s, int rc)
{
    int err = SSL_get_error(s->ssl, rc);
    if (err == SSL_ERROR_ZERO_RETURN)
        return s->failed = -ESHUTDOWN;
    if (s->pipe.ended && !s->pipe.first)
        return fail(s, BRIO_ECLOSED, "the peer closed without saying so");
    bool waits = err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE;
    return waits ? 0 : fail_in_words(s);
}

int brio_tls_session_handshake(brio_tls_session *s, brio_tls_out *out)
{
    if (s->failed || s->established)
        return s->failed ? s->failed : 1;
    enter(s, out);
    int rc = SSL_do_handshake(s->ssl);
    if (rc != 1)
        return leave(s, judge(s, rc));
    s->established = true;
    s->in_kernel = BIO_ctrl(SSL_get_wbio(s->ssl), BIO_CTRL_GET_KTLS_SEND, 0, NULL) > 0;
    return leave(s, 1);
}

bool brio_tls_session_pending(const brio_tls_session *s)
{
    return s->failed || s->pipe.first || s->pipe.ended || SSL_has_pending(s->ssl);
}

int brio_tls_session_read(brio_tls_session *s, brio_tls_out *out, brio_chunk *into)
{
    int rc = 1;
    uint32_t before = into->len;
    enter(s, out);
    while (!s->failed && into->len < into->cap) {
        size_t n = 0;
        rc = SSL_read_ex(s->ssl, into->data + into->len, into->cap - into->len, &n);
        into->len += (uint32_t)n;
        if (rc != 1)
            (void)judge(s, rc);
        if (rc != 1 || !brio_tls_session_pending(s))
            break; /* without asking in vain */
    }
    return leave(s, into->len > before ? 1 : s->failed);
}

ptrdiff_t brio_tls_session_write(brio_tls_session *s, brio_tls_out *out, brio_str data)
{
    size_t n = 0;
    BRIO_ASSERT(s->established);
    BRIO_ASSERT(!s->in_kernel);
    enter(s, out);
    int rc = SSL_write_ex(s->ssl, data.ptr, data.len < PIECE ? data.len : PIECE, &n);
    if (rc != 1)
        rc = fail_in_words(s);
    (void)leave(s, 0);
    return rc < 0 ? rc : (ptrdiff_t)n;
}

void brio_tls_session_finish(brio_tls_session *s, brio_tls_out *out)
{
    if (!s->established || s->finished || s->failed == BRIO_ETLS)
        return;
    s->finished = true;
    enter(s, out);
    (void)SSL_shutdown(s->ssl);
    (void)leave(s, 0);
}

/* ---- Facts ---------------------------------------------------------------- */

bool brio_tls_session_in_kernel(const brio_tls_session *s)
{
    return s->in_kernel;
}

const char *brio_tls_session_problem(const brio_tls_session *s)
{
    return s->problem;
}

int brio_tls_session_info(const brio_tls_session *s, brio_tls_info *ret)
{
    *ret = (brio_tls_info){0};
    if (!s->established)
        return -ENOTCONN;
    brio_io_tls_info(s->ssl, ret);
    return 0;
}

int brio_tls_session_peer(const brio_tls_session *s, brio_arena *arena, brio_tls_certificate *ret)
{
    *ret = (brio_tls_certificate){0};
    return s->established ? brio_io_tls_peer(s->ssl, arena, ret) : -ENOTCONN;
}

#ifdef OPENSSL_NO_KTLS
int brio_tls_kernel(void)
{
    return -ENOTSUP;
}
#else
/* A socket that is not connected cannot have it, but is told so only by a
 * kernel that could. */
int brio_tls_kernel(void)
{
    static const char name[] = "tls";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int rc = setsockopt(fd, IPPROTO_TCP, TCP_ULP, name, sizeof name) < 0 ? -errno : 0;
    close(fd);
    return rc == -ENOTCONN ? 0 : rc;
}
#endif

#else /* without OpenSSL */

int brio_tls_session_new(brio_tls_session **ret, brio_tls_context *context, brio_loop *loop, int fd)
{
    (void)ret, (void)context, (void)loop, (void)fd;
    return brio_error(-ENOTSUP, "brio was built without OpenSSL");
}

void brio_tls_session_free(brio_tls_session *s)
{
    (void)s;
}

void brio_tls_session_push(brio_tls_session *s, brio_chunk *chunk)
{
    (void)s, (void)chunk;
}

void brio_tls_session_end(brio_tls_session *s)
{
    (void)s;
}

int brio_tls_session_handshake(brio_tls_session *s, brio_tls_out *out)
{
    (void)s, (void)out;
    return -ENOTSUP;
}

int brio_tls_session_read(brio_tls_session *s, brio_tls_out *out, brio_chunk *into)
{
    (void)s, (void)out, (void)into;
    return -ENOTSUP;
}

bool brio_tls_session_pending(const brio_tls_session *s)
{
    (void)s;
    return false;
}

ptrdiff_t brio_tls_session_write(brio_tls_session *s, brio_tls_out *out, brio_str data)
{
    (void)s, (void)out, (void)data;
    return -ENOTSUP;
}

void brio_tls_session_finish(brio_tls_session *s, brio_tls_out *out)
{
    (void)s, (void)out;
}

bool brio_tls_session_in_kernel(const brio_tls_session *s)
{
    (void)s;
    return false;
}

const char *brio_tls_session_problem(const brio_tls_session *s)
{
    (void)s;
    return NULL;
}

int brio_tls_session_info(const brio_tls_session *s, brio_tls_info *ret)
{
    (void)s;
    *ret = (brio_tls_info){0};
    return -ENOTCONN;
}

int brio_tls_session_peer(const brio_tls_session *s, brio_arena *arena, brio_tls_certificate *ret)
{
    (void)s, (void)arena;
    *ret = (brio_tls_certificate){0};
    return -ENOTCONN;
}

int brio_tls_kernel(void)
{
    return -ENOTSUP;
}
#endif
