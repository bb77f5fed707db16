/* SPDX-License-Identifier: MIT
 *
 * Security in the document: what a scheme is, among the components, and what an
 * operation needs of it. An operation's schemes are those of its dependencies at
 * any depth; each stands there once, with the scopes of all the ways to it. */
#include "app/docs_internal.h"

#include <brio/security.h>

static const brio_str class_names[] = {/* ORDER SECURITY_KIND */
                                       BRIO_S_INIT("OAuth2PasswordBearer"),
                                       BRIO_S_INIT("OAuth2AuthorizationCodeBearer"),
                                       BRIO_S_INIT("OAuth2"),
                                       BRIO_S_INIT("OpenIdConnect"),
                                       BRIO_S_INIT("HTTPBasic"),
                                       BRIO_S_INIT("HTTPBearer"),
                                       BRIO_S_INIT("HTTPDigest"),
                                       BRIO_S_INIT("APIKeyHeader"),
                                       BRIO_S_INIT("APIKeyQuery"),
                                       BRIO_S_INIT("APIKeyCookie")};

static brio_str name_of(const brio_security *s)
{
    return s->name ? brio_str_from(s->name) : class_names[s->kind];
}

static void put(brio_json_writer *w, const char *key, const char *text)
{
    if (!text)
        return;
    brio_json_key(w, brio_str_from(key));
    brio_json_str(w, brio_str_from(text));
}

/* ---- A scheme ----------------------------------------------------------------------- */

/* "me:Read your name|items:Read items", or JSON as it is. */
static void put_scopes(brio_json_writer *w, const char *scopes)
{
    brio_str rest = brio_str_from(scopes);
    brio_json_key(w, BRIO_S("scopes"));
    if (brio_str_starts(rest, BRIO_S("{"))) {
        brio_json_raw(w, rest);
        return;
    }
    brio_json_begin(w, '{');
    while (rest.len) {
        brio_str_pair cut = brio_str_cut(rest, '|');
        brio_str_pair scope = brio_str_cut(cut.head, ':');
        brio_json_key(w, brio_str_trim(scope.head));
        brio_json_str(w, brio_str_trim(scope.tail));
        rest = cut.tail;
    }
    brio_json_end(w, '}');
}

static void put_flow(brio_json_writer *w, const brio_security *s)
{
    bool password = s->kind == BRIO_SECURITY_OAUTH2_PASSWORD;
    brio_json_begin(w, '{');
    brio_json_key(w, password ? BRIO_S("password") : BRIO_S("authorizationCode"));
    brio_json_begin(w, '{');
    put(w, "refreshUrl", s->refresh_url);
    put_scopes(w, s->scopes);
    put(w, "authorizationUrl", s->authorization_url);
    put(w, "tokenUrl", s->token_url);
    brio_json_end(w, '}');
    brio_json_end(w, '}');
}

static void put_oauth2(brio_json_writer *w, const brio_security *s)
{
    put(w, "type", "oauth2");
    put(w, "description", s->description);
    brio_json_key(w, BRIO_S("flows"));
    if (s->kind == BRIO_SECURITY_OAUTH2)
        brio_json_raw(w, brio_str_from(s->flows));
    else
        put_flow(w, s);
}

static void put_http(brio_json_writer *w, const brio_security *s, const char *scheme)
{
    put(w, "type", "http");
    put(w, "description", s->description);
    put(w, "scheme", scheme);
    put(w, "bearerFormat", s->bearer_format);
}

static void put_key(brio_json_writer *w, const brio_security *s, const char *in)
{
    put(w, "type", "apiKey");
    put(w, "description", s->description);
    put(w, "in", in);
    put(w, "name", s->key);
}

static void put_members(brio_json_writer *w, const brio_security *s)
{
    switch (s->kind) {
    case BRIO_SECURITY_OPENID_CONNECT:
        put(w, "type", "openIdConnect");
        put(w, "description", s->description);
        put(w, "openIdConnectUrl", s->openid_url);
        return;
    case BRIO_SECURITY_HTTP_BASIC:
        put_http(w, s, "basic");
        return;
    case BRIO_SECURITY_HTTP_BEARER:
        put_http(w, s, "bearer");
        return;
    case BRIO_SECURITY_HTTP_DIGEST:
        put_http(w, s, "digest");
        return;
    case BRIO_SECURITY_KEY_HEADER:
        put_key(w, s, "header");
        return;
    case BRIO_SECURITY_KEY_QUERY:
        put_key(w, s, "query");
        return;
    case BRIO_SECURITY_KEY_COOKIE:
        put_key(w, s, "cookie");
        return;
    default:
        put_oauth2(w, s);
    }
}

/* ---- Of an operation ------------------------------------------------------------------ */

/* The scheme of a call in the document's order, or NULL. */
static const brio_security *scheme_at(const brio_app_plan *plan, size_t i)
{
    return plan->calls[plan->order[i]].provider->security;
}

static bool is_first(const brio_app_plan *plan, size_t i)
{
    brio_str name = name_of(scheme_at(plan, i));
    for (size_t k = 0; k < i; k++) {
        const brio_security *s = scheme_at(plan, k);
        if (s && brio_str_eq(name_of(s), name))
            return false;
    }
    return true;
}

/* The scopes of all calls of that name, each once. */
static void put_all_scopes(brio_app_document *doc, const brio_app_plan *plan, brio_str name)
{
    brio_str put = {0}, one;
    for (size_t i = 0; i < plan->n_order; i++) {
        const brio_security *s = scheme_at(plan, i);
        brio_str rest = plan->calls[plan->order[i]].scopes;
        if (!s || !brio_str_eq(name_of(s), name))
            continue;
        while (brio_scope_next(&rest, &one)) {
            if (brio_scopes_cover(put, one))
                continue;
            put = brio_printf(doc->scratch, "%.*s %.*s", BRIO_ARG(put), BRIO_ARG(one));
            brio_json_str(&doc->w, one);
        }
    }
}

void brio_app_openapi_security(brio_app_document *doc, const brio_app_route *route)
{
    const brio_app_plan *plan = route->plan;
    brio_json_writer *w = &doc->w;
    bool any = false;
    for (size_t i = 0; plan && i < plan->n_order; i++) {
        if (!scheme_at(plan, i) || !is_first(plan, i))
            continue;
        if (!any) {
            brio_json_key(w, BRIO_S("security"));
            brio_json_begin(w, '[');
        }
        any = true;
        brio_json_begin(w, '{');
        brio_json_key(w, name_of(scheme_at(plan, i)));
        brio_json_begin(w, '[');
        put_all_scopes(doc, plan, name_of(scheme_at(plan, i)));
        brio_json_end(w, ']');
        brio_json_end(w, '}');
    }
    if (any)
        brio_json_end(w, ']');
}

/* ---- Of the document -------------------------------------------------------------------- */

/* Of two schemes with one name the later is documented, at the place of the first. */
static void collect(brio_arena *arena, const brio_app_plan *plan, brio_app_scheme **list)
{
    for (size_t i = 0; plan && i < plan->n_order; i++) {
        const brio_security *s = scheme_at(plan, i);
        brio_app_scheme **at = list;
        if (!s)
            continue;
        while (*at && !brio_str_eq(name_of((*at)->scheme), name_of(s)))
            at = &(*at)->next;
        if (!*at)
            *at = BRIO_NEW(arena, brio_app_scheme);
        (*at)->scheme = s;
    }
}

brio_app_scheme *brio_app_schemes(brio_arena *arena, const brio_app_operation *first)
{
    brio_app_scheme *list = NULL;
    for (const brio_app_operation *path = first; path; path = path->next_path)
        for (const brio_app_operation *op = path; op; op = op->next)
            collect(arena, op->route->plan, &list);
    return list;
}

void brio_app_openapi_schemes(brio_app_document *doc, const brio_app_scheme *list)
{
    brio_json_key(&doc->w, BRIO_S("securitySchemes"));
    brio_json_begin(&doc->w, '{');
    for (; list; list = list->next) {
        brio_json_key(&doc->w, name_of(list->scheme));
        brio_json_begin(&doc->w, '{');
        put_members(&doc->w, list->scheme);
        brio_json_end(&doc->w, '}');
    }
    brio_json_end(&doc->w, '}');
}
