/* SPDX-License-Identifier: MIT
 *
 * Happy eyeballs (RFC 8305): the addresses of a name, tried with a head start.
 *
 *     v6[0] ----+- fails ------------------ x
 *     v4[0]     +-----------+--- connected: the others are cancelled
 *     v6[1]                 +-- x
 *               | at once   | stagger later
 *
 * Each attempt is a task of a racing group; this task only paces them. Two may
 * succeed in the same turn: the first in the list is kept, the rest closed. */
#include "io/io_internal.h"

#include <errno.h>
#include <sys/socket.h>

enum { STAGGER_MS = 250 };

typedef struct race race;

typedef struct attempt {
    race *race;
    const brio_address *to;
    brio_stream *stream;
    int rc;
} attempt;

struct race {
    const brio_address *local;
    attempt *attempts;
    size_t n;
    size_t ended; /* attempts that failed or won */
    bool won;
    brio_event over; /* one has */
};

static int run_attempt(void *arg)
{
    attempt *a = arg;
    a->rc = brio_io_connect_one(&a->stream, a->to, a->race->local);
    a->race->ended++;
    a->race->won |= a->rc == 0;
    brio_event_set(&a->race->over);
    return a->rc;
}

/* Until the latest attempt has failed, or its head start is over. */
static int pace(race *r, size_t started, brio_time stagger)
{
    int rc = 0;
    BRIO_SCOPE(head_start, .timeout = stagger)
    {
        while (rc == 0 && r->ended < started) {
            brio_event_clear(&r->over);
            size_t before = r->ended;
            rc = brio_event_wait(&r->over);
            if (r->ended > before)
                break; /* the next one need not wait any longer */
        }
    }
    return head_start.expired ? 0 : rc;
}

static int run_race(race *r, brio_time stagger)
{
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.policy = BRIO_RACE}));
    for (size_t i = 0; i < r->n && !r->won; i++) {
        if (!brio_spawn(&g, run_attempt, &r->attempts[i]))
            break;
        if (i + 1 < r->n && pace(r, i + 1, stagger) < 0)
            break; /* cancelled, if none has won */
    }
    return brio_group_leave(&g);
}

/* The winner, or why there is none: the first address speaks for all. A
 * connection that a cancelled caller would have got did not happen. */
static int settle(race *r, int rc, brio_stream **ret)
{
    brio_stream *won = NULL;
    for (size_t i = 0; i < r->n; i++) {
        if (!won)
            won = r->attempts[i].stream;
        else
            brio_stream_close(r->attempts[i].stream);
    }
    if (rc == 0 && won) {
        *ret = won;
        return 0;
    }
    brio_stream_close(won);
    for (size_t i = 0; rc != -ECANCELED && i < r->n; i++)
        if (r->attempts[i].rc < 0 && r->attempts[i].rc != -ECANCELED)
            return r->attempts[i].rc;
    return rc < 0 ? rc : -ECANCELED;
}

/* The families in turn, beginning with the one the system prefers. */
static void interleave(race *r, const brio_addresses *found)
{
    bool *used = BRIO_NEW_ARRAY(brio_task_arena(), bool, found->len);
    uint16_t last = 0;
    for (size_t n = 0; n < found->len; n++) {
        size_t pick = SIZE_MAX;
        for (size_t i = 0; i < found->len; i++) {
            if (used[i] || (pick != SIZE_MAX && found->items[i].as.family == last))
                continue;
            if (pick == SIZE_MAX || found->items[pick].as.family == last)
                pick = i;
        }
        used[pick] = true;
        last = found->items[pick].as.family;
        r->attempts[n] = (attempt){.race = r, .to = &found->items[pick]};
    }
}

static int failed(int rc, const brio_connect_to *to)
{
    if (rc < 0 && rc != -ECANCELED && rc != BRIO_ENONAME)
        (void)brio_error(rc, "connect to %s port %u: %s", to->host ? to->host : "127.0.0.1",
                         (unsigned)to->port, brio_error_text(rc));
    return rc;
}

int brio_io_connect_race(brio_stream **ret, const brio_connect_to *to, const brio_address *local)
{
    brio_addresses found;
    brio_address numeric;
    const brio_resolve_query query = {.host = to->host, .port = to->port, .family = to->family};
    const char *host = to->host ? to->host : "127.0.0.1";
    if (!to->family && brio_address_of(&numeric, host, to->port) == 0)
        return failed(brio_io_connect_one(ret, &numeric, local), to);
    int rc = brio_resolve(&found, NULL, &query);
    if (rc < 0)
        return rc;
    if (found.len == 1)
        return failed(brio_io_connect_one(ret, &found.items[0], local), to);
    race r = {.local = local, .n = found.len, .over = BRIO_EVENT_INIT};
    r.attempts = BRIO_NEW_ARRAY(brio_task_arena(), attempt, r.n);
    interleave(&r, &found);
    rc = run_race(&r, to->stagger > 0 ? to->stagger : BRIO_MS(STAGGER_MS));
    return failed(settle(&r, rc, ret), to);
}
