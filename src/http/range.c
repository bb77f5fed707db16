/* SPDX-License-Identifier: MIT
 *
 * The Range header by the rules of Starlette's FileResponse: what is no range is
 * passed over, one that begins behind the end refuses all, and what overlaps is
 * merged, so that a request cannot ask for more than the whole. At most `cap`
 * ranges are kept: more of them are an attack or a mistake. */
#include <brio/content.h>

#include <errno.h>

/* All digits; what 64 bits cannot hold is the largest. False for other text. */
static bool to_number(brio_str s, uint64_t *ret)
{
    int rc = brio_str_to_u64(s, ret);
    if (rc == -ERANGE)
        *ret = UINT64_MAX;
    return rc != -EINVAL;
}

/* "first-last", "first-" or "-length". A second '-' is the sign of a number that
 * is no position: it is behind the end, or before whatever comes first. */
static bool read_range(brio_str piece, uint64_t size, brio_range *ret)
{
    brio_str_pair cut = brio_str_cut(piece, '-');
    brio_str first = brio_str_trim(cut.head), last = brio_str_trim(cut.tail);
    bool minus = last.len > 1 && last.ptr[0] == '-';
    uint64_t n = 0;
    if (!cut.found || (!first.len && !last.len) ||
        (last.len && !to_number(brio_str_slice(last, minus, SIZE_MAX), &n)))
        return false;
    if (!first.len) {
        *ret = (brio_range){minus ? size : n < size ? size - n : 0, size};
        return true;
    }
    ret->to = minus && n ? 0 : last.len && n < size ? n + 1 : size;
    return to_number(first, &ret->from);
}

/* Insertion by the first byte: `n` is small. */
static void insert(brio_range *ranges, size_t n, brio_range r)
{
    for (; n > 0 && ranges[n - 1].from > r.from; n--)
        ranges[n] = ranges[n - 1];
    ranges[n] = r;
}

static size_t merge(brio_range *ranges, size_t n)
{
    size_t kept = 1;
    for (size_t i = 1; i < n; i++) {
        brio_range *last = &ranges[kept - 1];
        if (ranges[i].from > last->to)
            ranges[kept++] = ranges[i];
        else if (ranges[i].to > last->to)
            last->to = ranges[i].to;
    }
    return kept;
}

typedef struct found {
    size_t n;
    bool behind, backwards, many;
} found;

static found read_all(brio_str rest, uint64_t size, brio_range *ret, size_t cap)
{
    found f = {0};
    while (rest.len) {
        brio_str_pair cut = brio_str_cut(rest, ',');
        brio_range r;
        rest = cut.tail;
        if (!read_range(brio_str_trim(cut.head), size, &r))
            continue;
        f.many = f.many || f.n == cap;
        f.behind = f.behind || r.from >= size;
        f.backwards = f.backwards || r.from >= r.to;
        if (f.n < cap)
            insert(ret, f.n++, r);
    }
    return f;
}

int brio_range_parse(brio_str header, uint64_t size, brio_range *ret, size_t cap,
                     const char **ret_why)
{
    brio_str_pair cut = brio_str_cut(header, '=');
    *ret_why = "Malformed range header.";
    if (!cut.found)
        return -EINVAL;
    *ret_why = "Only support bytes range";
    if (!brio_str_eq_nocase(brio_str_trim(cut.head), BRIO_S("bytes")))
        return -EINVAL;
    found f = read_all(cut.tail, size, ret, cap);
    *ret_why = "Range header: range must be requested";
    if (!f.n)
        return -EINVAL;
    if (f.behind)
        return -ERANGE;
    *ret_why = "Range header: start must be less than end";
    if (f.backwards)
        return -EINVAL;
    *ret_why = "";
    return f.many ? 0 : (int)merge(ret, f.n);
}
