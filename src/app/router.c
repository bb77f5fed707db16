/* SPDX-License-Identifier: MIT
 *
 * Which route answers: Starlette's rule (the first registered one whose path
 * and method fit; else the first whose path fits, for the 405), without trying
 * them one by one.
 *
 *     literal paths     hash of the whole path -> routes with it, in order
 *     templates         a tree of segments, "{...}" being one edge, `wild`:
 *                       /users/{id}/posts  =  root -users- * -posts- here
 *
 * A template whose next segment may hold slashes hangs at the node before it,
 * in `rest`. The tree only proposes: every proposal is matched in full. Each
 * node knows the earliest order and the methods below it, so branches that
 * cannot win are not entered; each node is visited at most once. */
#include "app/routing.h"

#include <brio/ws.h>

typedef struct node {
    struct node *wild;    /* any one segment, not empty */
    brio_app_route *here; /* templates that end here, in order */
    brio_app_route *rest; /* templates whose rest is matched as a whole, in order */
    size_t first;         /* earliest order in the subtree */
    uint32_t methods;     /* of the subtree */
    bool has_edges;
} node;

typedef struct edge {
    const node *from; /* NULL: free slot */
    brio_str text;
    node *to;
} edge;

struct brio_app_router {
    brio_app_route **paths; /* open hash of literal paths; NULL: free */
    size_t paths_cap, n_paths;
    edge *edges; /* open hash of (node, segment) */
    size_t edges_cap, n_edges;
    node root;
};

enum { TABLE_FIRST = 16 };

/* ---- Hashes ---------------------------------------------------------------- */

/* The keys are the program's: a hostile path can only miss. */
static uint64_t hash(brio_str s, uint64_t seed)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t h = (seed ^ s.len) * odd, word;
    for (; s.len >= 8; s = brio_str_slice(s, 8, SIZE_MAX)) {
        memcpy(&word, s.ptr, 8);
        h = (h ^ word) * odd;
        h ^= h >> 29;
    }
    word = 0;
    for (size_t i = 0; i < s.len; i++)
        word = word << 8 | (uint8_t)s.ptr[i];
    h = (h ^ word) * odd;
    return h ^ h >> 32;
}

static brio_app_route **path_slot(const brio_app_router *r, brio_str path)
{
    size_t i = hash(path, 0) & (r->paths_cap - 1);
    while (r->paths[i] && !brio_str_eq(r->paths[i]->path.text, path))
        i = (i + 1) & (r->paths_cap - 1);
    return &r->paths[i];
}

static edge *edge_slot(const brio_app_router *r, const node *from, brio_str text)
{
    size_t i = hash(text, (uintptr_t)from) & (r->edges_cap - 1);
    while (r->edges[i].from && (r->edges[i].from != from || !brio_str_eq(r->edges[i].text, text)))
        i = (i + 1) & (r->edges_cap - 1);
    return &r->edges[i];
}

/* The tables stay at most half full. What they leave behind is the app's. */
static void paths_grow(brio_app *app)
{
    brio_app_router *r = app->router, old = *r;
    r->paths_cap = old.paths_cap * 2;
    r->paths = BRIO_NEW_ARRAY(&app->arena, brio_app_route *, r->paths_cap);
    for (size_t i = 0; i < old.paths_cap; i++)
        if (old.paths[i])
            *path_slot(r, old.paths[i]->path.text) = old.paths[i];
}

static void edges_grow(brio_app *app)
{
    brio_app_router *r = app->router, old = *r;
    r->edges_cap = old.edges_cap * 2;
    r->edges = BRIO_NEW_ARRAY(&app->arena, edge, r->edges_cap);
    for (size_t i = 0; i < old.edges_cap; i++)
        if (old.edges[i].from)
            *edge_slot(r, old.edges[i].from, old.edges[i].text) = old.edges[i];
}

/* ---- Adding ---------------------------------------------------------------- */

static void append(brio_app_route **list, brio_app_route *route)
{
    while (*list)
        list = &(*list)->next_alike;
    *list = route;
}

static node *node_new(brio_arena *arena)
{
    node *n = BRIO_NEW(arena, node);
    n->first = SIZE_MAX;
    return n;
}

static void note(node *n, const brio_app_route *route)
{
    n->methods |= route->methods;
    if (route->order < n->first)
        n->first = route->order;
}

static node *wild_child(brio_app *app, node *from)
{
    if (!from->wild)
        from->wild = node_new(&app->arena);
    return from->wild;
}

static node *edge_child(brio_app *app, node *from, brio_str text)
{
    brio_app_router *r = app->router;
    if (r->n_edges * 2 >= r->edges_cap)
        edges_grow(app);
    edge *e = edge_slot(r, from, text);
    if (!e->from) {
        *e = (edge){from, text, node_new(&app->arena)};
        r->n_edges++;
        from->has_edges = true;
    }
    return e->to;
}

/* True if a parameter that may hold slashes begins in this segment. */
static bool takes_rest(brio_str segment)
{
    return brio_str_find(segment, BRIO_S(":path}")) >= 0;
}

static void add_template(brio_app *app, brio_app_route *route)
{
    node *at = &app->router->root;
    brio_str_pair cut = {.tail = brio_str_slice(route->path.text, 1, SIZE_MAX), .found = true};
    note(at, route);
    while (cut.found) {
        cut = brio_str_cut(cut.tail, '/');
        if (takes_rest(cut.head)) {
            append(&at->rest, route);
            return;
        }
        bool wild = brio_str_cut(cut.head, '{').found;
        at = wild ? wild_child(app, at) : edge_child(app, at, cut.head);
        note(at, route);
    }
    append(&at->here, route);
}

static void add_literal(brio_app *app, brio_app_route *route)
{
    brio_app_router *r = app->router;
    if (r->n_paths * 2 >= r->paths_cap)
        paths_grow(app);
    brio_app_route **slot = path_slot(r, route->path.text);
    r->n_paths += *slot ? 0 : 1;
    append(slot, route);
}

void brio_app_router_new(brio_app *app)
{
    brio_app_router *r = app->router = BRIO_NEW(&app->arena, brio_app_router);
    r->paths_cap = r->edges_cap = TABLE_FIRST;
    r->paths = BRIO_NEW_ARRAY(&app->arena, brio_app_route *, r->paths_cap);
    r->edges = BRIO_NEW_ARRAY(&app->arena, edge, r->edges_cap);
    r->root.first = SIZE_MAX;
}

void brio_app_router_add(brio_app *app, brio_app_route *route)
{
    if (route->path.n_params)
        add_template(app, route);
    else
        add_literal(app, route);
}

/* ---- Finding --------------------------------------------------------------- */

typedef struct search {
    const brio_app_router *router;
    brio_str path;
    uint32_t methods; /* wanted: one bit, or all */
    brio_str other;   /* the method's text if it has no bit of its own */
    brio_arena *scratch;
    brio_app_route *best; /* earliest so far */
    size_t before;        /* only an earlier one is of interest */
    brio_str *kept, *spare;
} search;

static bool takes_method(const search *s, const brio_app_route *route)
{
    if (!(route->methods & s->methods))
        return false;
    return !s->other.ptr || brio_str_eq(s->other, brio_str_from(route->spec.method));
}

static void keep(search *s, brio_app_route *route)
{
    s->best = route;
    s->before = route->order;
}

static void try_list(search *s, brio_app_route *route)
{
    for (; route && route->order < s->before; route = route->next_alike) {
        if (!takes_method(s, route) ||
            !brio_app_path_match(&route->path, s->path, s->scratch, s->spare))
            continue;
        keep(s, route);
        brio_str *swap = s->kept;
        s->kept = s->spare;
        s->spare = swap;
        return;
    }
}

/* `at` is where the next segment begins; NULL behind the last. */
static void descend(search *s, const node *n, const char *at)
{
    if (n->first >= s->before || !(n->methods & s->methods))
        return;
    if (!at) {
        try_list(s, n->here);
        return;
    }
    try_list(s, n->rest);
    const char *end = s->path.ptr + s->path.len;
    const char *slash = memchr(at, '/', (size_t)(end - at));
    brio_str segment = brio_str_span(at, slash ? slash : end);
    const char *next = slash ? slash + 1 : NULL;
    const edge *e = n->has_edges ? edge_slot(s->router, n, segment) : NULL;
    if (e && e->from)
        descend(s, e->to, next);
    if (n->wild && segment.len)
        descend(s, n->wild, next);
}

static void try_literals(search *s)
{
    brio_app_route *route = *path_slot(s->router, s->path);
    while (route && !takes_method(s, route))
        route = route->next_alike;
    if (route)
        keep(s, route);
}

static void run(search *s)
{
    if (!s->path.len || s->path.ptr[0] != '/')
        return;
    try_literals(s);
    descend(s, &s->router->root, s->path.ptr + 1);
}

void brio_app_router_find(const brio_app *app, const brio_http_request *http, brio_str path,
                          brio_arena *scratch, brio_app_match *ret)
{
    brio_str spare[BRIO_APP_PARAMS_MAX];
    ret->socket = app->has_sockets && (http->method == BRIO_METHOD_GET || http->protocol.len) &&
                  brio_ws_asked(http);
    search s = {.router = app->router,
                .path = path,
                .methods = ret->socket ? BRIO_APP_SOCKET_BIT : UINT32_C(1) << http->method,
                .scratch = scratch,
                .before = SIZE_MAX,
                .kept = ret->captures,
                .spare = spare};
    if (http->method == BRIO_METHOD_OTHER)
        s.other = http->method_text;
    run(&s);
    ret->path_only = !s.best && !ret->socket;
    if (ret->path_only) {
        s.methods = ~BRIO_APP_SOCKET_BIT;
        s.other = (brio_str){0};
        run(&s);
    }
    ret->route = s.best;
    if (s.kept != ret->captures)
        memcpy(ret->captures, s.kept, sizeof spare);
}

/* Whether a route with one of these methods has this path. */
static bool has_route(const brio_app *app, brio_str path, uint32_t methods, brio_arena *scratch)
{
    brio_str kept[BRIO_APP_PARAMS_MAX], spare[BRIO_APP_PARAMS_MAX];
    search s = {.router = app->router,
                .path = path,
                .methods = methods,
                .scratch = scratch,
                .before = SIZE_MAX,
                .kept = kept,
                .spare = spare};
    run(&s);
    return s.best != NULL;
}

bool brio_app_router_knows(const brio_app *app, brio_str path, brio_arena *scratch)
{
    return has_route(app, path, ~BRIO_APP_SOCKET_BIT, scratch);
}

brio_str brio_app_router_allows(const brio_app *app, brio_str path, brio_arena *arena)
{
    brio_str list = {0};
    for (brio_method m = BRIO_METHOD_GET; m < BRIO_METHOD_OPTIONS; m++) {
        brio_str name = brio_method_name(m);
        if (has_route(app, path, UINT32_C(1) << m, arena))
            list = brio_printf(arena, "%.*s%.*s, ", BRIO_ARG(list), BRIO_ARG(name));
    }
    return brio_printf(arena, "%.*sOPTIONS", BRIO_ARG(list));
}
