/* SPDX-License-Identifier: MIT
 *
 * The files of a folder, and a page for all else. */
#include <brio/brio.h>

BRIO_MAIN()
{
    brio_frontend(app, "/", "dist", NULL);
}
