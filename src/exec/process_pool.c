/* SPDX-License-Identifier: MIT
 *
 * The process pool's frame: opened (slots, bell, fork server), bound to the loop
 * that uses it, closed.
 *
 * Everything here runs on that loop's thread, so there is no lock. Two
 * descriptors tell news: the bell (some worker's word changed) and the socket
 * to the fork server (some worker is dead). The fork happens on the loop's own
 * stack, never on a task's: the children live on a copy of it. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 1024, MAX_QUEUE = 10000, PAGE = 4096 };
#define MAX_PAYLOAD  ((size_t)64 * 1024 * 1024)
#define PAYLOAD_MOST (SIZE_MAX / 4)

/* ---- The fork server ---------------------------------------------------- */

static void request(brio_processes *pool, uint32_t op, unsigned slot, uint64_t gen)
{
    brio_exec_request r = {.op = op, .slot = slot, .gen = gen};
    ssize_t n;
    if (pool->control < 0)
        return;
    do
        n = send(pool->control, &r, sizeof(r), MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    /* a dead server is noticed where it is listened to */
}

void brio_exec_slot_fork(brio_processes *pool, brio_exec_slot *slot)
{
    BRIO_ASSERT(slot->state == BRIO_EXEC_SLOT_DEAD);
    slot->state = BRIO_EXEC_SLOT_STARTING;
    slot->begun = slot->gone = slot->condemned = false;
    slot->jobs = 0;
    atomic_store(&slot->shared->asleep, 0);
    atomic_store(&slot->shared->word, BRIO_EXEC_STARTING);
    brio_link_insert_before(&pool->active, &slot->link);
    pool->alive++;
    request(pool, BRIO_EXEC_OP_FORK, slot->index, ++slot->gen);
}

void brio_exec_slot_kill(brio_processes *pool, brio_exec_slot *slot)
{
    request(pool, BRIO_EXEC_OP_KILL, slot->index, slot->gen);
}

/* Forks, with all signals blocked until the child has its own handlers. */
static pid_t fork_server(brio_processes *pool, int control)
{
    sigset_t all, former;
    pid_t parent = getpid();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    pid_t pid = fork();
    if (pid == 0)
        brio_exec_server_main(pool, control, parent);
    int err = errno;
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return pid < 0 ? -err : pid;
}

static int launch_here(brio_processes *pool)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    pid_t pid = fork_server(pool, pair[1]);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return pid;
    }
    pool->control = pair[0];
    pool->server = pid;
    for (unsigned i = 0; i < pool->o.workers; i++)
        if (pool->slots[i].state == BRIO_EXEC_SLOT_DEAD)
            brio_exec_slot_fork(pool, &pool->slots[i]);
    return pool->bell_on ? brio_exec_watch(pool) : 0;
}

typedef struct launch {
    brio_callback cb;
    brio_waiter waiter;
    brio_processes *pool;
    int result;
} launch;

static void launch_on_loop(brio_callback *cb)
{
    launch *l = BRIO_CONTAINER(cb, launch, cb);
    l->result = launch_here(l->pool);
    brio_unpark(&l->waiter, 0);
}

int brio_exec_server_launch(brio_processes *pool)
{
    if (!brio_current_task())
        return launch_here(pool);
    launch l = {.cb.fn = launch_on_loop, .waiter.kind = BRIO_WAIT_PROCESS, .pool = pool};
    brio_loop_call_soon(brio_loop_current(), &l.cb);
    int rc = brio_park(&l.waiter);
    return rc < 0 ? rc : l.result;
}

/* ---- News --------------------------------------------------------------- */

static void bell_rang(brio_watch *watch, uint32_t ready)
{
    brio_processes *pool = BRIO_CONTAINER(watch, brio_processes, bell_watch);
    uint64_t count;
    ssize_t n = read(pool->bell, &count, sizeof(count));
    (void)ready;
    (void)n; /* nobody else reads it; nothing to read is no harm */
    for (brio_link *l = pool->active.next, *next; l != &pool->active; l = next) {
        next = l->next;
        brio_exec_slot_look(pool, BRIO_CONTAINER(l, brio_exec_slot, link));
    }
}

static void server_spoke(brio_watch *watch, uint32_t ready)
{
    brio_processes *pool = BRIO_CONTAINER(watch, brio_processes, control_watch);
    brio_exec_report report;
    (void)ready;
    while (pool->control >= 0) {
        ssize_t n = recv(pool->control, &report, sizeof(report), MSG_DONTWAIT);
        if (n == (ssize_t)sizeof(report))
            brio_exec_worker_died(pool, &report);
        else if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        else
            brio_exec_server_died(pool);
    }
}

static void unwatch(brio_processes *pool)
{
    if (pool->bell_on)
        brio_watch_stop(pool->loop, &pool->bell_watch);
    if (pool->control_on)
        brio_watch_stop(pool->loop, &pool->control_watch);
    pool->bell_on = pool->control_on = false;
}

int brio_exec_watch(brio_processes *pool)
{
    int rc = 0;
    if (!pool->bell_on) {
        rc = brio_watch_start(pool->loop, &pool->bell_watch, pool->bell, EPOLLIN);
        pool->bell_on = rc >= 0;
    }
    if (rc >= 0 && !pool->control_on && pool->control >= 0) {
        rc = brio_watch_start(pool->loop, &pool->control_watch, pool->control, EPOLLIN);
        pool->control_on = rc >= 0;
    }
    return rc;
}

int brio_exec_waiting(brio_processes *pool, int change)
{
    int rc = change > 0 ? brio_exec_watch(pool) : 0;
    if (rc >= 0)
        pool->waiting += (size_t)change;
    if (pool->waiting == 0 && pool->simulated)
        unwatch(pool);
    return rc;
}

/* ---- The loop ----------------------------------------------------------- */

static void unbind(brio_processes *pool)
{
    if (!pool->loop)
        return;
    unwatch(pool);
    pool->binding->pool = NULL;
    pool->binding = NULL;
    pool->loop = NULL;
    pool->waiting = 0; /* of tasks that were forced to end */
}

static void loop_ends(void *arg)
{
    brio_exec_binding *binding = arg;
    if (binding->pool)
        unbind(binding->pool);
    free(binding);
}

int brio_exec_bind(brio_processes *pool)
{
    brio_loop *loop = brio_loop_current();
    if (pool->loop == loop)
        return 0;
    if (pool->loop)
        return brio_error(-EBUSY, "the tasks of another loop use this process pool");
    brio_exec_binding *binding = brio_malloc(sizeof(*binding));
    if (!binding)
        return -ENOMEM;
    binding->pool = pool;
    pool->binding = binding;
    pool->loop = loop;
    pool->simulated = brio_exec_simulated(loop);
    brio_tasks_at_close(loop, loop_ends, binding);
    return 0;
}

/* ---- Life --------------------------------------------------------------- */

static unsigned processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static void take_options(brio_processes *pool, const brio_processes_options *options)
{
    pool->o = *options;
    brio_processes_options *o = &pool->o;
    snprintf(pool->name, sizeof(pool->name), "%s", o->name ? o->name : "process");
    o->name = pool->name;
    o->workers = o->workers ? o->workers : processors();
    o->max_queue = o->max_queue ? o->max_queue : MAX_QUEUE;
    o->max_payload = o->max_payload ? o->max_payload : MAX_PAYLOAD;
}

static void slot_init(const brio_processes *pool, brio_exec_slot *slot, unsigned index)
{
    char name[2 * BRIO_EXEC_NAME];
    snprintf(name, sizeof(name), "%s-%u", pool->name, index + 1);
    memcpy(slot->name, name, sizeof(slot->name) - 1);
    slot->index = index;
    brio_link_init(&slot->link);
}

static int make_slots(brio_processes *pool)
{
    unsigned n = pool->o.workers;
    pool->slots = brio_zalloc(n, sizeof(*pool->slots));
    pool->children = brio_zalloc(n, sizeof(*pool->children));
    if (!pool->slots || !pool->children)
        return -ENOMEM;
    int rc = 0;
    for (unsigned i = 0; i < n && rc == 0; i++) {
        slot_init(pool, &pool->slots[i], i);
        rc = brio_exec_slot_map(pool, &pool->slots[i]);
    }
    return rc;
}

static void destroy(brio_processes *pool)
{
    for (unsigned i = 0; pool->slots && i < pool->o.workers; i++)
        brio_exec_slot_unmap(pool, &pool->slots[i]);
    if (pool->bell >= 0)
        close(pool->bell);
    if (pool->control >= 0)
        close(pool->control);
    free(pool->slots);
    free(pool->children);
    free(pool);
}

static int make(brio_processes *pool)
{
    pool->payload = (pool->o.max_payload + PAGE - 1) / PAGE * PAGE;
    int rc = make_slots(pool);
    if (rc < 0)
        return rc;
    pool->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return pool->bell < 0 ? -errno : 0;
}

static int new_pool(brio_processes **ret, const brio_processes_options *options)
{
    brio_processes *pool = brio_zalloc(1, sizeof(*pool));
    if (!pool)
        return -ENOMEM;
    pool->bell = pool->control = -1;
    brio_link_init(&pool->queue);
    brio_link_init(&pool->idle);
    brio_link_init(&pool->active);
    brio_link_init(&pool->closers);
    pool->bell_watch.fn = bell_rang;
    pool->control_watch.fn = server_spoke;
    take_options(pool, options);
    int rc = make(pool);
    if (rc < 0)
        destroy(pool);
    else
        *ret = pool;
    return rc;
}

static const brio_processes_options defaults;

brio_processes *brio_exec_processes_new(void)
{
    brio_processes *pool;
    return new_pool(&pool, &defaults) < 0 ? NULL : pool;
}

void brio_exec_processes_start(brio_processes *pool)
{
    int rc = brio_exec_server_launch(pool);
    if (rc < 0)
        brio_exec_processes_break(pool, rc);
}

int brio_processes_open(brio_processes **ret, const brio_processes_options *options)
{
    brio_processes *pool;
    if (!options)
        options = &defaults;
    if (options->workers > WORKERS_MAX || options->max_payload > PAYLOAD_MOST)
        return -EINVAL;
    int rc = new_pool(&pool, options);
    if (rc < 0)
        return rc;
    rc = brio_exec_server_launch(pool);
    if (rc < 0)
        destroy(pool);
    else
        *ret = pool;
    return rc;
}

/* Those that wait for work end in order, all others are killed. */
static void end_workers(brio_processes *pool)
{
    for (unsigned i = 0; i < pool->o.workers; i++) {
        brio_exec_slot *slot = &pool->slots[i];
        BRIO_ASSERT(!slot->order);
        if (slot->state == BRIO_EXEC_SLOT_IDLE)
            brio_exec_slot_turn(slot, BRIO_EXEC_END);
        else if (slot->state == BRIO_EXEC_SLOT_STARTING || slot->state == BRIO_EXEC_SLOT_BUSY)
            brio_exec_slot_kill(pool, slot);
    }
}

void brio_processes_close(brio_processes *pool)
{
    if (!pool)
        return;
    BRIO_ASSERT(brio_link_alone(&pool->queue));
    BRIO_ASSERT(brio_link_alone(&pool->closers));
    unbind(pool);
    end_workers(pool);
    request(pool, BRIO_EXEC_OP_CLOSE, 0, 0);
    while (pool->server > 0 && waitpid(pool->server, NULL, 0) < 0 && errno == EINTR)
        ;
    destroy(pool);
}

void brio_processes_load(const brio_processes *pool, size_t *ret_alive, size_t *ret_running,
                         size_t *ret_queued)
{
    if (ret_alive)
        *ret_alive = pool->alive;
    if (ret_running)
        *ret_running = pool->running;
    if (ret_queued)
        *ret_queued = pool->queued;
}
