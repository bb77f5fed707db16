/* SPDX-License-Identifier: MIT
 *
 * A record as a line: uvicorn's `INFO:     message key=value` on a terminal,
 * else one JSON object. Whatever could forge a line or drive a terminal is
 * escaped in both: C0 and C1 controls, DEL, Unicode's line separators and
 * bidirectional overrides. Malformed UTF-8 becomes U+FFFD, so JSON output is
 * always well-formed. A line is cut before LINE_MAX, marked with "..." and
 * still closed properly: TAIL bytes are kept back for that. */
#include "base/base_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TAIL = 16, LINE_END = BRIO_BASE_LINE_MAX - TAIL, FIELDS_SHARE = 1024, ESCAPE_MAX = 6 };

typedef struct level_row {
    const char *label; /* uvicorn's, padded to its column */
    const char *color;
    const char *name;
} level_row;

static const level_row levels[] = {
    /* ORDER LOG_LEVEL */
    {"INFO", "32", "info"},         {"TRACE", "34", "trace"},     {"DEBUG", "36", "debug"},
    {"INFO", "32", "info"},         {"WARNING", "33", "warning"}, {"ERROR", "31", "error"},
    {"CRITICAL", "91", "critical"},
};
_Static_assert(sizeof(levels) / sizeof(levels[0]) == BRIO_LOG_OFF, "one row per level");

brio_base_style brio_base_log_style(int fd, brio_log_format format)
{
    const char *no_color = getenv("NO_COLOR");
    if (format == BRIO_LOG_JSON || (format == BRIO_LOG_AUTO && !isatty(fd)))
        return BRIO_BASE_JSON;
    return isatty(fd) && !(no_color && *no_color) ? BRIO_BASE_COLOR : BRIO_BASE_PLAIN;
}

/* ---- Escaping ----------------------------------------------------------- */

/* Code points of two or three bytes that act on the reader's screen. */
static unsigned screen_control(const char *p, int len)
{
    const unsigned char *u = (const unsigned char *)p;
    if (len == 1)
        return u[0] < 0x20 || u[0] == 0x7F ? u[0] : 0x110000;
    if (len == 2 && u[0] == 0xC2 && u[1] < 0xA0)
        return u[1];
    if (len != 3 || u[0] != 0xE2 || u[1] < 0x80 || u[1] > 0x81)
        return 0x110000;
    unsigned code = 0x2000U | (unsigned)(u[1] & 0x3F) << 6 | (u[2] & 0x3FU);
    bool hostile = (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return hostile ? code : 0x110000;
}

static brio_str escape_control(char out[ESCAPE_MAX + 1], unsigned code)
{
    if (code == '\n')
        return BRIO_S("\\n");
    if (code == '\r')
        return BRIO_S("\\r");
    if (code == '\t')
        return BRIO_S("\\t");
    snprintf(out, ESCAPE_MAX + 1, "\\u%04x", code & 0xFFFFU);
    return (brio_str){out, ESCAPE_MAX};
}

/* One step over [p, end): what to write for it, and in *used what it took. */
static brio_str escape_step(char out[ESCAPE_MAX + 1], const char *p, const char *end, bool quoted,
                            size_t *used)
{
    int n = brio_base_utf8_step(p, end);
    *used = (size_t)(n > 0 ? n : -n);
    if (n < 0)
        return BRIO_S("\xEF\xBF\xBD");
    unsigned code = screen_control(p, n);
    if (code < 0x110000)
        return escape_control(out, code);
    if (!quoted || (*p != '"' && *p != '\\'))
        return brio_str_span(p, p + n);
    out[0] = '\\';
    out[1] = *p;
    return (brio_str){out, 2};
}

/* Bytes of `s` that need no look one by one: most of any line. */
static size_t plain_prefix(brio_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= 0x20 && s.ptr[n] < 0x7F && s.ptr[n] != '"' && s.ptr[n] != '\\')
        n++;
    return n;
}

/* Appends `s` up to line position `stop`; "..." says that some is missing. */
static void add_escaped(brio_buf *line, brio_str s, size_t stop, bool quoted, bool cut)
{
    char escape[ESCAPE_MAX + 1];
    const char *end = brio_str_slice(s, s.len, 0).ptr;
    for (size_t used; s.len; s = brio_str_slice(s, used, s.len)) {
        brio_str piece = brio_str_slice(s, 0, plain_prefix(s));
        used = piece.len;
        if (used == 0)
            piece = escape_step(escape, s.ptr, end, quoted, &used);
        size_t room = stop > line->len ? stop - line->len : 0;
        bool plain = piece.ptr == s.ptr && (unsigned char)*s.ptr < 0x80;
        cut = cut || piece.len > room;
        if (piece.len <= room || plain) /* what is plain may be cut anywhere */
            brio_buf_add(line, brio_str_slice(piece, 0, room));
        if (piece.len > room)
            break;
    }
    if (cut)
        brio_buf_add(line, BRIO_S("..."));
}

/* ---- Layout ------------------------------------------------------------- */

static bool needs_quotes(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == ' ' || s.ptr[i] == '"' || s.ptr[i] == '=')
            return true;
    return s.len == 0;
}

static void add_quoted(brio_buf *line, brio_str s, bool cut)
{
    brio_buf_char(line, '"');
    add_escaped(line, s, LINE_END, true, cut);
    brio_buf_char(line, '"');
}

static void add_field_text(brio_buf *line, brio_str key, brio_str text, brio_base_field_head info)
{
    brio_buf_char(line, ' ');
    add_escaped(line, key, LINE_END, false, false);
    brio_buf_char(line, '=');
    if (needs_quotes(text))
        add_quoted(line, text, info.cut);
    else
        add_escaped(line, text, LINE_END, false, info.cut);
}

static void add_field_json(brio_buf *line, brio_str key, brio_str text, brio_base_field_head info)
{
    brio_buf_char(line, ',');
    add_quoted(line, key, false);
    brio_buf_char(line, ':');
    if (info.is_number)
        brio_buf_add(line, text);
    else
        add_quoted(line, text, info.cut);
}

static brio_str take(brio_str *rest, size_t len)
{
    brio_str head = brio_str_slice(*rest, 0, len);
    BRIO_ASSERT(head.len == len);
    *rest = brio_str_slice(*rest, len, rest->len);
    return head;
}

/* A field whose key and shortest text would not fit ends the line. */
static void add_fields(brio_buf *line, brio_str rest, brio_base_style style)
{
    while (rest.len) {
        brio_base_field_head info;
        memcpy(&info, take(&rest, sizeof(info)).ptr, sizeof(info));
        brio_str key = take(&rest, info.key_len);
        brio_str text = take(&rest, info.text_len);
        if (line->len + ESCAPE_MAX * key.len + (info.is_number ? text.len : 0) + TAIL > LINE_END)
            return;
        (style == BRIO_BASE_JSON ? add_field_json : add_field_text)(line, key, text, info);
    }
}

static void add_label(brio_buf *line, const level_row *level, brio_base_style style)
{
    int pad = 9 - (int)strlen(level->label);
    BRIO_ASSERT(pad > 0);
    if (style == BRIO_BASE_COLOR)
        brio_buf_printf(line, "\x1b[%sm%s\x1b[0m:%*s", level->color, level->label, pad, "");
    else
        brio_buf_printf(line, "%s:%*s", level->label, pad, "");
}

/* `width` digits and the character behind them; printf is slow at this. */
static void add_digits(brio_buf *line, int value, int width, char behind)
{
    char text[5];
    text[width] = behind;
    for (int i = width - 1; i >= 0; i--, value /= 10)
        text[i] = (char)('0' + value % 10);
    brio_buf_add(line, (brio_str){text, (size_t)width + 1});
}

static void add_stamp(brio_buf *line, brio_time when)
{
    brio_civil utc = brio_clock_civil(when / BRIO_SEC(1));
    add_digits(line, utc.year, 4, '-');
    add_digits(line, utc.month, 2, '-');
    add_digits(line, utc.day, 2, 'T');
    add_digits(line, utc.hour, 2, ':');
    add_digits(line, utc.minute, 2, ':');
    add_digits(line, utc.second, 2, '.');
    add_digits(line, (int)(when / BRIO_MS(1) % 1000), 3, 'Z');
}

static void add_json_start(brio_buf *line, const level_row *level, brio_time when)
{
    brio_buf_add(line, BRIO_S("{\"ts\":\""));
    add_stamp(line, when);
    brio_buf_add(line, BRIO_S("\",\"level\":\""));
    brio_buf_add(line, brio_str_from(level->name));
    brio_buf_add(line, BRIO_S("\",\"message\":\""));
}

size_t brio_base_line(char out[BRIO_BASE_LINE_MAX], brio_str record, brio_base_style style)
{
    brio_buf line = brio_buf_over(out, BRIO_BASE_LINE_MAX);
    brio_base_record_head head;
    memcpy(&head, take(&record, sizeof(head)).ptr, sizeof(head));
    BRIO_ASSERT(head.level < BRIO_LOG_OFF);
    brio_str message = take(&record, head.message_len);
    bool json = style == BRIO_BASE_JSON && !head.raw;
    if (json)
        add_json_start(&line, &levels[head.level], head.when);
    else if (!head.raw)
        add_label(&line, &levels[head.level], style);
    add_escaped(&line, message, LINE_END - (head.n_fields ? FIELDS_SHARE : 0), json, head.cut);
    if (json)
        brio_buf_char(&line, '"');
    add_fields(&line, record, style);
    brio_buf_add(&line, json ? BRIO_S("}\n") : BRIO_S("\n"));
    BRIO_ASSERT(!line.failed);
    return line.len;
}
