/* SPDX-License-Identifier: MIT
 *
 * From the request into the input struct: path, query, header and cookie
 * parameters; the body is bind_body.c. Every problem is reported, in FastAPI's
 * order. Values are texts that brio_decode_strings judges.
 *
 * Nothing is collected that no row asks for: the query is scanned where it
 * stands, once, and only values that are wanted are decoded. Per origin the
 * state is two small arrays on the stack, one slot per row. */
#include "app/app_internal.h"

enum { ROWS_MAX = 64 }; /* of a model */

/* What was found for the rows of one origin. */
typedef struct found {
    brio_str value[ROWS_MAX]; /* the one that counts for a scalar */
    uint32_t count[ROWS_MAX];
} found;

static void decode(const brio_app_param *p, const brio_str *values, size_t n, void *in,
                   brio_problems *problems)
{
    /* A failure is in `problems`. */
    (void)!brio_decode_strings(values, n, p->field, in, &p->loc, problems);
}

/* ---- Path --------------------------------------------------------------------- */

static brio_json integer_of(brio_str text)
{
    uint64_t value;
    if (brio_str_to_u64(text, &value) == 0 && value <= INT64_MAX)
        return brio_json_from_int((int64_t)value);
    return (brio_json){.type = BRIO_JSON_BIGINT, .str = text};
}

static brio_json float_of(brio_str text)
{
    brio_json value = {.type = BRIO_JSON_FLOAT};
    int rc = brio_f64_parse(text, &value.number);
    return rc == 0 ? value : brio_json_from_str(text);
}

/* A JSON number has no leading zeroes. */
static brio_str without_zeroes(brio_str s)
{
    while (s.len > 1 && s.ptr[0] == '0' && s.ptr[1] != '.')
        s = brio_str_slice(s, 1, SIZE_MAX);
    return s;
}

/* Starlette turns {n:int} into an int before validation, so that is what a
 * problem shows as its input. */
static brio_json converted(brio_app_convertor convertor, brio_str text)
{
    brio_str number = without_zeroes(text);
    return convertor == BRIO_APP_CONV_INT ? integer_of(number) : float_of(number);
}

/* As str(UUID(text)) has it: hyphens, lower case. The router has checked it. */
static brio_str uuid_of(brio_arena *arena, brio_str text)
{
    char *out = brio_alloc_aligned(arena, 36, 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '-')
            continue;
        if (len == 8 || len == 13 || len == 18 || len == 23)
            out[len++] = '-';
        out[len++] = brio_lower(text.ptr[i]);
    }
    BRIO_ASSERT(len == 36);
    return (brio_str){out, len};
}

static void bind_path(brio_request *req, void *in, brio_problems *problems)
{
    const brio_app_params *rows = &req->route->from[BRIO_IN_PATH];
    for (size_t i = 0; i < rows->n; i++) {
        const brio_app_param *p = &rows->rows[i];
        brio_str text = req->match.captures[p->capture];
        if (p->convertor == BRIO_APP_CONV_INT || p->convertor == BRIO_APP_CONV_FLOAT) {
            brio_json value = converted(p->convertor, text);
            (void)!brio_decode_field(&value, p->field, in, &p->loc, problems);
        } else {
            if (p->convertor == BRIO_APP_CONV_UUID)
                text = uuid_of(req->arena, text);
            decode(p, &text, 1, in, problems);
        }
    }
}

/* ---- Query -------------------------------------------------------------------- */

/* Takes the next "name=value" from *rest, undecoded; empty pieces are skipped
 * and a piece without '=' has an empty value (parse_qsl). */
static bool next_pair(brio_str *rest, brio_pair *ret)
{
    while (rest->len) {
        brio_str_pair cut = brio_str_cut(*rest, '&');
        *rest = cut.tail;
        if (!cut.head.len)
            continue;
        brio_str_pair parts = brio_str_cut(cut.head, '=');
        *ret = (brio_pair){parts.head, parts.tail};
        return true;
    }
    return false;
}

static brio_str query_decode(brio_arena *arena, brio_str s)
{
    return brio_percent_decode(arena, s, true);
}

static ptrdiff_t row_of(const brio_app_params *rows, brio_str name)
{
    for (size_t i = 0; i < rows->n; i++)
        if (brio_str_eq(rows->rows[i].wire, name))
            return (ptrdiff_t)i;
    return -1;
}

/* All values of a list row, decoded: a second scan, for lists only. */
static brio_str *query_values(brio_request *req, const brio_app_param *p, size_t n)
{
    brio_str *values = BRIO_NEW_ARRAY(req->arena, brio_str, n), rest = req->http->query;
    brio_pair pair;
    size_t at = 0;
    while (at < n && next_pair(&rest, &pair))
        if (brio_str_eq(query_decode(req->arena, pair.name), p->wire))
            values[at++] = query_decode(req->arena, pair.value);
    BRIO_ASSERT(at == n);
    return values;
}

void brio_app_bind_query(brio_request *req, void *in, brio_problems *problems)
{
    const brio_app_params *rows = &req->route->from[BRIO_IN_QUERY];
    BRIO_ASSERT(rows->n <= ROWS_MAX);
    found seen;
    memset(seen.count, 0, rows->n * sizeof *seen.count);
    brio_str rest = req->http->query;
    brio_pair pair;
    while (next_pair(&rest, &pair)) {
        ptrdiff_t row = row_of(rows, query_decode(req->arena, pair.name));
        if (row < 0)
            continue;
        seen.value[row] = pair.value;
        seen.count[row]++;
    }
    for (size_t i = 0; i < rows->n; i++) {
        const brio_app_param *p = &rows->rows[i];
        bool all = p->list && seen.count[i] > 1;
        brio_str *values = all ? query_values(req, p, seen.count[i]) : &seen.value[i];
        if (!all && seen.count[i])
            *values = query_decode(req->arena, *values);
        decode(p, values, all ? seen.count[i] : (seen.count[i] != 0), in, problems);
    }
}

/* ---- Headers ------------------------------------------------------------------ */

/* Header bytes are Latin-1 (Starlette); here text is UTF-8. */
static brio_str from_latin1(brio_arena *arena, brio_str s)
{
    size_t high = 0;
    for (size_t i = 0; i < s.len; i++)
        high += (uint8_t)s.ptr[i] >> 7;
    if (!high)
        return s;
    char *out = brio_alloc_aligned(arena, s.len + high, 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char utf8[4];
        size_t n = brio_utf8_encode(utf8, (uint8_t)s.ptr[i]);
        memcpy(out + len, utf8, n);
        len += n;
    }
    return (brio_str){out, len};
}

static brio_str *header_values(brio_request *req, const brio_app_param *p, size_t n)
{
    brio_str *values = BRIO_NEW_ARRAY(req->arena, brio_str, n);
    size_t at = 0;
    for (size_t i = 0; i < req->http->n_headers; i++) {
        const brio_header *header = &req->http->headers[i];
        if (brio_str_eq_nocase(header->name, p->wire))
            values[at++] = from_latin1(req->arena, header->value);
    }
    BRIO_ASSERT(at == n);
    return values;
}

/* A scalar takes the first of several, as Starlette's Headers do. */
static void find_header(const brio_http_request *http, brio_str name, brio_str *ret_first,
                        uint32_t *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0; i < http->n_headers; i++) {
        if (!brio_str_eq_nocase(http->headers[i].name, name))
            continue;
        if (*ret_count == 0)
            *ret_first = http->headers[i].value;
        ++*ret_count;
    }
}

void brio_app_bind_headers(brio_request *req, void *in, brio_problems *problems)
{
    const brio_app_params *rows = &req->route->from[BRIO_IN_HEADER];
    for (size_t i = 0; i < rows->n; i++) {
        const brio_app_param *p = &rows->rows[i];
        brio_str first = {0};
        uint32_t n;
        find_header(req->http, p->wire, &first, &n);
        if (p->list && n > 1) {
            decode(p, header_values(req, p, n), n, in, problems);
            continue;
        }
        first = from_latin1(req->arena, first);
        decode(p, &first, n != 0, in, problems);
    }
}

/* ---- Cookies ------------------------------------------------------------------ */

static void note_cookies(brio_request *req, brio_str header, const brio_app_params *rows,
                         found *seen)
{
    brio_pair *pairs;
    size_t n;
    brio_cookie_parse(req->arena, from_latin1(req->arena, header), &pairs, &n);
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t row = row_of(rows, pairs[i].name);
        if (row < 0)
            continue;
        seen->value[row] = pairs[i].value;
        seen->count[row] = 1;
    }
}

void brio_app_bind_cookies(brio_request *req, void *in, brio_problems *problems)
{
    const brio_app_params *rows = &req->route->from[BRIO_IN_COOKIE];
    BRIO_ASSERT(rows->n <= ROWS_MAX);
    found seen;
    memset(seen.count, 0, rows->n * sizeof *seen.count);
    for (size_t i = 0; i < req->http->n_headers; i++)
        if (brio_str_eq_nocase(req->http->headers[i].name, BRIO_S("cookie")))
            note_cookies(req, req->http->headers[i].value, rows, &seen);
    for (size_t i = 0; i < rows->n; i++)
        decode(&rows->rows[i], &seen.value[i], seen.count[i], in, problems);
}

/* ---- All ---------------------------------------------------------------------- */

int brio_app_bind(brio_request *req, void *in, brio_problems *problems)
{
    const brio_app_params *from = req->route->from;
    if (from[BRIO_IN_PATH].n)
        bind_path(req, in, problems);
    if (from[BRIO_IN_QUERY].n)
        brio_app_bind_query(req, in, problems);
    if (from[BRIO_IN_HEADER].n)
        brio_app_bind_headers(req, in, problems);
    if (from[BRIO_IN_COOKIE].n)
        brio_app_bind_cookies(req, in, problems);
    return from[BRIO_IN_BODY].n ? brio_app_bind_body(req, in, problems) : 0;
}
