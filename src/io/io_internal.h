/* SPDX-License-Identifier: MIT
 *
 * What the parts of io share: the stream, and what the room keeps per loop.
 *
 *     calls (read.c, write.c, ...)  ->  filter (TLS, or none)  ->  transport
 *     stream: unread chunks, queue  <-         events          <-  (socket, descriptor)
 *
 * A stream lives on the heap until three things have happened: its owner
 * closed it, the transport gave it back, and no task is inside a call on it
 * any more (a woken task may be behind the one that closes). Waiters lie on
 * the stacks of the tasks that wait; whoever wakes one forgets it first. */
#ifndef BRIO_IO_INTERNAL_H
#define BRIO_IO_INTERNAL_H

#include <brio/io.h>
#include <brio/loop.h>
#include <brio/task.h>

#include <brio/trace.h>
#include <stdlib.h>
#include <sys/types.h>

enum { BRIO_IO_LIMIT = 64 * 1024 }; /* asyncio's: reading pauses above twice this */
enum { BRIO_IO_PARTS = 4 };         /* of one write of a transport */

/* One for each loop that has streams. */
typedef struct brio_io {
    brio_loop *loop;
    brio_link streams;   // brio_stream::link
    brio_link listeners; // brio_listener::link
    brio_link hosts;     // of resolve.c
    brio_link udps;      // brio_udp::link
} brio_io;

/* One wait on a stream or listener; on the waiting task's stack. */
typedef struct brio_io_wait {
    brio_waiter waiter;
    brio_stream *stream; /* waited on; for accept: what was accepted */
} brio_io_wait;

/* What moves the bytes of a stream. Each has a file of its own. After close
 * only brio_io_closed follows; events never come inside one of these calls. */
typedef struct brio_io_transport {
    void (*read_start)(brio_stream *s);
    void (*read_stop)(brio_stream *s);
    /* As brio_sock_write: 1 done, 0 brio_io_written follows, < 0. At most BRIO_IO_PARTS. */
    int (*write)(brio_stream *s, const brio_str *parts, size_t n);
    void (*shutdown)(brio_stream *s);
    void (*close)(brio_stream *s);
    int (*address)(const brio_stream *s, bool peer, char host[64], uint16_t *ret_port);
    int (*fd)(const brio_stream *s); /* -ENOTSUP */
    /* One step of the kernel's own copying: bytes, 0 at the file's end,
     * -EAGAIN: brio_io_written follows when it may be tried again. NULL: cannot. */
    ptrdiff_t (*sendfile)(brio_stream *s, int fd, int64_t *offset, size_t count);
} brio_io_transport;

/* What is between the calls and the transport, if anything: TLS. Its output
 * goes through the stream's queue. */
typedef struct brio_io_filter {
    void (*received)(brio_stream *s, brio_chunk *chunk); /* taken */
    void (*ended)(brio_stream *s, int err);              /* the transport's end */
    /* Queues the protected form of a piece of `data`; returns its length, or < 0. */
    ptrdiff_t (*protect)(brio_stream *s, brio_str data);
    void (*finish)(brio_stream *s);               /* queues the end of the sending side */
    const char *(*problem)(const brio_stream *s); /* why it failed, in words, or NULL */
    void (*free)(brio_stream *s);
} brio_io_filter;

/* A descriptor that is no socket; pipe.c. */
typedef struct brio_io_pipe {
    brio_watch watch;
    brio_callback again; /* for those that cannot be watched, and for on_closed */
    int fd, saved_flags; /* -1: nothing to restore */
    int fault;           /* the loop could not watch it */
    brio_str pending[BRIO_IO_PARTS];
    size_t pending_n;
    bool watching, unwatchable, reading, writing, shut, closing, read_only, write_only;
} brio_io_pipe;

struct brio_stream {
    const brio_io_transport *raw;
    const brio_io_filter *filter;
    struct brio_tls *tls; /* the filter's */
    union {
        brio_sock sock;
        brio_io_pipe pipe;
    } on;
    brio_io *io;
    brio_link link;   // brio_io::streams, or brio_listener::queue
    size_t users;     /* calls a task is inside */
    bool in_loop;     /* the transport has not given it back */
    bool released;    /* the owner closed it */
    bool stopped;     /* only good for closing */
    bool closing;     /* raw->close as soon as the queue is empty */
    bool raw_closed;  /* raw->close was called */
    bool write_ended; /* shut down, or a write was cancelled */
    bool shut;        /* half-closed by the owner, told when nobody is writing */
    bool fin;         /* raw->shutdown as soon as the queue is empty */
    bool writing;     /* a task is inside write or sendfile */
    bool paused;      /* reading stopped for too many unread bytes */

    brio_stream_limits limits;

    brio_chunk *first, *last; /* unread */
    size_t at;                /* of the first unread byte, in `first` */
    size_t bytes;             /* unread, those lent included */
    size_t lent;              /* bytes of the line the owner looks at; consumed by the next read */
    size_t wanted;            /* bytes the reader waits for */
    brio_buf line;            /* a line that lay in several chunks */
    bool ended;
    int end_err;

    brio_chunk *out_first, *out_last; /* queued to be sent */
    size_t out_bytes;
    size_t out_chunks, flying; /* in the queue; the first of them with the transport */
    int write_err;             /* why nothing more can be sent, or 0 */
    brio_callback flush_soon;
    brio_timer linger; /* bounds the sending after close */

    brio_io_wait *reader, *connecter;
    brio_io_wait *writer;  /* waits for the transport to be done with its bytes */
    brio_io_wait *flusher; /* the writer, while it waits for the queue to be empty */
    brio_link drainers;    // brio_waiter::link
};

/* ---- room.c ---- */
brio_io *brio_io_here(void); /* of the current loop; NULL without memory or tasks */

/* ---- stream.c ---- */
brio_stream *brio_io_stream_new(brio_io *io,
                                const brio_io_transport *raw); /* NULL without memory */
/* Frees it if the owner, the transport and all tasks are done with it. */
void brio_io_stream_settle(brio_stream *stream);
/* Every public call that may suspend is between these two. leave returns `rc`,
 * or BRIO_ECLOSED if the stream was closed meanwhile; it may be gone then. */
static inline void brio_io_enter(brio_stream *stream)
{
    stream->users++;
}
ptrdiff_t brio_io_leave(brio_stream *stream, ptrdiff_t rc);
/* Parks on `slot`. BRIO_ECLOSED if the stream was closed meanwhile. */
int brio_io_wait_on(brio_stream *stream, brio_io_wait **slot, brio_wait_kind kind,
                    bool (*on_cancel)(brio_waiter *));
/* Wakes whoever waits there. */
void brio_io_wake(brio_io_wait **slot, int result);
/* Only good for closing from now on; sends what is queued first if `flush`. */
void brio_io_stream_stop(brio_stream *stream, bool flush);
/* Closes the transport and drops what is queued. */
void brio_io_close_raw(brio_stream *stream);
/* Plain bytes for the reader. Taken. */
void brio_io_keep(brio_stream *stream, brio_chunk *chunk);
void brio_io_end_reading(brio_stream *stream, int err);

/* What transports tell. */
void brio_io_received(brio_stream *stream, brio_chunk *chunk); /* taken */
void brio_io_ended(brio_stream *stream, int err);
void brio_io_written(brio_stream *stream, int err);
void brio_io_closed(brio_stream *stream);

/* ---- output.c ---- */
void brio_io_output_init(brio_stream *stream);
/* Queues a copy; the caller sees to flushing. */
void brio_io_output_add(brio_stream *stream, brio_str data);
void brio_io_output_flush(brio_stream *stream);
void brio_io_output_flush_soon(brio_stream *stream); /* at the end of the turn */
void brio_io_output_written(brio_stream *stream, int err);
/* Forgets what is queued and not with the transport: nothing can be sent any more. */
void brio_io_output_drop(brio_stream *stream, int err);
void brio_io_output_fini(brio_stream *stream); /* the transport is gone */

/* ---- read.c ---- */
void brio_io_forget_lent(brio_stream *stream); /* consumes the line lent last */

/* ---- write.c ---- */
/* The writer's turn: takes it, and waits until the queue is empty. On failure
 * there is nothing to end. */
int brio_io_write_begin(brio_stream *stream);
void brio_io_write_end(brio_stream *stream);
/* Waits for brio_io_written; a cancellation closes the transport. */
int brio_io_write_wait(brio_stream *stream);
/* Inside a turn: until all is with the kernel. */
int brio_io_write_all(brio_stream *stream, brio_str data);

/* ---- sock.c and pipe.c ---- */
extern const brio_io_transport brio_io_sock;
extern const brio_sock_events brio_io_sock_events;
extern const brio_io_transport brio_io_pipe_transport;
int brio_io_pipe_open(brio_stream *stream, int fd); /* fd stays the caller's on failure */

/* ---- connect.c ---- */
/* One attempt. Suspends. `local` may be NULL. */
int brio_io_connect_one(brio_stream **ret, const brio_address *to, const brio_address *local);
int brio_io_connect_race(brio_stream **ret, const brio_connect_to *to, const brio_address *local);

/* ---- tls_context.c ---- */
typedef struct brio_tls_set brio_tls_set; /* certificates as they were loaded together */
struct ssl_st;
struct ssl_ctx_st;

/* Protocols as ALPN has them on the wire. */
typedef struct brio_io_alpn {
    unsigned len;
    unsigned char wire[256];
} brio_io_alpn;

int brio_io_alpn_parse(brio_io_alpn *ret, const char *list); /* -EINVAL; NULL is empty */
bool brio_io_tls_is_server(const brio_tls_context *context);
bool brio_io_tls_verifies(const brio_tls_context *context);
const brio_io_alpn *brio_io_tls_alpn(const brio_tls_context *context);
brio_tls_set *brio_io_tls_set_acquire(brio_tls_context *context);
void brio_io_tls_set_release(brio_tls_set *set); /* NULL is fine */
struct ssl_ctx_st *brio_io_tls_set_main(const brio_tls_set *set);
const brio_io_alpn *brio_io_tls_set_alpn(const brio_tls_set *set);
bool brio_io_tls_set_ktls(const brio_tls_set *set);

/* ---- tls_ctx.c ---- */
/* Reads the files, so for a thread. `cert_file` NULL: none; `key_file` NULL: in the same
 * file. *ret is to be freed, also after a failure: -ENOMEM, BRIO_ETLS, -errno of a file. */
int brio_io_tls_ctx_new(struct ssl_ctx_st **ret, const brio_tls_options *o, const char *cert_file,
                        const char *key_file);
int brio_io_tls_verify_mode(const brio_tls_options *o); /* SSL_VERIFY_... */

/* ---- tls_tickets.c ---- */
typedef struct brio_io_tickets brio_io_tickets;
typedef struct brio_io_ticket_key {
    unsigned char name[16], cipher[32], mac[32];
} brio_io_ticket_key;
/* Keys that are new each `life` from `now` on (monotonic). NULL: no memory, no chance. */
brio_io_tickets *brio_io_tickets_new(brio_time life, brio_time now);
void brio_io_tickets_free(brio_io_tickets *t); /* NULL is fine; wipes them */
/* Sessions of `ctx` are sealed by them; borrowed. */
void brio_io_tickets_use(brio_io_tickets *t, struct ssl_ctx_st *ctx);
/* The key of that name (NULL: the one of now) to *ret. 1; 2: it is the former one; 0: there
 * is no such key any more. Any thread. */
int brio_io_tickets_key(brio_io_tickets *t, brio_time now, const unsigned char *name,
                        brio_io_ticket_key *ret);

/* ---- tls_facts.c ---- */
void brio_io_tls_info(struct ssl_st *ssl, brio_tls_info *ret);
/* Why the last call failed, by OpenSSL's queue of errors, which stays. Static text. */
const char *brio_io_tls_why(const struct ssl_st *ssl);
/* As brio_stream_tls_peer; *ret is all zero before. */
int brio_io_tls_peer(struct ssl_st *ssl, brio_arena *arena, brio_tls_certificate *ret);

/* ---- tls_bio.c ---- */
struct bio_st;

/* Encrypted bytes on their way in and out. Embedded. */
typedef struct brio_tls_pipe {
    brio_loop *loop;
    brio_chunk *first, *last; /* received */
    size_t at;                /* of the first byte in `first` */
    bool ended;               /* no more will come */
    void (*send)(struct brio_tls_pipe *pipe, brio_str data);
    bool (*flush)(struct brio_tls_pipe *pipe); /* for kTLS: true, all is with the kernel */
} brio_tls_pipe;

void brio_io_tls_pipe_push(brio_tls_pipe *pipe, brio_chunk *chunk); /* taken */
void brio_io_tls_pipe_fini(brio_tls_pipe *pipe);
struct bio_st *brio_io_tls_bio(brio_tls_pipe *pipe); /* NULL: no memory */

/* ---- tls.c ---- */

/* A stream's filter; belongs to the stream. */
typedef struct brio_tls {
    brio_stream *stream;
    struct ssl_st *ssl; /* NULL until the handshake begins */
    brio_tls_set *set;
    brio_tls_pipe pipe;
    brio_io_alpn alpn; /* what we speak here */
    char *server_name; /* the client's: who shall answer; or NULL */
    bool client, established, finished;
    int raw_err, failed; /* why the transport ended; why TLS did */
    char problem[256];
    brio_callback begin;
} brio_tls;

extern const brio_io_filter brio_io_tls_filter;
/* Begins the handshake in the loop's next turn; wakes `connecter` at its end. */
void brio_io_tls_begin(brio_tls *tls);
int brio_io_tls_select_alpn(struct ssl_st *ssl, const unsigned char **ret, unsigned char *ret_len,
                            const unsigned char *theirs, unsigned theirs_len, void *arg);

/* ---- udp.c and udp_sim.c ---- */

/* One wait on a socket; on the waiting task's stack. */
typedef struct brio_udp_wait {
    brio_waiter waiter;
    struct brio_udp_wait **slot; /* where the socket knows it */
} brio_udp_wait;

typedef struct brio_io_datagram brio_io_datagram;

struct brio_udp {
    brio_io *io;
    brio_link link; // brio_io::udps
    brio_watch watch;
    int fd; /* -1 in sim */
    uint16_t family, port;
    uint16_t peer; /* sim: the port it is connected to, or 0 */
    bool watching, released;
    size_t users; /* calls a task is inside */
    brio_udp_wait *receiver, *sender;
    brio_io_datagram *first, *last; /* sim: unread */
    size_t queued;
};

int brio_io_udp_wait(brio_udp *udp, brio_udp_wait **slot, brio_wait_kind kind);
void brio_io_udp_arrived(brio_udp *udp);
int brio_io_udp_sim_open(brio_udp *udp, const brio_udp_options *options);
int brio_io_udp_sim_send(brio_udp *udp, brio_str data, const brio_address *to);
ptrdiff_t brio_io_udp_sim_take(brio_udp *udp, void *into, size_t cap, brio_address *from);
void brio_io_udp_sim_drop(brio_udp *udp);

/* ---- hosts.c, listener.c, udp.c ---- */
/* -ENOENT: the name is not in it. */
int brio_io_hosts_find(brio_io *io, brio_addresses *ret, brio_arena *arena,
                       const brio_resolve_query *query);
void brio_io_hosts_free(brio_io *io);
/* At the end of the loop; return how many nobody had closed. */
size_t brio_io_listeners_close(brio_io *io);
size_t brio_io_udps_close(brio_io *io);

/* ---- leftovers.c: what is closed with the loop if nobody did before ---- */
typedef struct brio_io_left {
    brio_link link;
    void (*close)(struct brio_io_left *left); /* removes the link, then or in a later turn */
    brio_loop *loop;
} brio_io_left;

int brio_io_left_add(brio_io_left *left, void (*close)(brio_io_left *left)); /* -ENOMEM */
/* Says that WHAT (a number) was never closed: to the simulator's run, else in the log. */
void brio_io_left_tell(const brio_io_left *left, const char *what, int number);
/* The task's next brio_defer_push needs no memory: called before something is
 * opened, so that an arena at its limit ends the task while there is nothing to leak. */
void brio_io_defer_reserve(void);

/* ---- file_run.c: how files are waited for ---- */
/* Does it and returns its result, < 0 included; op->done as by
 * brio_file_perform. Suspends; outside tasks blocks. */
int64_t brio_io_file_run(brio_file_op *op);
/* The same, never through io_uring. */
int64_t brio_io_file_run_aside(brio_file_op *op);
/* Runs a function that blocks: on a thread; on sim, and outside tasks, in place. */
int brio_io_file_job(int (*fn)(void *arg), void *arg);
/* A copy with a NUL behind it, to be freed; or -EINVAL, -ENOENT, -ENAMETOOLONG, -ENOMEM. */
int brio_io_path(char **ret, brio_str path);
static inline void brio_io_path_free(char **path)
{
    free(*path);
}
#define BRIO_IO_PATH(name) char *name __attribute__((cleanup(brio_io_path_free))) = NULL
/* Puts "WHAT PATH: why" into the error detail of a failure; returns rc. */
int64_t brio_io_file_failed(int64_t rc, const char *what, brio_str path);

/* ---- file.c ---- */
struct brio_file {
    int fd;
    bool seekable; /* the position is ours; else the descriptor's own */
    bool append;
    bool nonblocking; /* O_NONBLOCK is to be taken back before the disk is waited for */
    bool busy;        /* a call by the position is under way */
    bool released;    /* the owner closed it */
    unsigned users;   /* calls under way */
    int64_t position;
    brio_arena *arena; /* of the task that closes it at its end; NULL: nobody does */
    brio_io_left left;
    char *ahead; /* bytes read beyond the line told last: [ahead_at, ahead_end) */
    size_t ahead_at, ahead_end, ahead_cap;
};
/* Wraps `fd`, which is taken, also on failure. */
int brio_io_file_new(brio_file **ret, int fd, bool keep);
/* Now it may be waited for. */
void brio_io_file_block(brio_file *file);
/* What an open descriptor is, by one call that does not wait: its st_mode, or -errno; *ret
 * (NULL: nobody asks) is filled in. */
int brio_io_look(int fd, brio_file_info *ret);
/* Around each call on a file; end returns rc, and the file may be gone. */
void brio_io_file_begin(brio_file *file);
int64_t brio_io_file_end(brio_file *file, int64_t rc);

/* Up to `cap` bytes at `offset` (< 0: the descriptor's position) to the end or
 * an error: their number, or < 0 if there are none. */
ptrdiff_t brio_io_file_read_at(brio_file *file, void *into, size_t cap, int64_t offset);

/* ---- file_info.c ---- */
brio_file_kind brio_io_kind_of(unsigned mode);

/* ---- file_draft.c: a file written beside the one it becomes; blocks ---- */
typedef struct brio_io_draft {
    const char *target; /* borrowed */
    char *path;         /* of the draft; heap */
    int fd;
} brio_io_draft;

/* `permissions` 0: those of the target if it is there, else 0666 less the umask. */
int brio_io_draft_open(brio_io_draft *draft, const char *target, unsigned permissions);
int brio_io_draft_write(const brio_io_draft *draft, brio_str data);
/* Puts it in the target's place, or fails and leaves that as it was. */
int brio_io_draft_commit(brio_io_draft *draft, bool durable);
/* Removes it. Harmless after a commit. */
void brio_io_draft_drop(brio_io_draft *draft);
/* Writes sixteen hexadecimal digits at the end of `name` anew. */
void brio_io_random_name(char *name);

/* ---- file_tree.c ---- */
/* Removes a tree in place: 0, or -errno, or BRIO_ELIMIT. `path` is borrowed. */
int brio_io_remove_tree(const char *path, size_t limit);

/* ---- subprocess_exec.c: the child's side of a spawn ---- */
typedef struct brio_io_exec {
    char **candidates; /* paths to try in turn; NULL at the end */
    const char *const *argv, *const *env;
    const char *cwd; /* NULL: ours */
    int fds[3];      /* what becomes 0, 1 and 2; -1: as it is */
    bool err_to_out; /* 2 becomes what 1 is */
    bool own_group, outlive;
    pid_t parent;
    int err;          /* out: < 0 if it could not be started */
    const char *step; /* out: what failed */
} brio_io_exec;

/* Starts it: 0, and *ret_pidfd is the caller's; or -errno, and nothing runs. */
int brio_io_exec_start(brio_io_exec *exec, pid_t *ret_pid, int *ret_pidfd);

/* ---- subprocess.c ---- */
size_t brio_io_process_max_output(const struct brio_process *process);

/* ---- watch.c, watch_events.c, watch_scan.c: the file watcher ---- */

/* One inotify watch: a file or directory added, or a directory below one. */
typedef struct brio_io_watched {
    int wd;
    bool root; /* it was added */
    char *path;
} brio_io_watched;

/* A change not told yet; the strings are its own. */
typedef struct brio_io_change {
    brio_change_kind kind; /* 0: nothing, it was merged away */
    bool directory;
    char *path, *from;
    size_t order; /* while changes are merged */
} brio_io_change;

struct brio_watcher {
    brio_loop *loop;
    brio_io_left left;
    brio_arena *arena; /* of the task that closes it at its end; NULL: nobody does */
    int fd;
    unsigned users; /* tasks inside a call */
    unsigned scans; /* of directories, under way: no events are read meanwhile */
    bool busy;      /* a task is in next */
    bool released;
    brio_waiter *waiter;
    brio_watch watch;

    bool recursive;
    brio_time debounce;
    size_t max_watches, max_pending;

    brio_io_watched *watched; /* by ascending wd */
    size_t watched_n, watched_cap;
    brio_io_change *queue; /* oldest first, from `queue_at` on */
    size_t queue_at, queue_n, queue_cap;
    size_t settled;      /* so many of them are debounced */
    bool overflowed;     /* some were lost; told behind the queue */
    brio_io_change told; /* lent to the caller */
    brio_io_change half; /* a MOVED_FROM whose MOVED_TO may come */
    uint32_t half_cookie;
    struct brio_io_fresh {
        char *path;
        bool tell; /* what is in it is new, too */
    } * fresh;     /* directories to scan */
    size_t fresh_n, fresh_cap;
    uint64_t seen; /* events, ever */
};

/* Reads what inotify has and turns it into changes; 1 if there was something. */
int brio_io_watch_read(brio_watcher *w);
/* The other half of a rename will not come: it left what is watched. */
void brio_io_watch_half_over(brio_watcher *w);
/* Keeps one change per path. */
void brio_io_watch_merge(brio_watcher *w);
void brio_io_change_fini(brio_io_change *change);
/* Takes `path` and `from` over; without room says so with an overflow. */
void brio_io_watch_tell(brio_watcher *w, brio_change_kind kind, bool directory, char *path,
                        char *from);
brio_io_watched *brio_io_watch_find(brio_watcher *w, int wd);
void brio_io_watch_forget(brio_watcher *w, brio_io_watched *watched);
/* Stops watching `path` and everything below that was not added itself. */
void brio_io_watch_drop_tree(brio_watcher *w, const char *path);

/* Watches `path` (taken) and, if recursive, all directories below it. Suspends.
 * With `tell` what is found below is told as created. */
int brio_io_watch_scan(brio_watcher *w, char *path, bool root, bool tell);
/* "DIR/NAME" on the heap, or NULL. */
char *brio_io_join(const char *dir, const char *name);

#endif
