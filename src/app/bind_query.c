/* SPDX-License-Identifier: MIT
 *
 * The query, as Python's parse_qsl reads it, without taking it apart: it is
 * scanned where it stands, once, and only names and values that are wanted
 * and encoded are decoded. A scalar takes the last of several values; a list
 * with more than one scans again. The state is one slot per row, on the
 * stack. */
#include "app/binding.h"

typedef struct slot {
    brio_str last; /* undecoded */
    size_t count;
} slot;

/* Takes the next "name=value" from *rest, undecoded; empty pieces are skipped
 * and a piece without '=' has an empty value (parse_qsl). Pieces are short:
 * one look at each byte beats two searches. */
static bool next_pair(brio_str *rest, brio_pair *ret)
{
    const char *at = rest->ptr, *end = rest->ptr + rest->len, *begin, *equals;
    while (at < end && *at == '&')
        at++;
    for (begin = at, equals = NULL; at < end && *at != '&'; at++)
        if (*at == '=' && !equals)
            equals = at;
    *rest = brio_str_span(at, end);
    if (at == begin)
        return false;
    *ret = (brio_pair){brio_str_span(begin, equals ? equals : at),
                       brio_str_span(equals ? equals + 1 : at, at)};
    return true;
}

static brio_str decoded(brio_arena *arena, brio_str s)
{
    return brio_app_is_plain(s) ? s : brio_percent_decode(arena, s, true);
}

/* All values of a list row. */
static brio_str *all_values(brio_request *req, const brio_app_param *p, size_t n)
{
    brio_str *values = BRIO_NEW_ARRAY(req->arena, brio_str, n), rest = req->http->query;
    brio_pair pair;
    size_t at = 0;
    while (at < n && next_pair(&rest, &pair))
        if (brio_str_eq(decoded(req->arena, pair.name), p->wire))
            values[at++] = decoded(req->arena, pair.value);
    BRIO_ASSERT(at == n);
    return values;
}

static void scan(brio_request *req, const brio_app_params *rows, slot *slots)
{
    brio_str rest = req->http->query;
    brio_pair pair;
    while (next_pair(&rest, &pair)) {
        ptrdiff_t row = brio_app_row_of(rows, decoded(req->arena, pair.name));
        if (row < 0)
            continue;
        slots[row].last = pair.value;
        slots[row].count++;
    }
}

void brio_app_bind_query(brio_request *req, const brio_app_params *rows, void *in,
                         brio_problems *problems)
{
    if (rows->rows[0].gathers) {
        brio_app_bind_model(req, &rows->rows[0], in, problems);
        return;
    }
    BRIO_ASSERT(rows->n <= BRIO_APP_ROWS_MAX);
    slot slots[BRIO_APP_ROWS_MAX];
    memset(slots, 0, rows->n * sizeof *slots);
    scan(req, rows, slots);
    for (size_t i = 0; i < rows->n; i++) {
        const brio_app_param *p = &rows->rows[i];
        size_t n = slots[i].count;
        if (p->list && n > 1) {
            brio_app_bind_text(p, all_values(req, p, n), n, in, problems);
            continue;
        }
        brio_str last = n ? decoded(req->arena, slots[i].last) : (brio_str){0};
        brio_app_bind_text(p, &last, n != 0, in, problems);
    }
}
