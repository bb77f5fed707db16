/* SPDX-License-Identifier: MIT
 *
 * A file read piece by piece into a stream. */
#include <brio/brio.h>

static int iterfile(brio_request *req, const brio_none *in, brio_response *out)
{
    char piece[4096];
    ptrdiff_t n = 0;
    int rc = brio_respond_header(req, BRIO_S("content-type"), BRIO_S("video/mp4"));
    if (rc < 0)
        return rc;
    BRIO_WITH_FILE(rc, file, BRIO_S("large-video-file.mp4"), "r")
    {
        while (rc == 0 && (n = brio_file_read(file, piece, sizeof piece)) > 0)
            rc = brio_respond_stream(req, (brio_str){piece, (size_t)n});
    }
    return rc < 0 ? rc : (int)n;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", iterfile, brio_none, brio_response, .name = "main");
}
