/* SPDX-License-Identifier: MIT
 *
 * Tokens in compact form: base64url(header) "." base64url(claims) "."
 * base64url(signature over what stands before).
 *
 * Verifying trusts nothing before the signature is right: the header only
 * chooses among the caller's keys, and the claims are not even parsed. */
#include "crypt/crypt_internal.h"

#include <brio/model.h>

enum { SIZE_MAX_DEFAULT = 8 * 1024, DEPTH_MAX = 32, KEYS_MAX = 16 };

/* ---- Writing JSON into the arena -------------------------------------------- */

/* base64url of what was written. */
static int text_end(brio_arena *arena, brio_buf *text, brio_str *ret)
{
    int rc = text->failed ? -ENOMEM : 0;
    if (rc >= 0)
        *ret = brio_base64_encode(arena, BRIO_BASE64URL, brio_buf_str(text));
    brio_buf_release(arena, text);
    return rc;
}

/* ---- Signing ------------------------------------------------------------------ */

static void put(brio_json_writer *w, brio_str key, const char *text)
{
    if (!text)
        return;
    brio_json_key(w, key);
    brio_json_str(w, brio_str_from(text));
}

static int write_header(brio_arena *arena, const brio_jwt_signing *s, brio_str *ret)
{
    brio_buf *text = brio_buf_acquire(arena);
    brio_json_writer w = {.out = text};
    brio_json_begin(&w, '{');
    brio_json_key(&w, BRIO_S("alg"));
    brio_json_str(&w, brio_crypt_algorithm_name(s->key->algorithm));
    put(&w, BRIO_S("kid"), s->key->id);
    put(&w, BRIO_S("typ"), s->type ? s->type : "JWT");
    brio_json_end(&w, '}');
    return text_end(arena, text, ret);
}

/* True if signing adds a claim of that name itself. */
static bool is_added(const brio_jwt_signing *s, brio_str name)
{
    return (s->issuer && brio_str_eq(name, BRIO_S("iss"))) ||
           (s->audience && brio_str_eq(name, BRIO_S("aud"))) ||
           (s->subject && brio_str_eq(name, BRIO_S("sub"))) ||
           (s->expires_in && brio_str_eq(name, BRIO_S("exp"))) ||
           (s->issued_at && brio_str_eq(name, BRIO_S("iat"))) ||
           (s->unique_id && brio_str_eq(name, BRIO_S("jti")));
}

static void put_time(brio_json_writer *w, brio_str key, int64_t seconds)
{
    brio_json_key(w, key);
    brio_json_i64(w, seconds);
}

static void put_added(brio_json_writer *w, brio_arena *arena, const brio_jwt_signing *s)
{
    int64_t now = brio_crypt_now(s->now), life = s->expires_in / BRIO_SEC(1);
    put(w, BRIO_S("iss"), s->issuer);
    put(w, BRIO_S("sub"), s->subject);
    put(w, BRIO_S("aud"), s->audience);
    if (s->expires_in)
        put_time(w, BRIO_S("exp"), now + (life > 0 ? life : 1));
    if (s->issued_at)
        put_time(w, BRIO_S("iat"), now);
    if (s->unique_id)
        put(w, BRIO_S("jti"), brio_token_urlsafe(arena, 16).ptr);
}

static int write_claims(brio_arena *arena, const brio_jwt_signing *s, const brio_json *claims,
                        brio_str *ret)
{
    if (claims && claims->type != BRIO_JSON_OBJECT)
        return -EINVAL;
    brio_buf *text = brio_buf_acquire(arena);
    brio_json_writer w = {.out = text};
    brio_json_begin(&w, '{');
    for (uint32_t i = 0; claims && i < claims->n; i++) {
        if (is_added(s, claims->members[i].key))
            continue;
        brio_json_key(&w, claims->members[i].key);
        brio_json_value(&w, &claims->members[i].value);
    }
    put_added(&w, arena, s);
    brio_json_end(&w, '}');
    return text_end(arena, text, ret);
}

int brio_jwt_sign(brio_arena *arena, const brio_jwt_signing *signing, const brio_json *claims,
                  brio_str *ret)
{
    brio_str header, payload, signature;
    int rc = brio_crypt_key_check(signing->key, true);
    if (rc < 0 || (rc = write_header(arena, signing, &header)) < 0 ||
        (rc = write_claims(arena, signing, claims, &payload)) < 0)
        return rc;
    brio_str input = brio_printf(arena, "%.*s.%.*s", BRIO_ARG(header), BRIO_ARG(payload));
    if ((rc = brio_crypt_sign(arena, signing->key, input, &signature)) < 0)
        return rc;
    signature = brio_base64_encode(arena, BRIO_BASE64URL, signature);
    *ret = brio_printf(arena, "%.*s.%.*s", BRIO_ARG(input), BRIO_ARG(signature));
    return 0;
}

int brio_jwt_sign_model(brio_arena *arena, const brio_jwt_signing *signing, const brio_model *model,
                        const void *claims, brio_str *ret)
{
    brio_buf *text = brio_buf_acquire(arena);
    brio_json value;
    const char *why = NULL;
    int rc = brio_encode(text, model, claims, &why);
    if (rc < 0 && why)
        rc = brio_error(rc, "%s", why);
    if (rc >= 0 && brio_json_parse(arena, brio_buf_str(text), NULL, &value, NULL) < 0)
        rc = BRIO_EMODEL;
    if (rc >= 0)
        rc = brio_jwt_sign(arena, signing, &value, ret);
    brio_buf_release(arena, text);
    return rc;
}

/* ---- Verifying ---------------------------------------------------------------- */

typedef struct parts {
    brio_str header, payload, signature; /* the last as bytes */
    brio_str input;                      /* what is signed */
} parts;

static int split(brio_arena *arena, brio_str token, parts *ret)
{
    brio_str_pair a = brio_str_cut(token, '.');
    brio_str_pair b = brio_str_cut(a.tail, '.');
    if (!a.found || !b.found)
        return BRIO_ETOKEN;
    ret->header = a.head;
    ret->payload = b.head;
    ret->input = brio_str_slice(token, 0, a.head.len + 1 + b.head.len);
    return brio_base64_decode(arena, BRIO_BASE64URL, b.tail, &ret->signature) < 0 ? BRIO_ETOKEN : 0;
}

/* A part as the JSON object it must be. */
static int read_object(brio_arena *arena, brio_str part, brio_json *ret)
{
    brio_json_options options = {.strict = true, .max_depth = DEPTH_MAX};
    brio_str text;
    if (brio_base64_decode(arena, BRIO_BASE64URL, part, &text) < 0 || !brio_utf8_valid(text) ||
        brio_json_parse(arena, text, &options, ret, NULL) < 0 || ret->type != BRIO_JSON_OBJECT)
        return BRIO_ETOKEN;
    return 0;
}

typedef struct header {
    brio_jwt_algorithm algorithm;
    brio_str kid; /* empty: none */
} header;

static bool is_type(const brio_json *typ, const char *wanted)
{
    static const brio_str prefix = BRIO_S_INIT("application/");
    brio_str want = brio_str_from(wanted);
    brio_str got = typ && typ->type == BRIO_JSON_STR ? typ->str : (brio_str){0};
    if (brio_str_eq_nocase(brio_str_slice(got, 0, prefix.len), prefix))
        got = brio_str_slice(got, prefix.len, got.len);
    if (brio_str_eq_nocase(brio_str_slice(want, 0, prefix.len), prefix))
        want = brio_str_slice(want, prefix.len, want.len);
    return brio_str_eq_nocase(got, want);
}

/* "crit" names what must be understood, and here nothing beyond RFC 7515 is. */
static int read_header(brio_arena *arena, const brio_jwt_check *check, brio_str part, header *ret)
{
    brio_json object;
    if (read_object(arena, part, &object) < 0 || brio_json_get(&object, BRIO_S("crit")))
        return BRIO_ETOKEN;
    const brio_json *alg = brio_json_get(&object, BRIO_S("alg"));
    const brio_json *kid = brio_json_get(&object, BRIO_S("kid"));
    if (!alg || alg->type != BRIO_JSON_STR || (kid && kid->type != BRIO_JSON_STR))
        return BRIO_ETOKEN;
    if (check->type && !is_type(brio_json_get(&object, BRIO_S("typ")), check->type))
        return BRIO_ETOKEN;
    ret->algorithm = brio_crypt_algorithm_of(alg->str);
    ret->kid = kid ? kid->str : (brio_str){0};
    return ret->algorithm == BRIO_JWT_UNSET ? BRIO_EALGORITHM : 0;
}

static int check_signature(const brio_jwt_check *check, const header *h, const parts *p)
{
    int rc = BRIO_EALGORITHM;
    size_t n = check->n_keys ? check->n_keys : 1;
    for (size_t i = 0; i < n; i++) {
        const brio_jwt_key *key = &check->key[i];
        if (key->algorithm != h->algorithm)
            continue;
        rc = BRIO_ESIGNATURE;
        if (key->id && h->kid.len && !brio_str_eq(h->kid, brio_str_from(key->id)))
            continue;
        rc = brio_crypt_verify(key, p->input, p->signature);
        if (rc != BRIO_ESIGNATURE)
            break;
    }
    return rc;
}

static int check_keys(const brio_jwt_check *check)
{
    int rc = check->key && check->n_keys <= KEYS_MAX ? 0 : BRIO_EKEY;
    for (size_t i = 0; rc >= 0 && i < (check->n_keys ? check->n_keys : 1); i++)
        rc = brio_crypt_key_check(&check->key[i], false);
    return rc;
}

int brio_jwt_verify(brio_arena *arena, const brio_jwt_check *check, brio_str token, brio_json *ret)
{
    parts p;
    header h;
    brio_json claims;
    int rc = check_keys(check);
    if (rc < 0)
        return rc;
    if (token.len > (check->max_size ? check->max_size : SIZE_MAX_DEFAULT))
        return BRIO_ELIMIT;
    if ((rc = split(arena, token, &p)) < 0 || (rc = read_header(arena, check, p.header, &h)) < 0 ||
        (rc = check_signature(check, &h, &p)) < 0 ||
        (rc = read_object(arena, p.payload, &claims)) < 0 ||
        (rc = brio_crypt_claims_check(check, &claims)) < 0)
        return rc;
    *ret = claims;
    return 0;
}

int brio_jwt_verify_model(brio_arena *arena, const brio_jwt_check *check, brio_str token,
                          const brio_model *model, void *claims)
{
    brio_json value;
    brio_problems problems = {.arena = arena};
    int rc = brio_jwt_verify(arena, check, token, &value);
    return rc < 0 ? rc : brio_decode_value(&value, model, claims, NULL, &problems);
}
