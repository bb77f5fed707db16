/* SPDX-License-Identifier: MIT
 *
 * A folder that need not be there yet. */
#include <brio/brio.h>

BRIO_MAIN()
{
    brio_frontend(app, "/", "dist", &(brio_frontend_options){.may_be_missing = true});
}
