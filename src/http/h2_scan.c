/* SPDX-License-Identifier: MIT
 *
 * What a client says on a stream that it has ended itself is an error (RFC 9113,
 * section 5.1), also when the stream is long closed. nghttp2 would know by a record
 * of each such stream, as many as may be open: half of what an idle connection holds.
 * Here it is one bit for each of the newest streams, set as the heads of frames
 * pass by; what comes on a stream that we ended may have been on its way. */
#include "http/h2_internal.h"

enum { BITS = 64, STREAMS = 2 * BITS };
_Static_assert(sizeof((brio_h2_scan){0}.shut) * 8 == STREAMS, "a bit for each");

static uint64_t *word_of(brio_h2_scan *s, uint32_t id)
{
    return &s->shut[id / 2 % STREAMS / BITS];
}

static uint64_t bit_of(uint32_t id)
{
    return UINT64_C(1) << id / 2 % BITS;
}

/* Also those that were passed over. */
static void begin(brio_h2_scan *s, uint32_t id)
{
    uint32_t n = (id + 1) / 2 - s->streams, most = n < STREAMS ? n : STREAMS;
    s->streams += n;
    for (uint32_t i = 0; i < most; i++)
        *word_of(s, id - 2 * i) &= ~bit_of(id - 2 * i);
}

/* False: the client has no business there any more. */
static bool judge(brio_h2_scan *s, uint8_t type, uint8_t flags, uint32_t id)
{
    bool speaks = type == NGHTTP2_HEADERS || type == NGHTTP2_DATA;
    if (id % 2 == 0 || (!speaks && type != NGHTTP2_RST_STREAM))
        return true;
    if (type == NGHTTP2_HEADERS && (id + 1) / 2 > s->streams)
        begin(s, id);
    uint32_t number = (id + 1) / 2;
    if (number > s->streams || s->streams - number >= STREAMS)
        return true;
    if (speaks && *word_of(s, id) & bit_of(id))
        return false;
    if (!speaks || flags & NGHTTP2_FLAG_END_STREAM)
        *word_of(s, id) |= bit_of(id);
    return true;
}

static bool judge_head(brio_h2_scan *s)
{
    const uint8_t *h = s->head;
    uint32_t id = (uint32_t)(h[5] & 0x7f) << 24 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 8 | h[8];
    s->n_head = 0;
    s->skip = (uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2];
    return judge(s, h[3], h[4], id);
}

size_t brio_h2_scan_bytes(brio_h2_scan *s, brio_str bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        size_t left = bytes.len - at, n = s->skip < left ? s->skip : (uint32_t)left;
        at += n;
        s->skip -= (uint32_t)n;
        while (at < bytes.len && s->skip == 0 && s->n_head < sizeof s->head)
            s->head[s->n_head++] = (uint8_t)bytes.ptr[at++];
        if (s->n_head == sizeof s->head && !judge_head(s))
            return at - 1;
    }
    return bytes.len;
}
