/* SPDX-License-Identifier: MIT
 *
 * The supervisor: keeps the wanted number of workers alive, and serves
 * nothing itself. One poll() loop, no event loop: what is forked off must not
 * share an epoll set or a ring with its parent.
 *
 * A generation is a full set of workers. SIGHUP asks for the next one; the
 * old one is told to retire when all of the new one are ready, and stays if
 * they fail. A worker that dies is replaced, later and later if it keeps
 * dying young. Each worker has a slot, that is a listening socket which stays
 * open here: connections wait in its queue for the successor. */
#include "server/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define YOUNG       BRIO_SEC(1)  /* a worker that dies within it counts as a failure */
#define DELAY_FIRST BRIO_MS(100) /* doubled by each failure in a row */
#define DELAY_MAX   BRIO_SEC(30)
#define KILL_MARGIN BRIO_SEC(4) /* beyond grace, which workers keep themselves */

static brio_server_child *child_of(brio_link *l)
{
    return BRIO_CONTAINER(l, brio_server_child, link);
}

/* ---- Counting ----------------------------------------------------------- */

/* True for a worker of the wanted generation that is here to stay. */
static bool counts(const brio_server_supervisor *s, const brio_server_child *child)
{
    return child->generation == s->generation && child->state != BRIO_SERVER_LEAVING;
}

/* How many of those there are; with `ready` only those that serve. */
static int count(brio_server_supervisor *s, bool ready)
{
    int n = 0;
    for (brio_link *l = s->children.next; l != &s->children; l = l->next) {
        const brio_server_child *child = child_of(l);
        n += counts(s, child) && (!ready || child->state == BRIO_SERVER_READY);
    }
    return n;
}

/* ---- Starting ----------------------------------------------------------- */

static void back_off(brio_server_supervisor *s)
{
    brio_time delay = DELAY_FIRST;
    for (unsigned i = 0; i < s->failures && delay < DELAY_MAX; i++)
        delay *= 2;
    s->failures++;
    s->not_before = brio_clock_monotonic() + (delay < DELAY_MAX ? delay : DELAY_MAX);
}

static bool is_taken(brio_server_supervisor *s, int slot)
{
    for (brio_link *l = s->children.next; l != &s->children; l = l->next)
        if (child_of(l)->slot == slot && counts(s, child_of(l)))
            return true;
    return false;
}

static void fill_up(brio_server_supervisor *s)
{
    for (int slot = 0; slot < s->options->workers && !s->stopping; slot++) {
        if (is_taken(s, slot) || brio_clock_monotonic() < s->not_before)
            continue;
        int rc = brio_server_child_start(s, slot);
        if (rc < 0) {
            brio_log(BRIO_LOG_ERROR, "a worker could not be started: %s", brio_error_text(rc));
            back_off(s);
        }
    }
}

/* ---- Stopping ----------------------------------------------------------- */

static void signal_all(brio_server_supervisor *s, int signo)
{
    for (brio_link *l = s->children.next; l != &s->children; l = l->next)
        (void)kill(child_of(l)->pid, signo);
}

static void stop(brio_server_supervisor *s)
{
    if (s->stopping)
        return;
    s->stopping = true;
    brio_server_notify_say(s->notify, "STOPPING=1\nSTATUS=Finishing requests");
    s->kill_at = brio_clock_monotonic() + s->options->grace + KILL_MARGIN;
    for (brio_link *l = s->children.next; l != &s->children; l = l->next)
        brio_server_child_tell(child_of(l), BRIO_SERVER_SAYS_STOP);
    /* From here on the workers' own descriptors keep them open. */
    brio_server_sockets_close(s->sockets);
}

static void kill_all(brio_server_supervisor *s)
{
    brio_log(BRIO_LOG_WARNING, "Killing the remaining child processes");
    s->kill_at = BRIO_NEVER;
    signal_all(s, SIGKILL);
}

/* ---- Generations -------------------------------------------------------- */

static void reload(brio_server_supervisor *s)
{
    if (s->stopping)
        return;
    brio_log(BRIO_LOG_INFO, "Received SIGHUP, starting new workers.");
    if (s->tls)
        brio_server_tls_reload(s->tls);
    brio_server_notify_reloading(s->notify);
    s->generation++;
    s->not_before = 0;
}

static void tell_ready(brio_server_supervisor *s, const char *status)
{
    brio_server_notify_say(s->notify, "READY=1\nSTATUS=%s", status);
}

/* The new generation does not start: the old one goes on. */
static void give_up_reload(brio_server_supervisor *s)
{
    brio_log(BRIO_LOG_ERROR, "The new workers do not start; the old ones go on.");
    for (brio_link *l = s->children.next; l != &s->children; l = l->next) {
        brio_server_child *child = child_of(l);
        if (child->generation == s->generation) {
            child->state = BRIO_SERVER_LEAVING;
            brio_server_child_tell(child, BRIO_SERVER_SAYS_STOP);
        }
    }
    s->generation = s->served;
    tell_ready(s, "The new workers did not start; the old ones go on");
}

/* All of the wanted generation serve: the others may go. */
static void complete(brio_server_supervisor *s)
{
    if (count(s, true) < s->options->workers)
        return;
    if (s->served != s->generation)
        tell_ready(s, "Serving");
    s->served = s->generation;
    for (brio_link *l = s->children.next; l != &s->children; l = l->next) {
        brio_server_child *child = child_of(l);
        if (child->generation != s->generation)
            child->state = BRIO_SERVER_LEAVING;
        if (child->state == BRIO_SERVER_LEAVING)
            brio_server_child_tell(child, BRIO_SERVER_SAYS_RETIRE);
    }
}

/* ---- What children tell ------------------------------------------------- */

static void on_ready(brio_server_supervisor *s, brio_server_child *child)
{
    bool first = s->served == 0;
    if (child->state != BRIO_SERVER_STARTING)
        return;
    child->state = BRIO_SERVER_READY;
    complete(s);
    if (!first || s->served == 0)
        return;
    brio_server_log_running(s->sockets, s->backend);
    if (s->options->on_ready)
        s->options->on_ready(brio_server_sockets_port(s->sockets), s->options->on_ready_arg);
}

static void on_failed(brio_server_supervisor *s, brio_server_child *child, int err)
{
    bool wanted = child->generation == s->generation;
    child->state = BRIO_SERVER_LEAVING;
    if (s->served == 0) {
        brio_log(BRIO_LOG_ERROR, "Child process [%d] failed to start, stopping.", (int)child->pid);
        s->result = s->result < 0 ? s->result : err;
        stop(s);
    } else if (wanted && s->generation != s->served) {
        give_up_reload(s);
    } else if (wanted) {
        back_off(s);
    }
}

/* Returns false if there was nothing to hear. */
static bool hear(brio_server_supervisor *s, brio_server_child *child)
{
    int err = -EIO;
    int said = child->control_fd >= 0 ? brio_server_child_hear(child, &err) : 0;
    if (said == BRIO_SERVER_SAYS_READY)
        on_ready(s, child);
    else if (said == BRIO_SERVER_SAYS_FAILED)
        on_failed(s, child, err);
    else if (said == BRIO_SERVER_SAYS_MAX && child->state == BRIO_SERVER_READY)
        child->state = BRIO_SERVER_LEAVING; /* a successor is due */
    if (said > 0)
        child->asked = false; /* whatever it says, its loop turns */
    return said > 0;
}

static void log_death(const brio_server_child *child, int status)
{
    bool by_signal = WIFSIGNALED(status);
    brio_log(BRIO_LOG_ERROR, "Child process [%d] died: %s %d", (int)child->pid,
             by_signal ? "signal" : "status", by_signal ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void bury(brio_server_supervisor *s, brio_server_child *child, int status)
{
    bool young = brio_clock_monotonic() - child->since < YOUNG;
    while (hear(s, child))
        ; /* its last words may say why */
    if (child->state != BRIO_SERVER_LEAVING && !s->stopping) {
        log_death(child, status);
        if (child->state == BRIO_SERVER_STARTING)
            on_failed(s, child, -ECHILD);
        else if (young)
            back_off(s);
    }
    if (!young)
        s->failures = 0;
    child->state = BRIO_SERVER_LEAVING;
    fill_up(s); /* the successor first: words take their time */
    (void)brio_last_words_log(child->words, (int)child->pid);
    brio_server_child_forget(child);
}

/* Only its own children: the embedding program may have others. */
static void reap(brio_server_supervisor *s)
{
    for (brio_link *l = s->children.next, *next; l != &s->children; l = next) {
        brio_server_child *child = child_of(l);
        int status;
        next = l->next;
        if (waitpid(child->pid, &status, WNOHANG) == child->pid)
            bury(s, child, status);
    }
}

static void on_signals(brio_server_supervisor *s)
{
    for (int signo; (signo = brio_server_signals_next());) {
        if (signo == SIGHUP)
            reload(s);
        if (signo == SIGINT && s->stopping)
            kill_all(s);
        else if (signo == SIGINT || signo == SIGTERM)
            stop(s);
    }
}

/* ---- The loop ----------------------------------------------------------- */

static brio_time sooner(brio_time a, brio_time b)
{
    return a < b ? a : b;
}

static int wait_ms(brio_server_supervisor *s)
{
    brio_time until = sooner(s->kill_at, brio_server_look_for_hung(s));
    until = sooner(until, brio_server_notify_alive(s->notify));
    if (!s->stopping && count(s, false) < s->options->workers)
        until = sooner(until, s->not_before);
    if (until == BRIO_NEVER)
        return -1;
    brio_time left = until - brio_clock_monotonic();
    return left <= 0 ? 0 : (int)(left / BRIO_MS(1)) + 1;
}

/* The descriptors of every child in order, behind that of the signals. */
static struct pollfd *list_fds(brio_server_supervisor *s, nfds_t *ret_n)
{
    nfds_t n = 1;
    for (brio_link *l = s->children.next; l != &s->children; l = l->next)
        n++;
    struct pollfd *fds = brio_zalloc(n, sizeof *fds);
    if (!fds)
        return NULL;
    *ret_n = n;
    n = 0;
    fds[n++] = (struct pollfd){.fd = s->signal_fd, .events = POLLIN};
    for (brio_link *l = s->children.next; l != &s->children; l = l->next)
        fds[n++] = (struct pollfd){.fd = child_of(l)->control_fd, .events = POLLIN};
    return fds;
}

static int wait_and_hear(brio_server_supervisor *s)
{
    nfds_t n;
    struct pollfd *fds = list_fds(s, &n);
    if (!fds)
        return -ENOMEM;
    int rc = poll(fds, n, wait_ms(s));
    int err = rc < 0 && errno != EINTR ? -errno : 0;
    const struct pollfd *at = fds + 1;
    for (brio_link *l = s->children.next; l != &s->children; l = l->next, at++)
        if (rc > 0 && at->revents)
            (void)hear(s, child_of(l));
    free(fds);
    return err;
}

static int run(brio_server_supervisor *s)
{
    do {
        fill_up(s);
        int rc = wait_and_hear(s);
        if (rc < 0)
            return rc;
        on_signals(s);
        reap(s);
        if (brio_clock_monotonic() >= s->kill_at)
            kill_all(s);
    } while (!s->stopping || !brio_link_alone(&s->children));
    return s->result;
}

/* A supervisor that cannot go on leaves nobody behind. */
static void clean_up(brio_server_supervisor *s)
{
    signal_all(s, SIGKILL);
    while (!brio_link_alone(&s->children)) {
        brio_server_child *child = child_of(s->children.next);
        (void)waitpid(child->pid, NULL, 0);
        brio_server_child_forget(child);
    }
}

int brio_server_supervise(struct brio_app *app, const brio_server_place *place, const char *backend)
{
    brio_server_supervisor s = {.app = app,
                                .options = place->options,
                                .sockets = place->sockets,
                                .identity = place->identity,
                                .notify = place->notify,
                                .backend = backend,
                                .tls = place->tls,
                                .metrics = place->metrics,
                                .generation = 1,
                                .kill_at = BRIO_NEVER};
    brio_link_init(&s.children);
    int rc = brio_server_signals_open(BRIO_SERVER_SUPERVISOR, true);
    if (rc >= 0) {
        s.signal_fd = rc;
        brio_log(BRIO_LOG_INFO, "Started parent process [%d]", (int)getpid());
        rc = run(&s);
        clean_up(&s);
        brio_server_signals_close();
        brio_log(BRIO_LOG_INFO, "Stopping parent process [%d]", (int)getpid());
    }
    brio_server_sockets_close(place->sockets);
    return rc;
}
