/* SPDX-License-Identifier: MIT
 *
 * Bytes of a media type of one's own. The image is the file image.png. */
#include <brio/brio.h>

static int stream_image(brio_request *req, const brio_none *in, brio_response *out)
{
    char chunk[256];
    ptrdiff_t n = 0;
    int rc = 0;
    BRIO_WITH_FILE(rc, file, BRIO_S("image.png"), "r")
    {
        while (rc == 0 && (n = brio_file_read(file, chunk, sizeof chunk)) > 0)
            rc = brio_respond_stream(req, (brio_str){chunk, (size_t)n});
    }
    return rc < 0 ? rc : (int)n;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/image/stream", stream_image, brio_none, brio_response, .name = "stream_image",
             .response = BRIO_STREAM, .media_type = "image/png");
    BRIO_GET(app, "/image/stream-no-async", stream_image, brio_none, brio_response,
             .name = "stream_image_no_async", .response = BRIO_STREAM, .media_type = "image/png");
    BRIO_GET(app, "/image/stream-no-async-yield-from", stream_image, brio_none, brio_response,
             .name = "stream_image_no_async_yield_from", .response = BRIO_STREAM,
             .media_type = "image/png");
    BRIO_GET(app, "/image/stream-no-annotation", stream_image, brio_none, brio_response,
             .name = "stream_image_no_annotation", .response = BRIO_STREAM,
             .media_type = "image/png");
    BRIO_GET(app, "/image/stream-no-async-no-annotation", stream_image, brio_none, brio_response,
             .name = "stream_image_no_async_no_annotation", .response = BRIO_STREAM,
             .media_type = "image/png");
}
