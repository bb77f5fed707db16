/* SPDX-License-Identifier: MIT
 *
 * io_uring as the kernel defines it, as far as brio uses it, and the ring that
 * the uring back end's files share.
 *
 * Own constants, so that neither liburing nor new kernel headers are needed:
 * the numbers are the kernel's ABI and never change. What the running kernel
 * lacks is found out by asking it (uring_ring.c). */
#ifndef BRIO_LOOP_URING_ABI_H
#define BRIO_LOOP_URING_ABI_H

#include "loop/internal.h"

#include <sys/socket.h>

/* ---- The kernel's ------------------------------------------------------- */

enum {
    URING_OP_FSYNC = 3,
    URING_OP_POLL_ADD = 6,
    URING_OP_SENDMSG = 9,
    URING_OP_ACCEPT = 13,
    URING_OP_ASYNC_CANCEL = 14,
    URING_OP_CONNECT = 16,
    URING_OP_STATX = 21,
    URING_OP_READ = 22,
    URING_OP_WRITE = 23,
    URING_OP_SEND = 26,
    URING_OP_RECV = 27,
    URING_OP_OPENAT2 = 28,
    URING_OP_RENAMEAT = 35,
    URING_OP_UNLINKAT = 36,
    URING_OP_MKDIRAT = 37,
    URING_OP_SEND_ZC = 47 /* not used: came with multishot receive (6.0) */
};

enum {
    URING_SETUP_CQSIZE = 1 << 3,
    URING_SETUP_CLAMP = 1 << 4,
    URING_SETUP_SUBMIT_ALL = 1 << 7,
    URING_SETUP_COOP_TASKRUN = 1 << 8,
    URING_SETUP_TASKRUN_FLAG = 1 << 9,
    URING_SETUP_SINGLE_ISSUER = 1 << 12,
    URING_SETUP_DEFER_TASKRUN = 1 << 13
};

enum {
    URING_FEAT_SINGLE_MMAP = 1 << 0,
    URING_FEAT_NODROP = 1 << 1,
    URING_FEAT_SUBMIT_STABLE = 1 << 2,
    URING_FEAT_FAST_POLL = 1 << 5,
    URING_FEAT_EXT_ARG = 1 << 8,
    URING_FEAT_CQE_SKIP = 1 << 11
};

enum { URING_ENTER_GETEVENTS = 1 << 0, URING_ENTER_EXT_ARG = 1 << 3 };
enum { URING_REGISTER_PROBE = 8, URING_REGISTER_PBUF_RING = 22 };
enum { URING_SQ_CQ_OVERFLOW = 1 << 1, URING_SQ_TASKRUN = 1 << 2 };
enum { URING_SQE_BUFFER_SELECT = 1 << 5, URING_SQE_CQE_SKIP_SUCCESS = 1 << 6 };
enum { URING_CQE_BUFFER = 1 << 0, URING_CQE_MORE = 1 << 1, URING_CQE_BUFFER_SHIFT = 16 };
enum { URING_RECV_MULTISHOT = 1 << 1, URING_ACCEPT_MULTISHOT = 1 << 0 };
enum { URING_CANCEL_ALL = 1 << 0, URING_CANCEL_FD = 1 << 1 };

#define URING_OFF_RINGS 0
#define URING_OFF_SQES  0x10000000

typedef struct uring_sqe {
    uint8_t opcode, flags;
    uint16_t ioprio;
    int32_t fd;
    uint64_t off; /* addr2 of connect: the address' length */
    uint64_t addr;
    uint32_t len;
    uint32_t op_flags; /* msg_flags, accept_flags, poll events, cancel flags */
    uint64_t user_data;
    uint16_t buf_group;
    uint16_t personality;
    uint32_t file_index;
    uint64_t addr3, pad;
} uring_sqe;

typedef struct uring_cqe {
    uint64_t user_data;
    int32_t res;
    uint32_t flags;
} uring_cqe;

typedef struct uring_params {
    uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, resv[3];
    struct {
        uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, resv1;
        uint64_t user_addr;
    } sq;
    struct {
        uint32_t head, tail, ring_mask, ring_entries, overflow, cqes, flags, resv1;
        uint64_t user_addr;
    } cq;
} uring_params;

typedef struct uring_timespec {
    int64_t sec, nsec;
} uring_timespec;

typedef struct uring_wait {
    uint64_t sigmask;
    uint32_t sigmask_size, min_wait;
    uint64_t timespec;
} uring_wait;

typedef struct uring_buf {
    uint64_t addr;
    uint32_t len;
    uint16_t id;
    uint16_t tail; /* of the ring, in the first entry; padding in the others */
} uring_buf;

typedef struct uring_buf_reg {
    uint64_t ring_addr;
    uint32_t ring_entries;
    uint16_t group, flags;
    uint64_t resv[3];
} uring_buf_reg;

_Static_assert(sizeof(uring_sqe) == 64, "ABI");
_Static_assert(sizeof(uring_cqe) == 16, "ABI");
_Static_assert(sizeof(uring_params) == 120, "ABI");
_Static_assert(sizeof(uring_wait) == 24, "ABI");
_Static_assert(sizeof(uring_buf) == 16, "ABI");
_Static_assert(sizeof(uring_buf_reg) == 40, "ABI");

/* ---- brio's ------------------------------------------------------------- */

enum { URING_BUFFERS = 128 }; /* provided for receiving; a power of two */

/* What a completion is for, in the low bits of user_data. */
enum uring_kind {
    URING_SOCK_RECV,
    URING_SOCK_SEND,
    URING_SOCK_CONNECT,
    URING_ACCEPTOR,
    URING_WATCH,
    URING_WAKE,
    URING_NOBODY,
    URING_FILE,
    URING_KIND_MASK = 7 /* all of them are taken */
};

/* What the kernel reads while it takes in an SQE; one per SQE. */
typedef union uring_scratch {
    struct msghdr msg;
    struct sockaddr_storage addr;
} uring_scratch;

typedef struct brio_uring {
    int fd;
    void *rings; /* SQ and CQ indices, CQEs */
    size_t rings_size, sqes_size;
    uint32_t *sq_head, *sq_tail, *sq_flags, sq_mask, sq_entries;
    uint32_t tail; /* of the SQ; published when submitting */
    uring_sqe *sqes;
    uring_scratch *scratch;
    uint32_t *cq_head, *cq_tail, cq_mask;
    uring_cqe *cqes;
    uring_buf *bufs;                   /* the provided buffer ring */
    brio_chunk *chunks[URING_BUFFERS]; /* by buffer id */
    uint64_t wake_value;
    brio_link watches; // uring_watch::link
} brio_uring;

static inline brio_uring *brio_uring_of(const brio_loop *loop)
{
    return loop->backend;
}

/* uring_ring.c */
int brio_uring_open(brio_loop *loop, brio_uring *ring, unsigned entries);
void brio_uring_close(brio_loop *loop, brio_uring *ring);
/* A zeroed SQE; submits the others first if there is no room. */
uring_sqe *brio_uring_sqe(brio_uring *ring, void *what, enum uring_kind kind);
uring_scratch *brio_uring_scratch(brio_uring *ring, const uring_sqe *sqe);
/* Submits, and waits for a completion until `until` (0: not at all). */
int brio_uring_enter(brio_uring *ring, brio_time until);
/* The chunk of a completion; another one is provided in its place. */
brio_chunk *brio_uring_take(brio_loop *loop, uint32_t cqe_flags);
void brio_uring_cancel(brio_uring *ring, void *what, enum uring_kind kind);
void brio_uring_cancel_fd(brio_uring *ring, int fd);

/* uring_sock.c */
int brio_uring_sock_open(brio_sock *sock, int fd);
int brio_uring_sock_connect(brio_sock *sock, const struct sockaddr *addr, unsigned addr_len);
void brio_uring_sock_read(brio_sock *sock);
int brio_uring_sock_write(brio_sock *sock);
void brio_uring_sock_close(brio_sock *sock);
void brio_uring_sock_received(brio_sock *sock, int res, uint32_t flags);
void brio_uring_sock_sent(brio_sock *sock, int res);
void brio_uring_sock_connected(brio_sock *sock, int res);

/* uring_file.c */
void brio_uring_file_start(brio_loop *loop, brio_file_op *op);
void brio_uring_file_cancel(brio_loop *loop, brio_file_op *op);
void brio_uring_file_done(brio_loop *loop, brio_file_op *op, int res);

#endif
