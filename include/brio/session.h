/* SPDX-License-Identifier: MIT
 *
 * brio/session.h: what a server remembers of a visitor, kept by the visitor: a
 * session in a sealed cookie, and tokens against forged requests. A part of
 * <brio/app.h>, which includes it.
 *
 *     static const brio_str secrets[] = {BRIO_S_INIT("...")};       // brio_token_hex(arena, 32)
 *     brio_use_session(app, &(brio_session_options){.secrets = secrets, .n_secrets = 1});
 *     ...
 *     rc = brio_session_set(req, "user", brio_json_from_str(in->name));
 *     const brio_json *user = brio_session_get(req, "user");        // NULL: not logged in
 *
 * Nothing is kept on the server: any worker can answer, and a session cannot be
 * ended before its max_age but by the client that gives its cookie up. Both are
 * middleware; without OpenSSL they end the program when they are asked for. */
#ifndef BRIO_SESSION_H
#define BRIO_SESSION_H

#include <brio/model.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sessions --------------------------------------------------------------- */

typedef struct brio_session_options {
    const brio_str *secrets; /* required: as of brio_seal, new ones in front; copied */
    size_t n_secrets;
    bool encrypted;          /* so that the visitor cannot read it either */
    const char *cookie;      /* its name; NULL means "session" */
    brio_time max_age;       /* from the last change; 0 means 14 days */
    bool rolling;            /* from the last request: the cookie goes with every answer */
    bool until_closed;       /* the browser forgets it when it ends; max_age holds here */
    const char *path, *domain;
    const char *same_site;   /* as in brio_cookie: NULL means "lax" */
    bool allow_http;         /* also where there is no TLS; else the cookie is Secure */
    size_t max_size;         /* bytes of the cookie's value; 0 means 3,800 */
} brio_session_options;

/* Adds the session to every request of the app. Text is copied. Wrong options
 * end the program with a sentence, among them no secret. Before the app serves. */
BRIO_API void brio_use_session(brio_app *app, const brio_session_options *options);

/* The value of that name, or NULL. It is the request's, and stays until that is
 * finished. A cookie that is not whole, or too old, is an empty session. */
BRIO_API const brio_json *brio_session_get(brio_request *req, const char *name);
/* Sets it; name and value are borrowed until the answer is sent. 0; BRIO_ELIMIT,
 * and nothing is changed, when the cookie would be too large. After the head of
 * the answer was sent a change is lost. */
BRIO_API int brio_session_set(brio_request *req, const char *name,
                              brio_json value) BRIO_CHECKED;
/* Takes one value, or all, away. The cookie of an empty session is deleted. */
BRIO_API void brio_session_remove(brio_request *req, const char *name);
BRIO_API void brio_session_clear(brio_request *req);
/* All of it, an object; borrowed until it is changed. */
BRIO_API const brio_json *brio_session_all(brio_request *req);

/* ---- Forged requests (CSRF) --------------------------------------------------- */

typedef struct brio_csrf_options {
    const brio_str *secrets; /* required: as above */
    size_t n_secrets;
    const char *cookie;      /* NULL means "csrftoken" */
    const char *header;      /* NULL means "x-csrf-token" */
    const char *field;       /* of a form; NULL means "csrf_token" */
    brio_time max_age;       /* 0 means 1 day */
    /* Names the visitor's session: a token is good for this session only. NULL
     * means that it is good for any. */
    brio_str (*session)(brio_request *req);
    const char *only_with;   /* cookie names, separated by blanks: requests that carry none of
                              * them are not checked. NULL: all are */
    const char *except;      /* paths that are not checked, separated by blanks; one that ends
                              * in '/' stands for all below. NULL: none */
    const char *path, *domain;
    const char *same_site;   /* NULL means "lax" */
    bool allow_http;         /* else the cookie is Secure */
} brio_csrf_options;

/* Requests other than GET, HEAD, OPTIONS and TRACE must carry the token that
 * stands in their cookie in a header or a form field as well, which a page of
 * another site cannot read (double submit; a field of a multipart form, if the
 * route takes a form); else they are answered 403 "CSRF
 * token missing or incorrect". A visitor without a valid token gets one with the
 * answer; scripts may read the cookie. As brio_use_session. */
BRIO_API void brio_use_csrf(brio_app *app, const brio_csrf_options *options);
/* The token for a form of this answer, in the request's arena. */
BRIO_API brio_str brio_csrf_field(brio_request *req);

#ifdef __cplusplus
}
#endif
#endif
