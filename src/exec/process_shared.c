/* SPDX-License-Identifier: MIT
 *
 * The memory that a worker shares with its parent: header, argument, result.
 *
 * Both payloads have their largest size as address space from the beginning, and
 * memory as far as they were used; what a large one took is given back after the
 * job. So bytes are copied once on each side, whatever their number, and nothing
 * is passed but memory. A worker sees its own slot only. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <sys/mman.h>

enum { HEADER = 4096, KEPT = 1024 * 1024 /* bytes of a payload that stay */ };

_Static_assert(sizeof(brio_exec_shared) <= HEADER, "the header is a page");

static size_t region(const brio_processes *pool)
{
    return HEADER + 2 * pool->payload;
}

char *brio_exec_slot_arg(const brio_exec_slot *slot)
{
    return (char *)slot->shared + HEADER;
}

char *brio_exec_slot_result(const brio_processes *pool, const brio_exec_slot *slot)
{
    return brio_exec_slot_arg(slot) + pool->payload;
}

int brio_exec_slot_map(const brio_processes *pool, brio_exec_slot *slot)
{
    int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
    void *at = mmap(NULL, region(pool), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (at == MAP_FAILED)
        return -errno;
    slot->shared = at;
    return 0;
}

void brio_exec_slot_unmap(const brio_processes *pool, brio_exec_slot *slot)
{
    if (slot->shared)
        munmap(slot->shared, region(pool));
    slot->shared = NULL;
}

/* The worker first says that it sleeps and then lets the kernel compare the word;
 * we change the word and then look: one of us sees the other. */
void brio_exec_slot_turn(brio_exec_slot *slot, unsigned word)
{
    brio_exec_shared *shared = slot->shared;
    atomic_store(&shared->word, word);
    if (atomic_load(&shared->asleep))
        brio_exec_wake(&shared->word, true);
}

void brio_exec_slot_give(brio_exec_slot *slot, const brio_process_call *call, bool loud)
{
    brio_exec_shared *shared = slot->shared;
    shared->fn = call->fn;
    shared->seq = ++slot->seq;
    shared->arg_len = call->arg.len;
    if (call->arg.len)
        memcpy(brio_exec_slot_arg(slot), call->arg.ptr, call->arg.len);
    brio_exec_slot_turn(slot, loud ? BRIO_EXEC_JOB_LOUD : BRIO_EXEC_JOB);
}

bool brio_exec_slot_answer(const brio_processes *pool, const brio_exec_slot *slot,
                           brio_exec_answer *ret)
{
    const volatile brio_exec_answer *theirs = &slot->shared->answer; /* read once */
    ret->seq = theirs->seq;
    ret->len = theirs->len;
    ret->result = theirs->result;
    ret->words.len = ret->result < 0 ? theirs->words.len : 0;
    if (ret->seq != slot->seq || ret->len > pool->o.max_payload ||
        ret->words.len > sizeof(ret->words.text))
        return false;
    memcpy(ret->words.text, slot->shared->answer.words.text, ret->words.len);
    return true;
}

static void give_back(char *payload, uint64_t used)
{
    if (used > KEPT)
        (void)madvise(payload + KEPT, used - KEPT, MADV_REMOVE);
}

void brio_exec_slot_trim(const brio_processes *pool, brio_exec_slot *slot, uint64_t result_len)
{
    give_back(brio_exec_slot_arg(slot), slot->shared->arg_len);
    give_back(brio_exec_slot_result(pool, slot), result_len);
}
