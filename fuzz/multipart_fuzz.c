/* SPDX-License-Identifier: MIT
 *
 * The parser of multipart/form-data: the same body whole, byte by byte, and cut
 * where the first bytes say must give the same parts and refusals. The input's
 * first line is the Content-Type. Each piece is a heap copy of its exact size
 * that is freed once consumed, so a view left behind in it is found. The rest of
 * the line is also read as a urlencoded form. */
#include <brio/http.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const brio_form_limits limits = {
    .files = 3, .fields = 4, .field_bytes = 256, .headers = 4, .header_bytes = 128};

static void log_str(brio_buf *log, brio_str s)
{
    brio_buf_u64(log, s.len);
    brio_buf_char(log, ':');
    brio_buf_add(log, s);
}

static void log_part(brio_buf *log, const brio_multipart *m)
{
    BRIO_ASSERT(brio_utf8_valid(m->part.name));
    BRIO_ASSERT(brio_utf8_valid(m->part.filename));
    brio_buf_char(log, m->part.is_file ? 'F' : 'V');
    log_str(log, m->part.name);
    log_str(log, m->part.filename);
    log_str(log, m->part.content_type);
    for (size_t i = 0; i < m->part.n_headers; i++) {
        log_str(log, m->part.headers[i].name);
        log_str(log, m->part.headers[i].value);
    }
}

/* False when the body is refused. */
static bool feed(brio_multipart *m, brio_str piece, brio_buf *log)
{
    char *copy = malloc(piece.len);
    BRIO_ASSERT(copy != NULL || piece.len == 0);
    if (piece.len)
        memcpy(copy, piece.ptr, piece.len);
    brio_str input = {copy, piece.len};
    brio_multipart_event event;
    do {
        event = brio_multipart_next(m, &input);
        if (event == BRIO_MULTIPART_PART)
            log_part(log, m);
        else if (event == BRIO_MULTIPART_DATA)
            brio_buf_add(log, m->data);
        else if (event == BRIO_MULTIPART_PART_END)
            brio_buf_add(log, BRIO_S(" end\n"));
        else if (event == BRIO_MULTIPART_REFUSED)
            log_str(log, m->reason);
    } while (event != BRIO_MULTIPART_MORE && event != BRIO_MULTIPART_REFUSED);
    BRIO_ASSERT(input.len == 0);
    free(copy);
    return event == BRIO_MULTIPART_MORE;
}

/* `cuts` NULL: all in one piece; else piece lengths, over and over. */
static brio_buf run(brio_str type, brio_str body, const uint8_t *cuts, size_t n_cuts)
{
    brio_buf log = {0};
    brio_arena arena;
    brio_multipart m;
    brio_arena_init(&arena, 0);
    bool goes_on = brio_multipart_init(&m, &arena, type, &limits) == 0;
    for (size_t at = 0, i = 0; goes_on && at < body.len; i++) {
        size_t len = cuts ? 1u + cuts[i % n_cuts] : body.len;
        goes_on = feed(&m, brio_str_slice(body, at, len), &log);
        at += len;
    }
    brio_arena_fini(&arena);
    return log;
}

static void read_urlencoded(brio_str body)
{
    brio_arena arena;
    brio_pair *pairs;
    brio_str reason = {0};
    size_t n = 0;
    brio_arena_init(&arena, 0);
    int rc = brio_form_parse(&arena, body, &limits, &pairs, &n, &reason);
    BRIO_ASSERT(rc < 0 ? reason.len > 0 : n <= limits.fields);
    for (size_t i = 0; i < n; i++)
        BRIO_ASSERT(brio_utf8_valid(pairs[i].name) && brio_utf8_valid(pairs[i].value));
    brio_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CUTS = 4 };
    static const uint8_t single[] = {0};
    if (size < CUTS)
        return 0;
    brio_str_pair input = brio_str_cut((brio_str){(const char *)data + CUTS, size - CUTS}, '\n');
    brio_buf whole = run(input.head, input.tail, NULL, 0);
    brio_buf bytewise = run(input.head, input.tail, single, 1);
    brio_buf pieces = run(input.head, input.tail, data, CUTS);
    BRIO_ASSERT(brio_str_eq(brio_buf_str(&whole), brio_buf_str(&bytewise)));
    BRIO_ASSERT(brio_str_eq(brio_buf_str(&whole), brio_buf_str(&pieces)));
    brio_buf_fini(&whole);
    brio_buf_fini(&bytewise);
    brio_buf_fini(&pieces);
    read_urlencoded(input.tail);
    return 0;
}
