/* SPDX-License-Identifier: MIT
 *
 * The registered claims of RFC 7519, section 4.1: of the right type if they are
 * there, then compared with what the caller asked for. */
#include "crypt/crypt_internal.h"

#include <brio/model.h>

#include <math.h>

static const brio_json *get(const brio_json *claims, const char *name)
{
    const brio_json *value = brio_json_get(claims, brio_str_from(name));
    return value && value->type != BRIO_JSON_NULL ? value : NULL;
}

/* ---- Types -------------------------------------------------------------------- */

static bool is_text(const brio_json *value)
{
    return value->type == BRIO_JSON_STR;
}

static bool is_time(const brio_json *value)
{
    return value->type == BRIO_JSON_INT ||
           (value->type == BRIO_JSON_FLOAT && isfinite(value->number));
}

static bool is_audience(const brio_json *value)
{
    if (value->type != BRIO_JSON_ARRAY)
        return is_text(value);
    for (uint32_t i = 0; i < value->n; i++)
        if (!is_text(&value->items[i]))
            return false;
    return true;
}

static const struct {
    const char *name;
    bool (*fits)(const brio_json *value);
} registered[] = {{"iss", is_text}, {"sub", is_text}, {"aud", is_audience}, {"exp", is_time},
                  {"nbf", is_time}, {"iat", is_time}, {"jti", is_text}};

static int check_types(const brio_json *claims)
{
    for (size_t i = 0; i < sizeof registered / sizeof *registered; i++) {
        const brio_json *value = brio_json_get(claims, brio_str_from(registered[i].name));
        if (value && !registered[i].fits(value))
            return BRIO_ECLAIM;
    }
    return 0;
}

static int check_required(const brio_json *claims, const char *names)
{
    brio_str rest = brio_str_from(names);
    while (rest.len) {
        brio_str_pair cut = brio_str_cut(rest, ' ');
        const brio_json *value = brio_json_get(claims, cut.head);
        if (cut.head.len && (!value || value->type == BRIO_JSON_NULL))
            return BRIO_ECLAIM;
        rest = cut.tail;
    }
    return 0;
}

/* ---- Times ---------------------------------------------------------------------- */

static double seconds_of(const brio_json *value)
{
    return value->type == BRIO_JSON_INT ? (double)value->integer : value->number;
}

/* Whole seconds of a duration. */
static double span_of(brio_time duration)
{
    int64_t seconds = duration / BRIO_SEC(1);
    return (double)seconds;
}

static int check_times(const brio_jwt_check *check, const brio_json *claims)
{
    double now = (double)brio_crypt_now(check->now);
    double leeway = span_of(check->leeway);
    const brio_json *exp = get(claims, "exp"), *nbf = get(claims, "nbf"), *iat = get(claims, "iat");
    if ((nbf && seconds_of(nbf) > now + leeway) || (iat && seconds_of(iat) > now + leeway))
        return BRIO_EEARLY;
    if (exp && floor(seconds_of(exp)) <= now - leeway)
        return BRIO_EEXPIRED;
    if (!check->max_age)
        return 0;
    if (!iat)
        return BRIO_ECLAIM;
    double oldest = now - leeway - span_of(check->max_age);
    return seconds_of(iat) < oldest ? BRIO_EEXPIRED : 0;
}

/* ---- Who ------------------------------------------------------------------------ */

static bool names(const brio_json *aud, brio_str audience)
{
    if (is_text(aud))
        return brio_str_eq(aud->str, audience);
    for (uint32_t i = 0; i < aud->n; i++)
        if (brio_str_eq(aud->items[i].str, audience))
            return true;
    return false;
}

/* A recipient that is not named must refuse (section 4.1.3), so one without a
 * name refuses whatever names anybody. */
static int check_audience(const brio_json *aud, const char *audience)
{
    if (!audience)
        return aud && (is_text(aud) ? aud->str.len : aud->n) ? BRIO_EAUDIENCE : 0;
    if (!aud)
        return BRIO_ECLAIM;
    return names(aud, brio_str_from(audience)) ? 0 : BRIO_EAUDIENCE;
}

static int check_text(const brio_json *value, const char *wanted, int other)
{
    if (!wanted)
        return 0;
    if (!value)
        return BRIO_ECLAIM;
    return brio_str_eq(value->str, brio_str_from(wanted)) ? 0 : other;
}

int brio_crypt_claims_check(const brio_jwt_check *check, const brio_json *claims)
{
    int rc;
    if ((rc = check_types(claims)) < 0 || (rc = check_required(claims, check->required)) < 0 ||
        (rc = check->any_time ? 0 : check_times(check, claims)) < 0 ||
        (rc = check_text(get(claims, "iss"), check->issuer, BRIO_EISSUER)) < 0 ||
        (rc = check_audience(get(claims, "aud"), check->audience)) < 0)
        return rc;
    return check_text(get(claims, "sub"), check->subject, BRIO_ECLAIM);
}
