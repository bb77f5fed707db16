/* SPDX-License-Identifier: MIT
 *
 * Paths of URLs: each segment is encoded onto the output and then looked at
 * there; "." disappears and ".." takes the segment before it along. In file
 * URLs a drive letter is a root that ".." does not remove. Each byte is
 * written once and removed at most once, so the work is linear. */
#include "model/url_internal.h"

#define PATH_SET " \"#<>?`{}"

static bool is_letter(char c)
{
    return brio_lower(c) >= 'a' && brio_lower(c) <= 'z';
}

bool brio_url_is_drive(brio_str s)
{
    return s.len == 2 && is_letter(s.ptr[0]) && (s.ptr[1] == ':' || s.ptr[1] == '|');
}

static bool is_normal_drive(brio_str s)
{
    return brio_url_is_drive(s) && s.ptr[1] == ':';
}

static bool is_end(char c)
{
    return c == '/' || c == '\\' || c == '?' || c == '#';
}

/* "/C:" or "/C:/..." */
static bool begins_with_drive(brio_str s)
{
    return s.len >= 3 && is_end(s.ptr[0]) && brio_url_is_drive(brio_str_slice(s, 1, 2)) &&
           (s.len == 3 || is_end(s.ptr[3]));
}

static brio_str written(const brio_buf *out, size_t from)
{
    return brio_str_slice(brio_buf_str(out), from, out->len);
}

/* Index of the last '/' in the first `n` bytes, or -1. */
static ptrdiff_t last_slash(const brio_buf *out, size_t n)
{
    while (n > 0 && out->ptr[n - 1] != '/')
        n--;
    return (ptrdiff_t)n - 1;
}

static bool ends_with_slash(const brio_buf *out)
{
    return out->len && out->ptr[out->len - 1] == '/';
}

/* ---- Dots ------------------------------------------------------------------------- */

/* "." or its encoded form at the front: how many bytes, or 0. */
static size_t dot_length(brio_str s)
{
    if (s.len && s.ptr[0] == '.')
        return 1;
    return brio_str_eq_nocase(brio_str_slice(s, 0, 3), BRIO_S("%2e")) ? 3 : 0;
}

/* 1 for ".", 2 for "..", 0 for any other segment. */
static int count_dots(brio_str s)
{
    size_t first = dot_length(s);
    s = brio_str_slice(s, first, s.len);
    size_t second = first ? dot_length(s) : 0;
    if (first && s.len == 0)
        return 1;
    return second && s.len == second ? 2 : 0;
}

/* Neither the root slash nor that of a drive. */
static bool is_removable_slash(const brio_url_path *path)
{
    ptrdiff_t before = last_slash(path->out, path->out->len - 1);
    return before >= (ptrdiff_t)path->start &&
           !begins_with_drive(written(path->out, (size_t)before));
}

static void drop_last_segment(const brio_url_path *path)
{
    brio_buf *out = path->out;
    if (out->len <= path->start)
        return;
    if (path->file && is_normal_drive(written(out, path->start)))
        return;
    size_t begin = (size_t)(last_slash(out, out->len) + 1);
    if (!(path->file && is_normal_drive(written(out, begin))))
        out->len = begin;
}

static void go_up(const brio_url_path *path, size_t segment, bool slash)
{
    brio_buf *out = path->out;
    out->len = segment;
    if (ends_with_slash(out) && is_removable_slash(path))
        out->len--;
    drop_last_segment(path);
    if (slash && !ends_with_slash(out))
        brio_buf_char(out, '/');
}

static void stay(const brio_url_path *path, size_t segment)
{
    path->out->len = segment;
    if (!ends_with_slash(path->out))
        brio_buf_char(path->out, '/');
}

/* ---- Segments ------------------------------------------------------------------------ */

/* The segment written at `at`, of `len` bytes without the slash behind it. */
static void settle(brio_url_path *path, size_t at, size_t len, bool slash)
{
    brio_str segment = brio_str_slice(brio_buf_str(path->out), at, len);
    int dots = count_dots(segment);
    if (dots == 2)
        go_up(path, at, slash);
    else if (dots == 1)
        stay(path, at);
    else if (path->file && at == path->start + 1 && brio_url_is_drive(segment)) {
        path->out->ptr[at + 1] = ':';
        path->has_host = false;
    }
}

static size_t segment_length(const brio_url_path *path, brio_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '/' && !(path->special && s.ptr[n] == '\\'))
        n++;
    return n;
}

/* A file's path begins with one slash. */
static void collapse_slashes(const brio_url_path *path)
{
    brio_buf *out = path->out;
    size_t from = path->start, to = path->start;
    while (from < out->len && out->ptr[from] == '/')
        from++;
    size_t rest = out->len - from;
    if (from == to && !brio_buf_reserve(out, 1))
        return;
    memmove(out->ptr + to + 1, out->ptr + from, rest);
    out->ptr[to] = '/';
    out->len = to + 1 + rest;
}

void brio_url_put_path(brio_url_path *path, brio_str s)
{
    for (bool slash = true; slash && !path->out->failed;) {
        size_t at = path->out->len, n = segment_length(path, s);
        brio_url_put_encoded(path->out, brio_str_slice(s, 0, n), PATH_SET);
        size_t len = path->out->len - at;
        slash = n < s.len;
        if (slash)
            brio_buf_char(path->out, '/');
        s = brio_str_slice(s, n + 1, s.len);
        settle(path, at, len, slash);
    }
    if (path->file)
        collapse_slashes(path);
}
