/* SPDX-License-Identifier: MIT
 *
 * The timeline in Chrome's trace event format ("JSON Array in an object"), as
 * Perfetto and chrome://tracing open it: a track is a thread with a name,
 * each state a complete slice ("ph":"X") in microseconds.
 *
 * What a task waits for is the slice's name, so a search for "lock" finds the
 * waits; `cname` picks the colour in chrome://tracing, Perfetto colours by name. */
#include "trace/trace_internal.h"

static void add_quoted(brio_buf *out, const char *text)
{
    brio_buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            brio_buf_char(out, '\\');
        brio_buf_char(out, *text);
    }
    brio_buf_char(out, '"');
}

/* Microseconds with three decimals. */
static void add_us(brio_buf *out, brio_time ns)
{
    brio_buf_printf(out, "%lld.%03lld", (long long)(ns / 1000), (long long)(ns % 1000));
}

static void add_track(brio_buf *out, const brio_trace_row *row, size_t tid, size_t place)
{
    brio_buf_printf(out, ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%zu,\"name\":\"thread_name\",", tid);
    brio_buf_add(out, BRIO_S("\"args\":{\"name\":"));
    add_quoted(out, row->name);
    brio_buf_printf(out,
                    "}},\n{\"ph\":\"M\",\"pid\":1,\"tid\":%zu,\"name\":\"thread_sort_index\","
                    "\"args\":{\"sort_index\":%zu}}",
                    tid, place);
}

static void add_slice(brio_buf *out, const brio_trace_span *span, size_t tid, brio_time origin)
{
    static const char *const colours[] = {[BRIO_TRACE_READY] = "bad",
                                          [BRIO_TRACE_RUNNING] = "good",
                                          [BRIO_TRACE_WAITING] = "generic_work"};
    bool waits = span->state == BRIO_TRACE_WAITING, runs = span->state == BRIO_TRACE_RUNNING;
    const char *category = waits ? "waiting" : runs ? "running" : "ready";
    brio_buf_printf(out, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%zu,\"ts\":", tid);
    add_us(out, span->from - origin);
    brio_buf_add(out, BRIO_S(",\"dur\":"));
    add_us(out, span->to - span->from);
    brio_buf_printf(out, ",\"cat\":\"%s\",\"cname\":\"%s\",\"name\":", category,
                    colours[span->state]);
    add_quoted(out, waits ? brio_trace_wait_text(span->wait) : category);
    brio_buf_char(out, '}');
}

void brio_trace_paint_json(brio_buf *out, const brio_trace_model *model)
{
    brio_buf_printf(out,
                    "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"producer\":\"brio %s\","
                    "\"dropped_events\":%zu},\"traceEvents\":[\n",
                    brio_version(), model->dropped);
    brio_buf_add(out, BRIO_S("{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
                             "\"args\":{\"name\":\"brio\"}}"));
    for (size_t i = 0; i < model->n; i++) {
        const brio_trace_row *row = &model->rows[model->order[i]];
        size_t tid = model->order[i] + 1;
        add_track(out, row, tid, i);
        for (size_t j = 0; j < row->n; j++)
            add_slice(out, &row->spans[j], tid, model->from);
    }
    brio_buf_add(out, BRIO_S("\n]}\n"));
}
