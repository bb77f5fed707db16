/* SPDX-License-Identifier: MIT
 *
 * One connection's parser. It is a loop of three states:
 *
 *     HEAD -> LENGTH or CHUNKS -> READY -> (done) -> HEAD, or DEAD
 *
 * and DEAD from anywhere: after a refusal, or after the last request of a
 * connection that closes; then all input is dropped, so that nothing smuggled
 * behind it is ever read. Who asks for heads is told of one whose body has not
 * come whole, and decides:
 *
 *     HEAD -> OFFERED -> LENGTH or CHUNKS   as ever: the body is collected
 *                     -> PIECES -> READY    the request goes out at once
 *                            \-> BROKEN    what is wrong comes to light later
 *
 * The record is there from the first byte of a request (empty lines do not
 * count) until done. Before MORE is returned, whatever a view of the request
 * points to has moved into the record. */
#include "http/http_internal.h"

enum {
    STATE_HEAD = 0,
    STATE_OFFERED,
    STATE_LENGTH,
    STATE_CHUNKS,
    STATE_PIECES, /* from here to BROKEN the request is with its handler */
    STATE_READY,
    STATE_BROKEN,
    STATE_DEAD
};

static bool is_out(const brio_http_conn *conn)
{
    return conn->state >= STATE_PIECES && conn->state <= STATE_BROKEN;
}

void brio_http_conn_init(brio_http_conn *conn, brio_http_pool *pool)
{
    *conn = (brio_http_conn){.pool = pool};
}

static void drop_record(brio_http_conn *conn)
{
    if (conn->record)
        brio_http_record_release(conn->pool, conn->record);
    conn->record = NULL;
    conn->request = NULL;
}

void brio_http_conn_fini(brio_http_conn *conn)
{
    drop_record(conn);
    conn->state = STATE_DEAD;
}

void brio_http_conn_refuse(brio_http_conn *conn, int status, const char *reason)
{
    BRIO_ASSERT(conn->state != STATE_READY);
    BRIO_ASSERT(status >= 400 && status <= 599);
    bool out = is_out(conn);
    if (!out)
        drop_record(conn);
    conn->refusal = (uint16_t)status;
    conn->reason = reason;
    conn->closing = true;
    conn->state = out ? STATE_BROKEN : STATE_DEAD;
}

brio_http_refusal brio_http_fault_of(int fault)
{
    static const brio_http_refusal faults[] = {
#define FAULT_ROW(name, code, words) [BRIO_HTTP_FAULT_##name] = {code, words},
        BRIO_HTTP_FAULTS(FAULT_ROW)
#undef FAULT_ROW
    };
    BRIO_ASSERT(fault > BRIO_HTTP_FINE);
    return faults[fault];
}

static brio_http_event refuse(brio_http_conn *conn, int fault, brio_str *input)
{
    const brio_http_refusal why = brio_http_fault_of(fault);
    brio_http_conn_refuse(conn, why.status, why.text);
    *input = brio_str_slice(*input, input->len, 0);
    return BRIO_HTTP_REFUSED;
}

/* ---- Reading --------------------------------------------------------------- */

static int read_head(brio_http_conn *conn, brio_str *input)
{
    if (!conn->record)
        conn->record = brio_http_record_acquire(conn->pool);
    brio_http_record *rec = conn->record;
    if (!rec)
        return BRIO_HTTP_FAULT_NO_MEMORY;
    if (!(rec->seen & BRIO_HTTP_SEEN_LINE))
        rec->request.content_length = -1;
    rec->body_limit = conn->pool->limits.body_bytes;
    int rc = brio_http_head_read(conn, input);
    if (rc == BRIO_HTTP_PART && rec->head.len == 0)
        drop_record(conn); /* there were but empty lines */
    if (!rc)
        rc = brio_http_head_check(rec);
    return rc;
}

static int begin_body(brio_http_conn *conn)
{
    const brio_http_record *rec = conn->record;
    conn->state = rec->request.chunked ? STATE_CHUNKS : STATE_LENGTH;
    return rec->remaining > rec->body_limit ? BRIO_HTTP_FAULT_BODY_TOO_LARGE : 0;
}

/* Room for the next piece, and for what the length promises, but never for more
 * than has come already or BODY_AHEAD: a promise costs the client nothing. */
static bool reserve_body(brio_http_record *rec, size_t piece)
{
    size_t ahead = rec->body.len > BRIO_HTTP_BODY_AHEAD ? rec->body.len : BRIO_HTTP_BODY_AHEAD;
    if (rec->body.cap - rec->body.len >= piece)
        return true;
    if (ahead < piece)
        ahead = piece;
    rec->body.limit = (size_t)rec->request.content_length;
    return brio_buf_reserve(&rec->body, rec->remaining < ahead ? (size_t)rec->remaining : ahead);
}

static int read_length(brio_http_record *rec, brio_str *input)
{
    size_t len = rec->remaining < input->len ? (size_t)rec->remaining : input->len;
    brio_str piece = brio_str_slice(*input, 0, len);
    *input = brio_str_slice(*input, len, input->len);
    bool whole = rec->body.len == 0 && len == rec->remaining;
    if (whole) {
        rec->request.body = piece;
        return 0;
    }
    if (len == 0)
        return BRIO_HTTP_PART; /* nothing is reserved for a promise alone */
    if (!reserve_body(rec, len))
        return BRIO_HTTP_FAULT_NO_MEMORY;
    brio_buf_add(&rec->body, piece);
    rec->remaining -= len;
    rec->request.body = brio_buf_str(&rec->body);
    return rec->remaining ? BRIO_HTTP_PART : 0;
}

static int read_chunks(brio_http_conn *conn, brio_str *input)
{
    brio_http_record *rec = conn->record;
    int rc = brio_http_chunks_read(rec, &conn->pool->limits, input, NULL);
    rec->request.body = brio_buf_str(&rec->body);
    return rc;
}

/* The input goes away while the request is incomplete. */
static bool keep_head(brio_http_record *rec)
{
    return !rec || rec->head.len ||
           brio_http_head_keep(rec, rec->request.method_text.ptr, rec->head_len);
}

static brio_http_event ready(brio_http_conn *conn)
{
    conn->state = STATE_READY;
    conn->request = &conn->record->request;
    conn->closing = !conn->request->keep_alive;
    return BRIO_HTTP_REQUEST;
}

/* ---- Who wants to know of a head --------------------------------------------- */

/* True if the body lies in the input whole, as most do: there is nothing to
 * decide. */
static bool has_come(const brio_http_record *rec, brio_str input)
{
    return !rec->request.chunked && rec->remaining <= input.len &&
           rec->remaining <= rec->body_limit;
}

static brio_http_event offer(brio_http_conn *conn, brio_str *input)
{
    if (!keep_head(conn->record))
        return refuse(conn, BRIO_HTTP_FAULT_NO_MEMORY, input);
    conn->state = STATE_OFFERED;
    conn->request = &conn->record->request;
    return BRIO_HTTP_HEAD;
}

brio_http_event brio_http_conn_body(brio_http_conn *conn, uint64_t limit, bool pieces)
{
    BRIO_ASSERT(conn->state == STATE_OFFERED);
    brio_http_record *rec = conn->record;
    brio_str none = {0};
    if (limit)
        rec->body_limit = limit;
    if (rec->remaining > rec->body_limit)
        return refuse(conn, BRIO_HTTP_FAULT_BODY_TOO_LARGE, &none);
    if (!pieces) {
        conn->request = NULL;
        return BRIO_HTTP_MORE;
    }
    rec->continues = rec->request.expect_continue;
    conn->closing = !rec->request.keep_alive;
    conn->state = STATE_PIECES;
    return BRIO_HTTP_REQUEST;
}

static int read_piece(brio_http_conn *conn, brio_str *input, brio_str *ret_piece)
{
    brio_http_record *rec = conn->record;
    if (rec->request.chunked)
        return brio_http_chunks_read(rec, &conn->pool->limits, input, ret_piece);
    size_t len = rec->remaining < input->len ? (size_t)rec->remaining : input->len;
    *ret_piece = brio_str_slice(*input, 0, len);
    *input = brio_str_slice(*input, len, input->len);
    rec->remaining -= len;
    return rec->remaining ? BRIO_HTTP_PART : 0;
}

/* Nothing has come of the body yet. */
static brio_http_event wait_for_body(brio_http_record *rec)
{
    brio_http_event event = rec->continues ? BRIO_HTTP_CONTINUE : BRIO_HTTP_MORE;
    rec->continues = false;
    return event;
}

brio_http_event brio_http_conn_read(brio_http_conn *conn, brio_str *input, brio_str *ret_piece)
{
    BRIO_ASSERT(is_out(conn));
    *ret_piece = (brio_str){NULL, 0};
    if (conn->state == STATE_READY)
        return BRIO_HTTP_REQUEST;
    if (conn->state == STATE_BROKEN) {
        *input = brio_str_slice(*input, input->len, 0);
        return BRIO_HTTP_REFUSED;
    }
    if (input->len == 0)
        return wait_for_body(conn->record);
    conn->record->continues = false; /* it did not wait */
    int rc = read_piece(conn, input, ret_piece);
    if (rc == 0)
        conn->state = STATE_READY;
    else if (rc != BRIO_HTTP_PART)
        return refuse(conn, rc, input);
    if (ret_piece->len)
        return BRIO_HTTP_PIECE;
    return rc == 0 ? BRIO_HTTP_REQUEST : BRIO_HTTP_MORE;
}

uint64_t brio_http_conn_unread(const brio_http_conn *conn)
{
    if (conn->state != STATE_PIECES)
        return conn->state == STATE_BROKEN ? UINT64_MAX : 0;
    const brio_http_record *rec = conn->record;
    return rec->request.chunked || rec->continues ? UINT64_MAX : rec->remaining;
}

/* ---- Events -------------------------------------------------------------------- */

brio_http_event brio_http_conn_next(brio_http_conn *conn, brio_str *input)
{
    BRIO_ASSERT(!is_out(conn)); /* brio_http_conn_done comes first */
    int rc = 0;
    bool waits = false, begins = conn->state == STATE_OFFERED;
    if (conn->state == STATE_DEAD)
        *input = brio_str_slice(*input, input->len, 0);
    if (input->len == 0 && !begins)
        return BRIO_HTTP_MORE;
    if (conn->state == STATE_HEAD) {
        rc = read_head(conn, input);
        begins = !rc;
        if (begins && BRIO_UNLIKELY(conn->heads) && !has_come(conn->record, *input))
            return offer(conn, input);
    }
    if (begins) {
        conn->request = NULL;
        rc = begin_body(conn);
        waits = !rc && conn->record->request.expect_continue && input->len == 0;
    }
    if (!rc)
        rc = conn->state == STATE_CHUNKS ? read_chunks(conn, input)
                                         : read_length(conn->record, input);
    if (rc == 0)
        return ready(conn);
    if (rc == BRIO_HTTP_PART && !keep_head(conn->record))
        rc = BRIO_HTTP_FAULT_NO_MEMORY;
    if (rc == BRIO_HTTP_PART)
        return waits ? BRIO_HTTP_CONTINUE : BRIO_HTTP_MORE;
    return refuse(conn, rc, input);
}

void brio_http_conn_done(brio_http_conn *conn)
{
    BRIO_ASSERT(is_out(conn));
    conn->closing |= conn->state != STATE_READY;
    drop_record(conn);
    conn->blank_lines = 0;
    conn->reply = 0;
    conn->state = conn->closing ? STATE_DEAD : STATE_HEAD;
}

bool brio_http_conn_idle(const brio_http_conn *conn)
{
    return conn->state == STATE_HEAD && !conn->record;
}

bool brio_http_conn_in_head(const brio_http_conn *conn)
{
    return conn->state == STATE_HEAD && conn->record;
}

const brio_header *brio_http_header(const brio_http_request *req, brio_str name)
{
    for (size_t i = 0; i < req->n_headers; i++)
        if (brio_str_eq_nocase(req->headers[i].name, name))
            return &req->headers[i];
    return NULL;
}

brio_http_request *brio_http_request_copy(const brio_http_request *req, brio_arena *arena)
{
    brio_http_request *copy = brio_alloc(arena, sizeof *copy);
    brio_header *headers = BRIO_NEW_ARRAY(arena, brio_header, req->n_headers);
    *copy = *req;
    for (size_t i = 0; i < req->n_headers; i++)
        headers[i] = (brio_header){brio_str_copy(arena, req->headers[i].name),
                                   brio_str_copy(arena, req->headers[i].value)};
    copy->headers = headers;
    copy->method_text = brio_str_copy(arena, req->method_text);
    copy->target = brio_str_copy(arena, req->target);
    copy->path = brio_str_copy(arena, req->path);
    copy->query = brio_str_copy(arena, req->query);
    copy->host = brio_str_copy(arena, req->host);
    if (req->content_type.ptr)
        copy->content_type = brio_str_copy(arena, req->content_type);
    copy->body = brio_str_copy(arena, req->body);
    return copy;
}
