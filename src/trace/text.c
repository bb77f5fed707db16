/* SPDX-License-Identifier: MIT
 *
 * Words for drawings: names made safe, their width on a terminal, and times
 * that people read ("0 ms", "1.5 s").
 *
 * A name may come from a request. It is made clean once, when the model is
 * built: well-formed UTF-8 without control characters, line separators and
 * bidirectional overrides. Painters add only the quoting of their format. */
#include "trace/trace_internal.h"

/* ---- Names -------------------------------------------------------------- */

static unsigned sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

/* Of well-formed UTF-8; sets the length. */
static uint32_t decode(const char *text, unsigned *len)
{
    const unsigned char *s = (const unsigned char *)text;
    *len = sequence_length(s[0]);
    if (*len == 1)
        return s[0];
    uint32_t code = s[0] & (0x7Fu >> *len);
    for (unsigned i = 1; i < *len; i++)
        code = code << 6 | (s[i] & 0x3Fu);
    return code;
}

/* Not for one line of a terminal, or not a character of XML. */
static bool is_harmful(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7F && code < 0xA0))
        return true;
    if (code >= 0x200B && code <= 0x200F)
        return true;
    if (code >= 0x2028 && code <= 0x202E)
        return true;
    return (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF || (code & 0xFFFE) == 0xFFFE;
}

void brio_trace_clean(brio_buf *out, const char *name)
{
    brio_str rest = brio_str_from(name);
    while (rest.len) {
        unsigned len = sequence_length((unsigned char)rest.ptr[0]);
        brio_str one = brio_str_slice(rest, 0, len);
        if (one.len < len || !brio_utf8_valid(one)) {
            brio_buf_add(out, BRIO_S("\xEF\xBF\xBD"));
            len = 1;
        } else if (is_harmful(decode(one.ptr, &len))) {
            brio_buf_char(out, '?');
        } else {
            brio_buf_add(out, one);
        }
        rest = brio_str_slice(rest, len, rest.len);
    }
}

/* ---- Columns ------------------------------------------------------------ */

typedef struct range {
    uint32_t first, last;
} range;

/* Blocks of East Asian Width W and F, and emoji: two columns each. */
static const range wide[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},
                             {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
                             {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};
/* Marks that combine with what is before them. */
static const range none[] = {
    {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

static bool in_ranges(uint32_t code, const range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

static unsigned columns_of(uint32_t code)
{
    if (in_ranges(code, none, sizeof(none) / sizeof(none[0])))
        return 0;
    return in_ranges(code, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

size_t brio_trace_cut(brio_str text, unsigned columns)
{
    size_t at = 0;
    unsigned used = 0, len;
    while (at < text.len) {
        used += columns_of(decode(text.ptr + at, &len));
        if (used > columns)
            break;
        at += len;
    }
    return at;
}

unsigned brio_trace_columns(brio_str text)
{
    unsigned used = 0, len;
    for (size_t at = 0; at < text.len; at += len)
        used += columns_of(decode(text.ptr + at, &len));
    return used;
}

/* ---- Times -------------------------------------------------------------- */

typedef struct unit {
    brio_time ns;
    const char *name;
} unit;

static const unit units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};

static const unit *unit_of(brio_time time)
{
    const unit *u = units;
    while (u->ns > 1 && time < u->ns)
        u++;
    return u;
}

void brio_trace_time_text(brio_buf *out, brio_time time, brio_time like)
{
    const unit *u = unit_of(time > 0 ? time : like);
    brio_time milli = u->ns > 1 ? (time % u->ns) / (u->ns / 1000) : 0;
    brio_buf_i64(out, time / u->ns);
    if (milli) {
        char digits[] = {'.', (char)('0' + milli / 100), (char)('0' + milli / 10 % 10),
                         (char)('0' + milli % 10)};
        size_t len = 4;
        while (digits[len - 1] == '0')
            len--;
        brio_buf_add(out, (brio_str){digits, len});
    }
    brio_buf_printf(out, " %s", u->name);
}

brio_time brio_trace_step(brio_time total, unsigned most)
{
    static const int factors[] = {1, 2, 5};
    BRIO_ASSERT(most > 0);
    for (brio_time power = 1;; power *= 10)
        for (size_t i = 0; i < 3; i++)
            if (total / (power * factors[i]) <= most || power > INT64_MAX / 100)
                return power * factors[i];
}

brio_time brio_trace_rounded(brio_time time)
{
    brio_time power = 1;
    while (time / power >= 10000)
        power *= 10;
    return time > INT64_MAX - power ? time : (time + power / 2) / power * power;
}
