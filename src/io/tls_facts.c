/* SPDX-License-Identifier: MIT
 *
 * What was agreed upon in a handshake, and who the peer says it is. */
#include "io/io_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>

void brio_io_tls_info(SSL *ssl, brio_tls_info *ret)
{
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
}

const char *brio_io_tls_why(const SSL *ssl)
{
    unsigned long code = ERR_peek_error();
    long verdict = SSL_get_verify_result(ssl);
    const char *why = ERR_reason_error_string(code);
    if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK)
        why = X509_verify_cert_error_string(verdict);
    return why ? why : "protocol error";
}

/* ---- Certificates ------------------------------------------------------- */

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

int brio_io_tls_peer(SSL *ssl, brio_arena *arena, brio_tls_certificate *ret)
{
    X509 *cert = SSL_get1_peer_certificate(ssl);
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
#endif
