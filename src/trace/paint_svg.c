/* SPDX-License-Identifier: MIT
 *
 * The timeline as a picture: self-contained SVG, for documentation.
 *
 * Colours are CSS variables with a second set for dark surroundings. Each bar
 * has a tooltip (state, what for, from and to). Spans that share less than half
 * a pixel are merged, so a million events make a file that opens: running is
 * drawn last and at least a pixel and a half wide, so it never vanishes. */
#include "trace/trace_internal.h"

enum { WIDTH = 960, ROW = 24, TOP = 16, MARGIN = 16, LETTER = 7, NAMES_MAX = 220 };
enum { AXIS = 28, LEGEND = 30, LABEL_FROM = 48, PER_TICK = 90, INDENT = 14, INDENT_MAX = 6 };
static const double LEAST = 1.5, MERGE = 0.5; /* pixels */

typedef struct picture {
    brio_buf *out;
    const brio_trace_model *model;
    double left, scale; /* pixels; pixels per ns */
    brio_time total;
    double height;
} picture;

static const char head[] =
    "<style>\n"
    "svg{--back:#fff;--text:#1f2933;--soft:#66727f;--grid:#e4e8ec;--run:#1f883d;--ready:#d9a400;"
    "--wait:#c3d3e6;--band:#f6f8fa;font:12px ui-sans-serif,system-ui,sans-serif}\n"
    "@media (prefers-color-scheme:dark){svg{--back:#0d1117;--text:#e6edf3;--soft:#8b949e;"
    "--grid:#2a313a;--run:#3fb950;--ready:#d29922;--wait:#2f4a6b;--band:#161b22}}\n"
    "text{fill:var(--text)}.s{fill:var(--soft)}.g{stroke:var(--grid)}.b{fill:var(--band)}"
    ".r{fill:var(--run)}.y{fill:var(--ready)}.w{fill:var(--wait)}"
    ".k{fill:var(--soft);font-size:10px}\n"
    "</style>\n"
    "<rect width=\"100%\" height=\"100%\" fill=\"var(--back)\" rx=\"8\"/>\n";

/* ---- Parts -------------------------------------------------------------- */

static void add_escaped(brio_buf *out, brio_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '<')
            brio_buf_add(out, BRIO_S("&lt;"));
        else if (c == '>')
            brio_buf_add(out, BRIO_S("&gt;"));
        else if (c == '&')
            brio_buf_add(out, BRIO_S("&amp;"));
        else if (c == '"')
            brio_buf_add(out, BRIO_S("&quot;"));
        else
            brio_buf_char(out, c);
    }
}

static double x_of(const picture *p, brio_time at)
{
    return p->left + (double)(at - p->model->from) * p->scale;
}

static void add_time(const picture *p, brio_time at)
{
    brio_trace_time_text(p->out, brio_trace_rounded(at - p->model->from), p->total);
}

static const char *word_of(const brio_trace_span *span)
{
    if (span->state == BRIO_TRACE_RUNNING)
        return "running";
    return span->state == BRIO_TRACE_READY ? "ready" : "waiting";
}

static void add_bar(const picture *p, const brio_trace_span *span, double y)
{
    bool runs = span->state == BRIO_TRACE_RUNNING, waits = span->state == BRIO_TRACE_WAITING;
    double x = x_of(p, span->from), width = x_of(p, span->to) - x;
    double high = runs ? 14 : waits ? 4 : 10;
    if (runs && width < LEAST)
        width = LEAST;
    brio_buf_printf(p->out,
                    "<rect class=\"%c\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\""
                    " rx=\"%d\"><title>%s",
                    runs    ? 'r'
                    : waits ? 'w'
                            : 'y',
                    x, y + (ROW - high) / 2, width, high, runs ? 2 : 1, word_of(span));
    if (waits && span->wait != BRIO_WAIT_OTHER)
        brio_buf_printf(p->out, " for %s", brio_trace_wait_text(span->wait));
    brio_buf_add(p->out, BRIO_S(", "));
    add_time(p, span->from);
    brio_buf_add(p->out, BRIO_S(" to "));
    add_time(p, span->to);
    brio_buf_add(p->out, BRIO_S("</title></rect>\n"));
    if (waits && span->wait != BRIO_WAIT_OTHER && width >= LABEL_FROM)
        brio_buf_printf(p->out, "<text class=\"k\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x + 6, y + 9,
                        brio_trace_wait_text(span->wait));
}

/* ---- Rows --------------------------------------------------------------- */

/* Spans of one kind, those that touch at this scale as one. */
static void add_bars(const picture *p, const brio_trace_row *row, bool running, double y)
{
    brio_trace_span open = {0};
    bool is_open = false;
    for (size_t i = 0; i < row->n; i++) {
        const brio_trace_span *span = &row->spans[i];
        if ((span->state == BRIO_TRACE_RUNNING) != running)
            continue;
        double gap = is_open ? (double)(span->from - open.to) * p->scale : 1;
        bool same = is_open && span->state == open.state && span->wait == open.wait;
        bool small = (double)(span->to - span->from) * p->scale < MERGE;
        if (is_open && gap < MERGE && (same || small)) {
            open.to = span->to;
            continue;
        }
        if (is_open)
            add_bar(p, &open, y);
        open = *span;
        is_open = true;
    }
    if (is_open)
        add_bar(p, &open, y);
}

static unsigned indent_of(const brio_trace_row *row)
{
    return INDENT * (row->depth < INDENT_MAX ? row->depth : INDENT_MAX);
}

static void add_name(const picture *p, const brio_trace_row *row, double y)
{
    brio_buf_printf(p->out, "<text x=\"%d\" y=\"%.1f\">", MARGIN + (int)indent_of(row), y + 16);
    if (row->folded) {
        brio_buf_printf(p->out, "+ %zu more</text>\n", row->folded + 1);
        return;
    }
    brio_str name = brio_str_from(row->name);
    unsigned room = ((unsigned)p->left - MARGIN - indent_of(row)) / LETTER;
    bool cut = brio_trace_columns(name) > room;
    if (cut)
        name.len = brio_trace_cut(name, room - 1);
    add_escaped(p->out, name);
    if (cut) {
        brio_buf_add(p->out, BRIO_S("…<title>"));
        add_escaped(p->out, brio_str_from(row->name));
        brio_buf_add(p->out, BRIO_S("</title>"));
    }
    brio_buf_add(p->out, BRIO_S("</text>\n"));
}

static void add_row(const picture *p, size_t index, size_t place)
{
    const brio_trace_model *model = p->model;
    double y = TOP + (double)place * ROW;
    add_name(p, &model->rows[index], y);
    for (int running = 0; running < 2; running++)
        for (size_t i = index; i != BRIO_TRACE_NO_ROW; i = model->rows[i].next_folded)
            add_bars(p, &model->rows[i], running, y);
}

/* ---- Axis, legend, all of it -------------------------------------------- */

static void add_axis(const picture *p)
{
    brio_time step = brio_trace_step(p->total, (unsigned)((WIDTH - MARGIN - p->left) / PER_TICK));
    double bottom = TOP + (double)p->model->drawn * ROW;
    for (brio_time at = 0; at <= p->total; at += step) {
        double x = x_of(p, p->model->from + at);
        bool last = x > WIDTH - 3 * MARGIN;
        brio_buf_printf(p->out,
                        "<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.0f\"/>"
                        "<text class=\"s\" x=\"%.1f\" y=\"%.0f\" text-anchor=\"%s\">",
                        x, x, TOP, bottom + 4, x, bottom + 18, last ? "end" : "middle");
        brio_trace_time_text(p->out, at, step);
        brio_buf_add(p->out, BRIO_S("</text>\n"));
    }
}

static void add_bands(const picture *p)
{
    for (size_t place = 0; place < p->model->drawn; place += 2)
        brio_buf_printf(p->out,
                        "<rect class=\"b\" x=\"8\" y=\"%zu\" width=\"%d\" height=\"%d\"/>\n",
                        TOP + place * ROW, WIDTH - 16, ROW);
}

static void add_legend(const picture *p)
{
    static const char *const words[] = {"running", "ready", "waiting"};
    double y = p->height - 14, x = p->left;
    for (unsigned i = 0; i < 3; i++, x += 90)
        brio_buf_printf(
            p->out,
            "<rect class=\"%c\" x=\"%.0f\" y=\"%.0f\" width=\"18\" height=\"%d\" rx=\"2\"/>"
            "<text class=\"s\" x=\"%.0f\" y=\"%.0f\">%s</text>\n",
            "ryw"[i], x, y - 4 - (i == 2 ? 2 : 5), i == 2 ? 4 : 10, x + 24, y, words[i]);
    brio_buf_printf(p->out, "<text class=\"s\" x=\"%d\" y=\"%.0f\" text-anchor=\"end\">",
                    WIDTH - MARGIN, y);
    brio_trace_time_text(p->out, brio_trace_rounded(p->model->to - p->model->from), 1000000);
    brio_buf_printf(p->out, " in all, %zu track%s", p->model->n, p->model->n == 1 ? "" : "s");
    if (p->model->dropped)
        brio_buf_printf(p->out, ", %zu events dropped", p->model->dropped);
    brio_buf_add(p->out, BRIO_S("</text>\n"));
}

static double names_width(const brio_trace_model *model)
{
    unsigned widest = 60;
    for (size_t i = 0; i < model->n; i++) {
        const brio_trace_row *row = &model->rows[i];
        unsigned width = indent_of(row) + LETTER * brio_trace_columns(brio_str_from(row->name));
        if (row->shown_with == i && width > widest)
            widest = width;
    }
    return widest < NAMES_MAX ? widest : NAMES_MAX;
}

void brio_trace_paint_svg(brio_buf *out, const brio_trace_model *model)
{
    brio_time span = model->to - model->from;
    picture p = {.out = out,
                 .model = model,
                 .total = span > 0 ? span : 1,
                 .left = MARGIN + names_width(model) + 12,
                 .height = TOP + (double)model->drawn * ROW + AXIS + LEGEND};
    p.scale = (WIDTH - MARGIN - 4 - p.left) / (double)p.total;
    brio_buf_printf(out,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" "
                    "width=\"%d\" height=\"%.0f\" role=\"img\" aria-label=\"timeline\">\n",
                    WIDTH, p.height, WIDTH, p.height);
    brio_buf_add(out, (brio_str){head, sizeof(head) - 1});
    add_bands(&p);
    add_axis(&p);
    for (size_t i = 0, place = 0; i < model->n; i++)
        if (model->rows[model->order[i]].shown_with == model->order[i])
            add_row(&p, model->order[i], place++);
    add_legend(&p);
    brio_buf_add(out, BRIO_S("</svg>\n"));
}
