/* SPDX-License-Identifier: MIT
 *
 * Which coding a client accepts (RFC 9110, section 12.5.3), and coders of any
 * coding behind one face. A header is read for the codings on offer only, so
 * what else it names costs a comparison each. */
#include "http/coder.h"

#include <errno.h>

brio_str brio_coding_name(brio_coding coding)
{
    switch (coding) {
    case BRIO_GZIP:
        return BRIO_S("gzip");
    case BRIO_BROTLI:
        return BRIO_S("br");
    case BRIO_ZSTD:
        return BRIO_S("zstd");
    default:
        return BRIO_S("identity");
    }
}

unsigned brio_codings(void)
{
    return (brio_coder_gzip ? BRIO_GZIP : 0u) | (brio_coder_brotli ? BRIO_BROTLI : 0u) |
           (brio_coder_zstd ? BRIO_ZSTD : 0u);
}

/* ---- Accept-Encoding ----------------------------------------------------- */

/* "0", "1", "0.5": in thousandths; what is no q-value counts as 0. */
static int read_q(brio_str s)
{
    int q = 0, unit = 1000;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && i == 1)
            continue;
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || i > 4)
            return 0;
        q += (s.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return q <= 1000 ? q : 0;
}

/* The q of one element; its name in *ret. */
static int read_element(brio_str element, brio_str *ret)
{
    brio_str_pair cut = brio_str_cut(element, ';');
    *ret = brio_str_trim(cut.head);
    while (cut.found) {
        cut = brio_str_cut(cut.tail, ';');
        brio_str parameter = brio_str_trim(cut.head);
        if (parameter.len >= 2 && brio_lower(parameter.ptr[0]) == 'q' && parameter.ptr[1] == '=')
            return read_q(brio_str_slice(parameter, 2, SIZE_MAX));
    }
    return 1000;
}

/* What the header says of a coding; of "*" if it says nothing; else 0. */
static int q_of(brio_str header, brio_str name)
{
    int star = 0;
    while (header.len) {
        brio_str_pair cut = brio_str_cut(header, ',');
        brio_str element;
        int q = read_element(cut.head, &element);
        if (brio_str_eq_nocase(element, name) ||
            (brio_str_eq_nocase(element, BRIO_S("x-gzip")) && brio_str_eq(name, BRIO_S("gzip"))))
            return q;
        if (brio_str_eq(element, BRIO_S("*")))
            star = q;
        header = cut.tail;
    }
    return star;
}

int brio_coding_quality(brio_str accept_encoding, brio_coding coding)
{
    return q_of(accept_encoding, brio_coding_name(coding));
}

brio_coding brio_coding_accepted(brio_str accept_encoding, unsigned offered)
{
    static const brio_coding by_liking[] = {BRIO_ZSTD, BRIO_BROTLI, BRIO_GZIP};
    brio_coding best = BRIO_IDENTITY;
    int best_q = 0;
    for (size_t i = 0; i < sizeof by_liking / sizeof *by_liking; i++) {
        if (!(by_liking[i] & offered & brio_codings()))
            continue;
        int q = q_of(accept_encoding, brio_coding_name(by_liking[i]));
        if (q > best_q) {
            best_q = q;
            best = by_liking[i];
        }
    }
    return best;
}

/* ---- Coders -------------------------------------------------------------- */

struct brio_coder {
    const brio_coder_kind *kind;
    brio_arena *arena;
    void *state; /* NULL: closed */
    bool encodes, ended;
};

static const brio_coder_kind *kind_of(brio_coding coding)
{
    switch (coding) {
    case BRIO_GZIP:
        return brio_coder_gzip;
    case BRIO_BROTLI:
        return brio_coder_brotli;
    case BRIO_ZSTD:
        return brio_coder_zstd;
    default:
        return NULL;
    }
}

static void release(void *arg)
{
    brio_coder *coder = arg;
    if (coder->state && coder->encodes)
        coder->kind->close_encoder(coder->state);
    else if (coder->state)
        coder->kind->close_decoder(coder->state);
    coder->state = NULL;
}

static int open_coder(brio_coder **ret, brio_arena *arena, brio_coding coding, bool encodes,
                      int level)
{
    const brio_coder_kind *kind = kind_of(coding);
    if (!kind)
        return -ENOSYS;
    brio_coder *coder = BRIO_NEW(arena, brio_coder);
    *coder = (brio_coder){.kind = kind, .arena = arena, .encodes = encodes};
    coder->state = encodes ? kind->open_encoder(level) : kind->open_decoder();
    if (!coder->state)
        return -ENOMEM;
    brio_defer_push(arena, release, coder);
    *ret = coder;
    return 0;
}

int brio_encoder_open(brio_coder **ret, brio_arena *arena, brio_coding coding, int level)
{
    return open_coder(ret, arena, coding, true, level);
}

int brio_decoder_open(brio_coder **ret, brio_arena *arena, brio_coding coding)
{
    return open_coder(ret, arena, coding, false, 0);
}

int brio_coder_write(brio_coder *coder, brio_buf *out, brio_str data, brio_coder_flush flush)
{
    if (coder->ended)
        return data.len ? BRIO_ESYNTAX : 1;
    if (!data.ptr)
        data = BRIO_S("");
    int rc = coder->encodes ? coder->kind->encode(coder->state, out, data, flush)
                            : coder->kind->decode(coder->state, out, data);
    coder->ended = rc == 1 || (coder->encodes && flush == BRIO_CODER_END);
    if (rc >= 0 && !coder->encodes && flush == BRIO_CODER_END && !coder->ended)
        return BRIO_ESYNTAX; /* cut off */
    return rc;
}

void brio_coder_close(brio_coder *coder)
{
    if (coder)
        (void)brio_defer_pop(coder->arena, release, coder, true);
}

bool brio_coder_room(brio_buf *out)
{
    if (out->cap - out->len >= BRIO_CODER_STEP)
        return true;
    size_t left =
        out->limit ? out->limit - (out->len < out->limit ? out->len : out->limit) : SIZE_MAX;
    size_t more = left < BRIO_CODER_STEP ? left : BRIO_CODER_STEP;
    return (more && brio_buf_reserve(out, more)) || out->cap > out->len;
}

int brio_coder_full(const brio_buf *out)
{
    return out->limit && out->len >= out->limit ? BRIO_ELIMIT : -ENOMEM;
}
