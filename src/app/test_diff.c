/* SPDX-License-Identifier: MIT
 *
 * The lines in which two texts differ, by their longest common subsequence. The
 * table has a cell for each pair of lines that is left between the common
 * beginning and end; texts with too many are shown one after the other. */
#include "app/test_client.h"

enum { CELLS_MAX = 4 * 1024 * 1024, AROUND = 2 };

typedef struct lines {
    brio_str *line;
    size_t n;
} lines;

/* One line of the result. */
typedef struct mark {
    char sign; /* ' ', '-', '+' */
    brio_str line;
} mark;

typedef struct diff {
    brio_arena arena;
    lines then, now;
    mark *marks;
    size_t n;
} diff;

static lines split(brio_arena *arena, brio_str text)
{
    lines ls = {0};
    for (size_t i = 0; i < text.len; i++)
        ls.n += text.ptr[i] == '\n';
    ls.line = BRIO_NEW_ARRAY(arena, brio_str, ls.n + 1);
    ls.n = 0;
    while (text.len) {
        brio_str_pair cut = brio_str_cut(text, '\n');
        ls.line[ls.n++] = cut.head;
        text = cut.tail;
    }
    return ls;
}

static void add(diff *d, char sign, const brio_str *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d->marks[d->n++] = (mark){sign, line[i]};
}

/* table[i * (m + 1) + j]: common lines of a[i..] and b[j..]. */
static const uint32_t *table_of(diff *d, const brio_str *a, size_t n, const brio_str *b, size_t m)
{
    size_t width = m + 1;
    uint32_t *table = brio_calloc(&d->arena, (n + 1) * width, sizeof *table);
    for (size_t i = n; i-- > 0;) {
        for (size_t j = m; j-- > 0;) {
            uint32_t down = table[(i + 1) * width + j], right = table[i * width + j + 1];
            bool same = brio_str_eq(a[i], b[j]);
            uint32_t best = down > right ? down : right;
            table[i * width + j] = same ? table[(i + 1) * width + j + 1] + 1 : best;
        }
    }
    return table;
}

/* What is left between the common beginning and end. */
static void compare(diff *d, const brio_str *a, size_t n, const brio_str *b, size_t m)
{
    size_t i = 0, j = 0, width = m + 1;
    if (n && m && n + 1 <= CELLS_MAX / width) {
        const uint32_t *table = table_of(d, a, n, b, m);
        while (i < n && j < m) {
            bool drop = table[(i + 1) * width + j] >= table[i * width + j + 1];
            if (brio_str_eq(a[i], b[j])) {
                add(d, ' ', &a[i++], 1);
                j++;
            } else if (drop) {
                add(d, '-', &a[i++], 1);
            } else {
                add(d, '+', &b[j++], 1);
            }
        }
    }
    add(d, '-', a + i, n - i);
    add(d, '+', b + j, m - j);
}

static bool is_near_change(const diff *d, size_t at)
{
    size_t from = at > AROUND ? at - AROUND : 0;
    for (size_t i = from; i < d->n && i <= at + AROUND; i++)
        if (d->marks[i].sign != ' ')
            return true;
    return false;
}

static void print(const diff *d, brio_buf *out)
{
    bool gap = false;
    for (size_t i = 0; i < d->n; i++) {
        bool shown = is_near_change(d, i);
        if (shown && gap)
            brio_buf_add(out, BRIO_S("...\n"));
        gap = !shown;
        if (shown)
            brio_buf_printf(out, "%c %.*s\n", d->marks[i].sign, BRIO_ARG(d->marks[i].line));
    }
}

void brio_app_test_diff(brio_buf *out, brio_str then, brio_str now)
{
    diff d = {0};
    brio_arena_init(&d.arena, 0);
    d.then = split(&d.arena, then);
    d.now = split(&d.arena, now);
    d.marks = BRIO_NEW_ARRAY(&d.arena, mark, d.then.n + d.now.n + 1);
    size_t n = d.then.n, m = d.now.n, head = 0, tail = 0;
    while (head < n && head < m && brio_str_eq(d.then.line[head], d.now.line[head]))
        head++;
    while (tail < n - head && tail < m - head &&
           brio_str_eq(d.then.line[n - 1 - tail], d.now.line[m - 1 - tail]))
        tail++;
    add(&d, ' ', d.then.line, head);
    compare(&d, d.then.line + head, n - head - tail, d.now.line + head, m - head - tail);
    add(&d, ' ', d.then.line + (n - tail), tail);
    print(&d, out);
    brio_arena_fini(&d.arena);
}
