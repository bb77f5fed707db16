/* SPDX-License-Identifier: MIT
 *
 * What is not there is told in the page's own way. */
#include <brio/brio.h>

BRIO_MAIN()
{
    brio_frontend(app, "/", "dist", &(brio_frontend_options){.fallback = BRIO_FALLBACK_404});
}
