/* SPDX-License-Identifier: MIT
 *
 * Sessions in a sealed cookie. The cookie is opened when the session is first
 * asked for, and written right before the head of the answer, if it changed.
 *
 * A value that would make the cookie too large is refused when it is set: later
 * there would be nobody to tell. */
#include "app/app_internal.h"
#include "app/sealed_cookie.h"

#include <brio/session.h>

static const char key[] = "brio session";
static const brio_time two_weeks = BRIO_SEC(1209600);

enum { COOKIE_MAX = 3800 };

typedef struct session_kind {
    brio_app_sealed cookie;
    bool rolling;
} session_kind;

typedef struct session {
    brio_request *req;
    const session_kind *kind;
    brio_json all; /* an object */
    uint32_t cap;  /* members there is room for */
    bool opened, changed, had_cookie;
} session;

/* ---- Opening ------------------------------------------------------------------- */

static void open_cookie(session *s)
{
    brio_arena *arena = s->req->arena;
    brio_str text;
    brio_json all;
    s->opened = true;
    s->all = (brio_json){.type = BRIO_JSON_OBJECT};
    if (!brio_app_sealed_get(s->req, &s->kind->cookie, &text, &s->had_cookie))
        return;
    if (brio_json_parse(arena, text, NULL, &all, NULL) < 0 || all.type != BRIO_JSON_OBJECT)
        return;
    s->all = all;
    s->cap = all.n;
}

static session *session_of(brio_request *req)
{
    session *s = brio_request_get(req, key);
    BRIO_ASSERT(s); /* brio_use_session was called */
    if (!s->opened)
        open_cookie(s);
    return s;
}

/* ---- Looking and changing --------------------------------------------------------- */

static brio_json_member *find(const session *s, brio_str name)
{
    for (uint32_t i = 0; i < s->all.n; i++)
        if (brio_str_eq(s->all.members[i].key, name))
            return &s->all.members[i];
    return NULL;
}

const brio_json *brio_session_get(brio_request *req, const char *name)
{
    brio_json_member *member = find(session_of(req), brio_str_from(name));
    return member ? &member->value : NULL;
}

const brio_json *brio_session_all(brio_request *req)
{
    return &session_of(req)->all;
}

static int write_all(brio_json_writer *w, const void *all)
{
    brio_json_value(w, all);
    return 0;
}

/* A new last member; its value is null. */
static brio_json_member *add(session *s, brio_str name)
{
    if (s->all.n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 8;
        brio_json_member *more = BRIO_NEW_ARRAY(s->req->arena, brio_json_member, s->cap);
        if (s->all.n)
            memcpy(more, s->all.members, s->all.n * sizeof *more);
        s->all.members = more;
    }
    brio_json_member *member = &s->all.members[s->all.n++];
    *member = (brio_json_member){.key = name};
    return member;
}

static bool fits(const session *s)
{
    brio_str text;
    return brio_app_write(s->req, 256, write_all, &s->all, &text) >= 0 &&
           brio_app_sealed_size(&s->kind->cookie, text.len) <= s->kind->cookie.seal.max_size;
}

int brio_session_set(brio_request *req, const char *name, brio_json value)
{
    session *s = session_of(req);
    brio_json_member *member = find(s, brio_str_from(name));
    bool is_new = !member;
    member = member ? member : add(s, brio_str_from(name));
    brio_json former = member->value;
    member->value = value;
    if (fits(s)) {
        s->changed = true;
        return 0;
    }
    member->value = former;
    s->all.n -= is_new;
    return BRIO_ELIMIT;
}

void brio_session_remove(brio_request *req, const char *name)
{
    session *s = session_of(req);
    brio_json_member *member = find(s, brio_str_from(name));
    if (!member)
        return;
    size_t behind = (size_t)(s->all.members + s->all.n - member - 1);
    memmove(member, member + 1, behind * sizeof *member);
    s->all.n--;
    s->changed = true;
}

void brio_session_clear(brio_request *req)
{
    session *s = session_of(req);
    s->all.n = 0;
    s->changed = true;
}

/* ---- The middleware ------------------------------------------------------------------ */

/* Caches must not give one visitor's page to another. */
static void write_cookie(brio_request *req, void *arg)
{
    session *s = arg;
    brio_str text;
    if (!s->opened && s->kind->rolling)
        open_cookie(s);
    if (!s->opened)
        return;
    brio_app_vary(req, BRIO_S("Cookie"));
    if (!s->changed && (!s->kind->rolling || !s->all.n))
        return;
    if (!s->all.n) {
        if (s->had_cookie)
            brio_app_sealed_forget(req, &s->kind->cookie);
        return;
    }
    if (brio_app_write(req, 256, write_all, &s->all, &text) < 0 ||
        brio_app_sealed_set(req, &s->kind->cookie, text) < 0)
        brio_app_log(req, BRIO_LOG_ERROR, "the session could not be written");
}

static int in_session(brio_request *req, brio_next *next, void *arg)
{
    session *s = BRIO_NEW(req->arena, session);
    s->req = req;
    s->kind = arg;
    brio_request_set(req, key, s);
    brio_on_response(req, write_cookie, s);
    return brio_next_run(req, next);
}

void brio_use_session(brio_app *app, const brio_session_options *o)
{
    session_kind *kind = BRIO_NEW(&app->arena, session_kind);
    kind->rolling = o->rolling;
    kind->cookie = (brio_app_sealed){
        .seal = {.purpose = "session",
                 .secrets = o->secrets,
                 .n_secrets = o->n_secrets,
                 .max_age = o->max_age ? o->max_age : two_weeks,
                 .max_size = o->max_size ? o->max_size : COOKIE_MAX},
        .encrypted = o->encrypted,
        .cookie = {.name = o->cookie ? o->cookie : "session",
                   .path = o->path,
                   .domain = o->domain,
                   .same_site = o->same_site,
                   .secure = !o->allow_http,
                   .http_only = true},
    };
    if (!o->until_closed)
        kind->cookie.cookie.max_age = kind->cookie.seal.max_age;
    brio_app_sealed_check(app, "brio_use_session", &kind->cookie);
    brio_app_use(app, in_session, kind);
}
