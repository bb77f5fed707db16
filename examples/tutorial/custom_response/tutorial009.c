/* SPDX-License-Identifier: MIT
 *
 * A file: length, type, ETag and ranges come by themselves. */
#include <brio/brio.h>

static int main_page(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_file(req, BRIO_S("large-video-file.mp4"), NULL);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", main_page, brio_none, brio_response, .name = "main");
}
