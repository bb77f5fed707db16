/* SPDX-License-Identifier: MIT
 *
 * Reads the case files that the tools named ..._expectations make: lines of words in
 * hex, "-" for the empty one, '#' for comments. */
#ifndef BRIO_TEST_VECTORS_H
#define BRIO_TEST_VECTORS_H

#include "harness/test.h"

#include <stdio.h>

enum { VECTOR_WORDS_MAX = 64 };

typedef struct vector {
    brio_str words[VECTOR_WORDS_MAX];
    size_t n;
    const char *file;
    int line;
} vector;

typedef void vector_fn(brio_arena *arena, const vector *v);

static inline brio_str vector_word(brio_arena *arena, brio_str hex)
{
    char *out = brio_alloc(arena, hex.len / 2 + 1);
    if (brio_str_eq(hex, BRIO_S("-")))
        return BRIO_S("");
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        unsigned byte = 0;
        CHECK(sscanf(hex.ptr + i, "%2x", &byte) == 1);
        out[i / 2] = (char)byte;
    }
    return (brio_str){out, hex.len / 2};
}

static inline void vectors_run(const char *file, vector_fn *run, size_t at_least)
{
    static char text[4096];
    size_t n = 0;
    vector v = {.file = file};
    FILE *in = fopen(file, "r");
    CHECK(in != NULL);
    while (fgets(text, sizeof(text), in)) {
        v.line++;
        if (text[0] == '#')
            continue;
        brio_arena arena;
        brio_arena_init(&arena, 0);
        brio_str rest = {text, strcspn(text, "\n")};
        for (v.n = 0; rest.len; v.n++) {
            CHECK(v.n < VECTOR_WORDS_MAX);
            brio_str_pair cut = brio_str_cut(rest, ' ');
            v.words[v.n] = vector_word(&arena, cut.head);
            rest = cut.tail;
        }
        run(&arena, &v);
        brio_arena_fini(&arena);
        n++;
    }
    fclose(in);
    CHECK(n >= at_least);
}

static inline void vector_same(const vector *v, brio_str got, brio_str want)
{
    if (!brio_str_eq(got, want))
        test_fail(v->file, v->line, "got \"%.*s\", want \"%.*s\"", BRIO_ARG(got), BRIO_ARG(want));
}

#endif
