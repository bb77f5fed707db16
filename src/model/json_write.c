/* SPDX-License-Identifier: MIT
 *
 * The writer: commas, colons and escapes, as json.dumps with compact
 * separators and ensure_ascii off. Its whole state is one flag: does the next
 * value need a comma? An opening bracket and a key clear it, everything else
 * sets it. Failure is the buffer's. */
#include "model/json_text.h"
#include "model/model_internal.h"

#include <math.h>

static char *put_eight(char *out, uint32_t value)
{
    uint64_t digits = brio_eight_digits(value) | UINT64_C(0x3030303030303030);
    memcpy(out, &digits, sizeof(digits));
    return out + sizeof(digits);
}

char *brio_u64_text_long(char *out, uint64_t value)
{
    const uint64_t eight = 100000000;
    BRIO_ASSERT(value >= eight);
    out = brio_u64_text(out, value / eight);
    return put_eight(out, (uint32_t)(value % eight));
}

char *brio_json_put_escape(char *out, char c)
{
    static const char letters[] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
    };
    *out++ = '\\';
    if (letters[(unsigned char)c]) {
        *out++ = letters[(unsigned char)c];
        return out;
    }
    memcpy(out, "u00", 3);
    out[3] = (char)('0' + (c >> 4));
    out[4] = "0123456789abcdef"[c & 0xF];
    return out + 5;
}

static void comma(brio_json_writer *w)
{
    if (w->comma)
        brio_buf_char(w->out, ',');
    w->comma = true;
}

void brio_json_begin(brio_json_writer *w, char bracket)
{
    BRIO_ASSERT(bracket == '{' || bracket == '[');
    comma(w);
    brio_buf_char(w->out, bracket);
    w->comma = false;
}

void brio_json_end(brio_json_writer *w, char bracket)
{
    BRIO_ASSERT(bracket == '}' || bracket == ']');
    brio_buf_char(w->out, bracket);
    w->comma = true;
}

static void add_escape(brio_buf *out, char c)
{
    char escape[BRIO_JSON_ESCAPE_MAX];
    brio_buf_add(out, brio_str_span(escape, brio_json_put_escape(escape, c)));
}

static void add_escaped(brio_buf *out, brio_str s)
{
    const char *end = s.ptr + s.len;
    bool high = false;
    for (const char *p = s.ptr; p < end;) {
        const char *stop = brio_scan_string(p, end, &high);
        brio_buf_add(out, brio_str_span(p, stop));
        if (stop < end)
            add_escape(out, *stop);
        p = stop + (stop < end);
    }
}

/* Malformed UTF-8 is rare and never ours: it may cost an arena. */
static void add_repaired(brio_buf *out, brio_str s)
{
    brio_arena arena;
    brio_arena_init(&arena, s.len * 3 + 4096);
    add_escaped(out, brio_utf8_replace(&arena, s));
    brio_arena_fini(&arena);
}

static void add_quoted(brio_buf *out, brio_str s)
{
    brio_buf_char(out, '"');
    if (s.len && brio_utf8_valid(s))
        add_escaped(out, s);
    else if (s.len)
        add_repaired(out, s);
    brio_buf_char(out, '"');
}

void brio_json_key(brio_json_writer *w, brio_str key)
{
    comma(w);
    add_quoted(w->out, key);
    brio_buf_char(w->out, ':');
    w->comma = false;
}

void brio_json_str(brio_json_writer *w, brio_str value)
{
    comma(w);
    add_quoted(w->out, value);
}

void brio_json_i64(brio_json_writer *w, int64_t value)
{
    char text[BRIO_I64_TEXT_MAX];
    brio_json_raw(w, brio_str_span(text, brio_i64_text(text, value)));
}

void brio_json_f64(brio_json_writer *w, double value)
{
    char text[BRIO_F64_TEXT_MAX];
    if (!isfinite(value))
        brio_json_null(w);
    else
        brio_json_raw(w, brio_str_span(text, brio_f64_put(text, value)));
}

void brio_json_bool(brio_json_writer *w, bool value)
{
    brio_json_raw(w, value ? BRIO_S("true") : BRIO_S("false"));
}

void brio_json_null(brio_json_writer *w)
{
    brio_json_raw(w, BRIO_S("null"));
}

void brio_json_raw(brio_json_writer *w, brio_str json)
{
    comma(w);
    brio_buf_add(w->out, json);
}

static void raw_compact(brio_buf *out, brio_str json)
{
    const char *end = json.ptr + json.len, *from = json.ptr;
    bool inside = false; /* a string, whose blanks stay */
    for (const char *p = json.ptr; p < end; p++) {
        bool blank = *p == ' ' || *p == '\t' || *p == '\n' || *p == '\r';
        if (*p == '"')
            inside = !inside;
        else if (inside && *p == '\\' && p + 1 < end)
            p++;
        else if (!inside && blank) {
            brio_buf_add(out, brio_str_span(from, p));
            from = p + 1;
        }
    }
    brio_buf_add(out, brio_str_span(from, end));
}

/* Text from a program's source may have blanks (`n`: brio_json_literal). */
static void write_raw(brio_json_writer *w, const brio_json *value)
{
    comma(w);
    if (value->n)
        raw_compact(w->out, value->str);
    else
        brio_buf_add(w->out, value->str);
}

static void write_array(brio_json_writer *w, const brio_json *value)
{
    brio_json_begin(w, '[');
    for (uint32_t i = 0; i < value->n; i++)
        brio_json_value(w, &value->items[i]);
    brio_json_end(w, ']');
}

static void write_object(brio_json_writer *w, const brio_json *value)
{
    brio_json_begin(w, '{');
    for (uint32_t i = 0; i < value->n; i++) {
        brio_json_key(w, value->members[i].key);
        brio_json_value(w, &value->members[i].value);
    }
    brio_json_end(w, '}');
}

static void write_unfit(brio_json_writer *w, const char *why)
{
    w->unfit = why;
    brio_json_null(w);
}

static void write_number(brio_json_writer *w, double value)
{
    if (w->strict && !isfinite(value))
        write_unfit(w, "a number out of JSON's range");
    else
        brio_json_f64(w, value);
}

void brio_json_value(brio_json_writer *w, const brio_json *value)
{
    switch (value->type) {
    case BRIO_JSON_NULL:
        brio_json_null(w);
        break;
    case BRIO_JSON_BOOL:
        brio_json_bool(w, value->boolean);
        break;
    case BRIO_JSON_INT:
        brio_json_i64(w, value->integer);
        break;
    case BRIO_JSON_FLOAT:
        write_number(w, value->number);
        break;
    case BRIO_JSON_STR:
        brio_json_str(w, value->str);
        break;
    case BRIO_JSON_BIGINT:
        brio_json_raw(w, value->str);
        break;
    case BRIO_JSON_RAW:
        write_raw(w, value);
        break;
    case BRIO_JSON_ARRAY:
        write_array(w, value);
        break;
    case BRIO_JSON_OBJECT:
        write_object(w, value);
        break;
    case BRIO_JSON_UNFIT:
        write_unfit(w, value->str.ptr);
        break;
    }
}

brio_str brio_json_text(brio_arena *arena, const brio_json *value)
{
    brio_buf *buf = brio_buf_acquire(arena);
    brio_json_writer w = {.out = buf};
    brio_json_value(&w, value);
    BRIO_ASSERT(!buf->failed);
    brio_str text = brio_str_copy(arena, brio_buf_str(buf));
    brio_buf_release(arena, buf);
    return text;
}
