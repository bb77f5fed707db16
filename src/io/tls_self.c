/* SPDX-License-Identifier: MIT
 *
 * A certificate that nobody vouches for, to try things out: made in a moment, for a
 * host and for this machine. */
#include "io/io_internal.h"

#include <errno.h>

#ifdef BRIO_WITH_OPENSSL
#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum { DAYS = 90, NAMES_MAX = 320 };

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool add_extension(X509 *cert, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    bool ok = extension && X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

/* A host with a comma could name other hosts. */
static bool add_names(X509 *cert, const char *host)
{
    char names[NAMES_MAX];
    if (strpbrk(host, ",\n") || strlen(host) > 253)
        return false;
    int n = snprintf(names, sizeof names, "%s:%s,DNS:localhost,IP:127.0.0.1,IP:::1",
                     is_address(host) ? "IP" : "DNS", host);
    return n > 0 && (size_t)n < sizeof names && add_extension(cert, NID_subject_alt_name, names) &&
           add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth");
}

static bool add_serial(X509 *cert)
{
    uint64_t serial;
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1);
}

static bool fill(X509 *cert, EVP_PKEY *key, const char *host)
{
    X509_NAME *name = X509_get_subject_name(cert);
    const unsigned char *common = (const unsigned char *)"brio, made to try things out";
    return X509_set_version(cert, X509_VERSION_3) && add_serial(cert) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
           X509_gmtime_adj(X509_getm_notAfter(cert), DAYS * 86400L) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) &&
           X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) &&
           add_names(cert, host) && X509_sign(cert, key, EVP_sha256()) > 0;
}

static bool write_both(BIO *out, X509 *cert, EVP_PKEY *key, brio_buf *ret_pem)
{
    char *data = NULL;
    if (!out || !PEM_write_bio_X509(out, cert) ||
        !PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL))
        return false;
    long len = BIO_get_mem_data(out, &data);
    if (len > 0)
        brio_buf_add(ret_pem, (brio_str){data, (size_t)len});
    return len > 0 && !ret_pem->failed;
}

int brio_tls_self_signed(const char *host, brio_buf *ret_pem)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    BIO *out = BIO_new(BIO_s_mem());
    bool named = host && *host;
    bool ok = key && cert && fill(cert, key, named ? host : "localhost") &&
              write_both(out, cert, key, ret_pem);
    BIO_free(out);
    X509_free(cert);
    EVP_PKEY_free(key);
    return ok ? 0 : BRIO_ETLS;
}

#else

int brio_tls_self_signed(const char *host, brio_buf *ret_pem)
{
    (void)host, (void)ret_pem;
    return -ENOTSUP;
}

#endif
