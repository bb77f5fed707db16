/* SPDX-License-Identifier: MIT */
#include "model/model_internal.h"

/* Placeholder until the one-pass reader lands: everything takes the long road. */
bool brio_decode_fast(brio_str json, const brio_model *model, void *out, brio_arena *arena)
{
    (void)json, (void)model, (void)out, (void)arena;
    return false;
}
