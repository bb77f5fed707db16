/* SPDX-License-Identifier: MIT
 *
 * The timeline on a terminal: a row of cells per track.
 *
 *     main     █──────────█  group
 *       fetch  █─────█       sleep
 *              └────┴────┘
 *              0 ms 50 ms
 *
 * A cell is a slice of time. It shows that the track ran, if it ran at all in
 * it: a turn of microseconds among seconds is the news, and must not vanish.
 * Else it shows what took most of it. Outside its life there is nothing. */
#include "trace/trace_internal.h"

#include <stdlib.h>

enum { WIDTH_MIN = 40, WIDTH_MAX = 1000, NAME_MAX_COLUMNS = 28, LABEL = 12, INDENT_MAX = 6 };
enum { PER_TICK = 12 };

typedef enum look { NOTHING, WAITS, READY, RUNS, LOOKS } look;

typedef struct cell {
    brio_time ready, waits;
    bool ran;
} cell;

typedef struct glyphs {
    const char *looks[LOOKS];
    const char *left, *line, *tick, *right;
} glyphs;

static const glyphs blocks = {{" ", "─", "░", "█"}, "└", "─", "┴", "┘"};
static const glyphs ascii = {{" ", "-", ".", "#"}, "|", "_", "|", "|"};
static const char *const colours[LOOKS] = {"", "\x1b[2m", "\x1b[33m", "\x1b[32m"};

typedef struct drawing {
    brio_buf *out;
    const brio_trace_model *model;
    const glyphs *glyphs;
    bool colour;
    brio_time total;
    unsigned names, bars; /* columns */
    cell *cells;
} drawing;

/* ---- Cells -------------------------------------------------------------- */

/* The column of a point in time, or of the end of a span if `up`. */
static unsigned column(const drawing *d, brio_time at, bool up)
{
    uint64_t offset = (uint64_t)(at - d->model->from), total = (uint64_t)d->total;
    while (total >> 50) {
        total >>= 1;
        offset >>= 1;
    }
    uint64_t result = (offset * d->bars + (up ? total - 1 : 0)) / total;
    return result < d->bars ? (unsigned)result : d->bars - (up ? 0 : 1);
}

/* Where column `c` begins. */
static brio_time column_time(const drawing *d, unsigned c)
{
    double share = (double)c / (double)d->bars;
    return d->model->from + (brio_time)(share * (double)d->total);
}

static brio_time overlap(const drawing *d, const brio_trace_span *span, unsigned c)
{
    brio_time from = column_time(d, c), to = column_time(d, c + 1);
    brio_time begin = span->from > from ? span->from : from;
    brio_time end = span->to < to ? span->to : to;
    return end > begin ? end - begin : 0;
}

static void add_span(const drawing *d, const brio_trace_span *span)
{
    unsigned first = column(d, span->from, false), end = column(d, span->to, true);
    if (end <= first)
        end = first + 1;
    for (unsigned c = first; c < end; c++) {
        cell *at = &d->cells[c];
        if (span->state == BRIO_TRACE_RUNNING)
            at->ran = true;
        else if (span->state == BRIO_TRACE_READY)
            at->ready += overlap(d, span, c) + 1;
        else
            at->waits += overlap(d, span, c) + 1;
    }
}

static look look_of(const cell *c)
{
    if (c->ran)
        return RUNS;
    if (c->ready > c->waits)
        return READY;
    return c->waits ? WAITS : NOTHING;
}

/* ---- Rows --------------------------------------------------------------- */

static void pad(brio_buf *out, unsigned columns)
{
    for (unsigned i = 0; i < columns; i++)
        brio_buf_char(out, ' ');
}

static unsigned indent_of(const brio_trace_row *row)
{
    return 2 * (row->depth < INDENT_MAX ? row->depth : INDENT_MAX);
}

/* The name as drawn, into `storage`. */
static brio_str name_of(const brio_trace_row *row, brio_buf *storage)
{
    if (!row->folded)
        return brio_str_from(row->name);
    brio_buf_clear(storage);
    brio_buf_printf(storage, "+ %zu more", row->folded + 1);
    return brio_buf_str(storage);
}

static void draw_name(const drawing *d, const brio_trace_row *row)
{
    char storage[64];
    brio_buf text = brio_buf_over(storage, sizeof(storage));
    brio_str name = name_of(row, &text);
    unsigned indent = indent_of(row);
    if (indent > d->names / 2)
        indent = d->names / 2;
    unsigned room = d->names - indent, wanted = brio_trace_columns(name);
    bool cut = wanted > room;
    if (cut)
        name.len = brio_trace_cut(name, room - 1);
    pad(d->out, indent);
    brio_buf_add(d->out, name);
    if (cut)
        brio_buf_add(d->out, d->glyphs == &ascii ? BRIO_S("~") : BRIO_S("…"));
    unsigned used = brio_trace_columns(name) + (cut ? 1 : 0);
    pad(d->out, room - used + 2);
}

static void draw_cells(const drawing *d)
{
    look last = NOTHING;
    for (unsigned c = 0; c < d->bars; c++) {
        look now = look_of(&d->cells[c]);
        if (d->colour && now != last)
            brio_buf_printf(d->out, "\x1b[0m%s", colours[now]);
        brio_buf_add(d->out, brio_str_from(d->glyphs->looks[now]));
        last = now;
    }
    if (d->colour)
        brio_buf_add(d->out, BRIO_S("\x1b[0m"));
}

static void end_line(brio_buf *out)
{
    while (out->len && out->ptr[out->len - 1] == ' ')
        out->len--;
    brio_buf_char(out, '\n');
}

static void draw_row(const drawing *d, size_t index)
{
    const brio_trace_model *model = d->model;
    memset(d->cells, 0, d->bars * sizeof(*d->cells));
    for (size_t i = index; i != BRIO_TRACE_NO_ROW; i = model->rows[i].next_folded)
        for (size_t j = 0; j < model->rows[i].n; j++)
            add_span(d, &model->rows[i].spans[j]);
    draw_name(d, &model->rows[index]);
    draw_cells(d);
    unsigned kind = brio_trace_model_wait(model, index);
    if (kind < BRIO_WAIT_KINDS)
        brio_buf_printf(d->out, "  %s", brio_trace_wait_text(kind));
    end_line(d->out);
}

/* ---- Axis and legend ---------------------------------------------------- */

static bool is_tick(const drawing *d, unsigned c, brio_time step)
{
    for (brio_time at = 0; at < d->total; at += step) {
        unsigned tick = column(d, d->model->from + at, false);
        if (tick == c)
            return true;
        if (tick > c)
            return false;
    }
    return false;
}

static void draw_axis(const drawing *d, brio_time step)
{
    pad(d->out, d->names + 2);
    for (unsigned c = 0; c < d->bars; c++) {
        const char *glyph = c == 0                ? d->glyphs->left
                            : c + 1 == d->bars    ? d->glyphs->right
                            : is_tick(d, c, step) ? d->glyphs->tick
                                                  : d->glyphs->line;
        brio_buf_add(d->out, brio_str_from(glyph));
    }
    brio_buf_char(d->out, '\n');
}

static void draw_labels(const drawing *d, brio_time step)
{
    unsigned used = 0, room = d->bars + LABEL;
    pad(d->out, d->names + 2);
    for (brio_time at = 0; at <= d->total; at += step) {
        char storage[48];
        brio_buf text = brio_buf_over(storage, sizeof(storage));
        brio_trace_time_text(&text, at, step);
        unsigned c = at == d->total ? d->bars - 1 : column(d, d->model->from + at, false);
        if (c < used || c + text.len > room)
            continue;
        pad(d->out, c - used);
        brio_buf_add(d->out, brio_buf_str(&text));
        used = c + (unsigned)text.len;
    }
    end_line(d->out);
}

static void draw_legend(const drawing *d)
{
    static const char *const words[LOOKS] = {NULL, "waiting", "ready", "running"};
    const brio_trace_model *model = d->model;
    for (unsigned i = LOOKS - 1; i > NOTHING; i--)
        brio_buf_printf(d->out, "%s%s%s %s  ", d->colour ? colours[i] : "", d->glyphs->looks[i],
                        d->colour ? "\x1b[0m" : "", words[i]);
    brio_buf_add(d->out, BRIO_S("  "));
    brio_trace_time_text(d->out, brio_trace_rounded(model->to - model->from), 1000000);
    brio_buf_printf(d->out, " in all, %zu track%s", model->n, model->n == 1 ? "" : "s");
    if (model->dropped)
        brio_buf_printf(d->out, "; %zu later events were dropped (max_events)", model->dropped);
    brio_buf_char(d->out, '\n');
}

/* ---- All of it ---------------------------------------------------------- */

static unsigned widest_name(const brio_trace_model *model)
{
    unsigned widest = 4;
    for (size_t i = 0; i < model->n; i++) {
        const brio_trace_row *row = &model->rows[i];
        if (row->shown_with != i)
            continue;
        char storage[64];
        brio_buf text = brio_buf_over(storage, sizeof(storage));
        unsigned columns = indent_of(row) + brio_trace_columns(name_of(row, &text));
        if (columns > widest)
            widest = columns;
    }
    return widest;
}

static void lay_out(drawing *d, unsigned width)
{
    width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
    unsigned names = widest_name(d->model), most = width / 3;
    if (most > NAME_MAX_COLUMNS)
        most = NAME_MAX_COLUMNS;
    d->names = names < most ? names : most;
    d->bars = width - d->names - 2 - LABEL;
}

void brio_trace_paint_text(brio_buf *out, const brio_trace_model *model,
                           const brio_trace_style *style)
{
    brio_time span = model->to - model->from;
    drawing d = {.out = out,
                 .model = model,
                 .glyphs = style->ascii ? &ascii : &blocks,
                 .colour = style->colour,
                 .total = span > 0 ? span : 1};
    lay_out(&d, style->width);
    d.cells = brio_zalloc(d.bars, sizeof(*d.cells));
    if (!d.cells) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < model->n; i++)
        if (model->rows[model->order[i]].shown_with == model->order[i])
            draw_row(&d, model->order[i]);
    if (model->n) {
        unsigned most = d.bars / PER_TICK;
        brio_time step = brio_trace_step(d.total, most ? most : 1);
        draw_axis(&d, step);
        draw_labels(&d, step);
    }
    draw_legend(&d);
    free(d.cells);
}
