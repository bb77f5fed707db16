/* SPDX-License-Identifier: MIT
 *
 * The decoder of chunked bodies: a table of states and classes of bytes walks
 * the lines, chunk data is copied in bulk or lent. A cell is the next state; an empty
 * one is a fault, named by the state it happens in. Stricter than the grammar in
 * one thing: blanks are taken behind a semicolon alone, since parsers read others
 * in too many ways. Extensions and trailers are checked, counted and dropped. */
#include "http/http_internal.h"

enum { DIGITS_MAX = 16 };

typedef enum byte_class {
    OTHER, /* a control byte */
    HEX,
    TCHAR, /* any other token byte */
    COLON,
    EQUALS,
    QUOTE,
    BACKSLASH,
    SEMI,
    BLANK, /* space, tab */
    TEXT,  /* any other byte of a field value */
    CR,
    LF,
    N_CLASSES
} byte_class;

typedef enum chunk_state {
    NOWHERE = 0, /* a fault */
    SIZE,        /* its first digit */
    DIGITS,
    EXT_NAME, /* its first byte */
    EXT_NAME_REST,
    EXT_VALUE, /* behind the equals sign */
    EXT_TOKEN,
    EXT_QUOTED,
    EXT_ESCAPE,
    EXT_QUOTED_END,
    SIZE_LF, /* an LF is due */
    SIZE_END,
    DATA,
    DATA_CR,
    DATA_LF,
    FIELD, /* a trailer, or the last CRLF */
    FIELD_NAME,
    FIELD_VALUE,
    FIELD_LF,
    LAST_LF,
    DONE,
    N_STATES
} chunk_state;

#define TOKEN(state) [HEX] = (state), [TCHAR] = (state)
#define QUOTABLE(state)                                                                            \
    TOKEN(state), [COLON] = (state), [EQUALS] = (state), [SEMI] = (state), [BLANK] = (state),      \
                  [TEXT] = (state)
#define ANY_TEXT(state) QUOTABLE(state), [QUOTE] = (state), [BACKSLASH] = (state)

/* clang-format off */
static const uint8_t next_state[N_STATES][N_CLASSES] = {
    [SIZE]           = {[HEX] = DIGITS},
    [DIGITS]         = {[HEX] = DIGITS, [SEMI] = EXT_NAME, [CR] = SIZE_LF},
    [EXT_NAME]       = {TOKEN(EXT_NAME_REST), [BLANK] = EXT_NAME},
    [EXT_NAME_REST]  = {TOKEN(EXT_NAME_REST), [EQUALS] = EXT_VALUE, [SEMI] = EXT_NAME, [CR] = SIZE_LF},
    [EXT_VALUE]      = {TOKEN(EXT_TOKEN), [QUOTE] = EXT_QUOTED},
    [EXT_TOKEN]      = {TOKEN(EXT_TOKEN), [SEMI] = EXT_NAME, [CR] = SIZE_LF},
    [EXT_QUOTED]     = {QUOTABLE(EXT_QUOTED), [BACKSLASH] = EXT_ESCAPE, [QUOTE] = EXT_QUOTED_END},
    [EXT_ESCAPE]     = {ANY_TEXT(EXT_QUOTED)},
    [EXT_QUOTED_END] = {[SEMI] = EXT_NAME, [CR] = SIZE_LF},
    [SIZE_LF]        = {[LF] = SIZE_END},
    [DATA_CR]        = {[CR] = DATA_LF},
    [DATA_LF]        = {[LF] = SIZE},
    [FIELD]          = {TOKEN(FIELD_NAME), [CR] = LAST_LF},
    [FIELD_NAME]     = {TOKEN(FIELD_NAME), [COLON] = FIELD_VALUE},
    [FIELD_VALUE]    = {ANY_TEXT(FIELD_VALUE), [CR] = FIELD_LF},
    [FIELD_LF]       = {[LF] = FIELD},
    [LAST_LF]        = {[LF] = DONE},
};

/* Of extensions there is one fault. */
static const uint8_t fault_of_state[N_STATES] = {
    [SIZE]           = BRIO_HTTP_FAULT_CHUNK_SIZE,
    [DIGITS]         = BRIO_HTTP_FAULT_CHUNK_SIZE,
    [SIZE_LF]        = BRIO_HTTP_FAULT_CHUNK_SIZE,
    [DATA_CR]        = BRIO_HTTP_FAULT_CHUNK_END,
    [DATA_LF]        = BRIO_HTTP_FAULT_CHUNK_END,
    [FIELD]          = BRIO_HTTP_FAULT_TRAILER,
    [FIELD_NAME]     = BRIO_HTTP_FAULT_TRAILER,
    [FIELD_VALUE]    = BRIO_HTTP_FAULT_TRAILER,
    [FIELD_LF]       = BRIO_HTTP_FAULT_TRAILER,
    [LAST_LF]        = BRIO_HTTP_FAULT_TRAILER,
};
/* clang-format on */

static bool is_extension(unsigned state)
{
    return state >= EXT_NAME && state <= EXT_QUOTED_END;
}

static int fault_of(unsigned state)
{
    return is_extension(state) ? BRIO_HTTP_FAULT_CHUNK_EXTENSION : fault_of_state[state];
}

static byte_class class_of(char c)
{
    if (brio_http_hex_value(c) >= 0)
        return HEX;
    if (brio_http_is(c, BRIO_HTTP_TOKEN))
        return TCHAR;
    switch (c) {
    case ':':
        return COLON;
    case '=':
        return EQUALS;
    case '"':
        return QUOTE;
    case '\\':
        return BACKSLASH;
    case ';':
        return SEMI;
    case ' ':
    case '\t':
        return BLANK;
    case '\r':
        return CR;
    case '\n':
        return LF;
    default:
        return brio_http_is(c, BRIO_HTTP_TEXT) ? TEXT : OTHER;
    }
}

static int take_digit(brio_http_record *rec, char c)
{
    if (rec->chunk_digits++ == DIGITS_MAX)
        return BRIO_HTTP_FAULT_CHUNK_SIZE;
    rec->remaining = rec->remaining << 4 | (unsigned)brio_http_hex_value(c);
    return 0;
}

/* The size line is complete. */
static int begin_chunk(brio_http_record *rec)
{
    BRIO_ASSERT(rec->received <= rec->body_limit);
    rec->chunk_digits = 0;
    if (rec->remaining > rec->body_limit - rec->received)
        return BRIO_HTTP_FAULT_BODY_TOO_LARGE;
    rec->chunk_state = rec->remaining ? DATA : FIELD;
    if (rec->chunk_state == FIELD)
        rec->overhead = 0; /* counts trailers from here */
    return 0;
}

/* One byte of a line. */
static int take_byte(brio_http_record *rec, const brio_http_limits *limits, char c)
{
    unsigned before = rec->chunk_state;
    rec->chunk_state = next_state[before][class_of(c)];
    if (is_extension(rec->chunk_state))
        return rec->overhead++ < BRIO_HTTP_EXTENSIONS_MAX ? 0 : BRIO_HTTP_FAULT_CHUNK_EXTENSIONS;
    switch (rec->chunk_state) {
    case NOWHERE:
        return fault_of(before);
    case DIGITS:
        return take_digit(rec, c);
    case SIZE_END:
        return begin_chunk(rec);
    case FIELD_NAME:
    case FIELD_VALUE:
        return rec->overhead++ < limits->header_bytes ? 0 : BRIO_HTTP_FAULT_TRAILERS_TOO_LARGE;
    default:
        return 0;
    }
}

static int take_data(brio_http_record *rec, brio_str *input, brio_str *ret_piece)
{
    size_t len = rec->remaining < input->len ? (size_t)rec->remaining : input->len;
    brio_str piece = brio_str_slice(*input, 0, len);
    if (ret_piece)
        *ret_piece = piece;
    else
        brio_buf_add(&rec->body, piece);
    if (rec->body.failed)
        return BRIO_HTTP_FAULT_NO_MEMORY;
    *input = brio_str_slice(*input, len, input->len);
    rec->remaining -= len;
    rec->received += len;
    if (rec->remaining == 0)
        rec->chunk_state = DATA_CR;
    return 0;
}

int brio_http_chunks_read(brio_http_record *rec, const brio_http_limits *limits, brio_str *input,
                          brio_str *ret_piece)
{
    if (rec->chunk_state == NOWHERE)
        rec->chunk_state = SIZE;
    while (input->len) {
        int rc;
        if (rec->chunk_state == DATA) {
            rc = take_data(rec, input, ret_piece);
            if (!rc && ret_piece)
                return BRIO_HTTP_PART;
        } else {
            rc = take_byte(rec, limits, input->ptr[0]);
            *input = brio_str_slice(*input, 1, input->len);
        }
        if (rc || rec->chunk_state == DONE)
            return rc;
    }
    return BRIO_HTTP_PART;
}
