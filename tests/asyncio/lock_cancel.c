/* SPDX-License-Identifier: MIT
 *
 * Cancelling who waits for a lock another has: it never gets it, and nobody
 * behind it starves. */
#include "pair.h"

static brio_lock lock = BRIO_LOCK_INIT;

static int user(void *arg)
{
    const who *u = arg;
    int rc = brio_lock_acquire(&lock);
    if (rc == 0) {
        say("%s has it", u->name);
        rc = brio_sleep(TICKS(u->ticks));
        brio_lock_release(&lock);
    }
    say("%s %s", u->name, rc < 0 ? "cancelled" : "let go");
    return rc;
}

static const char *flag(bool value)
{
    return value ? "True" : "False";
}

static brio_task *begin(who *u)
{
    return brio_create_task(user, u, &(brio_task_options){.acquired = true});
}

static int end(brio_task *const *tasks, size_t n, brio_task *last)
{
    int rc = brio_wait(&last, 1, BRIO_ALL_COMPLETED, NULL);
    for (size_t i = 0; i < n; i++)
        say("%s", flag(brio_task_cancelled(tasks[i])));
    for (size_t i = 0; i < n; i++)
        brio_task_release(tasks[i]);
    return rc;
}

static int waiters(void)
{
    static who users[] = {{"a", 3}, {"b", 1}, {"c", 1}, {"d", 1}};
    brio_task *t[4];
    for (int i = 0; i < 4; i++)
        t[i] = begin(&users[i]);
    int rc = brio_sleep(TICKS(1));
    brio_task_cancel(t[1]); /* while it waits */
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    brio_task_cancel(t[2]);
    rc = rc < 0 ? rc : brio_sleep(TICKS(1) / 2);
    say("waiting %s %s", flag(!brio_task_done(t[3])), flag(brio_lock_locked(&lock)));
    return rc < 0 ? rc : end(t, 4, t[3]);
}

static int owner(void)
{
    static who users[] = {{"e", 9}, {"f", 1}};
    brio_task *t[2] = {begin(&users[0]), begin(&users[1])};
    int rc = brio_sleep(TICKS(1));
    brio_task_cancel(t[0]); /* the owner: it releases on its way out */
    rc = rc < 0 ? rc : end(t, 2, t[1]);
    say("locked %s", flag(brio_lock_locked(&lock)));
    return rc;
}

static int handed(void)
{
    static who users[] = {{"g", 1}, {"h", 1}};
    int rc = brio_lock_acquire(&lock);
    brio_task *t[2] = {begin(&users[0]), begin(&users[1])};
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    brio_lock_release(&lock);
    brio_task_cancel(t[0]); /* in the turn in which it was handed the lock */
    rc = rc < 0 ? rc : end(t, 2, t[1]);
    say("locked %s", flag(brio_lock_locked(&lock)));
    return rc;
}

static int run(void *arg)
{
    (void)arg;
    int rc = waiters();
    rc = rc < 0 ? rc : owner();
    return rc < 0 ? rc : handed();
}

PAIR_MAIN(run)
