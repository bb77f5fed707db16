/* SPDX-License-Identifier: MIT
 *
 * One connection's parser. It is a loop of three states:
 *
 *     HEAD -> LENGTH or CHUNKS -> READY -> (done) -> HEAD, or DEAD
 *
 * and DEAD from anywhere: after a refusal, or after the last request of a
 * connection that closes; then all input is dropped, so that nothing smuggled
 * behind it is ever read. The record is there from the first byte of a request
 * (empty lines do not count) until done. Before MORE is returned, whatever a
 * view of the request points to has moved into the record. */
#include "http/http_internal.h"

enum { STATE_HEAD = 0, STATE_LENGTH, STATE_CHUNKS, STATE_READY, STATE_DEAD };

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
    drop_record(conn);
    conn->refusal = (uint16_t)status;
    conn->reason = reason;
    conn->closing = true;
    conn->state = STATE_DEAD;
}

static brio_http_event refuse(brio_http_conn *conn, int fault)
{
    static const struct {
        int status;
        const char *text;
    } faults[] = {
#define FAULT_ROW(name, code, words) [BRIO_HTTP_FAULT_##name] = {code, words},
        BRIO_HTTP_FAULTS(FAULT_ROW)
#undef FAULT_ROW
    };
    brio_http_conn_refuse(conn, faults[fault].status, faults[fault].text);
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
    int rc = brio_http_head_read(conn, input);
    if (rc == BRIO_HTTP_PART && rec->head.len == 0)
        drop_record(conn); /* there were but empty lines */
    if (!rc)
        rc = brio_http_head_check(rec, &conn->pool->limits);
    if (!rc)
        conn->state = rec->request.chunked ? STATE_CHUNKS : STATE_LENGTH;
    return rc;
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
    int rc = brio_http_chunks_read(rec, &conn->pool->limits, input);
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

brio_http_event brio_http_conn_next(brio_http_conn *conn, brio_str *input)
{
    BRIO_ASSERT(conn->state != STATE_READY); /* brio_http_conn_done comes first */
    int rc = 0;
    bool waits = false;
    if (conn->state == STATE_DEAD)
        *input = brio_str_slice(*input, input->len, 0);
    if (input->len == 0)
        return BRIO_HTTP_MORE;
    if (conn->state == STATE_HEAD) {
        rc = read_head(conn, input);
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
    *input = brio_str_slice(*input, input->len, 0);
    return refuse(conn, rc);
}

void brio_http_conn_done(brio_http_conn *conn)
{
    BRIO_ASSERT(conn->state == STATE_READY);
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
