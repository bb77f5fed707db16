/* SPDX-License-Identifier: MIT
 *
 * TLS contexts: certificates, trust, and which certificate for which name.
 *
 *     brio_tls_context --> set (main SSL_CTX, one more for each host name)
 *
 * A set never changes. Reloading and adding a host make a new one and swap it;
 * connections hold the set they began with, so it may be freed under nobody.
 * Files are read by a job on a thread: it blocks, and parsing certificates
 * takes more stack than a task has. */
#include "io/io_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <brio/exec.h>

#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Another certificate, as it was asked for. */
typedef struct tls_host {
    char *name, *cert_file,
        *key_file; /* name: NULL, those in the certificate; key_file may be NULL */
} tls_host;

typedef struct tls_name {
    char *text;
    SSL_CTX *ctx;
} tls_name;

struct brio_tls_set {
    atomic_uint refs;
    SSL_CTX *ctx;
    brio_io_alpn alpn;
    bool ktls;
    brio_io_tickets *tickets; /* NULL: of a client */
    tls_name *names;
    size_t n;
};

struct brio_tls_context {
    pthread_mutex_t lock; /* of `set` */
    brio_tls_set *set;
    brio_tls_options o; /* texts are copies */
    brio_io_alpn alpn;
    tls_host *hosts;
    size_t n;
};

static char *copy(const char *text)
{
    return text ? brio_strdup(brio_str_from(text)) : NULL;
}

/* ---- Sets --------------------------------------------------------------- */

void brio_io_tls_set_release(brio_tls_set *set)
{
    if (!set || atomic_fetch_sub(&set->refs, 1) > 1)
        return;
    SSL_CTX_free(set->ctx);
    for (size_t i = 0; i < set->n; i++) {
        SSL_CTX_free(set->names[i].ctx);
        free(set->names[i].text);
    }
    brio_io_tickets_free(set->tickets);
    free(set->names);
    free(set);
}

brio_tls_set *brio_io_tls_set_acquire(brio_tls_context *context)
{
    pthread_mutex_lock(&context->lock);
    brio_tls_set *set = context->set;
    atomic_fetch_add(&set->refs, 1);
    pthread_mutex_unlock(&context->lock);
    return set;
}

struct ssl_ctx_st *brio_io_tls_set_main(const brio_tls_set *set)
{
    return set->ctx;
}

const brio_io_alpn *brio_io_tls_set_alpn(const brio_tls_set *set)
{
    return &set->alpn;
}

bool brio_io_tls_set_ktls(const brio_tls_set *set)
{
    return set->ktls;
}

/* "*.example.org" stands for one label. */
static bool stands_for(const char *pattern, brio_str name)
{
    brio_str p = brio_str_from(pattern);
    if (!brio_str_starts(p, BRIO_S("*.")))
        return brio_str_eq_nocase(p, name);
    brio_str_pair cut = brio_str_cut(name, '.');
    return cut.found && cut.head.len > 0 &&
           brio_str_eq_nocase(brio_str_slice(p, 2, p.len), cut.tail);
}

static SSL_CTX *host_ctx(const brio_tls_set *set, brio_str name)
{
    SSL_CTX *wild = NULL;
    for (size_t i = 0; i < set->n; i++) {
        if (!stands_for(set->names[i].text, name))
            continue;
        if (set->names[i].text[0] != '*')
            return set->names[i].ctx;
        wild = wild ? wild : set->names[i].ctx;
    }
    return wild;
}

static int on_server_name(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    SSL_CTX *ctx = name ? host_ctx(arg, brio_str_from(name)) : NULL;
    if (!ctx)
        return SSL_TLSEXT_ERR_NOACK;
    return SSL_set_SSL_CTX(ssl, ctx) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* ---- Names -------------------------------------------------------------- */

enum { NAMES_MAX = 1024 }; /* of a set */

static int add_name(brio_tls_set *set, brio_str name, SSL_CTX *ctx)
{
    if (set->n == NAMES_MAX)
        return brio_error(BRIO_ELIMIT, "TLS: certificates for more than %d names", NAMES_MAX);
    tls_name *names = brio_realloc(set->names, (set->n + 1) * sizeof *names);
    char *text = names ? brio_strdup(name) : NULL;
    set->names = names ? names : set->names;
    if (!text)
        return -ENOMEM;
    SSL_CTX_up_ref(ctx);
    names[set->n++] = (tls_name){text, ctx};
    return 0;
}

static int add_text(brio_tls_set *set, const ASN1_STRING *text, SSL_CTX *ctx)
{
    brio_str name = {(const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)};
    bool usable = name.len > 0 && !memchr(name.ptr, '\0', name.len);
    return usable ? add_name(set, name, ctx) : 0;
}

/* For certificates of old without alternative names. */
static int add_common_name(brio_tls_set *set, SSL_CTX *ctx)
{
    const X509_NAME *subject = X509_get_subject_name(SSL_CTX_get0_certificate(ctx));
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return at < 0 ? 0
                  : add_text(set, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), ctx);
}

/* The host names that a certificate says it is for. */
static int add_own_names(brio_tls_set *set, SSL_CTX *ctx)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(SSL_CTX_get0_certificate(ctx), NID_subject_alt_name, NULL, NULL);
    int rc = 0;
    size_t before = set->n;
    for (int i = 0; rc == 0 && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS)
            rc = add_text(set, name->d.dNSName, ctx);
    }
    GENERAL_NAMES_free(names);
    return rc == 0 && set->n == before ? add_common_name(set, ctx) : rc;
}

static int add_host_of(brio_tls_set *set, const brio_tls_context *c, const tls_host *host)
{
    SSL_CTX *ctx = NULL;
    int rc = brio_io_tls_ctx_new(&ctx, &c->o, host->cert_file, host->key_file);
    if (rc == 0)
        rc = host->name ? add_name(set, brio_str_from(host->name), ctx) : add_own_names(set, ctx);
    SSL_CTX_free(ctx);
    return rc;
}

/* Hosts that were named, or those whose certificates name them. */
static int add_hosts(brio_tls_set *set, const brio_tls_context *c, bool named)
{
    int rc = 0;
    bool any = named;
    for (size_t i = 0; i < c->n; i++)
        any = any || !c->hosts[i].name;
    if (any && !named) /* equals of the others: the most exact wins */
        rc = add_own_names(set, set->ctx);
    for (size_t i = 0; rc == 0 && i < c->n; i++)
        if ((c->hosts[i].name != NULL) == named)
            rc = add_host_of(set, c, &c->hosts[i]);
    return rc;
}

static int give_tickets(brio_tls_set *set, const brio_tls_context *c)
{
    if (!c->o.server || c->o.ticket_life == BRIO_NEVER)
        return 0;
    brio_time life = c->o.ticket_life ? c->o.ticket_life : BRIO_SEC(43200);
    set->tickets = brio_io_tickets_new(life, brio_clock_monotonic());
    if (!set->tickets)
        return -ENOMEM;
    brio_io_tickets_use(set->tickets, set->ctx);
    for (size_t i = 0; i < set->n; i++)
        brio_io_tickets_use(set->tickets, set->names[i].ctx);
    return 0;
}

static int fill_set(brio_tls_set *set, const brio_tls_context *c)
{
    int rc = brio_io_tls_ctx_new(&set->ctx, &c->o, c->o.cert_file, c->o.key_file);
    if (rc == 0)
        rc = add_hosts(set, c, true);
    if (rc == 0)
        rc = add_hosts(set, c, false);
    if (rc == 0)
        rc = give_tickets(set, c);
    if (rc < 0)
        return rc;
    set->alpn = c->alpn;
    set->ktls = c->o.ktls;
    if (set->ktls)
        SSL_CTX_set_options(set->ctx, SSL_OP_ENABLE_KTLS);
    SSL_CTX_set_tlsext_servername_callback(set->ctx, on_server_name);
    SSL_CTX_set_tlsext_servername_arg(set->ctx, set);
    return 0;
}

/* The job. */
static int load(void *arg)
{
    brio_tls_context *c = arg;
    brio_tls_set *set = brio_zalloc(1, sizeof *set);
    if (!set)
        return -ENOMEM;
    atomic_init(&set->refs, 1);
    int rc = fill_set(set, c);
    if (rc < 0) {
        brio_io_tls_set_release(set);
        return rc;
    }
    pthread_mutex_lock(&c->lock);
    brio_tls_set *old = c->set;
    c->set = set;
    pthread_mutex_unlock(&c->lock);
    brio_io_tls_set_release(old);
    return 0;
}

/* ---- Life --------------------------------------------------------------- */

int brio_io_alpn_parse(brio_io_alpn *ret, const char *list)
{
    ret->len = 0;
    brio_str rest = brio_str_from(list);
    while (rest.len > 0) {
        brio_str_pair cut = brio_str_cut(rest, ',');
        brio_str name = brio_str_trim(cut.head);
        if (name.len == 0 || name.len + 1 > sizeof ret->wire - ret->len)
            return -EINVAL;
        ret->wire[ret->len++] = (unsigned char)name.len;
        memcpy(ret->wire + ret->len, name.ptr, name.len);
        ret->len += (unsigned)name.len;
        rest = cut.tail;
    }
    return 0;
}

static void host_forget(tls_host *host)
{
    free(host->name);
    free(host->cert_file);
    free(host->key_file);
}

/* Nor stays it in freed memory. */
static void forget_password(brio_tls_context *c)
{
    char *password = (char *)(uintptr_t)c->o.key_password;
    if (password)
        OPENSSL_cleanse(password, strlen(password));
    free(password);
}

void brio_tls_context_free(brio_tls_context *c)
{
    if (!c)
        return;
    forget_password(c);
    brio_io_tls_set_release(c->set);
    for (size_t i = 0; i < c->n; i++)
        host_forget(&c->hosts[i]);
    free(c->hosts);
    char *texts[] = {(char *)(uintptr_t)c->o.cert_file, (char *)(uintptr_t)c->o.key_file,
                     (char *)(uintptr_t)c->o.ca_file, (char *)(uintptr_t)c->o.ciphers};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static int take_options(brio_tls_context *c, const brio_tls_options *o)
{
    c->o = *o;
    c->o.cert_file = copy(o->cert_file);
    c->o.key_file = copy(o->key_file);
    c->o.ca_file = copy(o->ca_file);
    c->o.ciphers = copy(o->ciphers);
    c->o.key_password = copy(o->key_password);
    c->o.alpn = NULL;
    if (o->server && !o->cert_file)
        return brio_error(-EINVAL, "TLS: a server needs a certificate");
    if (o->server && brio_io_tls_verify_mode(o) && !o->ca_file)
        return brio_error(-EINVAL, "TLS: clients are asked for certificates, but nobody is "
                                   "trusted to issue them");
    return brio_io_alpn_parse(&c->alpn, o->alpn);
}

int brio_tls_context_new(brio_tls_context **ret, const brio_tls_options *options)
{
    static const brio_tls_options defaults;
    brio_tls_context *c = brio_zalloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    pthread_mutex_init(&c->lock, NULL);
    int rc = take_options(c, options ? options : &defaults);
    if (rc == 0)
        rc = brio_to_thread(load, c);
    if (rc < 0)
        brio_tls_context_free(c);
    else
        *ret = c;
    return rc < 0 ? rc : 0;
}

int brio_tls_context_reload(brio_tls_context *c)
{
    return brio_to_thread(load, c);
}

static bool known(const brio_tls_context *c, const char *host)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->hosts[i].name &&
            brio_str_eq_nocase(brio_str_from(c->hosts[i].name), brio_str_from(host)))
            return true;
    return false;
}

int brio_tls_context_add_host(brio_tls_context *c, const char *host, const char *cert_file,
                              const char *key_file)
{
    if (!c->o.server || !cert_file || (host && !*host))
        return -EINVAL;
    if (host && known(c, host))
        return -EEXIST;
    tls_host *hosts = brio_realloc(c->hosts, (c->n + 1) * sizeof *hosts);
    if (!hosts)
        return -ENOMEM;
    c->hosts = hosts;
    hosts[c->n++] = (tls_host){copy(host), copy(cert_file), copy(key_file)};
    int rc = brio_to_thread(load, c);
    if (rc < 0)
        host_forget(&c->hosts[--c->n]);
    return rc < 0 ? rc : 0;
}

/* ---- For connections ---------------------------------------------------- */

bool brio_io_tls_is_server(const brio_tls_context *c)
{
    return c->o.server;
}

bool brio_io_tls_verifies(const brio_tls_context *c)
{
    return brio_io_tls_verify_mode(&c->o) != SSL_VERIFY_NONE;
}

const brio_io_alpn *brio_io_tls_alpn(const brio_tls_context *c)
{
    return &c->alpn;
}
#endif
