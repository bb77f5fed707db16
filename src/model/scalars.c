/* SPDX-License-Identifier: MIT
 *
 * The models nobody has to declare: the scalars, lists of scalars, and the
 * three ways to say there is no JSON. Each is a table like a user's, so the
 * rest of the room has no special cases for them. */
#include "model/model_internal.h"

#define SCALAR_MODEL(T, function, kind_)                                                           \
    const brio_model *function(void)                                                               \
    {                                                                                              \
        static brio_model self = {.name = #T, .kind = (kind_), .size = sizeof(T)};                 \
        return &self;                                                                              \
    }

SCALAR_MODEL(brio_none, brio_none_model, BRIO_KIND_NONE)
SCALAR_MODEL(brio_text, brio_text_model, BRIO_KIND_TEXT)
SCALAR_MODEL(brio_html, brio_html_model, BRIO_KIND_HTML)
SCALAR_MODEL(brio_json, brio_json_model, BRIO_KIND_JSON)
SCALAR_MODEL(brio_str, brio_str_model, BRIO_KIND_STR)
SCALAR_MODEL(bool, brio_bool_model, BRIO_KIND_BOOL)
SCALAR_MODEL(int32_t, brio_i32_model, BRIO_KIND_I32)
SCALAR_MODEL(int64_t, brio_i64_model, BRIO_KIND_I64)
SCALAR_MODEL(double, brio_f64_model, BRIO_KIND_F64)

#undef SCALAR_MODEL

#define LIST_MODEL(T, L, kind_)                                                                    \
    const brio_model *L##_model(void)                                                              \
    {                                                                                              \
        static const brio_field item[] = {{.name = "item", .size = sizeof(T), .kind = (kind_)}};   \
        static brio_model self = {                                                                 \
            .name = #L, .kind = BRIO_KIND_LIST, .size = sizeof(L), .fields = item, .n = 1};        \
        return &self;                                                                              \
    }

LIST_MODEL(brio_str, brio_str_list, BRIO_KIND_STR)
LIST_MODEL(bool, brio_bool_list, BRIO_KIND_BOOL)
LIST_MODEL(int32_t, brio_i32_list, BRIO_KIND_I32)
LIST_MODEL(int64_t, brio_i64_list, BRIO_KIND_I64)
LIST_MODEL(double, brio_f64_list, BRIO_KIND_F64)

#undef LIST_MODEL
