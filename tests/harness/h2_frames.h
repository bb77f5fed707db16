/* SPDX-License-Identifier: MIT
 *
 * Frames of HTTP/2 made by hand: right ones, and wrong ones. */
#ifndef BRIO_TEST_H2_FRAMES_H
#define BRIO_TEST_H2_FRAMES_H

#include <brio/h2.h>

/* ---- Frames -------------------------------------------------------------------- */

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8 };

static inline void frame(brio_buf *out, int type, int flags, uint32_t id, brio_str payload)
{
    size_t n = payload.len;
    const char head[9] = {(char)(n >> 16),  (char)(n >> 8),  (char)n,
                          (char)type,       (char)flags,     (char)(id >> 24),
                          (char)(id >> 16), (char)(id >> 8), (char)id};
    brio_buf_add(out, (brio_str){head, sizeof head});
    brio_buf_add(out, payload);
}

/* An integer of HPACK with 7 bits in its first byte. */
static inline void hpack_length(brio_buf *out, size_t n)
{
    if (n < 127) {
        brio_buf_char(out, (char)n);
        return;
    }
    brio_buf_char(out, 127);
    for (n -= 127; n >= 128; n >>= 7)
        brio_buf_char(out, (char)(n % 128 + 128));
    brio_buf_char(out, (char)n);
}

/* A literal field, not indexed, not compressed. */
static inline void hpack(brio_buf *out, brio_str name, brio_str value)
{
    brio_buf_char(out, 0);
    hpack_length(out, name.len);
    brio_buf_add(out, name);
    hpack_length(out, value.len);
    brio_buf_add(out, value);
}

/* "name value\nname value" as a block of headers. */
static inline void hpack_lines(brio_buf *out, const char *lines)
{
    for (brio_str rest = brio_str_from(lines); rest.len;) {
        brio_str_pair line = brio_str_cut(rest, '\n'), field = brio_str_cut(line.head, ' ');
        hpack(out, field.head, field.tail);
        rest = line.tail;
    }
}

static inline void headers(brio_buf *out, uint32_t id, int flags, const char *lines)
{
    brio_buf block = {0};
    hpack_lines(&block, lines);
    frame(out, HEADERS, END_HEADERS | flags, id, brio_buf_str(&block));
    brio_buf_fini(&block);
}

#define GET  ":method GET\n:scheme http\n:path /a?b\n:authority h\n"
#define POST ":method POST\n:scheme http\n:path /p\n:authority h\n"

static inline void preface(brio_buf *out)
{
    brio_buf_add(out, brio_h2_preface());
    frame(out, SETTINGS, 0, 0, (brio_str){0});
}

static inline void word(brio_buf *out, int type, uint32_t id, uint32_t value)
{
    const char bytes[4] = {(char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
                           (char)value};
    frame(out, type, 0, id, (brio_str){bytes, 4});
}

#endif
