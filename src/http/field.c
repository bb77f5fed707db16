/* SPDX-License-Identifier: MIT
 *
 * The headers the parser itself obeys, and the judgement of the complete head.
 * What is wrong in one line is refused at that line; what depends on several
 * (a length beside a coding, no Host at all) when the last one is there. The
 * rules are RFC 9112's, read so that brio never has to guess where a message
 * ends: guessing differently from a proxy is how requests are smuggled. */
#include "http/http_internal.h"

#define IS(s, text) brio_http_is_name(s, text, sizeof(text) - 1)

/* ---- Single headers -------------------------------------------------------- */

static int note_host(brio_http_record *rec, brio_str value)
{
    if (rec->seen & BRIO_HTTP_SEEN_HOST)
        return BRIO_HTTP_FAULT_HOST_REPEATED;
    rec->seen |= BRIO_HTTP_SEEN_HOST;
    if (!brio_http_host_valid(value))
        return BRIO_HTTP_FAULT_HOST_SYNTAX;
    if (!(rec->seen & BRIO_HTTP_SEEN_AUTHORITY))
        rec->request.host = value;
    return 0;
}

/* Even an equal repetition is refused: RFC 9110 would allow to merge it, but
 * nobody honest sends it. */
static int note_length(brio_http_record *rec, brio_str value)
{
    uint64_t length = 0;
    if (rec->request.content_length >= 0)
        return BRIO_HTTP_FAULT_LENGTH_REPEATED;
    if (brio_http_to_u64(value, &length) < 0 || length > INT64_MAX)
        return BRIO_HTTP_FAULT_LENGTH_SYNTAX;
    rec->request.content_length = (int64_t)length;
    return 0;
}

/* Takes the next element off a comma-separated list. */
static bool next_element(brio_str *list, brio_str *ret)
{
    if (list->len == 0)
        return false;
    brio_str_pair cut = brio_str_cut(*list, ',');
    *ret = brio_str_trim(cut.head);
    *list = cut.tail;
    return true;
}

/* Several lines are one list. "chunked;x" is not the coding "chunked". An empty
 * element is refused, though a list may have it: ", chunked" has been read in two
 * ways. */
static int note_coding(brio_http_record *rec, brio_str list)
{
    brio_str coding;
    rec->seen |= BRIO_HTTP_SEEN_CODING;
    if (brio_str_ends(list, BRIO_S(",")))
        return BRIO_HTTP_FAULT_CODING_NOT_FINAL;
    while (next_element(&list, &coding)) {
        if (coding.len == 0 || rec->seen & BRIO_HTTP_SEEN_CHUNKED)
            return BRIO_HTTP_FAULT_CODING_NOT_FINAL;
        bool chunked = IS(coding, "chunked");
        rec->seen |= chunked ? BRIO_HTTP_SEEN_CHUNKED : BRIO_HTTP_SEEN_UNKNOWN;
    }
    return 0;
}

static int note_connection(brio_http_record *rec, brio_str list)
{
    brio_str option;
    while (next_element(&list, &option)) {
        if (IS(option, "close"))
            rec->seen |= BRIO_HTTP_SEEN_CLOSE;
        else if (IS(option, "keep-alive"))
            rec->seen |= BRIO_HTTP_SEEN_KEEP;
    }
    return 0;
}

static int note_expect(brio_http_record *rec, brio_str list)
{
    brio_str expectation;
    while (next_element(&list, &expectation)) {
        if (brio_str_eq_nocase(expectation, BRIO_S("100-continue")))
            rec->request.expect_continue = true;
        else if (expectation.len)
            rec->seen |= BRIO_HTTP_SEEN_EXPECT_OTHER;
    }
    return 0;
}

static int note_content_type(brio_http_record *rec, brio_str value)
{
    if (!rec->request.content_type.ptr)
        rec->request.content_type = value;
    return 0;
}

int brio_http_field_note(brio_http_record *rec, const brio_header *field)
{
    switch (field->name.len) {
    case sizeof("host") - 1:
        if (IS(field->name, "host"))
            return note_host(rec, field->value);
        break;
    case sizeof("expect") - 1:
        if (IS(field->name, "expect"))
            return note_expect(rec, field->value);
        break;
    case sizeof("upgrade") - 1:
        rec->request.upgrade |= IS(field->name, "upgrade");
        break;
    case sizeof("connection") - 1:
        if (IS(field->name, "connection"))
            return note_connection(rec, field->value);
        break;
    case sizeof("content-type") - 1:
        if (IS(field->name, "content-type"))
            return note_content_type(rec, field->value);
        break;
    case sizeof("content-length") - 1:
        if (IS(field->name, "content-length"))
            return note_length(rec, field->value);
        break;
    case sizeof("transfer-encoding") - 1:
        if (IS(field->name, "transfer-encoding"))
            return note_coding(rec, field->value);
        break;
    }
    return 0;
}

/* ---- The head as a whole --------------------------------------------------- */

/* A request whose last coding is not chunked has no end (RFC 9112, 6.3: 400);
 * one with a coding before it has an end, but no meaning for us (501). */
static int check_coding(const brio_http_record *rec)
{
    if (rec->request.minor == 0)
        return BRIO_HTTP_FAULT_CODING_IN_1_0;
    if (rec->request.content_length >= 0)
        return BRIO_HTTP_FAULT_LENGTH_AND_CODING;
    if (!(rec->seen & BRIO_HTTP_SEEN_CHUNKED))
        return BRIO_HTTP_FAULT_CODING_NOT_FINAL;
    return rec->seen & BRIO_HTTP_SEEN_UNKNOWN ? BRIO_HTTP_FAULT_CODING_UNKNOWN : 0;
}

/* HTTP/1.0 clients do not know Expect; a proxy may have passed it on. */
static int check_expect(brio_http_record *rec)
{
    brio_http_request *req = &rec->request;
    bool body_comes = req->chunked || req->content_length > 0;
    if (req->minor == 1 && rec->seen & BRIO_HTTP_SEEN_EXPECT_OTHER)
        return BRIO_HTTP_FAULT_EXPECTATION;
    req->expect_continue = req->expect_continue && req->minor == 1 && body_comes;
    return 0;
}

int brio_http_head_check(brio_http_record *rec)
{
    brio_http_request *req = &rec->request;
    BRIO_ASSERT(rec->seen & BRIO_HTTP_SEEN_LINE);
    if (req->minor == 1 && !(rec->seen & BRIO_HTTP_SEEN_HOST))
        return BRIO_HTTP_FAULT_HOST_MISSING;
    int rc = rec->seen & BRIO_HTTP_SEEN_CODING ? check_coding(rec) : 0;
    if (rc)
        return rc;
    req->chunked = rec->seen & BRIO_HTTP_SEEN_CHUNKED;
    rc = check_expect(rec);
    if (rc)
        return rc;
    bool close = rec->seen & BRIO_HTTP_SEEN_CLOSE;
    req->keep_alive = !close && (req->minor == 1 || rec->seen & BRIO_HTTP_SEEN_KEEP);
    req->headers = rec->headers;
    rec->remaining = req->content_length > 0 ? (uint64_t)req->content_length : 0;
    return 0;
}
