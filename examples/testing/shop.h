/* SPDX-License-Identifier: MIT
 *
 * A shop small enough to read before its tests: docs/testing.md. The app is made
 * by a function, so that a server and a test program can both have one. */
#ifndef SHOP_H
#define SHOP_H

#include <brio/brio.h>

brio_app *shop_new(void);

/* What a euro costs, in cents of a dollar. In a header, so that tests can put
 * another in its place. */
typedef struct Rate {
    int64_t cents;
} Rate;
int rate(brio_request *req, const brio_none *in, Rate *out);
BRIO_PROVIDER(rate, brio_none, Rate);

#endif
