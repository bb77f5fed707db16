/* SPDX-License-Identifier: MIT
 *
 * The descriptor of a folder that files are served from.
 *
 * Opening and closing it for each request would cost as much as the file itself. It
 * stays open for a twentieth of a second, whoever comes meanwhile: too short for
 * anybody to see that a build has put another folder in its place, and an idle
 * server holds none. Not in the simulator, where time stands still between events. */
#include "app/file_answer.h"

#include <brio/loop.h>
#include <brio/task.h>

#include <errno.h>
#include <stdlib.h>

#define OPEN_FOR BRIO_MS(50)

typedef struct hall { /* of a folder on a loop */
    brio_loop *loop;
    void **place; /* where the loop finds it */
    brio_app_door *open;
    brio_timer timer;
} hall;

struct brio_app_door {
    brio_file *file;
    unsigned users;
    bool old; /* nobody else comes: closed when its users have left */
};

static void retire(hall *h)
{
    brio_app_door *door = h->open;
    h->open = NULL;
    if (!door)
        return;
    door->old = true;
    door->users++;
    brio_app_door_leave(door);
}

static void on_time(brio_timer *timer)
{
    retire(BRIO_CONTAINER(timer, hall, timer));
}

static void hall_close(void *arg)
{
    hall *h = arg;
    brio_timer_stop(h->loop, &h->timer);
    retire(h);
    *h->place = NULL;
    free(h);
}

/* Made when the first file is open: it has to be closed before what belongs to nobody is. */
static hall *make_hall(brio_loop *loop, void **place)
{
    hall *h = brio_zalloc(1, sizeof *h);
    if (!h)
        return NULL;
    *h = (hall){.loop = loop, .place = place, .timer.fn = on_time};
    brio_tasks_at_close(loop, hall_close, h);
    return *place = h;
}

static void keep_open(brio_app_door *door, const void *key)
{
    brio_loop *loop = brio_loop_current();
    bool simulated = brio_loop_backend(loop)[0] == 's';
    void **place = simulated ? NULL : brio_tasks_local(loop, key);
    hall *h = place && !*place ? make_hall(loop, place) : place ? *place : NULL;
    door->old = !h || h->open;
    if (door->old)
        return;
    h->open = door;
    brio_timer_start(loop, &h->timer, brio_loop_now(loop) + OPEN_FOR);
}

static brio_app_door *standing_open(const void *key)
{
    const hall *h = *brio_tasks_local(brio_loop_current(), key);
    return h ? h->open : NULL;
}

int brio_app_door_enter(const void *key, const char *directory, brio_app_door **ret)
{
    brio_app_door *door = standing_open(key);
    if (!door) {
        brio_file *file;
        int rc = brio_file_open(&file, brio_str_from(directory), "d",
                                &(brio_file_options){.keep = true});
        if (rc < 0)
            return rc;
        door = brio_zalloc(1, sizeof *door);
        if (!door) {
            brio_file_close(file);
            return -ENOMEM;
        }
        door->file = file;
        keep_open(door, key);
    }
    door->users++;
    *ret = door;
    return 0;
}

const brio_file *brio_app_door_file(const brio_app_door *door)
{
    return door->file;
}

void brio_app_door_leave(brio_app_door *door)
{
    if (--door->users > 0 || !door->old)
        return;
    brio_file_close(door->file);
    free(door);
}
