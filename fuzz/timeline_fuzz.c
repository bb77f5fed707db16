/* SPDX-License-Identifier: MIT
 *
 * Events of any order, time, track and name through the model, the choice of
 * rows and the three painters. Input: records of 12 bytes (time, track, parent,
 * state, wait, rows), then names. Drawings must be valid UTF-8. */
#include "trace/trace_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 12, EVENTS_MAX = 2000 };

static void add(brio_trace_recording *recording, const uint8_t *at, const char *name)
{
    uint32_t time;
    memcpy(&time, at, sizeof(time));
    brio_trace_event event = {.at = (brio_time)time << (at[4] % 28),
                              .track = at[5],
                              .parent = at[6],
                              .state = at[7] % (BRIO_TRACE_ENDED + 1),
                              .wait = at[8],
                              .name = at[9] & 1 ? name : NULL,
                              .loop = at[9] & 2 ? recording : NULL};
    brio_trace_recording_add(recording, &event);
}

static void check(brio_buf *out)
{
    BRIO_ASSERT(!out->failed);
    BRIO_ASSERT(brio_utf8_valid(brio_buf_str(out)));
    brio_buf_fini(out);
}

static void paint(const brio_trace_model *model, uint8_t how)
{
    brio_buf text = {0}, svg = {0}, json = {0};
    brio_trace_style style = {.width = how, .colour = how & 1, .ascii = how & 2};
    brio_trace_paint_text(&text, model, &style);
    brio_trace_paint_svg(&svg, model);
    brio_trace_paint_json(&json, model);
    check(&text);
    check(&svg);
    check(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_trace_recording recording = {.max = EVENTS_MAX};
    char name[64] = "";
    size_t n = size / RECORD, rest = size % RECORD;
    memcpy(name, data + n * RECORD, rest);
    for (size_t i = 0; i < n; i++) {
        memcpy(name + rest, data + i * RECORD, RECORD);
        add(&recording, data + i * RECORD, name);
    }
    brio_trace_model model;
    if (brio_trace_model_init(&model, &recording) == 0) {
        BRIO_ASSERT(brio_trace_arrange(&model, 1 + (n ? data[10] % 20 : 0)) == 0);
        paint(&model, n ? data[11] : 0);
        brio_trace_model_fini(&model);
    }
    brio_trace_recording_fini(&recording);
    return 0;
}
