/* SPDX-License-Identifier: MIT
 *
 * Whom the page of Swagger UI may talk to beside this app: the servers that
 * the document names, where "Execute" sends its requests, and those that give
 * OAuth2 tokens, which the page asks itself. Only their origins get into the
 * policy, as the URL's parser wrote them, so no text of the document can add a
 * directive. */
#include "app/docs_internal.h"

typedef struct origins {
    brio_arena *arena;
    brio_buf *out;
    brio_str seen[BRIO_APP_ORIGINS_MAX];
    size_t n;
} origins;

static brio_str origin_of(brio_arena *arena, brio_str text)
{
    brio_url url;
    if (brio_url_parse(arena, text, &url, NULL) < 0)
        return (brio_str){0}; /* relative: the app's own */
    brio_url_parts parts = brio_url_split(url);
    bool web =
        brio_str_eq(parts.scheme, BRIO_S("https")) || brio_str_eq(parts.scheme, BRIO_S("http"));
    if (!web || !parts.host.len)
        return (brio_str){0};
    if (!parts.port)
        return brio_printf(arena, "%.*s://%.*s", BRIO_ARG(parts.scheme), BRIO_ARG(parts.host));
    return brio_printf(arena, "%.*s://%.*s:%u", BRIO_ARG(parts.scheme), BRIO_ARG(parts.host),
                       (unsigned)parts.port);
}

static void add(origins *o, const brio_json *url)
{
    if (!url || url->type != BRIO_JSON_STR || o->n == BRIO_APP_ORIGINS_MAX)
        return;
    brio_str origin = origin_of(o->arena, url->str);
    for (size_t i = 0; i < o->n; i++)
        if (brio_str_eq(o->seen[i], origin))
            return;
    if (!origin.len)
        return;
    o->seen[o->n++] = origin;
    brio_buf_char(o->out, ' ');
    brio_buf_add(o->out, origin);
}

/* A member of what may not be there. */
static const brio_json *get(const brio_json *object, const char *key)
{
    bool there = object && object->type == BRIO_JSON_OBJECT;
    return there ? brio_json_get(object, brio_str_from(key)) : NULL;
}

static void add_servers(origins *o, const brio_json *servers)
{
    for (uint32_t i = 0; servers && servers->type == BRIO_JSON_ARRAY && i < servers->n; i++)
        add(o, get(&servers->items[i], "url"));
}

static void add_scheme(origins *o, const brio_json *scheme)
{
    const brio_json *flows = get(scheme, "flows");
    add(o, get(scheme, "openIdConnectUrl"));
    for (uint32_t i = 0; flows && flows->type == BRIO_JSON_OBJECT && i < flows->n; i++) {
        add(o, get(&flows->members[i].value, "tokenUrl"));
        add(o, get(&flows->members[i].value, "refreshUrl"));
    }
}

void brio_app_docs_origins(brio_arena *arena, brio_str document, brio_buf *out)
{
    brio_json all;
    origins o = {.arena = arena, .out = out};
    if (brio_json_parse(arena, document, NULL, &all, NULL) < 0)
        return; /* one that somebody else makes may be anything */
    add_servers(&o, get(&all, "servers"));
    const brio_json *schemes = get(get(&all, "components"), "securitySchemes");
    for (uint32_t i = 0; schemes && schemes->type == BRIO_JSON_OBJECT && i < schemes->n; i++)
        add_scheme(&o, &schemes->members[i].value);
}
