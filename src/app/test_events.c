/* SPDX-License-Identifier: MIT
 *
 * Server-sent events as the test client reads them, by the rules of the HTML
 * standard. Nothing is taken out of the text before an empty line has ended it,
 * so a call that gave up loses nothing. */
#include "app/test_client.h"

#include <errno.h>

/* What the lines of one event have said so far. */
typedef struct draft {
    brio_buf data;
    bool has_data;
    brio_str event, id;
    bool has_id;
    brio_time retry;
    size_t comments;
} draft;

/* The line at *at and past its end (LF, CR, CRLF); false: it has none yet. */
static bool next_line(brio_str text, size_t *at, brio_str *ret)
{
    size_t from = *at;
    if (from > 0 && from < text.len && text.ptr[from - 1] == '\r' && text.ptr[from] == '\n')
        from++;
    size_t to = from;
    while (to < text.len && text.ptr[to] != '\n' && text.ptr[to] != '\r')
        to++;
    if (to == text.len)
        return false;
    *ret = brio_str_slice(text, from, to - from);
    *at = to + 1;
    return true;
}

static void take_data(draft *d, brio_str value)
{
    if (d->has_data)
        brio_buf_char(&d->data, '\n');
    brio_buf_add(&d->data, value);
    d->has_data = true;
}

static void take_line(draft *d, brio_str line)
{
    brio_str_pair cut = brio_str_cut(line, ':');
    brio_str value = brio_str_slice(cut.tail, cut.tail.len && cut.tail.ptr[0] == ' ', SIZE_MAX);
    uint64_t ms;
    if (cut.found && !cut.head.len) {
        d->comments++;
    } else if (brio_str_eq(cut.head, BRIO_S("data"))) {
        take_data(d, value);
    } else if (brio_str_eq(cut.head, BRIO_S("event"))) {
        d->event = value;
    } else if (brio_str_eq(cut.head, BRIO_S("id"))) {
        if (!value.len || !memchr(value.ptr, '\0', value.len)) {
            d->id = value;
            d->has_id = true;
        }
    } else if (brio_str_eq(cut.head, BRIO_S("retry"))) {
        if (brio_str_to_u64(value, &ms) == 0 && ms < (uint64_t)(BRIO_NEVER / BRIO_MS(1)))
            d->retry = (brio_time)ms * BRIO_MS(1);
    }
}

static void take_json(brio_arena *arena, brio_test_event *event)
{
    if (brio_json_parse(arena, event->data, NULL, &event->json, NULL) < 0)
        event->json = (brio_json){0};
}

/* An empty line: what was said counts. True if it is an event. */
static bool settle(brio_test_stream *s, const draft *d, brio_test_event *ret)
{
    brio_arena *arena = &s->client->arena;
    s->comments += d->comments;
    if (d->has_id)
        s->last_id = brio_str_copy(arena, d->id);
    if (d->retry)
        s->retry = d->retry;
    if (!d->has_data)
        return false;
    *ret = (brio_test_event){
        .event = d->event.len ? brio_str_copy(arena, d->event) : BRIO_S("message"),
        .data = brio_str_copy(arena, brio_buf_str(&d->data)),
        .id = s->last_id,
        .retry = s->retry,
        .comments = s->comments,
    };
    take_json(arena, ret);
    s->comments = 0;
    s->retry = 0;
    return true;
}

/* The next event of the text that is there. */
static bool take_event(brio_test_stream *s, brio_test_event *ret)
{
    brio_str text = brio_buf_str(&s->text), line;
    draft d = {0};
    bool found = false;
    if (s->text_read == 0 && brio_str_starts(text, BRIO_S("\xEF\xBB\xBF")))
        s->text_read = 3;
    for (size_t at = s->text_read; !found && next_line(text, &at, &line);) {
        if (line.len) {
            take_line(&d, line);
            continue;
        }
        found = settle(s, &d, ret);
        s->text_read = at;
        brio_buf_fini(&d.data);
        d = (draft){0};
    }
    brio_buf_fini(&d.data);
    return found;
}

int brio_test_sse_next(brio_test_stream *s, brio_test_event *ret)
{
    brio_time limit = brio_loop_now(s->client->loop) + s->client->options.patience;
    *ret = (brio_test_event){0};
    while (!take_event(s, ret)) {
        brio_str piece;
        int rc = brio_test_stream_read(s, &piece);
        if (rc <= 0)
            return rc;
        if (brio_loop_now(s->client->loop) > limit)
            return -ETIMEDOUT; /* nothing but pings */
        brio_buf_add(&s->text, piece);
        BRIO_ASSERT(!s->text.failed);
    }
    return 1;
}
