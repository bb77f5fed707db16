/* SPDX-License-Identifier: MIT
 *
 * The ring itself: set-up, submission, waiting, provided buffers.
 *
 * SQEs are only written to memory here; they reach the kernel with the enter
 * that waits, so a turn costs one system call however much it does. The
 * receive buffers are chunks: the one the kernel filled leaves the ring for
 * its new owner and a pooled one takes its place and its id, so holders may
 * keep theirs and the ring is never short for long. Owned by the loop. */
#include "loop/uring_abi.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEFAULT_ENTRIES = 256, CQ_PER_SQ = 8 };

static int sys_setup(unsigned entries, uring_params *params)
{
    long rc = syscall(SYS_io_uring_setup, entries, params);
    return rc < 0 ? -errno : (int)rc;
}

static int sys_enter(const brio_uring *ring, uint32_t submit, uint32_t wait, const uring_wait *arg)
{
    uint32_t flags = URING_ENTER_GETEVENTS | URING_ENTER_EXT_ARG;
    long rc = syscall(SYS_io_uring_enter, ring->fd, submit, wait, flags, arg, sizeof *arg);
    return rc < 0 ? -errno : (int)rc;
}

static int sys_register(const brio_uring *ring, unsigned op, void *arg, unsigned n)
{
    long rc = syscall(SYS_io_uring_register, ring->fd, op, arg, n);
    return rc < 0 ? -errno : (int)rc;
}

static uint32_t load(const uint32_t *at)
{
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

/* ---- Set-up ------------------------------------------------------------- */

/* Best flags first; older kernels refuse with -EINVAL what they do not know. */
static int setup(unsigned entries, uring_params *ret)
{
    static const uint32_t flags[] = {
        URING_SETUP_SUBMIT_ALL | URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN |
            URING_SETUP_TASKRUN_FLAG,
        URING_SETUP_SUBMIT_ALL | URING_SETUP_SINGLE_ISSUER | URING_SETUP_COOP_TASKRUN |
            URING_SETUP_TASKRUN_FLAG,
        URING_SETUP_SUBMIT_ALL,
    };
    int rc = -EINVAL;
    for (size_t i = 0; i < sizeof flags / sizeof *flags && rc == -EINVAL; i++) {
        *ret = (uring_params){.flags = flags[i] | URING_SETUP_CQSIZE | URING_SETUP_CLAMP,
                              .cq_entries = entries * CQ_PER_SQ};
        rc = sys_setup(entries, ret);
    }
    return rc;
}

/* Multishot receive cannot be asked for; the operation that came with it can. */
static int probe(const brio_uring *ring, const uring_params *params)
{
    const uint32_t needed = URING_FEAT_SINGLE_MMAP | URING_FEAT_NODROP | URING_FEAT_SUBMIT_STABLE |
                            URING_FEAT_FAST_POLL | URING_FEAT_EXT_ARG | URING_FEAT_CQE_SKIP;
    struct {
        uint8_t last_op, n;
        uint16_t resv;
        uint32_t resv2[3];
        uint64_t ops[64];
    } answer = {0};
    if ((params->features & needed) != needed)
        return -ENOSYS;
    if (sys_register(ring, URING_REGISTER_PROBE, &answer, 64) < 0)
        return -ENOSYS;
    return answer.last_op >= URING_OP_SEND_ZC ? 0 : -ENOSYS;
}

static void *map(int fd, size_t size, int64_t offset)
{
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, offset);
    if (at == MAP_FAILED)
        return NULL;
    (void)madvise(at, size, MADV_DONTFORK); /* a child must not touch its parent's ring */
    return at;
}

static int map_rings(brio_uring *ring, const uring_params *p)
{
    size_t sq = p->sq.array + p->sq_entries * sizeof(uint32_t);
    size_t cq = p->cq.cqes + p->cq_entries * sizeof(uring_cqe);
    ring->rings_size = sq > cq ? sq : cq;
    ring->sqes_size = p->sq_entries * sizeof(uring_sqe);
    char *base = ring->rings = map(ring->fd, ring->rings_size, URING_OFF_RINGS);
    ring->sqes = map(ring->fd, ring->sqes_size, URING_OFF_SQES);
    ring->scratch = brio_zalloc(p->sq_entries, sizeof *ring->scratch);
    if (!base || !ring->sqes || !ring->scratch)
        return -ENOMEM;
    ring->sq_head = (void *)(base + p->sq.head);
    ring->sq_tail = (void *)(base + p->sq.tail);
    ring->sq_flags = (void *)(base + p->sq.flags);
    ring->sq_mask = p->sq_entries - 1;
    ring->sq_entries = p->sq_entries;
    ring->cq_head = (void *)(base + p->cq.head);
    ring->cq_tail = (void *)(base + p->cq.tail);
    ring->cq_mask = p->cq_entries - 1;
    ring->cqes = (void *)(base + p->cq.cqes);
    uint32_t *array = (void *)(base + p->sq.array);
    for (uint32_t i = 0; i < p->sq_entries; i++)
        array[i] = i;
    return 0;
}

/* ---- Provided buffers --------------------------------------------------- */

static void provide(brio_loop *loop, brio_uring *ring, uint16_t id)
{
    brio_chunk *chunk = brio_chunk_acquire(loop);
    uint16_t tail = ring->bufs[0].tail;
    uring_buf *buf = &ring->bufs[tail % URING_BUFFERS];
    ring->chunks[id] = chunk;
    buf->addr = (uintptr_t)chunk->data;
    buf->len = chunk->cap;
    buf->id = id;
    __atomic_store_n(&ring->bufs[0].tail, (uint16_t)(tail + 1), __ATOMIC_RELEASE);
}

brio_chunk *brio_uring_take(brio_loop *loop, uint32_t cqe_flags)
{
    if (!(cqe_flags & URING_CQE_BUFFER))
        return NULL;
    brio_uring *ring = brio_uring_of(loop);
    uint16_t id = (uint16_t)(cqe_flags >> URING_CQE_BUFFER_SHIFT);
    BRIO_ASSERT(id < URING_BUFFERS);
    brio_chunk *chunk = ring->chunks[id];
    provide(loop, ring, id);
    return chunk;
}

static int open_buffers(brio_loop *loop, brio_uring *ring)
{
    ring->bufs = map(-1, URING_BUFFERS * sizeof(uring_buf), 0);
    if (!ring->bufs)
        return -ENOMEM;
    uring_buf_reg reg = {.ring_addr = (uintptr_t)ring->bufs, .ring_entries = URING_BUFFERS};
    int rc = sys_register(ring, URING_REGISTER_PBUF_RING, &reg, 1);
    if (rc < 0)
        return rc == -EINVAL ? -ENOSYS : rc;
    for (unsigned id = 0; id < URING_BUFFERS; id++)
        provide(loop, ring, (uint16_t)id);
    return 0;
}

/* ---- Life --------------------------------------------------------------- */

int brio_uring_open(brio_loop *loop, brio_uring *ring, unsigned entries)
{
    uring_params params;
    ring->fd = setup(entries ? entries : DEFAULT_ENTRIES, &params);
    if (ring->fd < 0)
        return ring->fd;
    int rc = probe(ring, &params);
    if (rc == 0)
        rc = map_rings(ring, &params);
    if (rc == 0)
        rc = open_buffers(loop, ring);
    return rc;
}

void brio_uring_close(brio_loop *loop, brio_uring *ring)
{
    if (ring->fd >= 0)
        close(ring->fd);
    if (ring->rings)
        munmap(ring->rings, ring->rings_size);
    if (ring->sqes)
        munmap(ring->sqes, ring->sqes_size);
    if (ring->bufs)
        munmap(ring->bufs, URING_BUFFERS * sizeof(uring_buf));
    free(ring->scratch);
    for (size_t i = 0; i < URING_BUFFERS; i++)
        if (ring->chunks[i])
            brio_chunk_release(loop, ring->chunks[i]);
}

/* ---- Submitting and waiting --------------------------------------------- */

static uint32_t unsubmitted(const brio_uring *ring)
{
    return ring->tail - load(ring->sq_head);
}

static bool completed(const brio_uring *ring)
{
    return load(ring->cq_tail) != *ring->cq_head;
}

int brio_uring_enter(brio_uring *ring, brio_time until)
{
    uring_timespec ts;
    uring_wait arg = {0};
    bool wait = until != 0 && !completed(ring);
    uint32_t submit = unsubmitted(ring);
    if (!wait && !submit && !(load(ring->sq_flags) & (URING_SQ_TASKRUN | URING_SQ_CQ_OVERFLOW)))
        return 0;
    if (wait && until != BRIO_NEVER) {
        brio_time now = brio_clock_monotonic();
        brio_time span = until > now ? until - now : 0;
        ts = (uring_timespec){span / BRIO_SEC(1), span % BRIO_SEC(1)};
        arg.timespec = (uintptr_t)&ts;
    }
    __atomic_store_n(ring->sq_tail, ring->tail, __ATOMIC_RELEASE);
    int rc = sys_enter(ring, submit, wait, &arg);
    bool passing = rc == -EINTR || rc == -ETIME || rc == -EAGAIN || rc == -EBUSY;
    return passing || rc > 0 ? 0 : rc;
}

uring_sqe *brio_uring_sqe(brio_uring *ring, void *what, enum uring_kind kind)
{
    if (unsubmitted(ring) == ring->sq_entries) {
        int rc = brio_uring_enter(ring, 0);
        BRIO_ASSERT(rc == 0);
        BRIO_ASSERT(unsubmitted(ring) < ring->sq_entries);
    }
    uring_sqe *sqe = &ring->sqes[ring->tail++ & ring->sq_mask];
    memset(sqe, 0, sizeof *sqe);
    sqe->user_data = (uintptr_t)what | kind;
    return sqe;
}

uring_scratch *brio_uring_scratch(brio_uring *ring, const uring_sqe *sqe)
{
    return &ring->scratch[sqe - ring->sqes];
}

void brio_uring_cancel(brio_uring *ring, void *what, enum uring_kind kind)
{
    uring_sqe *sqe = brio_uring_sqe(ring, NULL, URING_NOBODY);
    sqe->opcode = URING_OP_ASYNC_CANCEL;
    sqe->flags = URING_SQE_CQE_SKIP_SUCCESS;
    sqe->fd = -1;
    sqe->addr = (uintptr_t)what | kind;
}

void brio_uring_cancel_fd(brio_uring *ring, int fd)
{
    uring_sqe *sqe = brio_uring_sqe(ring, NULL, URING_NOBODY);
    sqe->opcode = URING_OP_ASYNC_CANCEL;
    sqe->flags = URING_SQE_CQE_SKIP_SUCCESS;
    sqe->fd = fd;
    sqe->op_flags = URING_CANCEL_FD | URING_CANCEL_ALL;
}
