/* SPDX-License-Identifier: MIT
 *
 * A class of answer of one's own is a function that writes it. */
#include <brio/brio.h>

static int answer_indented(brio_request *req, const char *key, const char *value)
{
    brio_str text = brio_printf(brio_request_arena(req), "{\n  \"%s\": \"%s\"\n}", key, value);
    return brio_answer_bytes(req, 200, "application/json", text);
}

static int main_page(brio_request *req, const brio_none *in, brio_response *out)
{
    return answer_indented(req, "message", "Hello World");
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", main_page, brio_none, brio_response, .name = "main", .response = BRIO_CUSTOM,
             .media_type = "application/json");
}
