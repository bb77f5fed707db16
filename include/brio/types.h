/* SPDX-License-Identifier: MIT
 *
 * brio/types.h: scalar types beyond C's own. A part of <brio/model.h>.
 *
 * Nothing here suspends. */
#ifndef BRIO_TYPES_H
#define BRIO_TYPES_H

#include <brio/base.h>
#include <brio/json.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(type, its list) for each: BRIO_FIELD knows them, and pointers to them. */
#define BRIO_VALUE_TYPES_(X)

#ifdef __cplusplus
}
#endif
#endif
