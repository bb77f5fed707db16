/* SPDX-License-Identifier: MIT
 *
 * One worker process, seen from its supervisor.
 *
 * A socket pair joins the two. Over it the worker says that it is ready or
 * why it failed, and the supervisor that a successor is there; and its end
 * tells the worker that the supervisor died, however it died. Between fork
 * and its own handlers the child keeps signals blocked, so none is lost and
 * none lands in the parent's pipe. The child leaves by _exit: what the
 * embedding program registered with atexit is the parent's business. */
#include "server/supervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- In the child ------------------------------------------------------- */

static void close_inherited(const brio_server_supervisor *s, int slot)
{
    brio_server_sockets_keep(s->sockets, slot);
    for (brio_link *l = s->children.next; l != &s->children; l = l->next) {
        const brio_server_child *sibling = BRIO_CONTAINER(l, brio_server_child, link);
        if (sibling->control_fd >= 0)
            close(sibling->control_fd);
    }
}

static void keep_last_words(brio_last_words *words)
{
    int rc = words ? brio_last_words_keep(words) : 0;
    if (rc < 0)
        brio_log(BRIO_LOG_WARNING, "where it hangs will not be told: %s", brio_error_text(rc));
}

static void become_worker(const brio_server_supervisor *s, const brio_server_place *place)
{
    brio_server_signals_close();
    const brio_log_options *log = s->options->log;
    if (log && brio_log_open(log) < 0)
        brio_log(BRIO_LOG_WARNING, "the log could not be opened; lines are written directly");
    int rc = brio_server_worker_run(s->app, place);
    brio_log_close();
    _exit(rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* ---- In the supervisor -------------------------------------------------- */

static brio_server_child *new_child(brio_server_supervisor *s, int ret_pair[2])
{
    brio_server_child *child = brio_zalloc(1, sizeof *child);
    if (!child)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_pair) < 0) {
        free(child);
        return NULL;
    }
    child->control_fd = ret_pair[0];
    child->generation = s->generation;
    child->since = brio_clock_monotonic();
    brio_link_init(&child->link);
    child->words = brio_last_words_new(); /* without memory nobody will be quoted */
    return child;
}

/* A fork copies one thread only; whatever another one held at that moment (a
 * lock inside libc) stays held in the child. So the log's writer is not there
 * while we fork. Returns fork's result, or -errno. */
static pid_t fork_alone(const brio_server_supervisor *s)
{
    const brio_log_options *log = s->options->log;
    if (log)
        brio_log_close();
    pid_t pid = fork();
    if (pid < 0)
        pid = -errno;
    if (pid != 0 && log && brio_log_open(log) < 0)
        brio_log(BRIO_LOG_WARNING, "the log could not be opened; lines are written directly");
    return pid;
}

int brio_server_child_start(brio_server_supervisor *s, int slot)
{
    int pair[2];
    sigset_t before;
    brio_server_child *child = new_child(s, pair);
    if (!child)
        return -ENOMEM;
    child->slot = slot;
    brio_server_signals_block(&before);
    child->pid = fork_alone(s);
    int err = child->pid < 0 ? child->pid : 0;
    if (child->pid == 0) {
        close(pair[0]);
        close_inherited(s, slot);
        keep_last_words(child->words);
        become_worker(s, &(brio_server_place){.options = s->options,
                                              .sockets = s->sockets,
                                              .slot = slot,
                                              .control_fd = pair[1],
                                              .tls = s->tls,
                                              .metrics = s->metrics,
                                              .generation = s->generation,
                                              .identity = s->identity,
                                              .unblock = &before});
    }
    brio_server_signals_unblock(&before);
    close(pair[1]);
    brio_link_insert_before(&s->children, &child->link);
    if (err < 0)
        brio_server_child_forget(child);
    return err;
}

void brio_server_child_forget(brio_server_child *child)
{
    brio_link_remove(&child->link);
    if (child->control_fd >= 0)
        close(child->control_fd);
    brio_last_words_free(child->words);
    free(child);
}

void brio_server_child_tell(const brio_server_child *child, char what)
{
    if (child->control_fd >= 0 && send(child->control_fd, &what, 1, MSG_NOSIGNAL) < 0)
        brio_log(BRIO_LOG_DEBUG, "child process [%d] does not listen any more", (int)child->pid);
}

int brio_server_child_hear(brio_server_child *child, int *ret_err)
{
    char message[1 + sizeof *ret_err];
    ssize_t n = recv(child->control_fd, message, sizeof message, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0) {
        close(child->control_fd);
        child->control_fd = -1;
        return -EPIPE;
    }
    if (message[0] == BRIO_SERVER_SAYS_FAILED && n == (ssize_t)sizeof message)
        memcpy(ret_err, message + 1, sizeof *ret_err);
    return message[0];
}
