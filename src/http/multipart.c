/* SPDX-License-Identifier: MIT
 *
 * The parser of multipart/form-data. Heads of parts go byte by byte through a
 * few states; their bytes are searched for the delimiter, which begins with the
 * only CR it has. So a search that breaks off begins again at the byte where it
 * broke, what was held back is known to be a beginning of the delimiter, and the
 * time is linear whatever the bytes are.
 *
 *     START -> FIRST -> AFTER_FIRST -> HEAD ... -> DATA -> PADDING -> HEAD
 *                   \-> LAST_DASH -> END       DATA -> END
 *
 * python-multipart's reading is followed in what is read and what is refused,
 * also where RFC 2046 would have it otherwise. */
#include "http/form_internal.h"

enum { BOUNDARY_MAX = 256 };

enum {
    START = 0,   /* nothing yet */
    SKIP,        /* behind empty lines: up to a '-' */
    FIRST,       /* in the first delimiter, which has no CRLF before it */
    AFTER_FIRST, /* behind it: CRLF, or two dashes: no parts at all */
    FIRST_LF,
    LAST_DASH,
    HEADER, /* at the beginning of a header, or of the empty line */
    NAME,
    BLANKS, /* behind the colon */
    VALUE,
    VALUE_LF,
    HEAD_LF, /* the empty line's */
    DATA,
    PADDING, /* blanks behind a delimiter, up to its CRLF */
    PADDING_LF,
    END,
    REFUSED
};

enum { NOTHING = -1 }; /* no event: go on */

/* ---- Beginning --------------------------------------------------------------- */

static bool is_utf8(brio_str charset)
{
    static const char *const names[] = {"utf-8", "utf8", "utf_8", "u8", "utf"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (brio_str_eq_nocase(charset, brio_str_from(names[i])))
            return true;
    return false;
}

static int refuse(brio_multipart *m, brio_str reason)
{
    m->reason = reason;
    m->state = REFUSED;
    return BRIO_MULTIPART_REFUSED;
}

static int malformed(brio_multipart *m)
{
    return refuse(m, (brio_str){NULL, 0});
}

static void make_room(brio_multipart *m, brio_str boundary)
{
    m->delimiter_len = boundary.len + 4;
    m->delimiter = brio_alloc_aligned(m->arena, m->delimiter_len + 1, 1);
    memcpy(m->delimiter, "\r\n--", 4);
    if (boundary.len)
        memcpy(m->delimiter + 4, boundary.ptr, boundary.len);
    m->head = brio_alloc_aligned(m->arena, m->limits.headers * m->limits.header_bytes, 1);
    m->name_end = BRIO_NEW_ARRAY(m->arena, uint32_t, m->limits.headers);
    m->value_end = BRIO_NEW_ARRAY(m->arena, uint32_t, m->limits.headers);
}

int brio_multipart_init(brio_multipart *m, brio_arena *arena, brio_str content_type,
                        const brio_form_limits *limits)
{
    *m = (brio_multipart){.arena = arena, .limits = brio_form_limits_resolve(limits)};
    brio_str boundary = {0}, charset = {0};
    bool given = brio_header_option(arena, content_type, BRIO_S("boundary"), &boundary);
    if (!given || boundary.len > BOUNDARY_MAX) {
        refuse(m, given ? BRIO_S("") : BRIO_S("Missing boundary in multipart."));
        return BRIO_ESYNTAX;
    }
    if (brio_header_option(arena, content_type, BRIO_S("charset"), &charset))
        m->latin1 = !is_utf8(charset);
    make_room(m, boundary);
    return 0;
}

/* ---- The head of a part --------------------------------------------------------- */

static void begin_part(brio_multipart *m)
{
    m->state = HEADER;
    m->head_len = m->n_headers = m->field_len = m->matched = 0;
}

static int begin_header(brio_multipart *m)
{
    if (m->n_headers == m->limits.headers)
        return malformed(m);
    m->line_len = 0;
    m->state = NAME;
    return NOTHING;
}

/* False if the line grows too long. */
static bool count_byte(brio_multipart *m)
{
    return ++m->line_len <= m->limits.header_bytes;
}

static int take_name(brio_multipart *m, char c)
{
    size_t begin = m->n_headers ? m->value_end[m->n_headers - 1] : 0;
    if (!count_byte(m))
        return malformed(m);
    if (c == ':' && m->head_len > begin) {
        m->name_end[m->n_headers] = (uint32_t)m->head_len;
        m->state = BLANKS;
        return NOTHING;
    }
    if (!brio_http_is(c, BRIO_HTTP_TOKEN))
        return malformed(m);
    m->head[m->head_len++] = brio_lower(c);
    return NOTHING;
}

static int take_value(brio_multipart *m, char c)
{
    if (c == '\r') {
        m->value_end[m->n_headers++] = (uint32_t)m->head_len;
        m->state = VALUE_LF;
        return NOTHING;
    }
    if (!count_byte(m))
        return malformed(m);
    if (c == ' ' && m->state == BLANKS)
        return NOTHING;
    m->state = VALUE;
    m->head[m->head_len++] = c;
    return NOTHING;
}

static brio_header header_at(const brio_multipart *m, size_t i)
{
    const char *begin = m->head + (i ? m->value_end[i - 1] : 0), *middle = m->head + m->name_end[i];
    return (brio_header){brio_str_span(begin, middle),
                         brio_str_span(middle, m->head + m->value_end[i])};
}

/* Of several the last. */
static brio_str disposition_of(const brio_multipart *m)
{
    for (size_t i = m->n_headers; i-- > 0;)
        if (brio_str_eq(header_at(m, i).name, BRIO_S("content-disposition")))
            return header_at(m, i).value;
    return (brio_str){NULL, 0};
}

brio_str brio_multipart_text(const brio_multipart *m, brio_str bytes)
{
    bool plain = !m->latin1 && brio_utf8_valid(bytes);
    return brio_str_copy(m->arena, plain ? bytes : brio_latin1_decode(m->arena, bytes));
}

static void keep_headers(brio_multipart *m)
{
    brio_header *kept = BRIO_NEW_ARRAY(m->arena, brio_header, m->n_headers);
    for (size_t i = m->n_headers; i-- > 0;) {
        brio_header h = header_at(m, i);
        kept[i] = (brio_header){brio_str_copy(m->arena, h.name),
                                brio_latin1_decode(m->arena, brio_str_copy(m->arena, h.value))};
        if (brio_str_eq(h.name, BRIO_S("content-type")))
            m->part.content_type = kept[i].value; /* the first one's, at last */
    }
    m->part.headers = kept;
    m->part.n_headers = m->n_headers;
}

/* Internet Explorer 6 sends the whole path. */
static brio_str last_of_path(brio_str s)
{
    bool drive = s.len >= 3 && s.ptr[1] == ':' && s.ptr[2] == '\\';
    if (drive || brio_str_starts(s, BRIO_S("\\\\")))
        for (size_t i = s.len; i-- > 0;)
            if (s.ptr[i] == '\\')
                return brio_str_slice(s, i + 1, s.len);
    return s;
}

static int count_part(brio_multipart *m)
{
    if (m->part.is_file && m->n_files++ == m->limits.files)
        return refuse(m, brio_form_too_many(m->arena, "files", m->limits.files));
    if (!m->part.is_file && m->n_fields++ == m->limits.fields)
        return refuse(m, brio_form_too_many(m->arena, "fields", m->limits.fields));
    return BRIO_MULTIPART_PART;
}

static int end_head(brio_multipart *m)
{
    brio_str disposition = disposition_of(m), name, filename = {0};
    m->part = (brio_part){0};
    m->state = DATA;
    if (!brio_header_option(m->arena, disposition, BRIO_S("name"), &name))
        return refuse(m, BRIO_S("The Content-Disposition header field \"name\" must be provided."));
    m->part.is_file = brio_header_option(m->arena, disposition, BRIO_S("filename"), &filename);
    int event = count_part(m);
    if (event != BRIO_MULTIPART_PART)
        return event;
    m->part.name = brio_multipart_text(m, name);
    if (!m->part.is_file)
        return event;
    m->part.filename = brio_multipart_text(m, last_of_path(filename));
    keep_headers(m);
    return event;
}

/* ---- Bytes of a part ------------------------------------------------------------- */

/* A field that grows too long is given up to its limit, then refused, so that the
 * pieces it comes in make no difference. */
static int give(brio_multipart *m, brio_str data)
{
    size_t left = m->limits.field_bytes - m->field_len;
    bool fits = m->part.is_file || data.len <= left;
    m->data = fits ? data : brio_str_slice(data, 0, left);
    if (!m->part.is_file)
        m->field_len += m->data.len;
    if (!fits)
        refuse(m, brio_form_too_large(m->arena, "Part", m->limits.field_bytes));
    return fits || m->data.len ? BRIO_MULTIPART_DATA : BRIO_MULTIPART_REFUSED;
}

/* What was held back was no delimiter. */
static int release(brio_multipart *m)
{
    brio_str held = {m->delimiter, m->matched};
    m->matched = 0;
    return give(m, held);
}

/* The byte behind a delimiter. */
static int take_behind(brio_multipart *m, char c, size_t *taken)
{
    *taken = 1;
    if (c == ' ' || c == '\t') {
        m->state = PADDING;
        m->matched = 0;
        return NOTHING;
    }
    if (c != '\r' && c != '-') {
        *taken = 0;
        return release(m);
    }
    m->delimiter[m->matched++] = c;
    return NOTHING;
}

/* The second one. */
static int take_second(brio_multipart *m, char c, size_t *taken)
{
    bool last = m->delimiter[m->delimiter_len] == '-';
    *taken = 0;
    if (c != (last ? '-' : '\n'))
        return release(m);
    *taken = 1;
    begin_part(m);
    if (last)
        m->state = END;
    return BRIO_MULTIPART_PART_END;
}

/* The byte that may go on with a delimiter. */
static int take_delimiter(brio_multipart *m, char c, size_t *taken)
{
    if (m->matched == m->delimiter_len)
        return take_behind(m, c, taken);
    if (m->matched > m->delimiter_len)
        return take_second(m, c, taken);
    *taken = c == m->delimiter[m->matched];
    m->matched += *taken;
    return *taken ? NOTHING : release(m);
}

typedef uint8_t lanes __attribute__((vector_size(16)));

static lanes load(const char *at)
{
    lanes v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* The first CR that LF or the end follows; NULL if there is none. Bytes at random
 * have a CR in 256, which is where a search for CR alone would spend its time. */
static const char *find_crlf(const char *at, const char *end)
{
    const lanes cr = {0}, lf = {0};
    for (; end - at > (ptrdiff_t)sizeof(lanes); at += sizeof(lanes)) {
        lanes both = (load(at) == cr + '\r') & (load(at + 1) == lf + '\n');
        uint64_t halves[2];
        memcpy(halves, &both, sizeof halves);
        if (halves[0] | halves[1])
            break;
    }
    while ((at = memchr(at, '\r', (size_t)(end - at))) && at + 1 < end && at[1] != '\n')
        at++;
    return at;
}

/* Bytes in front of the first that may begin a delimiter, in this input whole
 * or cut off by its end. */
static size_t plain_data(const brio_multipart *m, brio_str input)
{
    const char *end = input.ptr + input.len, *at = input.ptr;
    while ((at = find_crlf(at, end))) {
        size_t left = (size_t)(end - at);
        if (!memcmp(at, m->delimiter, left < m->delimiter_len ? left : m->delimiter_len))
            return (size_t)(at - input.ptr);
        at++;
    }
    return input.len;
}

static int take_data(brio_multipart *m, brio_str *input)
{
    if (m->matched == 0) {
        size_t len = plain_data(m, *input);
        brio_str data = brio_str_slice(*input, 0, len);
        *input = brio_str_slice(*input, len, input->len);
        if (len)
            return give(m, data);
    }
    size_t taken = 0;
    int event = take_delimiter(m, input->ptr[0], &taken);
    *input = brio_str_slice(*input, taken, input->len);
    return event;
}

/* ---- States ---------------------------------------------------------------------- */

/* `matched` counts from the delimiter's dashes on. */
static int take_first(brio_multipart *m, char c)
{
    if (c != m->delimiter[2 + m->matched])
        return malformed(m);
    if (++m->matched == m->delimiter_len - 2)
        m->state = AFTER_FIRST;
    return NOTHING;
}

static int go(brio_multipart *m, uint8_t state, bool fits)
{
    if (!fits)
        return malformed(m);
    m->state = state;
    return NOTHING;
}

static int take_start(brio_multipart *m, char c)
{
    bool blank = c == '\r' || c == '\n', dash = c == '-';
    if (m->state == START ? blank : !dash) {
        m->state = SKIP;
        return NOTHING;
    }
    m->state = FIRST;
    return take_first(m, c);
}

static int take_padding(brio_multipart *m, char c)
{
    if (c == ' ' || c == '\t')
        return NOTHING;
    return go(m, PADDING_LF, c == '\r');
}

static int take_padding_lf(brio_multipart *m, char c)
{
    if (c != '\n')
        return malformed(m);
    begin_part(m);
    return BRIO_MULTIPART_PART_END;
}

static int take_header(brio_multipart *m, char c)
{
    if (c == '\r')
        return go(m, HEAD_LF, true);
    int event = begin_header(m);
    return event == NOTHING ? take_name(m, c) : event;
}

static int take_first_lf(brio_multipart *m, char c)
{
    if (c != '\n')
        return malformed(m);
    begin_part(m);
    return NOTHING;
}

/* One byte in any state but DATA. */
static int take_byte(brio_multipart *m, char c)
{
    switch (m->state) {
    case START:
    case SKIP:
        return take_start(m, c);
    case FIRST:
        return take_first(m, c);
    case AFTER_FIRST:
        return go(m, c == '-' ? LAST_DASH : FIRST_LF, c == '-' || c == '\r');
    case FIRST_LF:
        return take_first_lf(m, c);
    case LAST_DASH:
        return go(m, END, c == '-');
    case HEADER:
        return take_header(m, c);
    case NAME:
        return take_name(m, c);
    case BLANKS:
    case VALUE:
        return take_value(m, c);
    case VALUE_LF:
        return go(m, HEADER, c == '\n');
    case HEAD_LF:
        return c == '\n' ? end_head(m) : malformed(m);
    case PADDING:
        return take_padding(m, c);
    case PADDING_LF:
        return take_padding_lf(m, c);
    default:
        return NOTHING; /* END: dropped */
    }
}

brio_multipart_event brio_multipart_next(brio_multipart *m, brio_str *input)
{
    int event = m->state == REFUSED ? (int)BRIO_MULTIPART_REFUSED : NOTHING;
    while (event == NOTHING && input->len) {
        if (m->state == DATA) {
            event = take_data(m, input);
        } else {
            event = take_byte(m, input->ptr[0]);
            *input = brio_str_slice(*input, m->state == END ? input->len : 1, input->len);
        }
    }
    if (event == BRIO_MULTIPART_REFUSED)
        *input = brio_str_slice(*input, input->len, 0);
    return event == NOTHING ? BRIO_MULTIPART_MORE : (brio_multipart_event)event;
}
