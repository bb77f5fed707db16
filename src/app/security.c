/* SPDX-License-Identifier: MIT
 *
 * Credentials out of a request, as FastAPI's security classes take them: header
 * texts are Latin-1, what stands behind the scheme's word is stripped, and Basic
 * is read by Python's forgiving base64, so that a client that FastAPI lets in is
 * let in here. */
#include "app/app_internal.h"

#include <brio/security.h>

static const brio_str authorization = BRIO_S_INIT("authorization");

/* ---- Refusing ------------------------------------------------------------------ */

static const char *challenge_of(brio_request *req, const brio_security *s)
{
    switch (s->kind) {
    case BRIO_SECURITY_HTTP_BASIC:
        return s->realm ? brio_printf(req->arena, "Basic realm=\"%s\"", s->realm).ptr : "Basic";
    case BRIO_SECURITY_HTTP_DIGEST:
        return "Digest";
    case BRIO_SECURITY_KEY_HEADER:
    case BRIO_SECURITY_KEY_QUERY:
    case BRIO_SECURITY_KEY_COOKIE:
        return "APIKey";
    default:
        return "Bearer";
    }
}

int brio_fail_unauthorized(brio_request *req, const char *challenge, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    brio_str text = brio_vprintf(req->arena, fmt, args);
    va_end(args);
    int rc = brio_respond_header(req, BRIO_S("www-authenticate"), brio_str_from(challenge));
    return rc < 0 ? rc : brio_fail(req, 401, "%.*s", BRIO_ARG(text));
}

static int refuse(brio_request *req, const brio_security *s)
{
    if (s->refuse)
        return s->refuse(req);
    return brio_fail_unauthorized(req, challenge_of(req, s), "Not authenticated");
}

/* There are none: refused, or given as texts that are not there. */
static int give_none(brio_request *req, const brio_security *s, void *out, size_t size)
{
    memset(out, 0, size);
    return s->auto_error_off ? 0 : refuse(req, s);
}

/* ---- Headers --------------------------------------------------------------------- */

/* "Bearer abc" in two; both UTF-8 and never without a pointer. */
static brio_bearer_credentials split(brio_request *req)
{
    brio_str_pair cut = brio_str_cut(brio_request_header(req, authorization), ' ');
    brio_bearer_credentials c = {.scheme = brio_latin1_decode(req->arena, cut.head),
                                 .credentials =
                                     brio_latin1_decode(req->arena, brio_latin1_strip(cut.tail))};
    if (!c.credentials.len)
        c.credentials = BRIO_S("");
    return c;
}

int brio_security_bearer(brio_request *req, const brio_none *in, brio_str *out)
{
    const brio_security *s = brio_provider_arg(req);
    brio_bearer_credentials c = split(req);
    (void)in;
    if (!brio_str_eq_nocase(c.scheme, BRIO_S("bearer")))
        return give_none(req, s, out, sizeof *out);
    *out = c.credentials;
    return 0;
}

int brio_security_header(brio_request *req, const brio_none *in, brio_str *out)
{
    const brio_security *s = brio_provider_arg(req);
    brio_str header = brio_request_header(req, authorization);
    (void)in;
    if (!header.len)
        return give_none(req, s, out, sizeof *out);
    *out = brio_latin1_decode(req->arena, header);
    return 0;
}

int brio_security_credentials(brio_request *req, const brio_none *in, brio_bearer_credentials *out)
{
    const brio_security *s = brio_provider_arg(req);
    bool digest = s->kind == BRIO_SECURITY_HTTP_DIGEST;
    brio_bearer_credentials c = split(req);
    (void)in;
    if (!c.credentials.len ||
        !brio_str_eq_nocase(c.scheme, digest ? BRIO_S("digest") : BRIO_S("bearer")))
        return give_none(req, s, out, sizeof *out);
    *out = c;
    return 0;
}

/* ---- Basic ------------------------------------------------------------------------- */

/* The six bits of a character; -1 for the many that Python passes over. */
static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Python's b64decode: other characters are passed over, and what stands behind
 * the padding does not count. False where it raises, also for what is not ASCII. */
static bool decode_basic(brio_arena *arena, brio_str text, brio_str *ret)
{
    char *out = brio_alloc_aligned(arena, text.len + 1, 1), *to = out;
    unsigned bits = 0, n = 0, pads = 0, all = 0;
    for (size_t i = 0; i < text.len; i++) {
        int six = sextet(text.ptr[i]);
        all |= (unsigned char)text.ptr[i];
        if (text.ptr[i] == '=' && n >= 2 && n + ++pads >= 4) {
            n = 0;
            for (; i < text.len; i++)
                all |= (unsigned char)text.ptr[i];
        }
        if (six < 0)
            continue;
        pads = 0;
        bits = bits << 6 | (unsigned)six;
        n = (n + 1) % 4;
        if (n != 1)
            *to++ = (char)(bits >> (n ? 8 - 2 * n : 0) & 0xFF);
    }
    *ret = brio_str_span(out, to);
    for (size_t i = 0; i < ret->len; i++)
        all |= (unsigned char)out[i];
    return n == 0 && all < 0x80;
}

int brio_security_basic(brio_request *req, const brio_none *in, brio_basic_credentials *out)
{
    const brio_security *s = brio_provider_arg(req);
    brio_bearer_credentials c = split(req);
    brio_str text;
    (void)in;
    if (!brio_str_eq_nocase(c.scheme, BRIO_S("basic")))
        return give_none(req, s, out, sizeof *out);
    brio_str_pair cut = {.found = false};
    if (decode_basic(req->arena, c.credentials, &text))
        cut = brio_str_cut(text, ':');
    if (!cut.found)
        return refuse(req, s);
    *out = (brio_basic_credentials){.username = cut.head, .password = cut.tail};
    return 0;
}

/* ---- Keys --------------------------------------------------------------------------- */

/* Of several in a query the last counts; one too many pieces and there is none. */
static brio_str query_value(brio_request *req, brio_str name)
{
    brio_str value = {0};
    brio_pair *pairs;
    size_t n;
    if (brio_query_parse(req->arena, brio_request_query(req), 0, &pairs, &n) < 0)
        return value;
    for (size_t i = 0; i < n; i++)
        if (brio_str_eq(pairs[i].name, name))
            value = pairs[i].value;
    return value;
}

static brio_str key_value(brio_request *req, const brio_security *s)
{
    brio_str name = brio_str_from(s->key), value = {0};
    if (s->kind == BRIO_SECURITY_KEY_QUERY)
        return query_value(req, name);
    if (s->kind == BRIO_SECURITY_KEY_HEADER)
        return brio_latin1_decode(req->arena, brio_request_header(req, name));
    return brio_request_cookie(req, name, &value) ? value : (brio_str){0};
}

int brio_security_key(brio_request *req, const brio_none *in, brio_str *out)
{
    const brio_security *s = brio_provider_arg(req);
    brio_str value = key_value(req, s);
    (void)in;
    if (!value.len)
        return give_none(req, s, out, sizeof *out);
    *out = value;
    return 0;
}

/* ---- Scopes --------------------------------------------------------------------------- */

bool brio_scope_next(brio_str *rest, brio_str *ret)
{
    while (rest->len) {
        brio_str_pair cut = brio_str_cut(*rest, ' ');
        *ret = cut.head;
        *rest = cut.tail;
        if (ret->len)
            return true;
    }
    return false;
}

static bool has_scope(brio_str have, brio_str scope)
{
    brio_str one;
    while (brio_scope_next(&have, &one))
        if (brio_str_eq(one, scope))
            return true;
    return false;
}

bool brio_scopes_cover(brio_str have, brio_str needed)
{
    brio_str one;
    while (brio_scope_next(&needed, &one))
        if (!has_scope(have, one))
            return false;
    return true;
}

/* ---- The form --------------------------------------------------------------------------- */

#define PASSWORD_FORMAT .schema_extra = "{\"format\":\"password\"}"

typedef brio_oauth2_form form;
BRIO_MODEL_AS(form, "OAuth2PasswordRequestForm", BRIO_FORM(grant_type, .pattern = "^password$"),
              BRIO_FORM(username), BRIO_FORM(password, PASSWORD_FORMAT),
              BRIO_FORM(scope, .def = "\"\""), BRIO_FORM(client_id),
              BRIO_FORM(client_secret, PASSWORD_FORMAT));

typedef brio_oauth2_form_strict form_strict;
BRIO_MODEL_AS(form_strict, "OAuth2PasswordRequestFormStrict",
              BRIO_FORM(grant_type, .pattern = "^password$"), BRIO_FORM(username),
              BRIO_FORM(password), BRIO_FORM(scope, .def = "\"\""), BRIO_FORM(client_id),
              BRIO_FORM(client_secret));

const brio_model *brio_oauth2_form_model(void)
{
    return form_model();
}

const brio_model *brio_oauth2_form_strict_model(void)
{
    return form_strict_model();
}
