/* SPDX-License-Identifier: MIT
 *
 * A child process: from spawn to the moment it has been reaped.
 *
 * The loop watches its pidfd all its life, so it is reaped when it ends even if
 * nobody waits, and the struct stays until then, whoever closed it before:
 * closing sends SIGTERM and arms a timerfd for SIGKILL, a real one, since the
 * simulator's clock stands still while a child lives. Everything that can fail
 * for want of something is done before the child is started. */
#include "io/io_internal.h"

#include <brio/subprocess.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRACE_S = 5 };

struct brio_process {
    brio_loop *loop;
    pid_t pid;
    int pidfd, timer_fd; /* -1: none */
    brio_watch watch, timer_watch;
    brio_stream *streams[3];
    brio_link waiters; // brio_waiter::link
    brio_io_left left;
    brio_arena *arena; /* of the task that closes it at its end; NULL: nobody does */
    brio_time grace;
    size_t max_output;
    brio_exit exit;
    bool own_group, ended, released;
};

/* ---- Its end ------------------------------------------------------------ */

static void stop_timer(brio_process *p)
{
    if (p->timer_fd < 0)
        return;
    brio_watch_stop(p->loop, &p->timer_watch);
    (void)close(p->timer_fd);
    p->timer_fd = -1;
}

static void process_free(brio_process *p)
{
    BRIO_ASSERT(brio_link_alone(&p->waiters));
    brio_link_remove(&p->left.link);
    free(p);
}

static void wake_all(brio_process *p, int result)
{
    while (!brio_link_alone(&p->waiters)) {
        brio_link *first = p->waiters.next;
        brio_link_remove(first);
        brio_unpark(BRIO_CONTAINER(first, brio_waiter, link), result);
    }
}

static brio_exit exit_of(const siginfo_t *info)
{
    if (info->si_code == CLD_EXITED)
        return (brio_exit){.code = info->si_status};
    return (brio_exit){.code = -1, .signal = info->si_status, .core = info->si_code == CLD_DUMPED};
}

/* True when it has ended. -ECHILD: somebody ignores SIGCHLD, or was faster. */
static bool reap(brio_process *p)
{
    siginfo_t info = {0};
    int rc = waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | WNOHANG);
    if (rc < 0 && errno == EINTR)
        return false; /* the watch is level-triggered */
    if (rc == 0 && info.si_pid == 0)
        return false;
    p->exit = rc == 0 ? exit_of(&info) : (brio_exit){.code = -1};
    return true;
}

static void on_exit_ready(brio_watch *watch, uint32_t ready)
{
    (void)ready;
    brio_process *p = BRIO_CONTAINER(watch, brio_process, watch);
    if (!reap(p))
        return;
    p->ended = true;
    brio_watch_stop(p->loop, &p->watch);
    (void)close(p->pidfd);
    p->pidfd = -1;
    stop_timer(p);
    wake_all(p, 0);
    if (p->released)
        process_free(p);
}

static bool stop_waiting(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

int brio_process_poll(const brio_process *p, brio_exit *ret_exit)
{
    if (!p->ended)
        return -EINPROGRESS;
    if (ret_exit)
        *ret_exit = p->exit;
    return 0;
}

int brio_process_wait(brio_process *p, brio_exit *ret_exit)
{
    int rc = brio_cancel_point();
    if (rc == 0 && !p->ended) {
        brio_waiter waiter = {.on_cancel = stop_waiting, .kind = BRIO_WAIT_PROCESS, .on = p};
        brio_link_insert_before(&p->waiters, &waiter.link);
        rc = brio_park(&waiter);
    }
    return rc < 0 ? rc : brio_process_poll(p, ret_exit);
}

/* ---- Signals to it ------------------------------------------------------ */

int brio_process_signal(brio_process *p, int signo)
{
    if (p->ended)
        return -ESRCH;
    long rc = p->own_group ? kill(-p->pid, signo)
                           : syscall(SYS_pidfd_send_signal, p->pidfd, signo, NULL, 0);
    return rc < 0 ? -errno : 0;
}

int brio_process_terminate(brio_process *p)
{
    return brio_process_signal(p, SIGTERM);
}

int brio_process_kill(brio_process *p)
{
    return brio_process_signal(p, SIGKILL);
}

/* ---- Closing ------------------------------------------------------------ */

static void on_grace_over(brio_watch *watch, uint32_t ready)
{
    (void)ready;
    brio_process *p = BRIO_CONTAINER(watch, brio_process, timer_watch);
    stop_timer(p);
    (void)brio_process_kill(p);
}

/* False: there is no grace to be had. */
static bool start_grace(brio_process *p)
{
    struct itimerspec in = {.it_value = {p->grace / BRIO_SEC(1), p->grace % BRIO_SEC(1)}};
    if (p->grace < 0)
        return false;
    p->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (p->timer_fd < 0)
        return false;
    p->timer_watch.fn = on_grace_over;
    if (timerfd_settime(p->timer_fd, 0, &in, NULL) == 0 &&
        brio_watch_start(p->loop, &p->timer_watch, p->timer_fd, EPOLLIN) == 0)
        return true;
    (void)close(p->timer_fd);
    p->timer_fd = -1;
    return false;
}

static void close_streams(brio_process *p)
{
    for (int i = 0; i < 3; i++) {
        brio_stream_close(p->streams[i]);
        p->streams[i] = NULL;
    }
}

static void release(brio_process *p)
{
    BRIO_ASSERT(!p->released);
    p->released = true;
    close_streams(p);
    wake_all(p, BRIO_ECLOSED);
    if (p->ended) {
        process_free(p);
        return;
    }
    (void)(start_grace(p) ? brio_process_terminate(p) : brio_process_kill(p));
}

static void close_deferred(void *arg)
{
    release(arg);
}

void brio_process_close(brio_process *p)
{
    if (!p)
        return;
    if (p->arena)
        (void)brio_defer_pop(p->arena, close_deferred, p, false);
    release(p);
}

static void close_leftover(brio_io_left *left)
{
    brio_process *p = BRIO_CONTAINER(left, brio_process, left);
    if (p->released)
        return; /* its grace goes on */
    brio_io_left_tell(left, "process", (int)p->pid);
    brio_link_init(&p->waiters); /* of abandoned tasks */
    release(p);
}

/* ---- Looking for the program -------------------------------------------- */

static const char *path_in(const char *const *env)
{
    for (; env && *env; env++)
        if (strncmp(*env, "PATH=", 5) == 0)
            return *env + 5;
    return "/usr/local/bin:/usr/bin:/bin";
}

static size_t count_parts(brio_str path)
{
    size_t n = 1;
    for (size_t i = 0; i < path.len; i++)
        n += path.ptr[i] == ':';
    return n;
}

/* "DIR/NAME" for each directory of PATH, in one block; an empty one is here. */
static char **candidates_of(const char *name, const char *const *env)
{
    brio_str path = strchr(name, '/') ? (brio_str){0} : brio_str_from(path_in(env));
    size_t n = count_parts(path), head = (n + 1) * sizeof(char *);
    size_t bytes = head + path.len + n * (strlen(name) + 2);
    char **block = brio_malloc(bytes);
    if (!block)
        return NULL;
    brio_buf text = brio_buf_over((char *)block + head, bytes - head);
    for (size_t i = 0; i < n; i++) {
        brio_str_pair cut = brio_str_cut(path, ':');
        block[i] = text.ptr + text.len;
        brio_buf_add(&text, cut.head);
        if (cut.head.len)
            brio_buf_char(&text, '/');
        brio_buf_add(&text, (brio_str){name, strlen(name) + 1});
        path = cut.tail;
    }
    BRIO_ASSERT(!text.failed);
    block[n] = NULL;
    return block;
}

/* ---- Spawning ----------------------------------------------------------- */

typedef struct spawn {
    brio_io_exec exec;
    int close_after[3]; /* the child's ends of what we opened; -1: none */
} spawn;

static int open_pipe(brio_process *p, spawn *s, int i)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    int ours = i == 0 ? ends[1] : ends[0];
    s->exec.fds[i] = s->close_after[i] = i == 0 ? ends[0] : ends[1];
    return brio_stream_open_fd(&p->streams[i], ours);
}

static int open_null(spawn *s, int i)
{
    int fd = open("/dev/null", (i == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
    s->exec.fds[i] = s->close_after[i] = fd;
    return fd < 0 ? -errno : 0;
}

static int open_one(brio_process *p, spawn *s, int i, brio_spawn_io how, int fd)
{
    switch (how) {
    case BRIO_SPAWN_INHERIT:
        return 0;
    case BRIO_SPAWN_PIPE:
        return open_pipe(p, s, i);
    case BRIO_SPAWN_NULL:
        return open_null(s, i);
    case BRIO_SPAWN_FD:
        s->exec.fds[i] = fd;
        return fd < 0 ? -EBADF : 0;
    case BRIO_SPAWN_STDOUT:
        s->exec.err_to_out = i == 2;
        return i == 2 ? 0 : -EINVAL;
    }
    return -EINVAL;
}

static int open_all(brio_process *p, spawn *s, const brio_spawn_options *o)
{
    int rc = open_one(p, s, 0, o->in, o->in_fd);
    if (rc == 0)
        rc = open_one(p, s, 1, o->out, o->out_fd);
    if (rc == 0)
        rc = open_one(p, s, 2, o->err, o->err_fd);
    s->exec.step = "its pipes";
    return rc;
}

/* The child runs: if it cannot be watched it must not go on. */
static int watch_child(brio_process *p)
{
    p->watch.fn = on_exit_ready;
    int rc = brio_watch_start(p->loop, &p->watch, p->pidfd, EPOLLIN);
    if (rc == 0)
        return 0;
    siginfo_t info;
    (void)brio_process_kill(p);
    while (waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED) < 0 && errno == EINTR)
        continue;
    (void)close(p->pidfd);
    return rc;
}

static int start(brio_process *p, spawn *s, const brio_spawn_options *o)
{
    s->exec.argv = o->argv;
    s->exec.env = o->env ? o->env : (const char *const *)environ;
    s->exec.cwd = o->cwd;
    s->exec.own_group = o->own_group;
    s->exec.outlive = o->outlive;
    s->exec.candidates = candidates_of(o->argv[0], s->exec.env);
    if (!s->exec.candidates)
        return -ENOMEM;
    int rc = open_all(p, s, o);
    if (rc == 0)
        rc = brio_io_exec_start(&s->exec, &p->pid, &p->pidfd);
    for (int i = 0; i < 3; i++)
        if (s->close_after[i] >= 0)
            (void)close(s->close_after[i]);
    free(s->exec.candidates);
    return rc < 0 ? rc : watch_child(p);
}

static brio_process *process_new(const brio_spawn_options *o)
{
    brio_process *p = brio_zalloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->loop = brio_loop_current();
    p->pidfd = p->timer_fd = -1;
    p->own_group = o->own_group;
    p->grace = o->grace ? o->grace : BRIO_SEC(GRACE_S);
    p->max_output = o->max_output ? o->max_output : (size_t)1024 * 1024;
    brio_link_init(&p->waiters);
    brio_link_init(&p->left.link);
    if (brio_io_left_add(&p->left, close_leftover) < 0) {
        free(p);
        return NULL;
    }
    return p;
}

static int failed(int rc, const spawn *s, const brio_spawn_options *o)
{
    return brio_error(rc, "spawn \"%s\": %s: %s", o->argv[0],
                      s->exec.step ? s->exec.step : "memory", brio_error_text(rc));
}

int brio_process_spawn(brio_process **ret, const brio_spawn_options *o)
{
    spawn s = {.exec.fds = {-1, -1, -1}, .close_after = {-1, -1, -1}};
    *ret = NULL;
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    if (!o->argv || !o->argv[0] || !o->argv[0][0])
        return brio_error(-EINVAL, "spawn: no program is named");
    if (!o->keep)
        brio_io_defer_reserve();
    brio_process *p = process_new(o);
    if (!p)
        return -ENOMEM;
    rc = start(p, &s, o);
    if (rc < 0) {
        close_streams(p);
        process_free(p);
        return failed(rc, &s, o);
    }
    *ret = p;
    if (brio_current_task() && !o->keep) {
        p->arena = brio_task_arena();
        brio_defer_push(p->arena, close_deferred, p);
    }
    return 0;
}

/* ---- Small answers ------------------------------------------------------ */

struct brio_stream *brio_process_stdin(const brio_process *p)
{
    return p->streams[0];
}

struct brio_stream *brio_process_stdout(const brio_process *p)
{
    return p->streams[1];
}

struct brio_stream *brio_process_stderr(const brio_process *p)
{
    return p->streams[2];
}

int brio_process_pid(const brio_process *p)
{
    return p->pid;
}

size_t brio_io_process_max_output(const brio_process *p)
{
    return p->max_output;
}
