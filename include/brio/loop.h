/* SPDX-License-Identifier: MIT
 *
 * brio/loop.h: the event loop, asyncio's reactor without coroutines.
 *
 * One interface, three back ends: `epoll`, `uring` and `sim`, a simulated
 * kernel with a virtual clock, a seeded ready queue and an in-memory network.
 * Everything is intrusive: you embed the struct, the loop allocates nothing
 * per event. Callbacks run on the loop's thread, never inside the call that
 * started them (unless a comment says so), in FIFO order.
 *
 *     brio_loop *loop;
 *     brio_loop_new(&loop, NULL);
 *     brio_loop_call_soon(loop, &hello);
 *     brio_loop_run(loop);                 // until brio_loop_stop()
 *     brio_loop_free(loop);
 *
 * Only brio_loop_post, brio_loop_call_threadsafe and brio_loop_stop may be
 * called from other threads. */
#ifndef BRIO_LOOP_H
#define BRIO_LOOP_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;
struct sockaddr_storage;

typedef struct brio_loop brio_loop;

/* ---- Life --------------------------------------------------------------- */

typedef enum brio_backend { /* ORDER BACKEND */
    BRIO_BACKEND_AUTO = 0,  /* BRIO_BACKEND from the environment, else uring if it works, else epoll */
    BRIO_BACKEND_EPOLL,
    BRIO_BACKEND_URING,
    BRIO_BACKEND_SIM
} brio_backend;

/* The simulated kernel's knobs; ignored by the others. All zero is a perfect
 * network. Whatever is drawn is drawn from the seed: the same seed replays the
 * same run. A per-million of 1,000,000 means always. */
typedef struct brio_sim_options {
    uint64_t seed;        /* 0 means 1 */
    bool random_order;    /* ready callbacks run in seeded random order, not FIFO */
    bool short_reads;     /* a read brings a drawn part of what has arrived, at least a byte */
    bool short_writes;    /* the kernel takes a drawn part of a write at once, the rest in later turns */
    brio_time latency;    /* of each network segment, one way */
    brio_time jitter;     /* at most so much more, drawn; a connection's bytes stay in order */
    uint64_t bandwidth;   /* bytes per second and direction of each connection; 0 means no limit */
    size_t max_segment;   /* bytes delivered at once; 0 means as written; 1 splits every byte */
    size_t socket_buffer; /* bytes in flight before a writer must wait; 0 means 64 KiB */
    uint32_t reset_every; /* every n-th segment resets its connection; 0 means never */
    uint32_t reset_per_million;  /* so many segments of a million, drawn, do the same */
    uint32_t refuse_per_million; /* so many connects are refused though somebody listens */
    uint32_t lose_per_million;   /* so many are never answered: -ETIMEDOUT after connect_timeout */
    brio_time connect_timeout;   /* 0 means 127 s, which is Linux's */
    uint32_t backlog;     /* connections that wait while their acceptor is paused; 0 means 128.
                             Beyond it a connect tries again each second until connect_timeout */
} brio_sim_options;

typedef struct brio_loop_options {
    brio_backend backend;
    size_t chunk_size;     /* bytes of a read chunk; 0 means 16 KiB */
    unsigned ring_entries; /* uring submission entries; 0 means 256 */
    brio_sim_options sim;
} brio_loop_options;

/* Makes a loop for the calling thread. `options` may be NULL. BRIO_BACKEND in
 * the environment (auto, epoll, uring, sim) overrides BRIO_BACKEND_AUTO only.
 * Returns 0; -ENOSYS or -EPERM when the asked-for back end is not to be had;
 * -EINVAL for an unknown name; -ENOMEM, -EMFILE. */
BRIO_API int brio_loop_new(brio_loop **ret, const brio_loop_options *options) BRIO_CHECKED;
/* Asserts that nothing is open on it any more. NULL is fine. */
BRIO_API void brio_loop_free(brio_loop *loop);
/* "epoll", "uring" or "sim". */
BRIO_API const char *brio_loop_backend(const brio_loop *loop);
BRIO_API bool brio_loop_is_sim(const brio_loop *loop);
BRIO_API int brio_backend_parse(brio_str name, brio_backend *ret) BRIO_CHECKED;
/* The loop whose run is on this thread's stack, or NULL. */
BRIO_API brio_loop *brio_loop_current(void);
/* In a forked child that goes its own way: this thread runs no loop any more. The
 * parent's loops are the parent's: neither run nor free them here. */
BRIO_API void brio_loop_forked(void);
/* A slot for the room above (the task runtime). NULL at first. Borrowed. */
BRIO_API void **brio_loop_user(brio_loop *loop);

/* Runs until stopped. Queued callbacks run in snapshots, as in asyncio:
 * what a callback queues runs after everything queued before it. I/O is polled
 * at least once per 64 callbacks, even within a snapshot, so it cannot starve.
 * Returns 0, BRIO_EDEADLOCK (sim: nothing can ever wake), -errno. */
BRIO_API int brio_loop_run(brio_loop *loop) BRIO_CHECKED;
/* One iteration: run what is ready, else wait until `deadline` (a point on the
 * loop's clock; 0 polls, BRIO_NEVER waits) for the first event. Returns the
 * number of callbacks run, or as brio_loop_run. For foreign loops: poll
 * brio_loop_fd() for reading, then call this with deadline 0. */
BRIO_API int brio_loop_run_once(brio_loop *loop, brio_time deadline) BRIO_CHECKED;
BRIO_API int brio_loop_fd(const brio_loop *loop);
/* The next timer's time on the loop's clock, now if callbacks are queued, or
 * BRIO_NEVER. */
BRIO_API brio_time brio_loop_next_deadline(const brio_loop *loop);
/* Lets the current batch finish and makes run return. Any thread. */
BRIO_API void brio_loop_stop(brio_loop *loop);

/* The loop's clock: monotonic ns, read once an iteration (virtual in sim, where it starts at 1 s). */
BRIO_API brio_time brio_loop_now(const brio_loop *loop);
/* The same, read again now: for a span that begins here, after what may have
 * been a long turn. On the loop's thread. */
BRIO_API brio_time brio_loop_update(brio_loop *loop);
/* From now on keeps at `since` (atomically, CLOCK_MONOTONIC ns) since when
 * callbacks run, while a blocking detector is on; 0 while the loop waits. The
 * callbacks may write there, too, and make it later. Borrowed
 * until it is called again; NULL: nowhere. */
BRIO_API void brio_loop_tell_busy(brio_loop *loop, brio_time *since);
/* Where that clock is kept, for those who look often. Valid while the loop lives. */
BRIO_API const brio_time *brio_loop_clock(const brio_loop *loop);
/* Wall clock, ns since 1970, read once an iteration; in sim it is
 * 2000-01-01T00:00:00Z plus virtual time. */
BRIO_API brio_time brio_loop_wall(const brio_loop *loop);
/* In debug mode call_soon, call_cancel and timers called from a thread that is
 * not the loop's abort with the caller's name, instead of spoiling the queue.
 * Off at first; costs a test. */
BRIO_API void brio_loop_set_debug(brio_loop *loop, bool on);

/* Seeded by sim's seed, else by the kernel. For jitter, not for secrets. */
BRIO_API uint64_t brio_loop_random(brio_loop *loop);

/* Tells sim that something real is under way outside the loop (a thread works
 * for it): the virtual clock stands still until the matching release. */
BRIO_API void brio_loop_hold(brio_loop *loop);
BRIO_API void brio_loop_unhold(brio_loop *loop);

/* ---- The simulated network, while it runs ------------------------------- */

/* Cuts it in two, as when a cable is pulled: ports below `port` and the others
 * do not reach each other. What is on its way is held back, connects are tried
 * again each second until they time out; heal lets all of it go on. A second
 * cut replaces the first. Sim only, else -ENOTSUP. */
BRIO_API int brio_loop_sim_partition(brio_loop *loop, uint16_t port) BRIO_CHECKED;
BRIO_API int brio_loop_sim_heal(brio_loop *loop) BRIO_CHECKED;
/* Counts the system calls of the simulated network anew (listen, connect,
 * accept, write and each segment read); the `nth` from now fails (0: none)
 * with `err` (< 0): a listen or write returns it, a connect or read is told
 * it; accept pauses a second for EMFILE and its kin, else the connection is
 * reset. Returns how many there were since the last call; sim only, else 0. */
BRIO_API uint64_t brio_loop_sim_fault(brio_loop *loop, uint64_t nth, int err);
/* At the end of a run: forgets whatever its owners left open (sockets,
 * acceptors, accepted descriptors, chunks), so that brio_loop_free does not
 * assert, and returns how many there were; sim only, else 0. */
BRIO_API size_t brio_loop_sim_forget(brio_loop *loop);

/* ---- Callbacks ---------------------------------------------------------- */

typedef struct brio_callback brio_callback;
typedef void brio_callback_fn(brio_callback *cb);

/* Embedded by its owner, zero but for `fn`; must stay in place while queued. */
struct brio_callback {
    brio_callback *prev; /* NULL: it is not queued */
    brio_callback *next;
    brio_callback_fn *fn;
};

/* Whether it waits to be called. Not true of one that brio_loop_post was given and the
 * loop has not seen yet. */
static inline bool brio_callback_queued(const brio_callback *cb)
{
    return cb->prev != NULL;
}

/* Queues `cb`; it must not be queued already (asserted). FIFO. */
BRIO_API void brio_loop_call_soon(brio_loop *loop, brio_callback *cb);
/* Takes it out of the queue again; harmless if it is not queued. */
BRIO_API void brio_loop_call_cancel(brio_loop *loop, brio_callback *cb);
/* The queue of ready callbacks, open for a room that runs its own one after the
 * other without going back to the loop in between (tasks do). */
typedef struct brio_ready {
    brio_callback head;  /* ring: the snapshot being run, then what was queued since */
    brio_callback *last; /* of the snapshot; NULL once it has run */
    int left;            /* callbacks to run before the next poll */
    bool careful;        /* only the loop may begin a snapshot: it stops, or draws the order */
} brio_ready;

/* The loop's own; borrowed. */
BRIO_API brio_ready *brio_loop_ready(brio_loop *loop);

/* call_soon, unchecked. */
static inline void brio_ready_append(brio_ready *ready, brio_callback *cb)
{
    brio_callback *last = ready->head.prev;
    cb->prev = last;
    cb->next = &ready->head;
    ready->head.prev = cb;
    last->next = cb;
}

/* On the stack of a callback that is about to return: takes the next one off
 * the queue if the loop would run it now and it has this `fn`; else NULL. The
 * caller calls it in the loop's stead. */
static inline brio_callback *brio_ready_take(brio_ready *ready, brio_callback_fn *fn)
{
    brio_callback *cb = ready->head.next;
    if (cb->fn != fn || ready->left <= 0) /* the empty ring's fn is NULL */
        return NULL;
    if (!ready->last) {
        if (ready->careful)
            return NULL;
        ready->last = ready->head.prev;
    }
    if (cb == ready->last)
        ready->last = NULL;
    ready->left--;
    ready->head.next = cb->next;
    cb->next->prev = &ready->head;
    cb->prev = NULL;
    return cb;
}

/* call_soon from any thread, waking the loop. The caller must know that the
 * loop lives until this returns. The struct belongs to the loop until fn is
 * called; call_cancel has no effect on it. */
BRIO_API void brio_loop_post(brio_loop *loop, brio_callback *cb);

/* asyncio's call_soon_threadsafe: calls fn(arg) on the loop, in order with
 * what this thread posts. Any thread; the caller must know that the loop lives
 * until this returns. The handle is the caller's to release (at any time: that
 * changes nothing). NULL without memory. If the loop is freed before, fn is
 * not called. */
typedef struct brio_handle brio_handle;
BRIO_API brio_handle *brio_loop_call_threadsafe(brio_loop *loop, void (*fn)(void *arg), void *arg);
/* Any thread, also after the loop is gone. True: fn was not called and will not
 * be. False: it was, and is over; a call that runs on another thread at the
 * moment is waited for, which blocks. */
BRIO_API bool brio_handle_cancel(brio_handle *handle);
/* NULL is fine. */
BRIO_API void brio_handle_release(brio_handle *handle);

typedef struct brio_timer brio_timer;
typedef void brio_timer_fn(brio_timer *timer);

struct brio_timer {
    brio_timer_fn *fn;
    brio_time when; /* loop clock */
    uint64_t order; /* FIFO among equals */
    size_t slot;    /* 0 when not started */
};

/* Starts or moves the timer. Equal deadlines fire in order of start. A time in
 * the past means now; what a timer's fn starts fires in a later turn. */
BRIO_API void brio_timer_start(brio_loop *loop, brio_timer *timer, brio_time when);
BRIO_API void brio_timer_stop(brio_loop *loop, brio_timer *timer);
static inline bool brio_timer_active(const brio_timer *t) { return t->slot != 0; }

/* ---- Signals and foreign descriptors ------------------------------------ */

typedef struct brio_signal brio_signal;

struct brio_signal {
    brio_link link;
    int signo;
    void (*fn)(brio_signal *sig); /* on the loop, never in signal context */
};

/* Takes over `signo` for this loop's thread (signalfd; the signal is blocked
 * until stop). Returns 0, -EINVAL for SIGKILL and SIGSTOP, -EBUSY if taken.
 * In sim the handler runs only through brio_loop_raise. */
BRIO_API int brio_signal_start(brio_loop *loop, brio_signal *sig, int signo) BRIO_CHECKED;
BRIO_API void brio_signal_stop(brio_loop *loop, brio_signal *sig);
/* Delivers as if the kernel had; for tests. */
BRIO_API void brio_loop_raise(brio_loop *loop, int signo);

typedef struct brio_watch brio_watch;

/* Readiness of a descriptor brio does not own (libpq's socket, a pidfd). */
struct brio_watch {
    int fd;
    uint32_t events; /* what is waited for: EPOLLIN | EPOLLOUT */
    void (*fn)(brio_watch *watch, uint32_t ready);
    void *backend;   /* the back end's own */
};

/* Level-triggered. Real descriptors only; in sim they hold the clock. */
BRIO_API int brio_watch_start(brio_loop *loop, brio_watch *watch, int fd, uint32_t events) BRIO_CHECKED;
BRIO_API int brio_watch_change(brio_loop *loop, brio_watch *watch, uint32_t events) BRIO_CHECKED;
BRIO_API void brio_watch_stop(brio_loop *loop, brio_watch *watch);

/* ---- Chunks ------------------------------------------------------------- */

/* Pooled bytes. Read data arrives in chunks; whoever holds one releases it.
 * An idle connection holds none. */
typedef struct brio_chunk {
    struct brio_chunk *next; /* for the holder's use */
    uint32_t len;            /* bytes filled */
    uint32_t cap;            /* bytes of data[] */
    uint32_t backend;        /* the back end's own */
    char data[];
} brio_chunk;

/* An empty chunk of chunk_size bytes (aborts without memory), and back to the
 * pool with it; also one that brio_sock_read_large has brought. */
BRIO_API brio_chunk *brio_chunk_acquire(brio_loop *loop);
BRIO_API void brio_chunk_release(brio_loop *loop, brio_chunk *chunk);

/* ---- Stream sockets ----------------------------------------------------- */

typedef struct brio_sock brio_sock;

/* What a socket tells its owner. Called on the loop; inside any of them the
 * owner may write, close, stop or start reading. */
typedef struct brio_sock_events {
    /* Bytes arrived. The chunk is taken: release it when done. */
    void (*on_data)(brio_sock *sock, brio_chunk *chunk);
    /* No more bytes will come: 0 is the peer's end of stream, else -errno
     * (-ECONNRESET ...). Called at most once. Writing may still work after 0. */
    void (*on_end)(brio_sock *sock, int err);
    /* The write that returned 0 is done: 0, or -errno and nothing more will
     * be written. The bytes may be reused. */
    void (*on_written)(brio_sock *sock, int err);
    /* A connect finished: 0 or -errno. Not used for accepted sockets. */
    void (*on_connected)(brio_sock *sock, int err);
    /* After brio_sock_close: the struct is yours again. Always called, always last. */
    void (*on_closed)(brio_sock *sock);
} brio_sock_events;

struct brio_sock {
    const brio_sock_events *events; /* borrowed */
    brio_loop *loop;
    int fd;             /* -1 when closed; a simulated number in sim */
    uint32_t state;     /* the back end's own from here */
    int err;
    uint16_t inflight;
    uint16_t pending_n;
    brio_str *pending;  /* parts that the kernel has not taken yet */
    brio_callback again;
    void *backend;
};

/* Adopts `fd` (taken; made non-blocking). Nothing is read until read_start. */
BRIO_API int brio_sock_open(brio_loop *loop, brio_sock *sock, int fd,
                            const brio_sock_events *events) BRIO_CHECKED;
/* Starts connecting to `addr` (copied); on_connected tells the end. */
BRIO_API int brio_sock_connect(brio_loop *loop, brio_sock *sock, const struct sockaddr *addr,
                               unsigned addr_len, const brio_sock_events *events) BRIO_CHECKED;
/* The same from the address `local` (copied; NULL: the kernel chooses; sim ignores it). */
BRIO_API int brio_sock_connect_from(brio_loop *loop, brio_sock *sock, const struct sockaddr *addr,
                                    unsigned addr_len, const struct sockaddr *local,
                                    unsigned local_len, const brio_sock_events *events) BRIO_CHECKED;
/* Lets on_data and on_end come, until stop. Both are idempotent. */
BRIO_API void brio_sock_read_start(brio_sock *sock);
BRIO_API void brio_sock_read_stop(brio_sock *sock);
/* From now on, while reads fill their chunks, the next ones may be of 128 KiB. For owners
 * who release them before they return, as a rule. (epoll; elsewhere without effect) */
BRIO_API void brio_sock_read_large(brio_sock *sock);
enum { BRIO_SOCK_PARTS = 64 };
/* Writes up to BRIO_SOCK_PARTS parts in order. Returns 1 when all bytes are already with the
 * kernel (on_written is not called), 0 when on_written will come and the bytes
 * stay borrowed until then, -EBUSY while another write is under way, -EPIPE,
 * -ECONNRESET, -ENOTCONN before on_connected, -ENOMEM (and the connection is of
 * no use any more). The array `parts` is copied. Never blocks, never writes
 * partially. */
BRIO_API int brio_sock_write(brio_sock *sock, const brio_str *parts, size_t n) BRIO_CHECKED;
/* Bytes of the write under way that the kernel has not taken yet. */
BRIO_API size_t brio_sock_unsent(const brio_sock *sock);
/* Half-closes the sending side once pending bytes are out. */
BRIO_API void brio_sock_shutdown(brio_sock *sock);
/* Stops everything, dropping what write still holds; on_closed, and nothing
 * else, follows when the kernel holds nothing of it. */
BRIO_API void brio_sock_close(brio_sock *sock);
/* The peer's address as text ("127.0.0.1", "::1", "" for Unix) and port. */
BRIO_API int brio_sock_peer(const brio_sock *sock, char host[64], uint16_t *ret_port) BRIO_CHECKED;
/* Our own, likewise. */
BRIO_API int brio_sock_local(const brio_sock *sock, char host[64], uint16_t *ret_port) BRIO_CHECKED;
/* Lets the kernel copy up to `count` bytes of the file `fd` into the socket:
 * from *offset, which moves on, or with offset NULL from the file's position.
 * The bytes it took, 0 at the file's end; -EAGAIN: none now, on_written will
 * say when to try again; else as brio_sock_write, or -errno of the file.
 * -ENOTSUP on sim, -EINVAL for files that cannot be copied so. */
BRIO_API ptrdiff_t brio_sock_sendfile(brio_sock *sock, int fd, int64_t *offset,
                                      size_t count) BRIO_CHECKED;

/* writev and sendfile without the signal SIGPIPE, which is this thread's to
 * have and the process's to die of. Bytes, or -errno. */
BRIO_API ptrdiff_t brio_fd_write(int fd, const brio_str *parts, size_t n) BRIO_CHECKED;
BRIO_API ptrdiff_t brio_fd_sendfile(int to, int fd, int64_t *offset, size_t count) BRIO_CHECKED;

/* Closes a descriptor handed to on_accept that nobody wants to open; knows
 * simulated numbers too. */
BRIO_API void brio_fd_discard(brio_loop *loop, int fd);

/* Fills *ret for brio_sock_connect: `host` is a numeric address, "localhost" or
 * NULL for 127.0.0.1. -EINVAL for other names: resolving is not done here. */
BRIO_API int brio_address_parse(struct sockaddr_storage *ret, unsigned *ret_len, const char *host,
                                uint16_t port) BRIO_CHECKED;
/* The same for a Unix socket's path; "@name" is an abstract one. -EINVAL if empty, -ENAMETOOLONG. */
BRIO_API int brio_address_unix(struct sockaddr_storage *ret, unsigned *ret_len,
                               const char *path) BRIO_CHECKED;

/* ---- Listening ---------------------------------------------------------- */

typedef struct brio_listen_options {
    const char *host; /* numeric address or "localhost"; NULL means 127.0.0.1; "" all of IPv4 and
                         IPv6; "::" all of IPv6 alone, so that "0.0.0.0" can stand beside it */
    const char *path; /* Unix socket path instead of host and port; borrowed */
    unsigned mode;    /* permissions of its file; 0: as the umask leaves them */
    uint16_t port;    /* 0 lets the kernel choose */
    int backlog;      /* 0 means 2048, uvicorn's */
    bool reuse_port;  /* SO_REUSEPORT */
} brio_listen_options;

/* Binds and listens, without a loop: what a supervisor hands to its workers.
 * Returns a descriptor, or -errno (-EADDRINUSE, -EACCES, -EADDRNOTAVAIL). */
BRIO_API int brio_socket_listen(const brio_listen_options *options) BRIO_CHECKED;
/* The port a listening descriptor got, or -errno. */
BRIO_API int brio_socket_port(int fd) BRIO_CHECKED;

typedef struct brio_acceptor brio_acceptor;

struct brio_acceptor {
    void (*on_accept)(brio_acceptor *a, int fd); /* fd is taken; pass it to brio_sock_open */
    void (*on_closed)(brio_acceptor *a);         /* as for brio_sock */
    bool shared; /* other processes accept from the same socket: take turns with them */
    brio_loop *loop;
    int fd;
    uint32_t state; /* the back end's own from here */
    brio_timer backoff;
    void *backend;
};

/* Accepts from `fd` (taken, a listening descriptor). With EMFILE, ENFILE,
 * ENOBUFS or ENOMEM accepting pauses one second instead of spinning. */
BRIO_API int brio_acceptor_open(brio_loop *loop, brio_acceptor *a, int fd) BRIO_CHECKED;
/* A listener of the simulated network, reachable from this loop by `port`
 * through brio_sock_connect to any IP address; 0 chooses one. -EADDRINUSE;
 * sim only, else -ENOTSUP. */
BRIO_API int brio_acceptor_open_sim(brio_loop *loop, brio_acceptor *a, uint16_t port) BRIO_CHECKED;
/* The port it listens on (of the simulated network in sim), or -errno. */
BRIO_API int brio_acceptor_port(const brio_acceptor *a) BRIO_CHECKED;
/* Stops accepting. Until on_closed, on_accept may still bring connections that
 * the kernel had accepted (io_uring does that ahead): serve or discard them. */
BRIO_API void brio_acceptor_close(brio_acceptor *a);
/* Leaves connections in the kernel's backlog until resume, for servers that
 * have enough of them. As after close, on_accept may still bring some that
 * were accepted ahead. Both are idempotent. */
BRIO_API void brio_acceptor_pause(brio_acceptor *a);
BRIO_API void brio_acceptor_resume(brio_acceptor *a);

/* ---- Files -------------------------------------------------------------- */

typedef enum brio_file_call { /* ORDER FILE_CALL */
    BRIO_FILE_OPEN = 0, /* openat2(fd, path, how); the result is a descriptor */
    BRIO_FILE_READ,     /* pread(fd, data, len, offset) */
    BRIO_FILE_WRITE,    /* pwrite(fd, data, len, offset) */
    BRIO_FILE_SYNC,     /* fsync(fd); fdatasync with flags 1 */
    BRIO_FILE_STAT,     /* statx(fd, path, flags, len, data): len is the mask */
    BRIO_FILE_RENAME,   /* renameat2(fd, path, to_fd, to_path, flags) */
    BRIO_FILE_UNLINK,   /* unlinkat(fd, path, flags) */
    BRIO_FILE_MKDIR     /* mkdirat(fd, path, how[1]) */
} brio_file_call;

typedef struct brio_file_op brio_file_op;

/* One operation on a file. In your memory; everything it points to stays
 * borrowed until fn is called. `fd` is the file's, or the directory's that
 * `path` is looked up from (AT_FDCWD). Flags are the system call's own. */
struct brio_file_op {
    void (*fn)(brio_file_op *op); /* it is done: on the loop; the struct is yours again */
    brio_file_call call;
    int fd, to_fd;
    unsigned flags;
    const char *path, *to_path;
    void *data;
    size_t len;      /* bytes; more than 1 GiB are done in part */
    int64_t offset;  /* -1 means the descriptor's own position */
    uint64_t how[3]; /* openat2's flags, mode and resolve */
    int64_t result;  /* >= 0, or -errno; -ECANCELED if it was cancelled and did not happen */
    size_t done;     /* brio_file_perform: bytes read or written, also with an error */
};

/* Hands it to the kernel without waiting. 0, or -ENOSYS where only threads can
 * do that (epoll, sim): call brio_file_perform on one then. */
BRIO_API int brio_loop_file_start(brio_loop *loop, brio_file_op *op) BRIO_CHECKED;
/* Asks to give it up. fn is called in any case, and its result tells whether
 * the operation happened: one that completed wins. */
BRIO_API void brio_loop_file_cancel(brio_loop *loop, brio_file_op *op);
/* Does it in place and sets the result; blocks. A read goes on until `len`
 * bytes or the end if `offset` is not -1, a write until all is written. Any
 * thread; fn is not called. */
BRIO_API void brio_file_perform(brio_file_op *op);

#ifdef __cplusplus
}
#endif
#endif
