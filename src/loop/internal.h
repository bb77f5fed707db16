/* SPDX-License-Identifier: MIT
 *
 * What the parts of the loop share: the loop itself, the table of a back end's
 * operations, and the state bits of a socket.
 *
 * loop.c owns the queue, timer.c the heap, post.c the only door for other
 * threads, sock.c the public calls on descriptors. A back end owns whatever
 * `backend` points to and nothing else; it reports through the owner's
 * callbacks and never runs them inside the call that started the operation. */
#ifndef BRIO_LOOP_INTERNAL_H
#define BRIO_LOOP_INTERNAL_H

#include <brio/loop.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/uio.h>

/* I/O is polled at least once per this many callbacks. */
enum { BRIO_LOOP_BUDGET = 64 };
/* Chunks delivered to one socket before the others get their turn. */
enum { BRIO_LOOP_CHUNKS_PER_TURN = 4 };
/* Connections accepted before the others get their turn. */
enum { BRIO_LOOP_ACCEPTS_PER_TURN = 16 };

typedef struct brio_backend_ops {
    const char *name;
    bool virtual_clock; /* poll moves loop->now itself */
    int (*init)(brio_loop *loop, const brio_loop_options *options);
    void (*fini)(brio_loop *loop);
    /* Waits until the first event or `until` (0: not at all), and dispatches.
     * Returns the number of events, or < 0. */
    int (*poll)(brio_loop *loop, brio_time until);
    /* Hands over what is still to be submitted, when run_once returns. NULL: nothing ever is. */
    int (*rest)(brio_loop *loop);
    int (*fd)(const brio_loop *loop);

    /* On failure nothing is open and fd still the caller's. */
    int (*sock_open)(brio_sock *sock, int fd);
    int (*sock_connect)(brio_sock *sock, const struct sockaddr *addr, unsigned addr_len);
    void (*sock_read)(brio_sock *sock); /* BRIO_SOCK_READING was just set */
    /* `pending` was just filled, in the loop's scratch: brio_loop_sock_keep before 0 is returned.
     */
    int (*sock_write)(brio_sock *sock);
    void (*sock_shutdown)(brio_sock *sock);
    void (*sock_close)(brio_sock *sock); /* BRIO_SOCK_CLOSING was just set */
    int (*sock_peer)(const brio_sock *sock, char host[64], uint16_t *ret_port);
    void (*fd_close)(brio_loop *loop, int fd);

    int (*acceptor_open)(brio_acceptor *a, int fd);
    void (*acceptor_close)(brio_acceptor *a);
    /* BRIO_SOCK_PAUSED was just set (and it was armed), or cleared. */
    void (*acceptor_pause)(brio_acceptor *a);
    void (*acceptor_resume)(brio_acceptor *a);

    int (*watch_start)(brio_loop *loop, brio_watch *watch);
    int (*watch_change)(brio_loop *loop, brio_watch *watch);
    void (*watch_stop)(brio_loop *loop, brio_watch *watch);

    /* Both NULL where only threads can. */
    void (*file_start)(brio_loop *loop, brio_file_op *op);
    void (*file_cancel)(brio_loop *loop, brio_file_op *op);
} brio_backend_ops;

extern const brio_backend_ops brio_loop_epoll_ops;
extern const brio_backend_ops brio_loop_uring_ops;
extern const brio_backend_ops brio_loop_sim_ops;

typedef struct brio_timer_entry {
    brio_time when;
    brio_timer *timer;
} brio_timer_entry;

/* What a write under way still has to send. */
typedef struct brio_loop_write {
    brio_link link; // brio_loop::writes
    brio_str parts[];
} brio_loop_write;

struct brio_loop {
    const brio_backend_ops *ops;
    void *backend; /* the back end's own */
    void *user;
    brio_time now;
    brio_time *busy_since; /* of brio_loop_tell_busy, or the loop's own */
    brio_time unwatched;

    brio_ready ready;
    bool running, random_order;
    bool debug;
    pthread_t thread; /* its owner */
    uint64_t turn;
    uint64_t rng;
    size_t open; /* sockets, acceptors, watches and signals of the owners */
    size_t holds;

    brio_timer_entry *timers; /* 4-ary heap; [0] is unused, so that slot 0 means "not in it" */
    size_t timer_heaped, timer_n, timer_cap;
    uint64_t timer_order;

    brio_time wall;
    uint64_t wall_turn;

    brio_chunk *chunks; /* free, newest first */
    size_t chunk_n, chunk_out, chunk_size;
    brio_chunk *large; /* free ones, newest first */
    size_t large_n;    /* in all */

    brio_str parts[BRIO_SOCK_PARTS]; /* of the write that is being tried */
    brio_link writes;                /* brio_loop_write::link: of those under way */

    brio_link signals; // brio_signal::link
    int signal_fd;     /* -1 while no signal is taken over */
    sigset_t signal_mask, signal_blocked;
    uint64_t signal_raised; /* bit n - 1: brio_loop_raise(n) is to be delivered */
    brio_callback signal_deliver;
    brio_watch signal_watch;

    brio_link handles; // brio_handle::link: of other threads' calls
    pthread_mutex_t handles_lock;

    brio_callback **shuffle; /* scratch for random_order */
    size_t shuffle_cap;

    /* What other threads touch has a cache line of its own. */
    _Alignas(64) _Atomic(brio_callback *) posted; /* newest first */
    atomic_bool asleep;                           /* a poster must write to wake_fd */
    atomic_bool stopping;
    int wake_fd;
};

/* ---- loop.c ---- */
void brio_loop_wrong_thread(const brio_loop *loop, const void *caller); /* if it is one */
#define BRIO_LOOP_CHECK_THREAD(loop)                                                               \
    (BRIO_UNLIKELY((loop)->debug) ? brio_loop_wrong_thread((loop), __builtin_return_address(0))    \
                                  : (void)0)
void brio_loop_busy(brio_loop *loop);       /* callbacks follow: for the detector */
bool brio_loop_idle(const brio_loop *loop); /* nothing queued, nothing posted */

/* ---- timer.c ---- */
brio_time brio_loop_timers_next(brio_loop *loop); /* the earliest, or BRIO_NEVER */
int brio_loop_timers_fire(brio_loop *loop);       /* those due; returns how many */
void brio_loop_timers_fini(brio_loop *loop);

/* ---- post.c ---- */
int brio_loop_post_init(brio_loop *loop);
void brio_loop_post_fini(brio_loop *loop);
void brio_loop_post_drain(brio_loop *loop); /* moves what was posted to the queue */
/* Announces that the loop is about to sleep; false if it must not. */
bool brio_loop_post_sleep(brio_loop *loop);
void brio_loop_wake(brio_loop *loop);

/* ---- handle.c ---- */
void brio_loop_handles_init(brio_loop *loop);
void brio_loop_handles_fini(brio_loop *loop);

/* ---- signal.c ---- */
void brio_loop_signals_init(brio_loop *loop);
void brio_loop_signals_fini(brio_loop *loop);

/* ---- chunk.c ---- */
enum { BRIO_LOOP_LARGE = 128 * 1024 }; /* bytes of a large chunk */
/* One of the few large ones, or as brio_chunk_acquire. */
brio_chunk *brio_loop_chunk_large(brio_loop *loop);
void brio_loop_chunks_fini(brio_loop *loop);

/* ---- sock.c: for the back ends ---- */

enum brio_sock_state {
    BRIO_SOCK_READING = 1 << 0,    /* the owner wants on_data */
    BRIO_SOCK_READABLE = 1 << 1,   /* there may be bytes to fetch */
    BRIO_SOCK_HUP = 1 << 2,        /* the end is behind those bytes */
    BRIO_SOCK_ENDED = 1 << 3,      /* on_end was called */
    BRIO_SOCK_WRITING = 1 << 4,    /* on_written is owed */
    BRIO_SOCK_SHUT = 1 << 5,       /* the owner half-closed */
    BRIO_SOCK_CONNECTING = 1 << 6, /* on_connected is owed */
    BRIO_SOCK_BROKEN = 1 << 7,     /* a write failed: the connection is gone */
    BRIO_SOCK_CLOSING = 1 << 8,    /* only on_closed may follow */
    BRIO_SOCK_SETTLED = 1 << 9,    /* the deferred result is in `err` */
    BRIO_SOCK_ARMED = 1 << 10,     /* uring: a receive is with the kernel */
    BRIO_SOCK_END_HELD = 1 << 11,  /* uring: the end came while reading was stopped */
    BRIO_SOCK_PAUSED = 1 << 12,    /* acceptors: nothing is to be accepted */
    BRIO_SOCK_LARGE = 1 << 13,     /* the owner takes large chunks */
    BRIO_SOCK_FILLED = 1 << 14     /* so much came last that they are of use */
};

_Static_assert(sizeof(brio_str) == sizeof(struct iovec), "`pending` is handed to the kernel");
_Static_assert(offsetof(brio_str, len) == offsetof(struct iovec, iov_len), "as an iovec");

/* Queues sock->again unless it is queued. */
void brio_loop_sock_again(brio_sock *sock);
/* Takes `n` sent bytes off `pending`. */
void brio_loop_sock_sent(brio_sock *sock, size_t n);
/* Gives `pending` memory of its own, until the write is done. Returns 0, as sock_write
 * does then, or -ENOMEM. */
int brio_loop_sock_keep(brio_sock *sock) BRIO_CHECKED;
void brio_loop_writes_init(brio_loop *loop);
void brio_loop_writes_fini(brio_loop *loop); /* of sockets that were never closed: sim */
/* Each calls the owner and does the bookkeeping around it. */
void brio_loop_sock_end(brio_sock *sock, int err);
void brio_loop_sock_written(brio_sock *sock, int err);
void brio_loop_sock_connected(brio_sock *sock, int err);
void brio_loop_sock_closed(brio_sock *sock);
void brio_loop_acceptor_closed(brio_acceptor *a);
/* Calls on_closed from the next round of timers. */
void brio_loop_acceptor_close_soon(brio_acceptor *a);
/* True for the errors of accept that call for a pause: EMFILE and its kin. */
bool brio_loop_accept_exhausted(int err);

/* ---- listen.c ---- */
int brio_loop_socket_for(const struct sockaddr *addr, int flags); /* a stream socket, no delay */
int brio_loop_address_text(int fd, bool peer, char host[64], uint16_t *ret_port);

/* ---- backend_epoll.c and epoll_sock.c ---- */

/* What an epoll event points to, in the low bits of its pointer. */
enum brio_epoll_kind { BRIO_EPOLL_SOCK, BRIO_EPOLL_ACCEPTOR, BRIO_EPOLL_WATCH, BRIO_EPOLL_WAKE };

int brio_epoll_add(brio_loop *loop, int fd, uint32_t events, void *what, enum brio_epoll_kind kind);
void brio_epoll_remove(brio_loop *loop, int fd);
void brio_epoll_sock_ready(brio_sock *sock, uint32_t events);
int brio_epoll_sock_open(brio_sock *sock, int fd);
int brio_epoll_sock_connect(brio_sock *sock, const struct sockaddr *addr, unsigned addr_len);
void brio_epoll_sock_read(brio_sock *sock);
int brio_epoll_sock_write(brio_sock *sock);
void brio_epoll_sock_close(brio_sock *sock);

/* The parts of epoll that sim has in common: real descriptors and the wake. */
typedef struct brio_epoll brio_epoll;
brio_epoll *brio_epoll_new(int wake_fd); /* NULL with errno set */
void brio_epoll_free(brio_epoll *ep);
int brio_epoll_fd(const brio_epoll *ep);
int brio_epoll_wait(brio_epoll *ep, brio_time span); /* span 0 polls, BRIO_NEVER waits */
void brio_epoll_dispatch(brio_epoll *ep);            /* what that brought */
int brio_epoll_watch_control(brio_epoll *ep, int op, brio_watch *watch);
void brio_epoll_watch_strike(brio_epoll *ep, brio_watch *watch);

/* ---- Plain descriptors, for epoll and uring ---- */
/* Sends `pending`: 1 when all is with the kernel, 0 when it takes no more now, or < 0. */
int brio_loop_fd_send(brio_sock *sock);
void brio_loop_fd_shutdown(brio_sock *sock);
void brio_uring_sock_await(brio_sock *sock); /* on_written when there is room to send */
int brio_loop_fd_peer(const brio_sock *sock, char host[64], uint16_t *ret_port);
void brio_loop_fd_close(brio_loop *loop, int fd);

/* ---- backend_sim.c, sim_net.c and sim_listen.c ---- */

typedef struct brio_sim_kernel {
    brio_epoll *ep; /* real descriptors: the wake and watches */
    size_t watches;
    brio_sim_options options; /* resolved */
    brio_link listeners;      // sim_listener::link
    brio_link conns;          // brio_sim_conn::link
    int next_fd;
    uint16_t next_port;
    uint16_t cut_port; /* while `cut`: ports below it are on the other side */
    bool cut;
    brio_time cut_at;
    uint32_t segments; /* delivered so far, for reset_every */
    uint64_t calls, fail_at;
    int fail_err;
} brio_sim_kernel;

/* What one write put in, on its way to an end. */
typedef struct brio_sim_block brio_sim_block;
typedef struct brio_sim_conn brio_sim_conn;

typedef struct brio_sim_end {
    brio_sim_conn *conn;
    struct brio_sim_end *peer;
    brio_loop *loop;
    brio_sock *sock; /* NULL before it is opened, and when closed */
    int fd;          /* -1 before it is accepted */
    uint16_t port;
    bool opened, closed;
    bool ended;                   /* FIN or reset was sent to this end */
    bool held;                    /* a reset was, and the cut holds it back */
    brio_sim_block *first, *last; /* on the way to this end, or unread */
    size_t bytes;                 /* in those blocks */
    brio_time line_free;          /* with a bandwidth: when the next byte can be sent to it */
    brio_time newest;             /* arrival of the last block: none overtakes it */
    brio_timer arrival;           /* of the first block */
    brio_timer broken;            /* of a reset */
} brio_sim_end;

struct brio_sim_conn {
    brio_link link;
    brio_timer handshake;
    brio_time give_up; /* when an unanswered connect times out */
    bool reached;      /* the listener's side has answered */
    bool waiting;      /* in the backlog */
    bool lost;         /* nobody will ever answer */
    int refused;
    brio_sim_end ends[2]; /* who called, and who listens */
};

/* backend_sim.c */
brio_sim_kernel *brio_sim_of(const brio_loop *loop);
brio_time brio_sim_one_way(brio_loop *loop); /* latency and jitter */
bool brio_sim_draw(brio_loop *loop, uint32_t per_million);
uint16_t brio_sim_ephemeral(brio_sim_kernel *sim);
/* One simulated system call: 0, or what it fails with. */
int brio_sim_call(brio_sim_kernel *sim);

/* sim_net.c */
int brio_sim_sock_open(brio_sock *sock, int fd);
void brio_sim_sock_read(brio_sock *sock);
int brio_sim_sock_write(brio_sock *sock);
void brio_sim_sock_shutdown(brio_sock *sock);
void brio_sim_sock_close(brio_sock *sock);
int brio_sim_sock_local(const brio_sock *sock, char host[64], uint16_t *ret_port);
int brio_sim_sock_peer(const brio_sock *sock, char host[64], uint16_t *ret_port);
void brio_sim_fd_close(brio_loop *loop, int fd);
void brio_sim_conns_free(brio_loop *loop);
size_t brio_sim_conns_unopened(const brio_sim_kernel *sim); /* accepted, and left lying */
void brio_sim_conn_free(brio_sim_conn *conn);
void brio_sim_end_init(brio_sim_conn *conn, int which, brio_loop *loop, uint16_t port);
void brio_sim_end_attach(brio_sim_end *end, brio_sock *sock);
void brio_sim_end_reset(brio_sim_end *end); /* closes it with a reset for its peer */
void brio_sim_end_go_on(brio_sim_end *end); /* what the cut held back comes now */

/* sim_listen.c */
int brio_sim_listen(brio_acceptor *a, uint16_t port);
int brio_sim_port(const brio_acceptor *a);
void brio_sim_acceptor_close(brio_acceptor *a);
void brio_sim_acceptor_pause(brio_acceptor *a);
void brio_sim_acceptor_resume(brio_acceptor *a);
int brio_sim_sock_connect(brio_sock *sock, const struct sockaddr *addr, unsigned addr_len);
void brio_sim_listeners_forget(brio_sim_kernel *sim);
/* True while the cut is between the two ends. */
bool brio_sim_apart(const brio_sim_conn *conn);

#endif
