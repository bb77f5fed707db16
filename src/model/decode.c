/* SPDX-License-Identifier: MIT
 *
 * brio_decode: the fast reader first, which takes every plain input; whatever
 * it declines is parsed to a brio_json and judged by the full validator, the
 * only part that knows coercions and errors. The two agree on every input the
 * fast one takes, so the answer never depends on the road. */
#include "model/model_internal.h"

/* FastAPI's problem for a body that is not JSON. */
static void add_json_invalid(brio_problems *problems, const brio_loc *root, brio_json_fault fault)
{
    brio_loc loc = {.up = root, .index = (int64_t)fault.offset, .is_index = true};
    brio_json_member error = {BRIO_S("error"), brio_json_from_str(brio_str_from(fault.message))};
    brio_json ctx = {.type = BRIO_JSON_OBJECT, .n = 1, .members = &error};
    brio_json input = {.type = BRIO_JSON_OBJECT};
    brio_problem_add(problems, "json_invalid", &loc, input, BRIO_S("JSON decode error"),
                     brio_json_text(problems->arena, &ctx));
}

/* As Python's json.loads does with bytes. */
static brio_str without_bom(brio_str json)
{
    brio_str bom = BRIO_S("\xEF\xBB\xBF");
    return brio_str_starts(json, bom) ? brio_str_slice(json, bom.len, SIZE_MAX) : json;
}

static int decode_slow(brio_str json, const brio_model *model, void *out, const brio_loc *root,
                       brio_problems *problems)
{
    if (!brio_utf8_valid(json))
        return BRIO_ESYNTAX;
    brio_json value;
    brio_json_fault fault;
    int rc = brio_json_parse(problems->arena, without_bom(json), NULL, &value, &fault);
    if (rc == BRIO_ELIMIT)
        return BRIO_ESYNTAX; /* too deep, or an integer of thousands of digits: 400 as well */
    if (rc == 0)
        return brio_decode_value(&value, model, out, root, problems);
    add_json_invalid(problems, root, fault);
    return BRIO_EINVALID;
}

int brio_decode(brio_str json, const brio_model *model, void *out, const brio_loc *root,
                brio_problems *problems)
{
    BRIO_ASSERT(problems->arena);
    if (BRIO_LIKELY(brio_decode_fast(json, model, out, problems->arena)))
        return 0;
    return decode_slow(json, model, out, root, problems);
}
