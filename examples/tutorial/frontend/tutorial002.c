/* SPDX-License-Identifier: MIT
 *
 * Addresses that only the page knows get the page. */
#include <brio/brio.h>

BRIO_MAIN()
{
    brio_frontend(app, "/", "dist", &(brio_frontend_options){.fallback = BRIO_FALLBACK_INDEX});
}
