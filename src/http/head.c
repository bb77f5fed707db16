/* SPDX-License-Identifier: MIT
 *
 * Reading a head. While it lies in one input it is parsed where it lies. If the
 * input ends inside it, all of it moves to rec->head, and from then on each new
 * byte is appended once, up to the end of the head and never beyond:
 *
 *     rec->head  GET / HTTP/1.1 CRLF  Host: a CRLF  Acc|        input  ept: ...
 *                                                   ^line
 *
 * A line is parsed as soon as it is complete, so views into rec->head exist
 * while it still grows; growing therefore copies to a new buffer and moves the
 * views along while the old one still lives. */
#include "http/http_internal.h"

enum { LAST_LINE = -2 }; /* the empty line: the head is complete */

/* ---- Keeping the head ------------------------------------------------------ */

static void move_view(brio_str *view, brio_str from, const char *to)
{
    uintptr_t at = (uintptr_t)view->ptr - (uintptr_t)from.ptr;
    if (view->ptr && at <= from.len) /* not a constant, such as the path "*" */
        view->ptr = to + at;
}

static void move_views(brio_http_record *rec, brio_str from, const char *to)
{
    brio_http_request *req = &rec->request;
    brio_str *const views[] = {&req->method_text, &req->target, &req->path,
                               &req->query,       &req->host,   &req->content_type};
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        move_view(views[i], from, to);
    for (size_t i = 0; i < req->n_headers; i++) {
        move_view(&rec->headers[i].name, from, to);
        move_view(&rec->headers[i].value, from, to);
    }
}

bool brio_http_head_keep(brio_http_record *rec, const char *start, size_t len)
{
    BRIO_ASSERT(rec->head.len == 0);
    brio_buf_add(&rec->head, (brio_str){start, len});
    if (rec->head.failed)
        return false;
    move_views(rec, (brio_str){start, len}, rec->head.ptr);
    return true;
}

static bool head_grow(brio_http_record *rec, size_t more)
{
    brio_buf bigger = {0};
    if (!brio_buf_reserve(&bigger, rec->head.len + (more > rec->head.len ? more : rec->head.len)))
        return false;
    brio_str old = brio_buf_str(&rec->head);
    brio_buf_add(&bigger, old);
    move_views(rec, old, bigger.ptr);
    brio_buf_fini(&rec->head);
    rec->head = bigger;
    return true;
}

static bool head_append(brio_http_record *rec, brio_str more)
{
    if (rec->head.cap - rec->head.len < more.len && !head_grow(rec, more.len))
        return false;
    brio_buf_add(&rec->head, more);
    return true;
}

/* ---- Lines ----------------------------------------------------------------- */

static int fault_of_byte(char c)
{
    return c == '\n' ? BRIO_HTTP_FAULT_BARE_LF : BRIO_HTTP_FAULT_CONTROL_BYTE;
}

/* Finds the CR that ends the line: 0, PART, or a fault. */
static inline int find_end(const char *floor, const char *p, const char *end, const char **ret)
{
    const char *stop = brio_http_scan_text(floor, p, end);
    if (BRIO_UNLIKELY(stop == end))
        return BRIO_HTTP_PART;
    if (BRIO_UNLIKELY(*stop != '\r'))
        return fault_of_byte(*stop);
    if (BRIO_UNLIKELY(stop + 1 == end))
        return BRIO_HTTP_PART;
    *ret = stop;
    return BRIO_LIKELY(stop[1] == '\n') ? 0 : BRIO_HTTP_FAULT_BARE_CR;
}

/* How many bytes of the present line, CRLF included, may lie in a head that
 * already has `used` bytes before it. */
static size_t line_room(const brio_http_conn *conn, size_t used)
{
    const brio_http_limits *limits = &conn->pool->limits;
    size_t room = used < limits->header_bytes ? limits->header_bytes - used : 0;
    size_t line = BRIO_HTTP_METHOD_MAX + limits->target_bytes + sizeof("  HTTP/1.1\r\n") - 1;
    bool first = !(conn->record->seen & BRIO_HTTP_SEEN_LINE);
    return first && line < room ? line : room;
}

/* The line has outgrown its room. */
static int fault_of_length(const brio_http_conn *conn, const char *line, size_t len, size_t used)
{
    bool first = !(conn->record->seen & BRIO_HTTP_SEEN_LINE);
    if (!first || used + len >= conn->pool->limits.header_bytes)
        return BRIO_HTTP_FAULT_HEAD_TOO_LARGE;
    return brio_http_request_line_too_long((brio_str){line, len});
}

static int fault_of_name(const char *line, const char *stop)
{
    bool blank = *stop == ' ' || *stop == '\t';
    if (stop == line)
        return blank ? BRIO_HTTP_FAULT_OBS_FOLD : BRIO_HTTP_FAULT_HEADER_NAME;
    return blank ? BRIO_HTTP_FAULT_SPACE_BEFORE_COLON : BRIO_HTTP_FAULT_HEADER_NAME;
}

/* True for lengths and first letters of the names that field_note obeys. */
static inline bool is_noteworthy(brio_str name)
{
    static const char first[] = "\0\0\0\0h\0eu\0\0c\0c\0c\0\0t";
    return name.len < sizeof(first) && (name.ptr[0] | 0x20) == first[name.len];
}

/* A complete header line: name from `line` to `colon`, value up to `eol`, where
 * its CR is. Inlined into the loop over a head that lies in one input. */
__attribute__((always_inline)) static inline int take_field(brio_http_conn *conn, const char *line,
                                                            const char *colon, const char *eol)
{
    brio_http_record *rec = conn->record;
    size_t n = rec->request.n_headers;
    if (BRIO_UNLIKELY(*colon != ':' || colon == line))
        return fault_of_name(line, colon);
    if (BRIO_UNLIKELY(n == conn->pool->limits.header_count))
        return BRIO_HTTP_FAULT_TOO_MANY_HEADERS;
    const char *value = colon + 1;
    while (*value == ' ' || *value == '\t') /* stops at the CR at the latest */
        value++;
    while (eol > value && (eol[-1] == ' ' || eol[-1] == '\t'))
        eol--;
    rec->headers[n].name = brio_str_span(line, colon);
    rec->headers[n].value = brio_str_span(value, eol);
    rec->request.n_headers = n + 1;
    bool note = is_noteworthy(rec->headers[n].name);
    return note ? brio_http_field_note(rec, &rec->headers[n]) : 0;
}

/* What may come before any header: the request line, or an empty line. */
static int take_first_line(brio_http_conn *conn, brio_str line, const char *readable)
{
    if (BRIO_LIKELY(line.len))
        return brio_http_request_line(conn->record, line, readable,
                                      conn->pool->limits.target_bytes);
    return ++conn->blank_lines > BRIO_HTTP_BLANK_LINES_MAX ? BRIO_HTTP_FAULT_BLANK_LINES : 0;
}

/* ---- Heads ----------------------------------------------------------------- */

/* The input ended inside the line that begins at `line`. */
static int park(brio_http_conn *conn, brio_str *input, const char *start, const char *line)
{
    const char *end = input->ptr + input->len;
    conn->record->line = (size_t)(line - start);
    *input = (brio_str){end, 0};
    if (start < end && !brio_http_head_keep(conn->record, start, (size_t)(end - start)))
        return BRIO_HTTP_FAULT_NO_MEMORY;
    return BRIO_HTTP_PART;
}

/* A head, or the beginning of one, that lies in the input. */
typedef struct place {
    const char *start; /* of the head */
    const char *line;  /* the first line that is not yet taken */
    const char *end;   /* of the input */
} place;

/* Takes lines up to the request line. */
static int read_first_line(brio_http_conn *conn, place *at)
{
    int rc = 0;
    while (!rc && !(conn->record->seen & BRIO_HTTP_SEEN_LINE)) {
        const char *eol = at->line, *stop = at->end;
        size_t room = line_room(conn, 0);
        at->start = at->line; /* empty lines before it are forgotten */
        if ((size_t)(stop - at->line) > room)
            stop = at->line + room;
        rc = find_end(at->line, at->line, stop, &eol);
        if (rc == BRIO_HTTP_PART && stop < at->end)
            return fault_of_length(conn, at->line, room, 0);
        if (!rc) {
            rc = take_first_line(conn, brio_str_span(at->line, eol), stop);
            at->line = eol + 2;
        }
    }
    return rc;
}

/* Takes header lines up to the empty one: LAST_LINE, PART, or a fault. The name
 * is looked at first, so that the search for the end starts behind it; a line
 * that does not begin with a name is searched from its beginning, and judged
 * like any other when its end is there. */
static int read_fields(brio_http_conn *conn, place *at)
{
    size_t room = conn->pool->limits.header_bytes;
    const char *line = at->line, *start = at->start, *eol = line;
    const char *stop = (size_t)(at->end - start) > room ? start + room : at->end;
    int rc = 0;
    while (!rc && !(stop - line >= 2 && line[0] == '\r' && line[1] == '\n')) {
        const char *colon = brio_http_scan_token(line, stop, stop);
        bool named = colon < stop && *colon == ':';
        rc = find_end(start, named ? colon : line, stop, &eol);
        if (!rc) {
            rc = take_field(conn, line, colon, eol);
            line = eol + 2;
        }
    }
    at->line = rc ? line : line + 2;
    if (rc == BRIO_HTTP_PART && stop < at->end)
        return BRIO_HTTP_FAULT_HEAD_TOO_LARGE;
    return rc ? rc : LAST_LINE;
}

static int read_in_place(brio_http_conn *conn, brio_str *input)
{
    place at = {input->ptr, input->ptr, input->ptr + input->len};
    int rc = read_first_line(conn, &at);
    if (!rc)
        rc = read_fields(conn, &at);
    if (rc == BRIO_HTTP_PART)
        return park(conn, input, at.start, at.line);
    conn->record->head_len = (size_t)(at.line - at.start);
    *input = brio_str_span(at.line, at.end);
    return rc;
}

/* The unfinished line continues in the input: appends up to its end. 0 when
 * rec->head now ends with it, PART, or a fault. */
static int continue_line(brio_http_conn *conn, brio_str *input)
{
    brio_http_record *rec = conn->record;
    size_t have = rec->head.len - rec->line, room = line_room(conn, rec->line);
    BRIO_ASSERT(have <= room);
    size_t len = input->len < room - have ? input->len : room - have;
    const char *stop = NULL, *end = input->ptr + len;
    bool after_cr = have && rec->head.ptr[rec->head.len - 1] == '\r';
    int rc = BRIO_HTTP_PART;
    if (after_cr && len)
        rc = *input->ptr == '\n' ? 0 : BRIO_HTTP_FAULT_BARE_CR;
    else if (len)
        rc = find_end(input->ptr, input->ptr, end, &stop);
    if (rc > 0)
        return rc;
    size_t taken = rc ? len : after_cr ? 1 : (size_t)(stop - input->ptr) + 2;
    if (!head_append(rec, (brio_str){input->ptr, taken}))
        return BRIO_HTTP_FAULT_NO_MEMORY;
    *input = brio_str_slice(*input, taken, input->len);
    if (rc == BRIO_HTTP_PART && input->len)
        return fault_of_length(conn, rec->head.ptr + rec->line, room, rec->line);
    return rc;
}

static int take_kept_line(brio_http_conn *conn)
{
    const brio_http_record *rec = conn->record;
    const char *begin = rec->head.ptr + rec->line, *end = rec->head.ptr + rec->head.len;
    brio_str line = brio_str_span(begin, end - 2);
    if (!(rec->seen & BRIO_HTTP_SEEN_LINE))
        return take_first_line(conn, line, end);
    if (line.len == 0)
        return LAST_LINE;
    return take_field(conn, begin, brio_http_scan_token(begin, end - 2, end), end - 2);
}

static int read_kept(brio_http_conn *conn, brio_str *input)
{
    brio_http_record *rec = conn->record;
    for (;;) {
        int rc = continue_line(conn, input);
        if (!rc)
            rc = take_kept_line(conn);
        if (rc && rc != LAST_LINE)
            return rc;
        rec->line = rec->head.len;
        if (rc == LAST_LINE)
            return rc;
        if (!(rec->seen & BRIO_HTTP_SEEN_LINE)) /* an empty line before the request */
            return rec->head.len = rec->line = 0, read_in_place(conn, input);
    }
}

int brio_http_head_read(brio_http_conn *conn, brio_str *input)
{
    int rc = conn->record->head.len ? read_kept(conn, input) : read_in_place(conn, input);
    return rc == LAST_LINE ? 0 : rc;
}
