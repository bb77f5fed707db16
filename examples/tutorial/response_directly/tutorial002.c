/* SPDX-License-Identifier: MIT
 *
 * Any bytes under any media type. */
#include <brio/brio.h>

static int get_legacy_data(brio_request *req, const brio_none *in, brio_json *out)
{
    static const char data[] = "<?xml version=\"1.0\"?>\n"
                               "    <shampoo>\n"
                               "    <Header>\n"
                               "        Apply shampoo here.\n"
                               "    </Header>\n"
                               "    <Body>\n"
                               "        You'll have to use soap here.\n"
                               "    </Body>\n"
                               "    </shampoo>\n"
                               "    ";
    return brio_answer_bytes(req, 200, "application/xml", brio_str_from(data));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/legacy/", get_legacy_data, brio_none, brio_json, .run = BRIO_BLOCKING);
}
