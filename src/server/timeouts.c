/* SPDX-License-Identifier: MIT
 *
 * Deadlines of connections: a wheel of slots 67 ms wide, lazy on purpose.
 *
 * A connection has one deadline and sits in one slot. Moving the deadline
 * later, which is what each request of a live connection does, is one store:
 * when its slot comes up and the deadline has not, the connection is put into
 * a later slot then. Only an earlier deadline moves it at once. So a
 * keep-alive request costs no list and no heap operation, and one timer of
 * the loop serves all connections, none when there are none. Deadlines are
 * rounded up: late by a slot, never early. And when the wheel itself comes late,
 * because a handler held the loop, what clients sent meanwhile lies unread in their
 * sockets: they get one slot more, in which it is read. */
#include "server/server_internal.h"

enum { TICK_SHIFT = 26 };

static uint32_t tick_of(const brio_server_wheel *wheel, brio_time now)
{
    return (uint32_t)((now - wheel->origin) >> TICK_SHIFT);
}

static void arm(brio_server_worker *w, uint32_t tick)
{
    w->wheel.armed = tick;
    brio_timer_start(w->loop, &w->wheel.timer, w->wheel.origin + ((brio_time)tick << TICK_SHIFT));
}

static void insert(brio_server_conn *conn)
{
    brio_server_wheel *wheel = &conn->worker->wheel;
    BRIO_ASSERT(!conn->closing);
    uint32_t horizon = wheel->done + BRIO_SERVER_SLOTS - 1;
    conn->check = conn->deadline < horizon ? conn->deadline : horizon;
    BRIO_ASSERT(conn->check > wheel->done);
    brio_link_insert_before(&wheel->slots[conn->check % BRIO_SERVER_SLOTS], &conn->wheel);
    wheel->n++;
    if (conn->check < wheel->armed)
        arm(conn->worker, conn->check);
}

void brio_server_deadline_remove(brio_server_conn *conn)
{
    if (!conn->check)
        return;
    brio_link_remove(&conn->wheel);
    conn->check = 0;
    conn->worker->wheel.n--;
}

void brio_server_deadline(brio_server_conn *conn, brio_server_phase phase, brio_time after)
{
    brio_server_wheel *wheel = &conn->worker->wheel;
    brio_time now = brio_loop_now(conn->worker->loop);
    conn->phase = (uint8_t)phase;
    conn->spared = false;
    conn->deadline = BRIO_SERVER_NO_TICK;
    if (after >= BRIO_SEC(86400) * 365)
        return; /* none; the slot is left when it comes up */
    conn->deadline = after > 0 ? tick_of(wheel, now + after) + 1 : wheel->done + 1;
    if (BRIO_LIKELY(conn->check && conn->check <= conn->deadline))
        return;
    brio_server_deadline_remove(conn);
    if (wheel->n == 0 && wheel->done < tick_of(wheel, now)) {
        wheel->done = tick_of(wheel, now); /* it stood still */
        conn->deadline += conn->deadline <= wheel->done ? wheel->done + 1 - conn->deadline : 0;
    }
    insert(conn);
}

static void look_at(brio_server_conn *conn, uint32_t now, bool late)
{
    brio_server_deadline_remove(conn);
    if (conn->deadline <= now && late && !conn->spared) {
        conn->spared = true;
        conn->deadline = now + 1;
    }
    if (conn->deadline <= now)
        brio_server_conn_expired(conn);
    else if (conn->deadline != BRIO_SERVER_NO_TICK)
        insert(conn);
}

static void arm_next(brio_server_worker *w)
{
    brio_server_wheel *wheel = &w->wheel;
    wheel->armed = BRIO_SERVER_NO_TICK;
    if (wheel->n == 0)
        return;
    uint32_t tick = wheel->done + 1;
    while (brio_link_alone(&wheel->slots[tick % BRIO_SERVER_SLOTS]))
        tick++;
    BRIO_ASSERT(tick <= wheel->done + BRIO_SERVER_SLOTS);
    arm(w, tick);
}

static void on_tick(brio_timer *timer)
{
    brio_server_worker *w = BRIO_CONTAINER(timer, brio_server_worker, wheel.timer);
    brio_server_wheel *wheel = &w->wheel;
    uint32_t now = tick_of(wheel, brio_loop_now(w->loop));
    bool late = now > wheel->armed + 1;
    while (wheel->n > 0 && wheel->done < now) {
        brio_link *slot = &wheel->slots[++wheel->done % BRIO_SERVER_SLOTS];
        while (!brio_link_alone(slot))
            look_at(BRIO_CONTAINER(slot->next, brio_server_conn, wheel), now, late);
    }
    arm_next(w);
}

void brio_server_wheel_init(brio_server_worker *w)
{
    w->wheel.timer.fn = on_tick;
    w->wheel.origin = brio_loop_now(w->loop);
    w->wheel.armed = BRIO_SERVER_NO_TICK;
    for (size_t i = 0; i < BRIO_SERVER_SLOTS; i++)
        brio_link_init(&w->wheel.slots[i]);
}

void brio_server_wheel_fini(brio_server_worker *w)
{
    BRIO_ASSERT(w->wheel.n == 0);
    brio_timer_stop(w->loop, &w->wheel.timer);
}
