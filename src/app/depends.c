/* SPDX-License-Identifier: MIT
 *
 * What depends on what, settled when a route is added. The tree below a route
 * is walked once, what a provider needs before it, and becomes a flat list of
 * calls with the places their results go to; a request walks the list.
 *
 * Providers are the same if function and argument are; their calls are if the
 * OAuth2 scopes are too, where somebody below reads them. */
#include "app/app_internal.h"

/* What is known of a provider wherever it is needed. */
typedef struct fact {
    struct fact *next;
    const brio_provider *provider;
    brio_life life;
    bool uses_scopes; /* it or something below reads them */
    bool busy;        /* being looked at: meeting it again is a circle */
} fact;

typedef struct builder {
    brio_app *app;
    const brio_app_route *route;
    brio_arena scratch;
    fact *facts;
    brio_app_call *calls;
    brio_str *keys; /* of each call: the scopes it is cached under */
    size_t n;
    size_t *order;
    size_t n_order;
    bool needs_life;
} builder;

static bool same(const brio_provider *a, const brio_provider *b)
{
    return a->fn == b->fn && a->arg == b->arg;
}

/* ---- Overrides -------------------------------------------------------------- */

static const brio_provider *in_force(const brio_app *app, const brio_provider *given)
{
    for (const brio_app_swap *o = app->overrides; o; o = o->next)
        if (same(o->provider, given))
            return o->with;
    return given;
}

static void resolve_all(brio_app *app)
{
    for (brio_app_route *route = app->routes; route; route = route->next)
        if (!route->page)
            brio_app_route_resolve(app, route);
    for (brio_app_route *route = app->frontends; route; route = route->next_alike)
        brio_app_route_resolve(app, route);
    brio_buf_clear(&app->document);
}

void brio_app_override_provider(brio_app *app, const brio_provider *provider,
                                const brio_provider *with)
{
    brio_app_swap *o = BRIO_NEW(&app->arena, brio_app_swap);
    *o = (brio_app_swap){.next = app->overrides, .provider = provider, .with = with};
    app->overrides = o;
    resolve_all(app);
}

void brio_app_restore_overrides(brio_app *app, const brio_app_swap *former)
{
    if (app->overrides == former)
        return;
    app->overrides = former;
    resolve_all(app);
}

void brio_app_clear_overrides(brio_app *app)
{
    app->overrides = NULL;
    resolve_all(app);
}

/* ---- Scopes: words between blanks ---------------------------------------------- */

static bool next_word(brio_str *rest, brio_str *ret)
{
    do {
        brio_str_pair cut = brio_str_cut(*rest, ' ');
        *ret = cut.head;
        *rest = cut.tail;
        if (ret->len)
            return true;
    } while (rest->len);
    return false;
}

static bool has_word(brio_str words, brio_str word)
{
    brio_str one;
    while (next_word(&words, &one))
        if (brio_str_eq(one, word))
            return true;
    return false;
}

static bool has_words(brio_str words, brio_str wanted)
{
    brio_str one;
    while (next_word(&wanted, &one))
        if (!has_word(words, one))
            return false;
    return true;
}

/* `outer` and what `more` adds to it. */
static brio_str join_words(brio_arena *arena, brio_str outer, const char *more)
{
    brio_str rest = brio_str_from(more), word;
    while (next_word(&rest, &word))
        if (!has_word(outer, word))
            outer = brio_printf(arena, "%.*s%s%.*s", BRIO_ARG(outer), outer.len ? " " : "",
                                BRIO_ARG(word));
    return outer;
}

/* ---- Facts ---------------------------------------------------------------------- */

static fact *fact_of(builder *b, const brio_provider *provider);

static void check_life(const builder *b, const fact *f, const fact *below)
{
    const brio_provider *p = f->provider, *other = below->provider;
    if (p->scope == BRIO_PER_REQUEST && below->life == BRIO_PER_FUNCTION)
        brio_app_wrong(&b->route->spec,
                       "dependency \"%s\" lives as long as the request, but depends on \"%s\", "
                       "which ends with the function",
                       p->name, other->name);
    if (p->scope == BRIO_PER_APP && below->life != BRIO_PER_APP)
        brio_app_wrong(&b->route->spec,
                       "dependency \"%s\" is made once for the app, but depends on \"%s\", which "
                       "is made for each request",
                       p->name, other->name);
}

static void look_below(builder *b, fact *f)
{
    size_t n;
    const brio_field *rows = brio_model_rows(f->provider->in(), &n);
    for (size_t i = 0; i < n; i++) {
        bool parameter = rows[i].in >= BRIO_IN_PATH && rows[i].in < BRIO_IN_CONFIG;
        if (rows[i].in == BRIO_IN_DEPENDS) {
            const fact *below = fact_of(b, in_force(b->app, rows[i].provider()));
            check_life(b, f, below);
            f->uses_scopes |= rows[i].scopes || below->uses_scopes;
            if (f->life == BRIO_PER_DEFAULT && below->life == BRIO_PER_FUNCTION)
                f->life = BRIO_PER_FUNCTION;
        } else if (parameter && f->life == BRIO_PER_APP) {
            brio_app_wrong(&b->route->spec,
                           "dependency \"%s\" is made once for the app, but takes the parameter "
                           "\"%s\" of a request",
                           f->provider->name, rows[i].name);
        }
    }
}

static fact *fact_of(builder *b, const brio_provider *provider)
{
    for (fact *f = b->facts; f; f = f->next)
        if (same(f->provider, provider)) {
            if (f->busy)
                brio_app_wrong(&b->route->spec, "dependency \"%s\" depends on itself",
                               provider->name);
            return f;
        }
    fact *f = BRIO_NEW(&b->scratch, fact);
    *f = (fact){.next = b->facts, .provider = provider, .life = provider->scope, .busy = true};
    f->uses_scopes = provider->reads_scopes || provider->security;
    b->facts = f;
    look_below(b, f);
    if (f->life == BRIO_PER_DEFAULT)
        f->life = BRIO_PER_REQUEST;
    f->busy = false;
    return f;
}

/* ---- Calls ----------------------------------------------------------------------- */

static brio_app_gift *give_rows(builder *b, const brio_model *model, brio_str scopes,
                                size_t *ret_n);

static brio_app_single *single_of(builder *b, const brio_provider *provider)
{
    brio_app_single **end = &b->app->singles;
    for (; *end; end = &(*end)->next)
        if (same((*end)->provider, provider))
            return *end;
    brio_app_single *single = BRIO_NEW(&b->app->arena, brio_app_single);
    single->provider = provider;
    brio_app_input_compile(b->app, b->route, provider->in, &single->input);
    single->gifts = give_rows(b, single->input.model, (brio_str){0}, &single->n_gifts);
    for (end = &b->app->singles; *end;) /* behind what it needs */
        end = &(*end)->next;
    *end = single;
    return single;
}

static ptrdiff_t find_call(const builder *b, const brio_provider *provider, brio_str key)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->calls[i].again < 0 && same(b->calls[i].provider, provider) &&
            has_words(b->keys[i], key) && has_words(key, b->keys[i]))
            return (ptrdiff_t)i;
    return -1;
}

static brio_app_call *call_new(builder *b, const brio_provider *provider, brio_str key)
{
    if (b->n == BRIO_APP_CALLS_MAX)
        brio_app_wrong(&b->route->spec, "the route has more than %d dependencies",
                       BRIO_APP_CALLS_MAX);
    brio_app_call *call = &b->calls[b->n];
    *call = (brio_app_call){.provider = provider, .first = b->n, .again = -1};
    b->keys[b->n++] = key;
    return call;
}

/* The index of the call whose result it is. `key` is what it is cached under. */
static size_t call_of(builder *b, const brio_provider *provider, brio_life life, brio_str scopes,
                      brio_str key)
{
    size_t first = b->n, place = b->n_order++;
    brio_app_input input;
    brio_app_input_compile(b->app, b->route, provider->in, &input);
    size_t n_gifts;
    const brio_app_gift *gifts = give_rows(b, input.model, scopes, &n_gifts);
    brio_app_call *call = call_new(b, provider, key);
    call->input = input;
    call->gifts = gifts;
    call->n_gifts = n_gifts;
    call->scopes = scopes;
    call->first = first;
    call->per_function = life == BRIO_PER_FUNCTION;
    return b->order[place] = b->n - 1;
}

static brio_app_gift give(builder *b, const brio_need *need, brio_str outer)
{
    const brio_provider *provider = in_force(b->app, need->provider());
    const fact *f = fact_of(b, provider);
    if (f->life == BRIO_PER_APP) {
        b->needs_life = true;
        return (brio_app_gift){.single = single_of(b, provider)};
    }
    brio_str scopes = join_words(&b->app->arena, outer, need->scopes);
    brio_str key = f->uses_scopes || need->scopes ? scopes : (brio_str){0};
    ptrdiff_t again = -1;
    if (!need->no_cache && !provider->no_cache)
        again = find_call(b, provider, key);
    if (again < 0)
        return (brio_app_gift){.call = call_of(b, provider, f->life, scopes, key)};
    call_new(b, provider, key)->again = again;
    return (brio_app_gift){.call = (size_t)again};
}

static brio_app_gift *give_rows(builder *b, const brio_model *model, brio_str scopes, size_t *ret_n)
{
    size_t n, at = 0;
    const brio_field *rows = brio_model_rows(model, &n);
    brio_app_gift *gifts = BRIO_NEW_ARRAY(&b->app->arena, brio_app_gift, n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].in != BRIO_IN_DEPENDS)
            continue;
        brio_need need = {rows[i].provider, rows[i].scopes, rows[i].no_cache};
        gifts[at] = give(b, &need, scopes);
        gifts[at].offset = rows[i].offset;
        gifts[at].size = rows[i].size;
        gifts[at++].shared = rows[i].nullable;
    }
    *ret_n = at;
    return gifts;
}

/* ---- The route --------------------------------------------------------------------- */

const brio_need *brio_app_needs_join(brio_arena *arena, const brio_need *a, const brio_need *b)
{
    size_t n_a = 0, n_b = 0;
    while (a && a[n_a].provider)
        n_a++;
    while (b && b[n_b].provider)
        n_b++;
    if (n_a + n_b == 0)
        return NULL;
    brio_need *joined = BRIO_NEW_ARRAY(arena, brio_need, n_a + n_b + 1);
    for (size_t i = 0; i < n_a; i++)
        joined[i] = a[i];
    for (size_t i = 0; i < n_b; i++)
        joined[n_a + i] = b[i];
    return joined;
}

static void *keep(builder *b, const void *from, size_t n, size_t size)
{
    void *copy = brio_calloc(&b->app->arena, n ? n : 1, size);
    return n ? memcpy(copy, from, n * size) : copy;
}

static brio_app_plan *make_plan(builder *b)
{
    brio_app_plan *plan = BRIO_NEW(&b->app->arena, brio_app_plan);
    b->calls = BRIO_NEW_ARRAY(&b->scratch, brio_app_call, BRIO_APP_CALLS_MAX);
    b->keys = BRIO_NEW_ARRAY(&b->scratch, brio_str, BRIO_APP_CALLS_MAX);
    b->order = BRIO_NEW_ARRAY(&b->scratch, size_t, BRIO_APP_CALLS_MAX + 1);
    for (const brio_need *need = b->route->depends; need && need->provider; need++)
        (void)give(b, need, (brio_str){0});
    plan->gifts = give_rows(b, b->route->input.model, (brio_str){0}, &plan->n_gifts);
    plan->calls = keep(b, b->calls, b->n, sizeof *b->calls);
    plan->n = b->n;
    plan->order = keep(b, b->order, b->n_order, sizeof *b->order);
    plan->n_order = b->n_order;
    plan->needs_life = b->needs_life;
    return plan;
}

void brio_app_route_resolve(brio_app *app, brio_app_route *route)
{
    route->plan = NULL;
    if (route->depends || route->input.from[BRIO_IN_DEPENDS].n) {
        builder b = {.app = app, .route = route};
        brio_arena_init(&b.scratch, 0);
        route->plan = make_plan(&b);
        brio_arena_fini(&b.scratch);
    }
    brio_app_route_flatten(app, route);
}
