/* SPDX-License-Identifier: MIT
 *
 * The files and nothing else. */
#include <brio/brio.h>

BRIO_MAIN()
{
    brio_frontend(app, "/", "dist", &(brio_frontend_options){.fallback = BRIO_FALLBACK_NONE});
}
