/* SPDX-License-Identifier: MIT
 *
 * What OpenSSL is told of one certificate: the options as its settings, the files
 * as its chain, key and roots. A file that is no good is named. */
#include "io/io_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

static int refuse(const char *what, const char *file)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    (void)brio_error(BRIO_ETLS, "TLS: %s%s%s: %s", what, file ? " " : "", file ? file : "",
                     reason ? reason : "not usable");
    ERR_clear_error();
    return BRIO_ETLS;
}

static int readable(const char *file)
{
    if (access(file, R_OK) == 0)
        return 0;
    int rc = -errno;
    return brio_error(rc, "TLS: %s: %s", file, brio_error_text(rc));
}

/* Without it OpenSSL would ask on the terminal. */
static int give_password(char *buf, int size, int writing, void *arg)
{
    (void)writing;
    size_t len = arg ? strlen(arg) : 0;
    if (len == 0 || len > (size_t)size)
        return 0;
    memcpy(buf, arg, len);
    return (int)len;
}

static int use_certificate(SSL_CTX *ctx, const char *cert_file, const char *key_file)
{
    const char *key = key_file ? key_file : cert_file;
    int rc = readable(cert_file);
    if (rc == 0)
        rc = readable(key);
    if (rc < 0)
        return rc;
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        return refuse("certificate", cert_file);
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1)
        return refuse("key", key);
    return 0;
}

static int use_trust(SSL_CTX *ctx, const brio_tls_options *o)
{
    if (!o->ca_file)
        return SSL_CTX_set_default_verify_paths(ctx) == 1 ? 0 : refuse("the system's roots", NULL);
    int rc = readable(o->ca_file);
    if (rc < 0)
        return rc;
    if (SSL_CTX_load_verify_file(ctx, o->ca_file) != 1)
        return refuse("roots", o->ca_file);
    if (o->server)
        SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(o->ca_file));
    return 0;
}

int brio_io_tls_verify_mode(const brio_tls_options *o)
{
    const int required = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    switch (o->verify) {
    case BRIO_TLS_VERIFY_NONE:
        return SSL_VERIFY_NONE;
    case BRIO_TLS_VERIFY_OPTIONAL:
        return SSL_VERIFY_PEER;
    case BRIO_TLS_VERIFY_REQUIRED:
        return required;
    case BRIO_TLS_VERIFY_DEFAULT:
        break;
    }
    return o->server ? SSL_VERIFY_NONE : required;
}

static int set_rules(SSL_CTX *ctx, const brio_tls_options *o)
{
    static const unsigned char session[] = "brio";
    int least = o->min_version == BRIO_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (o->server) /* sessions are the clients' to keep, in tickets */
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(ctx, give_password);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, (void *)(uintptr_t)o->key_password);
    SSL_CTX_set_verify(ctx, brio_io_tls_verify_mode(o), NULL);
    if (SSL_CTX_set_min_proto_version(ctx, least) != 1 ||
        SSL_CTX_set_session_id_context(ctx, session, sizeof session - 1) != 1)
        return refuse("settings", NULL);
    if (o->ciphers && SSL_CTX_set_cipher_list(ctx, o->ciphers) != 1)
        return refuse("ciphers", o->ciphers);
    if (o->server)
        SSL_CTX_set_alpn_select_cb(ctx, brio_io_tls_select_alpn, NULL);
    return brio_io_tls_verify_mode(o) == SSL_VERIFY_NONE ? 0 : use_trust(ctx, o);
}

int brio_io_tls_ctx_new(SSL_CTX **ret, const brio_tls_options *o, const char *cert_file,
                        const char *key_file)
{
    ERR_clear_error();
    *ret = SSL_CTX_new(o->server ? TLS_server_method() : TLS_client_method());
    if (!*ret)
        return -ENOMEM;
    int rc = set_rules(*ret, o);
    return rc == 0 && cert_file ? use_certificate(*ret, cert_file, key_file) : rc;
}

#endif
