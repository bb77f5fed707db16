/* SPDX-License-Identifier: MIT
 *
 * Memory given back as a whole. Ordinary blocks double from 4 to 64 KiB and
 * are filled from the newest; a request over a quarter of that gets a block of
 * its own (`large`), so it never wastes the rest of an ordinary one.
 *
 *     blocks -> [64K ..at----end] -> [32K full] -> ...     large -> [1M] -> ...
 *
 * The first block may be lent, by who has memory that lives long enough.
 *
 * Invariants: at <= end; `reserved` is the sum of all block sizes, headers
 * included, and never passes the limit. Under AddressSanitizer `end` follows
 * `at`, so each allocation comes here, is unpoisoned to the byte and followed
 * by a gap; all other arena memory is poisoned, also after a reset. The arena
 * owns its blocks. */
#include <brio/base.h>

#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(ARENA_ASAN)
#define ARENA_ASAN 1
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
enum { ARENA_CHECKED = 1, ARENA_GAP = 16, ARENA_ALIGN_MIN = 8 };
#else
#define ASAN_POISON_MEMORY_REGION(ptr, size)   ((void)(ptr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(ptr, size) ((void)(ptr), (void)(size))
enum { ARENA_CHECKED = 0, ARENA_GAP = 0, ARENA_ALIGN_MIN = 1 };
#endif

enum {
    ARENA_BLOCK_FIRST = 4 * 1024,
    ARENA_BLOCK_MAX = 64 * 1024,
    ARENA_LARGE = ARENA_BLOCK_MAX / 4,
    ARENA_LIMIT_DEFAULT = 8 * 1024 * 1024,
    ARENA_ALIGN_MAX = 64,
};

struct brio_arena_block {
    brio_arena_block *next; /* older */
    size_t size;            /* bytes, this header included; plus lent_bit */
};

enum { ARENA_BLOCK_BEHIND_LENT = 1024 };

static const size_t lent_bit = ~(SIZE_MAX >> 1);

static size_t block_size(const brio_arena_block *block)
{
    return block->size & ~lent_bit;
}

/* Where `at` and `end` point without a block: zero bytes, but not NULL. */
static char nothing[ARENA_ALIGN_MAX] __attribute__((aligned(ARENA_ALIGN_MAX)));

static char *block_start(brio_arena_block *block)
{
    return (char *)(block + 1);
}
static char *block_end(brio_arena_block *block)
{
    return (char *)block + block_size(block);
}

static void exhausted_abort(brio_arena *arena)
{
    fprintf(stderr, "brio: arena exhausted: %zu bytes reserved, limit %zu\n", arena->reserved,
            arena->limit);
    abort();
}

static void exhausted(brio_arena *arena) __attribute__((noreturn, cold));

static void exhausted(brio_arena *arena)
{
    (arena->exhausted ? arena->exhausted : exhausted_abort)(arena);
    brio_assert_failed("arena->exhausted must not return", __FILE__, __LINE__);
}

static void arena_empty(brio_arena *arena)
{
    arena->at = arena->end = nothing;
}

void brio_arena_init(brio_arena *arena, size_t limit)
{
    *arena = (brio_arena){
        .limit = limit ? limit : ARENA_LIMIT_DEFAULT,
        .exhausted = exhausted_abort,
    };
    arena_empty(arena);
}

/* Puts the cursor of the newest block at `at`. */
static void arena_seek(brio_arena *arena, char *at)
{
    arena->at = at;
    arena->end = ARENA_CHECKED ? at : block_end(arena->blocks);
    BRIO_ASSERT(arena->at <= arena->end);
}

static brio_arena_block *block_new(brio_arena *arena, size_t size)
{
    BRIO_ASSERT(size > sizeof(brio_arena_block));
    /* A refusal is for those who survive it. */
    bool fatal = !arena->exhausted || arena->exhausted == exhausted_abort;
    brio_arena_block *block = fatal ? malloc(size) : brio_malloc(size);
    if (!block)
        exhausted(arena);
    block->size = size;
    arena->reserved += size;
    ASAN_POISON_MEMORY_REGION(block_start(block), size - sizeof(*block));
    return block;
}

static void block_free(brio_arena *arena, brio_arena_block *block)
{
    size_t size = block_size(block);
    bool lent = block->size & lent_bit;
    BRIO_ASSERT(arena->reserved >= size);
    arena->reserved -= size;
    ASAN_UNPOISON_MEMORY_REGION(block, size);
    if (!lent)
        free(block);
}

static void blocks_free(brio_arena *arena, brio_arena_block *block)
{
    while (block) {
        brio_arena_block *older = block->next;
        block_free(arena, block);
        block = older;
    }
}

/* Cuts `size` bytes from [at, end); NULL if they do not fit. */
static char *carve(char *at, const char *end, size_t size, size_t align)
{
    size_t skip = (size_t)(-(uintptr_t)at & (align - 1));
    size_t room = (size_t)(end - at);
    if (skip > room || size > room - skip)
        return NULL;
    ASAN_UNPOISON_MEMORY_REGION(at + skip, size);
    return at + skip;
}

static void *take(brio_arena *arena, size_t size, size_t align)
{
    const char *end = block_end(arena->blocks);
    char *at = carve(arena->at, end, size, align);
    if (at) {
        size_t rest = (size_t)(end - at) - size;
        arena_seek(arena, at + size + (rest > ARENA_GAP ? ARENA_GAP : rest));
    }
    return at;
}

/* Bytes that may still be reserved. */
static size_t arena_left(const brio_arena *arena)
{
    size_t limit = arena->limit ? arena->limit : ARENA_LIMIT_DEFAULT;
    return arena->reserved < limit ? limit - arena->reserved : 0;
}

static void *take_large(brio_arena *arena, size_t need, size_t size, size_t align)
{
    brio_arena_block *block = block_new(arena, need);
    block->next = arena->large;
    arena->large = block;
    return carve(block_start(block), block_end(block), size, align);
}

static size_t next_size(const brio_arena *arena)
{
    if (!arena->blocks)
        return ARENA_BLOCK_FIRST;
    return arena->blocks->size & lent_bit ? ARENA_BLOCK_BEHIND_LENT : arena->blocks->size * 2;
}

void brio_arena_lend(brio_arena *arena, void *memory, size_t size)
{
    brio_arena_block *block = memory;
    BRIO_ASSERT(!arena->blocks && !arena->large);
    BRIO_ASSERT((uintptr_t)memory % sizeof(max_align_t) == 0 && size % sizeof(max_align_t) == 0);
    *block = (brio_arena_block){.size = size | lent_bit};
    arena->reserved += size;
    arena->blocks = block;
    ASAN_POISON_MEMORY_REGION(block_start(block), size - sizeof(*block));
    arena_seek(arena, block_start(block));
}

static void add_block(brio_arena *arena, size_t need, size_t left)
{
    size_t size = next_size(arena);
    while (size < need)
        size *= 2;
    if (size > ARENA_BLOCK_MAX)
        size = ARENA_BLOCK_MAX;
    brio_arena_block *block = block_new(arena, size < left ? size : left);
    block->next = arena->blocks;
    arena->blocks = block;
    arena_seek(arena, block_start(block));
}

void *brio_arena_grow(brio_arena *arena, size_t size, size_t align)
{
    BRIO_ASSERT(align > 0 && align <= ARENA_ALIGN_MAX && (align & (align - 1)) == 0);
    if (align < ARENA_ALIGN_MIN)
        align = ARENA_ALIGN_MIN;
    void *at = arena->blocks ? take(arena, size, align) : NULL;
    if (at)
        return at;
    size_t need, left = arena_left(arena);
    if (__builtin_add_overflow(size, sizeof(brio_arena_block) + align, &need) || need > left)
        exhausted(arena);
    if (need > ARENA_LARGE)
        return take_large(arena, need, size, align);
    add_block(arena, need, left);
    at = take(arena, size, align);
    BRIO_ASSERT(at);
    return at;
}

/* The newest block is the largest ordinary one, so it is the one to keep, unless it is
 * somebody else's. */
void brio_arena_reset(brio_arena *arena)
{
    brio_defer_unwind(arena, NULL);
    arena->spare_defers = NULL;
    blocks_free(arena, arena->large);
    arena->large = NULL;
    brio_arena_block *kept = arena->blocks;
    if (!kept)
        return;
    blocks_free(arena, kept->next);
    kept->next = NULL;
    if (kept->size & lent_bit) {
        block_free(arena, kept);
        arena->blocks = NULL;
        arena_empty(arena);
        return;
    }
    ASAN_POISON_MEMORY_REGION(block_start(kept), kept->size - sizeof(*kept));
    arena_seek(arena, block_start(kept));
}

void brio_arena_fini(brio_arena *arena)
{
    brio_arena_reset(arena);
    blocks_free(arena, arena->blocks);
    arena->blocks = NULL;
    arena_empty(arena);
}

void *brio_calloc(brio_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        exhausted(arena);
    return memset(brio_alloc(arena, total), 0, total);
}
