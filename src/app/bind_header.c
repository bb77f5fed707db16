/* SPDX-License-Identifier: MIT
 *
 * Headers and cookies. Their bytes are Latin-1, as Starlette reads them. A
 * scalar takes the first header of its name and the last cookie; a list takes
 * all headers of its name. */
#include "app/binding.h"

/* ---- Headers ------------------------------------------------------------------ */

static brio_str *all_values(brio_request *req, const brio_app_param *p, size_t n)
{
    brio_str *values = BRIO_NEW_ARRAY(req->arena, brio_str, n);
    size_t at = 0;
    for (size_t i = 0; i < req->http->n_headers; i++) {
        const brio_header *header = &req->http->headers[i];
        if (brio_str_eq_nocase(header->name, p->wire))
            values[at++] = brio_latin1_decode(req->arena, header->value);
    }
    BRIO_ASSERT(at == n);
    return values;
}

/* The first value of that name; returns how many there are. */
static size_t find_header(const brio_http_request *http, brio_str name, brio_str *ret_first)
{
    size_t n = 0;
    for (size_t i = 0; i < http->n_headers; i++) {
        if (!brio_str_eq_nocase(http->headers[i].name, name))
            continue;
        if (n++ == 0)
            *ret_first = http->headers[i].value;
    }
    return n;
}

void brio_app_bind_headers(brio_request *req, const brio_app_params *rows, void *in,
                           brio_problems *problems)
{
    if (rows->rows[0].gathers) {
        brio_app_bind_model(req, &rows->rows[0], in, problems);
        return;
    }
    for (size_t i = 0; i < rows->n; i++) {
        const brio_app_param *p = &rows->rows[i];
        brio_str first = {0};
        size_t n = find_header(req->http, p->wire, &first);
        if (p->list && n > 1) {
            brio_app_bind_text(p, all_values(req, p, n), n, in, problems);
            continue;
        }
        first = brio_latin1_decode(req->arena, first);
        brio_app_bind_text(p, &first, n != 0, in, problems);
    }
}

/* ---- Cookies ------------------------------------------------------------------ */

typedef struct found {
    brio_str value[BRIO_APP_ROWS_MAX];
    bool there[BRIO_APP_ROWS_MAX];
} found;

static void note_cookies(brio_request *req, brio_str header, const brio_app_params *rows,
                         found *seen)
{
    brio_pair *pairs;
    size_t n;
    brio_cookie_parse(req->arena, brio_latin1_decode(req->arena, header), &pairs, &n);
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t row = brio_app_row_of(rows, pairs[i].name);
        if (row < 0)
            continue;
        seen->value[row] = pairs[i].value;
        seen->there[row] = true;
    }
}

void brio_app_bind_cookies(brio_request *req, const brio_app_params *rows, void *in,
                           brio_problems *problems)
{
    if (rows->rows[0].gathers) {
        brio_app_bind_model(req, &rows->rows[0], in, problems);
        return;
    }
    BRIO_ASSERT(rows->n <= BRIO_APP_ROWS_MAX);
    found seen;
    memset(seen.there, 0, rows->n * sizeof *seen.there);
    for (size_t i = 0; i < req->http->n_headers; i++)
        if (brio_str_eq_nocase(req->http->headers[i].name, BRIO_S("cookie")))
            note_cookies(req, req->http->headers[i].value, rows, &seen);
    for (size_t i = 0; i < rows->n; i++)
        brio_app_bind_text(&rows->rows[i], &seen.value[i], seen.there[i], in, problems);
}
