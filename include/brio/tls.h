/* SPDX-License-Identifier: MIT
 *
 * brio/tls.h: TLS 1.2 and 1.3 upon any open stream. Part of <brio/io.h>.
 *
 *     brio_tls_context *tls;                     // one per program, not per connection
 *     int rc = brio_tls_context_new(&tls, NULL); // a client that trusts the system's roots
 *     ...
 *     rc = brio_connect(&s, &(brio_connect_to){.host = "example.org", .port = 443});
 *     if (rc == 0)
 *         rc = brio_stream_tls_client(s, tls, &(brio_tls_start){.server_name = "example.org"});
 *
 * From then on every call of brio/io.h on `s` is encrypted. Verification is on
 * unless switched off by name. The cryptography is OpenSSL's; it runs on the
 * loop's own stack, not on the task's, so small stacks are fine. Without
 * OpenSSL in the build these calls return -ENOTSUP. */
#ifndef BRIO_TLS_H
#define BRIO_TLS_H

#include <brio/io.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_loop;
struct brio_chunk;

/* ---- Contexts ----------------------------------------------------------- */

typedef enum brio_tls_version { /* ORDER TLS_VERSION */
    BRIO_TLS_DEFAULT = 0,       /* 1.2 */
    BRIO_TLS_1_2,
    BRIO_TLS_1_3
} brio_tls_version;

typedef enum brio_tls_verify { /* ORDER TLS_VERIFY */
    BRIO_TLS_VERIFY_DEFAULT = 0, /* a client requires, a server does not ask */
    BRIO_TLS_VERIFY_NONE,        /* a client then trusts anybody: for tests */
    BRIO_TLS_VERIFY_OPTIONAL,    /* server: a certificate is verified if there is one */
    BRIO_TLS_VERIFY_REQUIRED
} brio_tls_verify;

typedef struct brio_tls_options {
    bool server;              /* for brio_stream_tls_server; else for _client */
    const char *cert_file;    /* PEM: our certificate, and its chain behind it. Servers need one */
    const char *key_file;     /* PEM; NULL: in cert_file */
    const char *key_password; /* of the key files, if they have one */
    const char *ca_file;      /* PEM: trust these instead of the system's roots */
    brio_tls_verify verify;
    const char *alpn;         /* "h2,http/1.1": what we speak, best first; NULL: no ALPN */
    brio_tls_version min_version;
    const char *ciphers;      /* for TLS 1.2, as OpenSSL writes them; NULL: OpenSSL's own */
    brio_time ticket_life;    /* a server's keys of session tickets are new after it, and one span
                                 longer read; forked processes agree on them. 0 means 12 h,
                                 BRIO_NEVER: the first ones stay until a reload */
    bool ktls;                /* sessions let the kernel encrypt: brio_tls_kernel */
} brio_tls_options;

/* What connections have in common: certificates, trust, what is allowed. */
typedef struct brio_tls_context brio_tls_context;

/* `options` (NULL: a client's defaults) are copied, the file names too: reload
 * reads them again. Reads files, in a task on a thread: **Suspends** there.
 * 0; BRIO_ETLS when a file is no good (the error detail says which and why),
 * -ENOENT and its kin, -EINVAL, -ENOMEM, -ECANCELED. */
BRIO_API int brio_tls_context_new(brio_tls_context **ret, const brio_tls_options *options) BRIO_CHECKED;
/* Another certificate of a server, for clients that ask (SNI) for `host`:
 * a name, or "*.example.org", which stands for exactly one label; NULL: the
 * host names in the certificate, as they are at each reload. The most
 * exact wins; clients that ask for no known name get the context's own.
 * Suspends and returns as brio_tls_context_new; -EEXIST; BRIO_ELIMIT beyond
 * 1,024 names in all. */
BRIO_API int brio_tls_context_add_host(brio_tls_context *context, const char *host,
                                       const char *cert_file, const char *key_file) BRIO_CHECKED;
/* Reads all files again: connections that begin from now on use what they say
 * now, the others go on. If one is no good nothing changes. Suspends and
 * returns as brio_tls_context_new. */
BRIO_API int brio_tls_context_reload(brio_tls_context *context) BRIO_CHECKED;
/* Streams that use it keep what they need. NULL is fine. */
BRIO_API void brio_tls_context_free(brio_tls_context *context);

/* Appends a new certificate and its key, as PEM, to try things out: for `host` (a name
 * or an address; NULL or "": localhost), localhost, 127.0.0.1 and ::1, for 90 days.
 * Nobody vouches for it. Does not suspend. 0; BRIO_ETLS, also for a host that is none;
 * -ENOTSUP without OpenSSL. */
BRIO_API int brio_tls_self_signed(const char *host, brio_buf *ret_pem) BRIO_CHECKED;

/* ---- Streams ------------------------------------------------------------ */

typedef struct brio_tls_start {
    const char *server_name; /* client: who must answer, a host name (sent as SNI) or a numeric
                                address; NULL, with verification on, is -EINVAL. Copied */
    const char *alpn;        /* instead of the context's */
} brio_tls_start;

/* Shakes hands; from then on the stream is encrypted (asyncio's start_tls).
 * Bytes that are unread belong to the handshake: nothing a peer sent in clear
 * before can be mistaken for something it sent under TLS. `start` may be NULL
 * for servers. Suspends. 0; BRIO_ETLS with the reason in the error detail
 * (certificate, name, version, protocol); BRIO_ECLOSED, -ECONNRESET if the
 * peer went away; -ECANCELED; after these the stream is only good for closing.
 * -EINVAL for a context of the other role, -EALREADY if it has TLS, -EBUSY
 * with a task inside a call on it. */
BRIO_API int brio_stream_tls_client(brio_stream *stream, brio_tls_context *context,
                                    const brio_tls_start *start) BRIO_CHECKED;
BRIO_API int brio_stream_tls_server(brio_stream *stream, brio_tls_context *context,
                                    const brio_tls_start *start) BRIO_CHECKED;

/* What was agreed upon. The texts are borrowed until the stream is closed. */
typedef struct brio_tls_info {
    const char *version;  /* "TLSv1.3" */
    const char *cipher;   /* "TLS_AES_256_GCM_SHA384" */
    brio_str alpn;        /* empty: none */
    brio_str server_name; /* what the client asked for; empty: nothing */
    bool verified;        /* the peer has a certificate, and it was verified */
    bool resumed;         /* an earlier session was resumed */
} brio_tls_info;

/* 0, or -ENOTCONN without TLS. */
BRIO_API int brio_stream_tls(const brio_stream *stream, brio_tls_info *ret) BRIO_CHECKED;

/* The peer's certificate; everything in it is in the arena given. */
typedef struct brio_tls_certificate {
    brio_str subject, issuer; /* as RFC 2253 writes them: "CN=example.org,O=..." */
    brio_str names;           /* the host names and addresses it is for, comma between */
    int64_t not_before, not_after; /* seconds since 1970 */
    uint8_t sha256[32];       /* fingerprint of the whole */
    brio_str der;             /* the whole */
} brio_tls_certificate;

/* 0, -ENOTCONN without TLS, -ENOENT if the peer showed none. */
BRIO_API int brio_stream_tls_peer(const brio_stream *stream, brio_arena *arena,
                                  brio_tls_certificate *ret) BRIO_CHECKED;

/* ---- Sessions ----------------------------------------------------------- */

/* A server's side of TLS for those who move the bytes themselves, without a
 * stream and without a task: encrypted chunks in, clear bytes out, and the
 * other way round. It does no I/O, but for the handshake's end with kTLS. None
 * of these suspends; all belong on the loop's thread and its large stack, but
 * for brio_tls_session_write and the facts, which do with a task's. */
typedef struct brio_tls_session brio_tls_session;

/* Encrypted bytes that are to be sent, in order; every call may add some, also
 * one that fails: an alert. The caller sends them and clears `bytes`. */
typedef struct brio_tls_out {
    brio_buf bytes;
    bool busy; /* earlier ones are still on their way: the session must not write past them */
} brio_tls_out;

/* `context` is a server's; its certificates of this moment are kept. `fd` is the
 * connected socket, borrowed, for kTLS; -1: none. 0, -ENOMEM, -ENOTSUP, -EINVAL. */
BRIO_API int brio_tls_session_new(brio_tls_session **ret, brio_tls_context *context,
                                  struct brio_loop *loop, int fd) BRIO_CHECKED;
/* NULL is fine. */
BRIO_API void brio_tls_session_free(brio_tls_session *session);
/* Received bytes; the chunk, of the session's loop, is taken. */
BRIO_API void brio_tls_session_push(brio_tls_session *session, struct brio_chunk *chunk);
/* No more bytes will be pushed. */
BRIO_API void brio_tls_session_end(brio_tls_session *session);
/* Goes on with the handshake. 1: it is done; 0: it needs more bytes; BRIO_ETLS,
 * BRIO_ECLOSED: it failed, see brio_tls_session_problem. */
BRIO_API int brio_tls_session_handshake(brio_tls_session *session, brio_tls_out *out) BRIO_CHECKED;
/* Adds clear bytes to the chunk `into`, as many as there are and fit. 1: it did;
 * 0: there are none now; -ESHUTDOWN: the peer has said that no more will come;
 * BRIO_ECLOSED: they ended without that, which an attacker can cause; BRIO_ETLS. */
BRIO_API int brio_tls_session_read(brio_tls_session *session, brio_tls_out *out,
                                   struct brio_chunk *into) BRIO_CHECKED;
/* True: another read may bring something, or say how it ended. */
BRIO_API bool brio_tls_session_pending(const brio_tls_session *session);
/* Encrypts a first part of `data`, up to 64 KiB. Its length, or BRIO_ETLS. Not
 * with the kernel doing that. */
BRIO_API ptrdiff_t brio_tls_session_write(brio_tls_session *session, brio_tls_out *out,
                                          brio_str data) BRIO_CHECKED;
/* Says that no more will be written (close_notify); again does no harm. */
BRIO_API void brio_tls_session_finish(brio_tls_session *session, brio_tls_out *out);
/* True: after the handshake the kernel encrypts (kTLS): clear bytes are to be
 * written to the socket, by send or sendfile, and the session only reads. */
BRIO_API bool brio_tls_session_in_kernel(const brio_tls_session *session);
/* Why it failed, in words; NULL: it did not. Static. */
BRIO_API const char *brio_tls_session_problem(const brio_tls_session *session);
/* As brio_stream_tls and brio_stream_tls_peer. */
BRIO_API int brio_tls_session_info(const brio_tls_session *session, brio_tls_info *ret);
BRIO_API int brio_tls_session_peer(const brio_tls_session *session, brio_arena *arena,
                                   brio_tls_certificate *ret);

/* Whether this kernel can encrypt (kTLS, its module "tls"): 0, or why not:
 * -ENOENT, the kernel has no such protocol; -ENOTSUP, OpenSSL or brio was built without. */
BRIO_API int brio_tls_kernel(void);

#ifdef __cplusplus
}
#endif
#endif
