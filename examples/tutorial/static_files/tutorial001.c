/* SPDX-License-Identifier: MIT
 *
 * A folder of files. */
#include <brio/brio.h>

BRIO_MAIN()
{
    brio_static(app, "/static", "static", NULL);
}
