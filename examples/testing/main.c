/* SPDX-License-Identifier: MIT
 *
 * The shop as a server:
 *
 *     ./dev run testing/shop */
#include "shop.h"

int main(int argc, char **argv)
{
    return brio_main(shop_new(), argc, argv);
}
