/* SPDX-License-Identifier: MIT
 *
 * Booleans and strings as pydantic reads them (lax mode): booleans from the
 * usual words and from 1 and 0 of any number type; strings from nothing but
 * strings. Nothing here allocates unless something is wrong. */
#include "model/model_internal.h"

#include <math.h>

static const brio_str no_ctx = {0};

/* ---- Bool ----------------------------------------------------------------- */

static bool is_one_of(brio_str s, const char *const words[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (brio_str_eq_nocase(s, brio_str_from(words[i])))
            return true;
    return false;
}

/* 1, 0, or -1 for neither. */
static int bool_from_text(brio_str s)
{
    static const char *const yes[] = {"1", "true", "t", "yes", "y", "on"};
    static const char *const no[] = {"0", "false", "f", "no", "n", "off"};
    if (is_one_of(s, yes, sizeof yes / sizeof *yes))
        return 1;
    return is_one_of(s, no, sizeof no / sizeof *no) ? 0 : -1;
}

static int bool_from_int(int64_t i)
{
    return i == 0 ? 0 : i == 1 ? 1 : -1;
}

/* 1, 0; -1 for a value of a fitting type that is neither; -2 for other types.
 * A float counts as the integer it is, if it is one of 64 bits. */
static int bool_from_json(const brio_json *input)
{
    switch ((int)input->type) {
    case BRIO_JSON_BOOL:
        return input->boolean;
    case BRIO_JSON_INT:
        return bool_from_int(input->integer);
    case BRIO_JSON_STR:
        return bool_from_text(input->str);
    case BRIO_JSON_FLOAT:
        if (fabs(input->number) < 0x1p63 && input->number == trunc(input->number))
            return bool_from_int((int64_t)input->number);
        return -2;
    default:
        return -2;
    }
}

int brio_coerce_bool(const brio_site *site, void *out)
{
    bool strict = site->row->strict && site->input->type != BRIO_JSON_BOOL;
    int value = strict ? -2 : bool_from_json(site->input);
    if (value == -1)
        return brio_site_fail(site, "bool_parsing",
                              BRIO_S("Input should be a valid boolean, unable to interpret input"),
                              no_ctx);
    if (value < 0)
        return brio_site_fail(site, "bool_type", BRIO_S("Input should be a valid boolean"), no_ctx);
    bool stored = value;
    memcpy(out, &stored, sizeof stored);
    return 0;
}

/* ---- String --------------------------------------------------------------- */

int brio_coerce_str(const brio_site *site, void *out)
{
    if (site->input->type != BRIO_JSON_STR)
        return brio_site_fail(site, "string_type", BRIO_S("Input should be a valid string"),
                              no_ctx);
    brio_str value = site->input->str;
    if (site->row->bounded && brio_constrain_str(site, value) < 0)
        return BRIO_EINVALID;
    memcpy(out, &value, sizeof value);
    return 0;
}
