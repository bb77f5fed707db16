/* SPDX-License-Identifier: MIT
 *
 * Putting TLS upon a stream, and what was agreed upon.
 *
 * The handshake is a writer's turn: what was queued in clear goes first, and
 * nobody writes meanwhile. The task only waits; the filter (tls.c) works. */
#include "io/io_internal.h"

#include <errno.h>

#ifdef BRIO_WITH_OPENSSL
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

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
    SSL *ssl = s->tls->ssl;
    const unsigned char *alpn;
    unsigned alpn_len;
    SSL_get0_alpn_selected(ssl, &alpn, &alpn_len);
    X509 *peer = SSL_get1_peer_certificate(ssl);
    *ret = (brio_tls_info){
        .version = SSL_get_version(ssl),
        .cipher = SSL_get_cipher_name(ssl),
        .alpn = {(const char *)alpn, alpn_len},
        .server_name = brio_str_from(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)),
        .verified = peer && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE &&
                    SSL_get_verify_result(ssl) == X509_V_OK,
        .resumed = SSL_session_reused(ssl),
    };
    X509_free(peer);
    return 0;
}

static brio_str bio_text(brio_arena *arena, BIO *bio)
{
    char *data = NULL;
    long len = bio ? BIO_get_mem_data(bio, &data) : 0;
    brio_str text = len > 0 ? brio_str_copy(arena, (brio_str){data, (size_t)len}) : (brio_str){0};
    BIO_free(bio);
    return text;
}

static brio_str name_text(brio_arena *arena, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio)
        X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    return bio_text(arena, bio);
}

static void print_alternative(BIO *bio, const GENERAL_NAME *name, bool first)
{
    if (name->type == GEN_DNS) {
        BIO_printf(bio, "%s%.*s", first ? "" : ",", ASN1_STRING_length(name->d.dNSName),
                   (const char *)ASN1_STRING_get0_data(name->d.dNSName));
        return;
    }
    brio_address a = {0};
    char host[64];
    uint16_t port;
    int len = ASN1_STRING_length(name->d.iPAddress);
    const unsigned char *data = ASN1_STRING_get0_data(name->d.iPAddress);
    if (len == 4 && brio_address_of(&a, "0.0.0.0", 0) == 0)
        memcpy(a.as.bytes + 4, data, 4); /* sin_addr */
    else if (len == 16 && brio_address_of(&a, "::", 0) == 0)
        memcpy(a.as.bytes + 8, data, 16); /* sin6_addr */
    if (brio_address_text(&a, host, &port) == 0)
        BIO_printf(bio, "%s%s", first ? "" : ",", host);
}

static brio_str names_text(brio_arena *arena, const X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    BIO *bio = BIO_new(BIO_s_mem());
    bool first = true;
    for (int i = 0; bio && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        print_alternative(bio, name, first);
        first = false;
    }
    GENERAL_NAMES_free(names);
    return bio_text(arena, bio);
}

static int64_t seconds_of(const ASN1_TIME *when)
{
    struct tm tm;
    return ASN1_TIME_to_tm(when, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static brio_str der_of(brio_arena *arena, const X509 *cert)
{
    int len = i2d_X509(cert, NULL);
    if (len <= 0)
        return (brio_str){0};
    unsigned char *at = brio_alloc(arena, (size_t)len);
    brio_str der = {(const char *)at, (size_t)len};
    (void)i2d_X509(cert, &at);
    return der;
}

int brio_stream_tls_peer(const brio_stream *s, brio_arena *arena, brio_tls_certificate *ret)
{
    *ret = (brio_tls_certificate){0};
    if (!s->tls || !s->tls->established)
        return -ENOTCONN;
    X509 *cert = SSL_get1_peer_certificate(s->tls->ssl);
    if (!cert)
        return -ENOENT;
    ret->subject = name_text(arena, X509_get_subject_name(cert));
    ret->issuer = name_text(arena, X509_get_issuer_name(cert));
    ret->names = names_text(arena, cert);
    ret->not_before = seconds_of(X509_get0_notBefore(cert));
    ret->not_after = seconds_of(X509_get0_notAfter(cert));
    (void)X509_digest(cert, EVP_sha256(), ret->sha256, NULL);
    ret->der = der_of(arena, cert);
    X509_free(cert);
    return 0;
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
