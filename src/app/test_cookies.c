/* SPDX-License-Identifier: MIT
 *
 * The test client's cookie jar: RFC 6265 (section 5) as far as it shows between
 * one client and one app. Cookies are the client's arena's; one that is replaced
 * or has expired stays there until close. */
#include "app/test_client.h"

typedef brio_app_test_cookie cookie;

/* ---- Set-Cookie ----------------------------------------------------------------------- */

static brio_str host_name(brio_str host)
{
    return brio_str_cut(host, ':').head;
}

/* The folder of the request's path (section 5.1.4). */
static brio_str default_path(brio_str target)
{
    brio_str path = brio_str_cut(target, '?').head;
    size_t n = path.len;
    while (n > 0 && path.ptr[n - 1] != '/')
        n--;
    return n > 1 ? brio_str_slice(path, 0, n - 1) : BRIO_S("/");
}

/* Seconds, perhaps with a sign; beyond the clock's reach it is never. */
static void read_max_age(cookie *c, brio_str text, brio_time now)
{
    uint64_t seconds;
    bool negative = text.len && text.ptr[0] == '-';
    if (brio_str_to_u64(brio_str_slice(text, negative, SIZE_MAX), &seconds) < 0)
        return;
    uint64_t room = (uint64_t)((BRIO_NEVER - now) / BRIO_SEC(1));
    c->expires = negative         ? 0
                 : seconds < room ? now + (brio_time)seconds * BRIO_SEC(1)
                                  : BRIO_NEVER;
}

static void read_domain(cookie *c, brio_str text)
{
    brio_str domain = brio_str_slice(text, text.len && text.ptr[0] == '.', SIZE_MAX);
    if (!domain.len)
        return;
    c->domain = domain;
    c->host_only = false;
}

static void read_attribute(cookie *c, brio_str name, brio_str value, brio_time now,
                           bool *has_max_age)
{
    int64_t second;
    if (brio_str_eq_nocase(name, BRIO_S("max-age"))) {
        read_max_age(c, value, now);
        *has_max_age = true;
    } else if (brio_str_eq_nocase(name, BRIO_S("expires"))) {
        if (!*has_max_age && brio_http_date_parse(value, &second) == 0)
            c->expires = second < BRIO_NEVER / BRIO_SEC(1) ? second * BRIO_SEC(1) : BRIO_NEVER;
    } else if (brio_str_eq_nocase(name, BRIO_S("domain"))) {
        read_domain(c, value);
    } else if (brio_str_eq_nocase(name, BRIO_S("path"))) {
        if (value.len && value.ptr[0] == '/')
            c->path = value;
    } else if (brio_str_eq_nocase(name, BRIO_S("secure"))) {
        c->secure = true;
    }
}

/* False: it has no name. */
static bool read_cookie(cookie *c, brio_str text, const brio_app_test_url *url, brio_time now)
{
    brio_str_pair piece = brio_str_cut(text, ';'), pair = brio_str_cut(piece.head, '=');
    bool has_max_age = false;
    *c = (cookie){.name = brio_str_trim(pair.head),
                  .value = brio_str_trim(pair.tail),
                  .domain = host_name(url->host),
                  .path = default_path(url->target),
                  .host_only = true,
                  .expires = BRIO_NEVER};
    while (piece.found) {
        piece = brio_str_cut(piece.tail, ';');
        brio_str_pair a = brio_str_cut(piece.head, '=');
        read_attribute(c, brio_str_trim(a.head), brio_str_trim(a.tail), now, &has_max_age);
    }
    return pair.found && c->name.len > 0;
}

/* ---- Matching -------------------------------------------------------------------------- */

static bool in_domain(brio_str host, brio_str domain)
{
    if (brio_str_eq_nocase(host, domain))
        return true;
    if (host.len <= domain.len + 1 || host.ptr[host.len - domain.len - 1] != '.')
        return false;
    return brio_str_eq_nocase(brio_str_slice(host, host.len - domain.len, SIZE_MAX), domain);
}

static bool below(brio_str path, brio_str folder)
{
    if (!brio_str_starts(path, folder))
        return false;
    return path.len == folder.len || folder.ptr[folder.len - 1] == '/' ||
           path.ptr[folder.len] == '/';
}

static bool goes_to(const cookie *c, const brio_app_test_url *url)
{
    brio_str host = host_name(url->host);
    bool fits = c->host_only ? brio_str_eq_nocase(host, c->domain) : in_domain(host, c->domain);
    return fits && below(brio_str_cut(url->target, '?').head, c->path) &&
           (!c->secure || brio_str_eq(url->scheme, BRIO_S("https")));
}

/* ---- The jar ----------------------------------------------------------------------------- */

static void forget(brio_test_client *client, const cookie *like)
{
    for (cookie **at = &client->cookies; *at;) {
        cookie *c = *at;
        if (brio_str_eq(c->name, like->name) && brio_str_eq(c->path, like->path) &&
            brio_str_eq_nocase(c->domain, like->domain))
            *at = c->next;
        else
            at = &c->next;
    }
}

static void keep(brio_test_client *client, const cookie *c)
{
    brio_arena *arena = &client->arena;
    cookie *kept = BRIO_NEW(arena, cookie);
    forget(client, c);
    *kept = *c;
    kept->name = brio_str_copy(arena, c->name);
    kept->value = brio_str_copy(arena, c->value);
    kept->domain = brio_str_copy(arena, c->domain);
    kept->path = brio_str_copy(arena, c->path);
    kept->next = client->cookies;
    client->cookies = kept;
}

void brio_app_test_cookies_keep(brio_test_client *client, const brio_app_test_url *url,
                                brio_str head)
{
    brio_time now = brio_loop_wall(client->loop);
    brio_str rest = brio_str_cut(head, '\n').tail;
    while (rest.len) {
        brio_str_pair line = brio_str_cut(rest, '\n');
        brio_str_pair header = brio_str_cut(line.head, ':');
        cookie c;
        if (brio_str_eq_nocase(header.head, BRIO_S("set-cookie")) &&
            read_cookie(&c, brio_str_trim(header.tail), url, now) &&
            in_domain(host_name(url->host), c.domain)) {
            if (c.expires > now)
                keep(client, &c);
            else
                forget(client, &c);
        }
        rest = line.tail;
    }
}

static void drop_expired(brio_test_client *client)
{
    brio_time now = brio_loop_wall(client->loop);
    for (cookie **at = &client->cookies; *at;) {
        if ((*at)->expires <= now)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

static bool names(brio_str cookies, brio_str name)
{
    while (cookies.len) {
        brio_str_pair piece = brio_str_cut(cookies, ';');
        if (brio_str_eq(brio_str_trim(brio_str_cut(piece.head, '=').head), name))
            return true;
        cookies = piece.tail;
    }
    return false;
}

/* The length of the longest path of a cookie for it, below a limit; 0: none. */
static size_t next_length(const brio_test_client *client, const brio_app_test_url *url,
                          size_t below_it)
{
    size_t longest = 0;
    for (const cookie *c = client->cookies; c; c = c->next)
        if (c->path.len < below_it && c->path.len > longest && goes_to(c, url))
            longest = c->path.len;
    return longest;
}

/* Longer paths first, of equal ones the older (section 5.4). Few: no sorting. */
brio_str brio_app_test_cookies_for(brio_test_client *client, const brio_app_test_url *url,
                                   const char *more)
{
    brio_arena *arena = &client->arena;
    brio_str own = brio_str_from(more), text = BRIO_S("");
    drop_expired(client);
    size_t len = SIZE_MAX;
    while ((len = next_length(client, url, len)) > 0) {
        brio_str level = BRIO_S("");
        for (const cookie *c = client->cookies; c; c = c->next)
            if (c->path.len == len && goes_to(c, url) && !names(own, c->name))
                level = brio_printf(arena, "%.*s=%.*s%s%.*s", BRIO_ARG(c->name), BRIO_ARG(c->value),
                                    level.len ? "; " : "", BRIO_ARG(level));
        text = brio_printf(arena, "%.*s%s%.*s", BRIO_ARG(text), text.len && level.len ? "; " : "",
                           BRIO_ARG(level));
    }
    if (!own.len)
        return text;
    return brio_printf(arena, "%.*s%s%.*s", BRIO_ARG(text), text.len ? "; " : "", BRIO_ARG(own));
}

/* ---- For tests ----------------------------------------------------------------------------- */

brio_str brio_test_cookie(const brio_test_client *client, const char *name)
{
    brio_time now = brio_loop_wall(client->loop);
    for (const cookie *c = client->cookies; c; c = c->next)
        if (c->expires > now && brio_str_eq(c->name, brio_str_from(name)))
            return c->value;
    return BRIO_S("");
}

void brio_test_cookie_set(brio_test_client *client, const char *name, const char *value)
{
    keep(client, &(cookie){.name = brio_str_from(name),
                           .value = brio_str_from(value),
                           .domain = host_name(client->base.host),
                           .path = BRIO_S("/"),
                           .host_only = true,
                           .expires = BRIO_NEVER});
}

void brio_test_cookies_clear(brio_test_client *client)
{
    client->cookies = NULL;
}
