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
    static const char first[] = "\0\0\0\0h\0e\0\0\0c\0c\0c\0\0t";
    return name.len < sizeof(first) && (name.ptr[0] | 0x20) == first[name.len];
}

static inline int take_field(brio_http_conn *conn, brio_str line, const char *readable)
{
    brio_http_record *rec = conn->record;
    const char *eol = line.ptr + line.len;
    const char *colon = brio_http_scan_token(line.ptr, eol, readable);
    if (BRIO_UNLIKELY(*colon != ':' || colon == line.ptr))
        return fault_of_name(line.ptr, colon);
    if (BRIO_UNLIKELY(rec->request.n_headers == conn->pool->limits.header_count))
        return BRIO_HTTP_FAULT_TOO_MANY_HEADERS;
    const char *value = colon + 1;
    while (*value == ' ' || *value == '\t') /* stops at the CR at the latest */
        value++;
    while (eol > value && (eol[-1] == ' ' || eol[-1] == '\t'))
        eol--;
    brio_header *field = &rec->headers[rec->request.n_headers++];
    field->name = brio_str_span(line.ptr, colon);
    field->value = brio_str_span(value, eol);
    return is_noteworthy(field->name) ? brio_http_field_note(rec, field) : 0;
}

/* One complete line without its CRLF, which is readable, as all up to `readable`
 * is: 0, LAST_LINE, or a fault. */
static inline int take_line(brio_http_conn *conn, brio_str line, const char *readable)
{
    brio_http_record *rec = conn->record;
    if (BRIO_LIKELY(rec->seen & BRIO_HTTP_SEEN_LINE))
        return line.len ? take_field(conn, line, readable) : LAST_LINE;
    if (BRIO_LIKELY(line.len))
        return brio_http_request_line(rec, line, conn->pool->limits.target_bytes);
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

/* All in the input, so far. */
static int read_in_place(brio_http_conn *conn, brio_str *input)
{
    const char *start = input->ptr, *line = start, *end = start + input->len, *eol = NULL;
    for (;;) {
        size_t used = (size_t)(line - start), room = line_room(conn, used);
        const char *stop = (size_t)(end - line) > room ? line + room : end;
        int rc = find_end(start, line, stop, &eol);
        if (rc == BRIO_HTTP_PART && stop == end)
            return park(conn, input, start, line);
        if (BRIO_UNLIKELY(rc))
            return rc > 0 ? rc : fault_of_length(conn, line, room, used);
        rc = take_line(conn, (brio_str){line, (size_t)(eol - line)}, stop);
        line = eol + 2;
        if (!(conn->record->seen & BRIO_HTTP_SEEN_LINE))
            start = line; /* an empty line before the request: forgotten */
        if (BRIO_UNLIKELY(rc)) {
            conn->record->head_len = (size_t)(line - start);
            *input = brio_str_span(line, end);
            return rc;
        }
    }
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
    const char *line = rec->head.ptr + rec->line, *end = rec->head.ptr + rec->head.len;
    return take_line(conn, brio_str_span(line, end - 2), end);
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
