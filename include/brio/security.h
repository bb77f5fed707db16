/* SPDX-License-Identifier: MIT
 *
 * brio/security.h: who is asking: FastAPI's security schemes as dependencies. A
 * part of <brio/app.h>, which includes it.
 *
 *     BRIO_OAUTH2_PASSWORD(oauth2, "token");             // declares a provider of brio_str
 *
 *     typedef struct WithToken { brio_str token; } WithToken;
 *     BRIO_MODEL(WithToken, BRIO_DEPENDS(token, oauth2));
 *     static int current_user(brio_request *req, const WithToken *in, User *out) {...}
 *     BRIO_PROVIDER(current_user, WithToken, User);
 *
 * A scheme takes the credentials out of the request and puts itself into the
 * document, so that /docs has its Authorize button; whether they are right is
 * the application's to say. Without credentials it answers 401 "Not
 * authenticated" with a WWW-Authenticate header, unless .auto_error_off. */
#ifndef BRIO_SECURITY_H
#define BRIO_SECURITY_H

#include <brio/base.h>
#include <brio/depends.h>
#include <brio/model.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Schemes ---------------------------------------------------------------- */

typedef enum brio_security_kind { /* ORDER SECURITY_KIND */
    BRIO_SECURITY_OAUTH2_PASSWORD = 0,
    BRIO_SECURITY_OAUTH2_CODE,
    BRIO_SECURITY_OAUTH2,
    BRIO_SECURITY_OPENID_CONNECT,
    BRIO_SECURITY_HTTP_BASIC,
    BRIO_SECURITY_HTTP_BEARER,
    BRIO_SECURITY_HTTP_DIGEST,
    BRIO_SECURITY_KEY_HEADER,
    BRIO_SECURITY_KEY_QUERY,
    BRIO_SECURITY_KEY_COOKIE
} brio_security_kind;

/* A scheme; made by the macros below. Text is borrowed. */
typedef struct brio_security {
    int brio_private_zero;
    brio_security_kind kind;
    const char *token_url, *authorization_url, *openid_url, *flows, *key; /* the macros' */

    const char *name;          /* in the document; NULL means FastAPI's class: "HTTPBasic" */
    const char *description;   /* Markdown; NULL means none */
    const char *scopes;        /* OAuth2: "me:Read your name|items:Read items"; or, if it begins
                                * with '{', a JSON object of names and descriptions */
    const char *refresh_url;   /* OAuth2 */
    const char *realm;         /* HTTP Basic: Basic realm="..." */
    const char *bearer_format; /* HTTP Bearer: a hint, such as "JWT" */
    bool auto_error_off;       /* no 401: what is given then has texts whose ptr is NULL */
    /* Answers a request without credentials in its own way, usually by brio_fail;
     * NULL means the 401 above. */
    int (*refuse)(brio_request *req);
    int brio_private_end;
} brio_security;

/* A user and password of HTTP Basic; what stands behind "Bearer" and "Digest". */
typedef struct brio_basic_credentials {
    brio_str username, password;
} brio_basic_credentials;
typedef struct brio_bearer_credentials {
    brio_str scheme, credentials;
} brio_bearer_credentials;
typedef brio_bearer_credentials brio_digest_credentials;

/* Each declares a provider P, at file scope, with options behind:
 *   BRIO_OAUTH2_PASSWORD(P, "token", ...)     brio_str, what stands behind "Bearer "; it
 *   BRIO_OAUTH2_CODE(P, "authorize", "token", ...)   may be "" (as in FastAPI: "Bearer")
 *   BRIO_OAUTH2(P, "{\"implicit\": ...}", ...)       brio_str, the whole header; its flows
 *                                             as JSON text
 *   BRIO_OPENID_CONNECT(P, "/openid", ...)    brio_str, the whole header
 *   BRIO_HTTP_BASIC(P, ...)                   brio_basic_credentials; ASCII, as FastAPI has it
 *   BRIO_HTTP_BEARER(P, ...)                  brio_bearer_credentials
 *   BRIO_HTTP_DIGEST(P, ...)                  brio_digest_credentials
 *   BRIO_API_KEY_HEADER(P, "x-key", ...)      brio_str, not empty; also _QUERY, _COOKIE
 * Basic credentials that cannot be read are refused also with .auto_error_off. */
#define BRIO_OAUTH2_PASSWORD(...) BRIO_OAUTH2_PASSWORD_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_OAUTH2_CODE(...) BRIO_OAUTH2_CODE_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_OAUTH2(...) BRIO_OAUTH2_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_OPENID_CONNECT(...) BRIO_OPENID_CONNECT_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_HTTP_BASIC(...) BRIO_HTTP_BASIC_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_HTTP_BEARER(...) BRIO_HTTP_BEARER_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_HTTP_DIGEST(...) BRIO_HTTP_DIGEST_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_API_KEY_HEADER(...) BRIO_API_KEY_(KEY_HEADER, __VA_ARGS__, .brio_private_end = 0)
#define BRIO_API_KEY_QUERY(...) BRIO_API_KEY_(KEY_QUERY, __VA_ARGS__, .brio_private_end = 0)
#define BRIO_API_KEY_COOKIE(...) BRIO_API_KEY_(KEY_COOKIE, __VA_ARGS__, .brio_private_end = 0)

#define BRIO_SECURITY_(K, P, function, Out, ...)                                             \
    static const brio_security P##_security = {.kind = BRIO_SECURITY_##K, __VA_ARGS__};      \
    BRIO_PROVIDER_NAMED(P, function, brio_none, Out, .arg = &P##_security,                   \
                        .security = &P##_security)
#define BRIO_OAUTH2_PASSWORD_(P, url, ...) \
    BRIO_SECURITY_(OAUTH2_PASSWORD, P, brio_security_bearer, brio_str, .token_url = url, __VA_ARGS__)
#define BRIO_OAUTH2_CODE_(P, url, token, ...)                                                \
    BRIO_SECURITY_(OAUTH2_CODE, P, brio_security_bearer, brio_str, .authorization_url = url, \
                   .token_url = token, __VA_ARGS__)
#define BRIO_OAUTH2_(P, json, ...) \
    BRIO_SECURITY_(OAUTH2, P, brio_security_header, brio_str, .flows = json, __VA_ARGS__)
#define BRIO_OPENID_CONNECT_(P, url, ...) \
    BRIO_SECURITY_(OPENID_CONNECT, P, brio_security_header, brio_str, .openid_url = url, __VA_ARGS__)
#define BRIO_HTTP_BASIC_(P, ...) \
    BRIO_SECURITY_(HTTP_BASIC, P, brio_security_basic, brio_basic_credentials, __VA_ARGS__)
#define BRIO_HTTP_BEARER_(P, ...) \
    BRIO_SECURITY_(HTTP_BEARER, P, brio_security_credentials, brio_bearer_credentials, __VA_ARGS__)
#define BRIO_HTTP_DIGEST_(P, ...) \
    BRIO_SECURITY_(HTTP_DIGEST, P, brio_security_credentials, brio_digest_credentials, __VA_ARGS__)
#define BRIO_API_KEY_(K, P, name_of_key, ...) \
    BRIO_SECURITY_(K, P, brio_security_key, brio_str, .key = name_of_key, __VA_ARGS__)

/* The functions of those providers. Their brio_provider_arg is the scheme. They
 * do not suspend. 0, or BRIO_EHTTP with the answer set. */
BRIO_API int brio_security_bearer(brio_request *req, const brio_none *in, brio_str *out);
BRIO_API int brio_security_header(brio_request *req, const brio_none *in, brio_str *out);
BRIO_API int brio_security_key(brio_request *req, const brio_none *in, brio_str *out);
BRIO_API int brio_security_basic(brio_request *req, const brio_none *in,
                                 brio_basic_credentials *out);
BRIO_API int brio_security_credentials(brio_request *req, const brio_none *in,
                                       brio_bearer_credentials *out);

/* brio_fail(req, 401, ...) with the header WWW-Authenticate: `challenge`, for
 * credentials that turned out to be wrong: "Bearer", "Bearer scope=\"me\"". */
BRIO_API int brio_fail_unauthorized(brio_request *req, const char *challenge, const char *fmt, ...)
    BRIO_PRINTF(3, 4);

/* ---- Scopes ----------------------------------------------------------------- */

/* Lists of scopes are texts with blanks between (RFC 6749, section 3.3), as
 * brio_security_scopes gives them and brio_oauth2_form.scope has them. Takes the
 * next one off `rest`; false at the end. */
BRIO_API bool brio_scope_next(brio_str *rest, brio_str *ret);
/* True if every scope of `needed` is in `have`. */
BRIO_API bool brio_scopes_cover(brio_str have, brio_str needed);

/* ---- OAuth2's form ---------------------------------------------------------- */

/* What a client sends to the token URL of the password flow: the input of that
 * route, or a BRIO_BASE of it (FastAPI's OAuth2PasswordRequestForm). The strict
 * one, otherwise the same, insists on grant_type. */
typedef struct brio_oauth2_form {
    brio_str *grant_type; /* "password" */
    brio_str username, password;
    brio_str scope; /* see brio_scope_next; "" if none */
    brio_str *client_id, *client_secret;
} brio_oauth2_form;
typedef struct brio_oauth2_form_strict {
    brio_str grant_type;
    brio_str username, password;
    brio_str scope;
    brio_str *client_id, *client_secret;
} brio_oauth2_form_strict;
/* Their models. Static; never NULL. */
BRIO_API const brio_model *brio_oauth2_form_model(void);
BRIO_API const brio_model *brio_oauth2_form_strict_model(void);

#ifdef __cplusplus
}
#endif
#endif
