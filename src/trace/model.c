/* SPDX-License-Identifier: MIT
 *
 * From records to rows: each track's life as spans that follow each other.
 *
 * Two passes over the pages: the first finds the tracks (a table by loop and
 * id) and counts, the second writes the spans. A track that appears again
 * after its end, by name, is another one: a second loop counts from 1 again.
 * Runs of no length are kept, since in virtual time every run is one; other
 * states of no length are not. */
#include "trace/trace_internal.h"

#include <errno.h>
#include <stdlib.h>

typedef struct builder {
    brio_trace_model *model;
    size_t *table; /* open addressing: row + 1, by loop and track; 0: free */
    size_t mask;
} builder;

/* ---- Tracks ------------------------------------------------------------- */

static size_t slot_of(const builder *b, const void *loop, uint64_t track)
{
    uint64_t hash = (track ^ (uint64_t)(uintptr_t)loop << 7) * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 20) & b->mask;
    while (b->table[at]) {
        const brio_trace_row *row = &b->model->rows[b->table[at] - 1];
        if (row->track == track && row->loop == loop)
            break;
        at = (at + 1) & b->mask;
    }
    return at;
}

/* The row of this track now, or NO_ROW. */
static size_t row_of(const builder *b, const void *loop, uint64_t track)
{
    size_t found = b->table[slot_of(b, loop, track)];
    return found ? found - 1 : BRIO_TRACE_NO_ROW;
}

static size_t parent_of(const builder *b, const brio_trace_record *record)
{
    if (!record->parent)
        return BRIO_TRACE_NO_ROW;
    size_t row = row_of(b, record->loop, record->parent);
    return row != BRIO_TRACE_NO_ROW ? row : row_of(b, NULL, record->parent);
}

static size_t add_row(builder *b, const brio_trace_record *record)
{
    brio_trace_model *model = b->model;
    size_t parent = parent_of(b, record);
    size_t index = model->n++;
    BRIO_ASSERT(index < model->events);
    unsigned depth = parent == BRIO_TRACE_NO_ROW ? 0 : model->rows[parent].depth + 1;
    model->rows[index] = (brio_trace_row){.track = record->track,
                                          .loop = record->loop,
                                          .name = record->name ? record->name : "?",
                                          .parent = parent,
                                          .shown_with = index,
                                          .next_folded = BRIO_TRACE_NO_ROW,
                                          .depth = depth};
    b->table[slot_of(b, record->loop, record->track)] = index + 1;
    return index;
}

/* Its row, made if need be. */
static size_t visit(builder *b, const brio_trace_record *record)
{
    size_t index = row_of(b, record->loop, record->track);
    bool again = index != BRIO_TRACE_NO_ROW && b->model->rows[index].ended && record->name;
    return index == BRIO_TRACE_NO_ROW || again ? add_row(b, record) : index;
}

static bool state_ends(unsigned state)
{
    return state == BRIO_TRACE_ENDED || state == BRIO_TRACE_FREE;
}

static void count_record(builder *b, brio_trace_record *record)
{
    size_t index = visit(b, record);
    brio_trace_row *row = &b->model->rows[index];
    record->row = (uint32_t)index;
    row->n++;
    row->ended = state_ends(record->state);
    if (record->at < b->model->from)
        b->model->from = record->at;
    if (record->at > b->model->to)
        b->model->to = record->at;
}

/* ---- Spans -------------------------------------------------------------- */

/* Closes the newest span at `at`; one that shows nothing goes. */
static void close_span(brio_trace_row *row, brio_trace_span *spans, brio_time at)
{
    if (!row->n)
        return;
    brio_trace_span *last = &spans[row->n - 1];
    last->to = at > last->from ? at : last->from;
    if (last->to == last->from && last->state != BRIO_TRACE_RUNNING)
        row->n--;
}

static void open_span(brio_trace_row *row, brio_trace_span *spans, const brio_trace_record *record)
{
    brio_time from = record->at;
    if (row->n && spans[row->n - 1].to > from)
        from = spans[row->n - 1].to; /* two threads' clocks raced */
    uint8_t state = record->state == BRIO_TRACE_NEW ? BRIO_TRACE_READY : record->state;
    spans[row->n++] =
        (brio_trace_span){.from = from, .to = from, .state = state, .wait = record->wait};
}

static void add_span(builder *b, brio_trace_record *record)
{
    brio_trace_model *model = b->model;
    brio_trace_row *row = &model->rows[record->row];
    brio_trace_span *spans = model->spans + (row->spans - model->spans);
    if (row->ended)
        return;
    close_span(row, spans, record->at);
    if (state_ends(record->state))
        row->ended = true;
    else
        open_span(row, spans, record);
}

/* Between the passes: rows know where their spans begin, and forget the rest. */
static void assign_spans(builder *b)
{
    brio_trace_span *at = b->model->spans;
    for (size_t i = 0; i < b->model->n; i++) {
        brio_trace_row *row = &b->model->rows[i];
        row->spans = at;
        at += row->n;
        row->n = 0;
        row->ended = false;
    }
}

static void finish_rows(builder *b)
{
    brio_trace_model *model = b->model;
    for (size_t i = 0; i < model->n; i++) {
        brio_trace_row *row = &model->rows[i];
        if (!row->ended)
            close_span(row, model->spans + (row->spans - model->spans), model->to);
    }
}

/* ---- Names and order ---------------------------------------------------- */

static int clean_names(brio_trace_model *model)
{
    size_t *at = brio_zalloc(model->n + 1, sizeof(*at));
    if (!at)
        return -ENOMEM;
    for (size_t i = 0; i < model->n; i++) {
        at[i] = model->names.len;
        brio_trace_clean(&model->names, model->rows[i].name);
        brio_buf_char(&model->names, '\0');
    }
    for (size_t i = 0; i < model->n && !model->names.failed; i++)
        model->rows[i].name = model->names.ptr + at[i];
    free(at);
    return model->names.failed ? -ENOMEM : 0;
}

/* Depth first, siblings as they appeared. Links are indices + 1. */
static int order_rows(brio_trace_model *model)
{
    size_t *first = brio_zalloc(2 * (model->n + 1), sizeof(*first)), root = 0, n = 0;
    if (!first)
        return -ENOMEM;
    size_t *next = first + model->n + 1;
    for (size_t i = model->n; i-- > 0;) {
        size_t parent = model->rows[i].parent;
        size_t *list = parent == BRIO_TRACE_NO_ROW ? &root : &first[parent];
        next[i] = *list;
        *list = i + 1;
    }
    for (size_t at = root; at;) {
        size_t row = at - 1;
        model->order[n++] = row;
        at = first[row];
        while (!at && row != BRIO_TRACE_NO_ROW) {
            at = next[row];
            row = model->rows[row].parent;
        }
    }
    BRIO_ASSERT(n == model->n);
    free(first);
    return 0;
}

/* ---- Building ----------------------------------------------------------- */

static void each_record(builder *b, brio_trace_recording *recording,
                        void (*fn)(builder *, brio_trace_record *))
{
    for (brio_trace_page *page = recording->first; page; page = page->next)
        for (size_t i = 0; i < page->n; i++)
            fn(b, &page->records[i]);
}

/* There are at most as many tracks as events; untouched pages cost nothing. */
static int allocate(builder *b)
{
    brio_trace_model *model = b->model;
    size_t slots = 64;
    while (slots < 2 * model->events)
        slots *= 2;
    b->mask = slots - 1;
    b->table = brio_zalloc(slots, sizeof(*b->table));
    model->rows = brio_zalloc(model->events + 1, sizeof(*model->rows));
    model->spans = brio_zalloc(model->events + 1, sizeof(*model->spans));
    model->order = brio_zalloc(model->events + 1, sizeof(*model->order));
    return b->table && model->rows && model->spans && model->order ? 0 : -ENOMEM;
}

static int build(builder *b, brio_trace_recording *recording)
{
    if (recording->n >= UINT32_MAX || allocate(b) < 0)
        return -ENOMEM;
    each_record(b, recording, count_record);
    assign_spans(b);
    each_record(b, recording, add_span);
    finish_rows(b);
    int rc = clean_names(b->model);
    return rc < 0 ? rc : order_rows(b->model);
}

int brio_trace_model_init(brio_trace_model *model, brio_trace_recording *recording)
{
    *model = (brio_trace_model){.from = recording->n ? BRIO_NEVER : 0,
                                .to = recording->n ? INT64_MIN : 0,
                                .events = recording->n,
                                .dropped = recording->dropped};
    builder b = {.model = model};
    int rc = build(&b, recording);
    free(b.table);
    if (rc < 0)
        brio_trace_model_fini(model);
    return rc;
}

void brio_trace_model_fini(brio_trace_model *model)
{
    free(model->rows);
    free(model->spans);
    free(model->order);
    brio_buf_fini(&model->names);
    *model = (brio_trace_model){0};
}

unsigned brio_trace_model_wait(const brio_trace_model *model, size_t row)
{
    brio_time sums[BRIO_WAIT_KINDS] = {0};
    for (; row != BRIO_TRACE_NO_ROW; row = model->rows[row].next_folded)
        for (size_t i = 0; i < model->rows[row].n; i++) {
            const brio_trace_span *span = &model->rows[row].spans[i];
            if (span->state == BRIO_TRACE_WAITING && span->wait < BRIO_WAIT_KINDS)
                sums[span->wait] += span->to - span->from;
        }
    unsigned most = 0;
    for (unsigned kind = 1; kind < BRIO_WAIT_KINDS; kind++)
        if (sums[kind] > sums[most])
            most = kind;
    return most ? most : BRIO_WAIT_KINDS; /* "something" says nothing */
}
