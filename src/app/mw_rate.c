/* SPDX-License-Identifier: MIT
 *
 * Limits on rates. A key is one number: when its bucket would be full again
 * (the "theoretical arrival time" of GCRA). The table has a fixed size: a key's
 * hash, with a seed of this process, chooses a row of a few places, and when all
 * are taken the one that is nearest to full is forgotten: of all it loses least. */
#include "app/mw_common.h"

#include <inttypes.h>
#include <sys/random.h>

enum { PLACES = 8, KEYS = 16384, LIMIT = 60 };

typedef struct place {
    uint64_t hash; /* 0: free */
    brio_time full;
} place;

typedef struct rates {
    brio_rate_limit_options options;
    brio_time interval; /* of one request */
    brio_str policy;
    const char *name;
    uint64_t seed;
    size_t n_rows; /* a power of two */
    place *places;
} rates;

/* ---- The table --------------------------------------------------------------------- */

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

static uint64_t hash_of(const rates *r, brio_str key)
{
    uint64_t h = r->seed ^ key.len;
    for (size_t at = 0; at < key.len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, key.ptr + at, key.len - at < 8 ? key.len - at : 8);
        h = mix(h ^ word) + r->seed;
    }
    h = mix(h);
    return h ? h : 1;
}

static place *place_of(rates *r, uint64_t hash)
{
    place *row = &r->places[(hash & (r->n_rows - 1)) * PLACES], *found = row;
    for (size_t i = 0; i < PLACES; i++) {
        if (row[i].hash == hash)
            return &row[i];
        if (row[i].full < found->full)
            found = &row[i];
    }
    *found = (place){.hash = hash};
    return found;
}

/* ---- Counting ---------------------------------------------------------------------- */

/* Takes one request from the bucket: 0, or how long until there is one. */
static brio_time take(const rates *r, place *p, brio_time now)
{
    brio_time full = p->full > now ? p->full : now;
    brio_time wait = full + r->interval - (now + r->options.window);
    if (wait > 0)
        return wait;
    p->full = full + r->interval;
    return 0;
}

static int64_t seconds_up(brio_time t)
{
    return (t + BRIO_SEC(1) - 1) / BRIO_SEC(1);
}

static void tell(brio_request *req, const rates *r, const place *p, brio_time now)
{
    brio_time used = p->full > now ? p->full - now : 0;
    int64_t left = (r->options.window - used) / r->interval;
    brio_app_put_header(req, BRIO_S("ratelimit-policy"), r->policy);
    brio_app_put_header(req, BRIO_S("ratelimit"),
                        brio_printf(req->arena, "\"%s\";r=%" PRId64 ";t=%" PRId64, r->name,
                                    left < 0 ? 0 : left, seconds_up(used)));
}

static brio_str key_of(const rates *r, brio_request *req)
{
    return r->options.key ? r->options.key(req, r->options.key_arg)
                          : brio_request_client(req, NULL);
}

int brio_rate_limited(brio_request *req, brio_next *next, void *limit)
{
    rates *r = limit;
    brio_str key = key_of(r, req);
    if (!key.len)
        return brio_next_run(req, next);
    brio_time now = brio_loop_now(brio_loop_current());
    place *p = place_of(r, hash_of(r, key));
    brio_time wait = take(r, p, now);
    tell(req, r, p, now);
    if (wait == 0)
        return brio_next_run(req, next);
    brio_app_put_header(req, BRIO_S("retry-after"),
                        brio_printf(req->arena, "%" PRId64, seconds_up(wait)));
    return brio_fail(req, 429, NULL);
}

/* ---- Once -------------------------------------------------------------------------- */

static void check_name(const char *name)
{
    for (; *name; name++) {
        char l = brio_lower(*name);
        bool fine = (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-' || l == '_';
        BRIO_ASSERT(fine); /* a policy's name: letters, digits, '-', '_' */
    }
}

void *brio_rate_limit_new(brio_app *app, const brio_rate_limit_options *options)
{
    rates *r = BRIO_NEW(&app->arena, rates);
    r->options = options ? *options : (brio_rate_limit_options){0};
    brio_rate_limit_options *o = &r->options;
    o->limit = o->limit ? o->limit : LIMIT;
    o->window = o->window > 0 ? o->window : BRIO_SEC(60);
    size_t keys = o->max_keys ? o->max_keys : KEYS;
    for (r->n_rows = 1; r->n_rows * PLACES < keys;)
        r->n_rows *= 2;
    r->places = BRIO_NEW_ARRAY(&app->arena, place, r->n_rows * PLACES);
    r->interval = o->window / o->limit > 0 ? o->window / o->limit : 1;
    o->window = r->interval * o->limit; /* so that a full bucket is exactly `limit` */
    r->name = brio_cstr(&app->arena, brio_str_from(o->name ? o->name : "default"));
    check_name(r->name);
    r->policy = brio_printf(&app->arena, "\"%s\";q=%" PRIu32 ";w=%" PRId64, r->name, o->limit,
                            seconds_up(o->window));
    if (getrandom(&r->seed, sizeof r->seed, 0) != (ssize_t)sizeof r->seed)
        r->seed = (uint64_t)brio_clock_realtime();
    return r;
}

void brio_use_rate_limit(brio_app *app, const brio_rate_limit_options *options)
{
    brio_app_use(app, brio_rate_limited, brio_rate_limit_new(app, options));
}
