/* SPDX-License-Identifier: MIT
 *
 * Sealed cookies. What is wrong with them is either the author's mistake, told
 * when the app is made, or the client's, and then there is no cookie. */
#include "app/sealed_cookie.h"
#include "app/app_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { COOKIE_OVERHEAD = 512 };

static const char *copy(brio_app *app, const char *text)
{
    return text ? brio_cstr(&app->arena, brio_str_from(text)) : NULL;
}

static void copy_texts(brio_app *app, brio_app_sealed *c)
{
    brio_str *secrets = BRIO_NEW_ARRAY(&app->arena, brio_str, c->seal.n_secrets);
    for (size_t i = 0; i < c->seal.n_secrets; i++)
        secrets[i] = brio_str_copy(&app->arena, c->seal.secrets[i]);
    c->seal.secrets = secrets;
    c->cookie.name = copy(app, c->cookie.name);
    c->cookie.path = copy(app, c->cookie.path);
    c->cookie.domain = copy(app, c->cookie.domain);
    c->cookie.same_site = copy(app, c->cookie.same_site);
}

static int seal(brio_arena *arena, const brio_app_sealed *c, brio_str value, brio_str *ret)
{
    return c->encrypted ? brio_seal_encrypt(arena, &c->seal, value, ret)
                        : brio_seal_sign(arena, &c->seal, value, ret);
}

static int format(brio_arena *arena, const brio_cookie *cookie, brio_str *ret)
{
    size_t size = cookie->value.len + COOKIE_OVERHEAD;
    brio_buf out = brio_buf_over(brio_alloc(arena, size), size);
    int rc = brio_cookie_format(&out, cookie);
    *ret = brio_buf_str(&out);
    return rc;
}

void brio_app_sealed_check(brio_app *app, const char *who, brio_app_sealed *cookie)
{
    brio_str text, header;
    copy_texts(app, cookie);
    int rc = seal(&app->arena, cookie, BRIO_S("{}"), &text);
    const char *what = "secrets";
    if (rc >= 0) {
        cookie->cookie.value = text;
        rc = format(&app->arena, &cookie->cookie, &header);
        what = "cookie";
    }
    if (rc >= 0)
        return;
    brio_str why = brio_error_detail();
    why = why.len ? why : brio_str_from(brio_error_text(rc));
    fprintf(stderr, "brio: %s: the %s: %.*s\n", who, what, BRIO_ARG(why));
    abort();
}

bool brio_app_sealed_get(brio_request *req, const brio_app_sealed *cookie, brio_str *ret,
                         bool *ret_sent)
{
    brio_str text;
    bool sent = brio_request_cookie(req, brio_str_from(cookie->cookie.name), &text);
    if (ret_sent)
        *ret_sent = sent;
    if (!sent)
        return false;
    return (cookie->encrypted ? brio_seal_decrypt(req->arena, &cookie->seal, text, ret)
                              : brio_seal_unsign(req->arena, &cookie->seal, text, ret)) >= 0;
}

/* What the formats of brio/seal.h add. */
size_t brio_app_sealed_size(const brio_app_sealed *cookie, size_t len)
{
    enum { SIGNED = 1 + 11 + 1 + 43, SEALED = 1 + 8 + 16 + 16 };
    return cookie->encrypted ? (len + SEALED + 2) / 3 * 4 : (len + 2) / 3 * 4 + SIGNED;
}

int brio_app_sealed_put(brio_request *req, const brio_app_sealed *cookie, brio_str text)
{
    brio_cookie c = cookie->cookie;
    c.value = text;
    return brio_respond_cookie(req, &c);
}

int brio_app_sealed_set(brio_request *req, const brio_app_sealed *cookie, brio_str value)
{
    brio_str text;
    int rc = seal(req->arena, cookie, value, &text);
    return rc < 0 ? rc : brio_app_sealed_put(req, cookie, text);
}

void brio_app_sealed_forget(brio_request *req, const brio_app_sealed *cookie)
{
    brio_cookie c = cookie->cookie;
    c.value = BRIO_S("");
    c.max_age = -1;
    if (brio_respond_cookie(req, &c) < 0)
        brio_app_log(req, BRIO_LOG_ERROR, "a cookie could not be deleted");
}
