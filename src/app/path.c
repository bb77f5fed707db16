/* SPDX-License-Identifier: MIT
 *
 * Path templates: "/files/{name}.txt", "/files/{rest:path}".
 *
 * A template is cut into literals and parameters once. Nearly all are simple,
 * that is, each segment is either a literal or exactly one parameter, and get
 * a list by segment as well, so that matching them is one walk over the path.
 * Mistakes are the author's: each is one sentence and the end of the program. */
#include "app/app_internal.h"

static const brio_str convertors[] = {
    /* ORDER CONVERTOR */
    BRIO_S_INIT("str"),   BRIO_S_INIT("path"), BRIO_S_INIT("int"),
    BRIO_S_INIT("float"), BRIO_S_INIT("uuid"),
};

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t identifier_length(brio_str s)
{
    size_t n = 0;
    while (n < s.len && (is_alpha(s.ptr[n]) || (n > 0 && s.ptr[n] >= '0' && s.ptr[n] <= '9')))
        n++;
    return n;
}

static brio_app_convertor convertor_of(const brio_route *route, brio_str name)
{
    for (size_t i = 0; i < sizeof convertors / sizeof *convertors; i++)
        if (brio_str_eq(convertors[i], name))
            return (brio_app_convertor)i;
    brio_app_wrong(route,
                   "unknown path convertor \"%.*s\": there are str, path, int, float and uuid",
                   BRIO_ARG(name));
}

/* Reads the parameter at the start of `s`, which is a '{'; returns its length. */
static size_t read_param(const brio_route *route, brio_str s, brio_app_piece *ret)
{
    brio_str inside = brio_str_cut(brio_str_slice(s, 1, SIZE_MAX), '}').head;
    size_t len = inside.len + 2;
    brio_str_pair parts = brio_str_cut(inside, ':');
    bool named = parts.head.len && identifier_length(parts.head) == parts.head.len;
    if (len > s.len || !named)
        brio_app_wrong(route, "\"{\" must begin a path parameter like {item_id} or {rest:path}");
    ret->is_param = true;
    ret->text = parts.head;
    ret->convertor = parts.found ? convertor_of(route, parts.tail) : BRIO_APP_CONV_STR;
    return len;
}

static size_t read_literal(const brio_route *route, brio_str s, brio_app_piece *ret)
{
    brio_str text = brio_str_cut(s, '{').head;
    if (brio_str_cut(text, '}').found)
        brio_app_wrong(route, "\"}\" without \"{\" in the path");
    *ret = (brio_app_piece){.text = text};
    return text.len;
}

/* Cuts `s` into at most `cap` pieces. */
static size_t read_pieces(const brio_route *route, brio_str s, brio_app_piece *pieces, size_t cap)
{
    size_t n = 0;
    while (s.len) {
        BRIO_ASSERT(n < cap);
        size_t len =
            s.ptr[0] == '{' ? read_param(route, s, &pieces[n]) : read_literal(route, s, &pieces[n]);
        s = brio_str_slice(s, len, SIZE_MAX);
        n++;
    }
    return n;
}

static void count_params(const brio_route *route, brio_app_path *path)
{
    for (size_t i = 0; i < path->n_pieces; i++) {
        if (!path->pieces[i].is_param)
            continue;
        path->n_params++;
        for (size_t k = 0; k < i; k++)
            if (path->pieces[k].is_param && brio_str_eq(path->pieces[k].text, path->pieces[i].text))
                brio_app_wrong(route, "the path has two parameters named \"%.*s\"",
                               BRIO_ARG(path->pieces[i].text));
    }
    if (path->n_params > BRIO_APP_PARAMS_MAX)
        brio_app_wrong(route, "the path has %zu parameters; at most %d are possible",
                       path->n_params, BRIO_APP_PARAMS_MAX);
}

/* The document's key: "{name:path}" becomes "{name}". */
static brio_str format_of(brio_arena *arena, const brio_app_path *path)
{
    brio_buf out = brio_buf_over(brio_alloc(arena, path->text.len + 1), path->text.len);
    for (size_t i = 0; i < path->n_pieces; i++) {
        const brio_app_piece *piece = &path->pieces[i];
        brio_buf_add(&out, piece->is_param ? BRIO_S("{") : BRIO_S(""));
        brio_buf_add(&out, piece->text);
        brio_buf_add(&out, piece->is_param ? BRIO_S("}") : BRIO_S(""));
    }
    BRIO_ASSERT(!out.failed);
    return brio_buf_str(&out);
}

/* Fills path->segments as long as the path is simple. */
static void read_segments(const brio_route *route, brio_app_path *path)
{
    brio_str rest = brio_str_slice(path->text, 1, SIZE_MAX);
    path->simple = true;
    for (bool more = true; more; path->n_segments++) {
        brio_str_pair cut = brio_str_cut(rest, '/');
        brio_app_piece pieces[2 * BRIO_APP_PARAMS_MAX + 1] = {0};
        size_t n = read_pieces(route, cut.head, pieces, sizeof pieces / sizeof *pieces);
        if (path->n_segments == BRIO_APP_SEGMENTS_MAX)
            brio_app_wrong(route, "the path has more than %d segments", BRIO_APP_SEGMENTS_MAX);
        path->segments[path->n_segments] = pieces[0];
        bool tail = n == 1 && pieces[0].convertor == BRIO_APP_CONV_PATH;
        if (n > 1 || (tail && cut.found))
            path->simple = false;
        rest = cut.tail;
        more = cut.found;
    }
}

void brio_app_path_compile(brio_arena *arena, const brio_route *route, brio_app_path *ret)
{
    *ret = (brio_app_path){.text = brio_str_from(route->path)};
    if (!brio_str_starts(ret->text, BRIO_S("/")))
        brio_app_wrong(route, "a path must start with \"/\"");
    size_t cap = 1;
    for (size_t i = 0; i < ret->text.len; i++)
        cap += ret->text.ptr[i] == '{' ? 2 : 0;
    ret->pieces = BRIO_NEW_ARRAY(arena, brio_app_piece, cap);
    ret->n_pieces = read_pieces(route, ret->text, ret->pieces, cap);
    count_params(route, ret);
    ret->format = format_of(arena, ret);
    if (ret->n_params)
        read_segments(route, ret);
}
