/* SPDX-License-Identifier: MIT
 *
 * The models of the value types and of their lists, which nobody has to
 * declare. */
#include "model/type_ops.h"

#define VALUE_MODEL(T, L)                                                                          \
    const brio_model *T##_model(void)                                                              \
    {                                                                                              \
        static brio_model self = {                                                                 \
            .name = #T, .kind = BRIO_KIND_TYPE, .size = sizeof(T), .type = &T##_ops};              \
        return &self;                                                                              \
    }                                                                                              \
    const brio_model *L##_model(void)                                                              \
    {                                                                                              \
        static const brio_field item[] = {                                                         \
            {.name = "item", .size = sizeof(T), .kind = BRIO_KIND_MODEL, .model = T##_model}};     \
        static brio_model self = {                                                                 \
            .name = #L, .kind = BRIO_KIND_LIST, .size = sizeof(L), .fields = item, .n = 1};        \
        return &self;                                                                              \
    }

BRIO_VALUE_TYPES_(VALUE_MODEL)

#undef VALUE_MODEL
