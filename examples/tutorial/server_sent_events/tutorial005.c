/* SPDX-License-Identifier: MIT
 *
 * Events in answer to a POST. */
#include <brio/brio.h>

typedef struct Prompt {
    brio_str text;
} Prompt;
BRIO_MODEL(Prompt, BRIO_FIELD(text));

static int stream_chat(brio_request *req, const Prompt *prompt, brio_response *out)
{
    brio_str rest = brio_str_trim(prompt->text);
    int rc = 0;
    while (rest.len && rc == 0) {
        brio_str_pair word = brio_str_cut(rest, ' ');
        brio_json data = brio_json_from_str(word.head);
        rc = brio_respond_event(req, &(brio_sse){.json = &data, .event = BRIO_S("token")});
        rest = brio_str_trim(word.tail);
    }
    return rc < 0 ? rc
                  : brio_respond_event(
                        req, &(brio_sse){.raw = BRIO_S("[DONE]"), .event = BRIO_S("done")});
}

BRIO_MAIN()
{
    BRIO_POST(app, "/chat/stream", stream_chat, Prompt, brio_response, .response = BRIO_SSE);
}
