/* SPDX-License-Identifier: MIT
 *
 * Text, line by line. In C all these Python variants are one. */
#include <brio/brio.h>

static const char message[] =
    "Rick: (stumbles in drunkenly, and turns on the lights) Morty! You gotta come on. You got--... "
    "you gotta come with me.\n"
    "Morty: (rubs his eyes) What, Rick? What's going on?\n"
    "Rick: I got a surprise for you, Morty.\n"
    "Morty: It's the middle of the night. What are you talking about?\n"
    "Rick: (spills alcohol on Morty's bed) Come on, I got a surprise for you. (drags Morty by the "
    "ankle) Come on, hurry up. (pulls Morty out of his bed and into the hall)\n"
    "Morty: Ow! Ow! You're tugging me too hard!\n"
    "Rick: We gotta go, gotta get outta here, come on. Got a surprise for you Morty.\n";

static int stream_story(brio_request *req, const brio_none *in, brio_response *out)
{
    int rc = 0;
    for (brio_str rest = brio_str_from(message); rest.len && rc == 0;) {
        brio_str_pair line = brio_str_cut(rest, '\n');
        rc = brio_respond_stream(req, line.head);
        rest = line.tail;
    }
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/story/stream", stream_story, brio_none, brio_response, .name = "stream_story",
             .response = BRIO_STREAM);
    BRIO_GET(app, "/story/stream-no-async", stream_story, brio_none, brio_response,
             .name = "stream_story_no_async", .response = BRIO_STREAM);
    BRIO_GET(app, "/story/stream-no-annotation", stream_story, brio_none, brio_response,
             .name = "stream_story_no_annotation", .response = BRIO_STREAM);
    BRIO_GET(app, "/story/stream-no-async-no-annotation", stream_story, brio_none, brio_response,
             .name = "stream_story_no_async_no_annotation", .response = BRIO_STREAM);
    BRIO_GET(app, "/story/stream-bytes", stream_story, brio_none, brio_response,
             .name = "stream_story_bytes", .response = BRIO_STREAM);
    BRIO_GET(app, "/story/stream-no-async-bytes", stream_story, brio_none, brio_response,
             .name = "stream_story_no_async_bytes", .response = BRIO_STREAM);
    BRIO_GET(app, "/story/stream-no-annotation-bytes", stream_story, brio_none, brio_response,
             .name = "stream_story_no_annotation_bytes", .response = BRIO_STREAM);
    BRIO_GET(app, "/story/stream-no-async-no-annotation-bytes", stream_story, brio_none,
             brio_response, .name = "stream_story_no_async_no_annotation_bytes",
             .response = BRIO_STREAM);
}
