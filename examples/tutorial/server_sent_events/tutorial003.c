/* SPDX-License-Identifier: MIT
 *
 * Text as it is, not as JSON. */
#include <brio/brio.h>

static int stream_logs(brio_request *req, const brio_none *in, brio_response *out)
{
    static const char *const logs[] = {
        "2025-01-01 INFO  Application started",
        "2025-01-01 DEBUG Connected to database",
        "2025-01-01 WARN  High memory usage detected",
    };
    int rc = 0;
    for (size_t i = 0; i < 3 && rc == 0; i++)
        rc = brio_respond_event(req, &(brio_sse){.raw = brio_str_from(logs[i])});
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/logs/stream", stream_logs, brio_none, brio_response, .response = BRIO_SSE);
}
