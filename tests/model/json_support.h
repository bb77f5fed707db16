/* SPDX-License-Identifier: MIT
 *
 * Shared by the tests of the JSON half: vector files, inputs copied to exactly
 * their size (so that AddressSanitizer sees a byte too many), values as text,
 * and one model with a row of every kind. */
#ifndef BRIO_TEST_JSON_SUPPORT_H
#define BRIO_TEST_JSON_SUPPORT_H

#include <brio/model.h>

#include "harness/test.h"

#include <stdio.h>
#include <stdlib.h>

/* Calls fn with each line of tests/data/<name> that is not a comment, split at
 * tabs into exactly `n` cells (at most 4). */
typedef void json_line_fn(const brio_str *cells);
static inline void json_each_line(const char *name, size_t n, json_line_fn *fn)
{
    char path[512], *line = NULL;
    size_t cap = 0;
    snprintf(path, sizeof(path), "%s/%s", BRIO_TEST_DATA, name);
    FILE *file = fopen(path, "r");
    CHECK(file);
    for (ssize_t len; (len = getline(&line, &cap, file)) > 0;) {
        brio_str rest = {line, (size_t)len - 1}, cells[4];
        for (size_t i = 0; i < n; i++) {
            brio_str_pair pair =
                i + 1 < n ? brio_str_cut(rest, '\t') : (brio_str_pair){rest, {0}, 0};
            cells[i] = pair.head;
            rest = pair.tail;
        }
        if (line[0] != '#')
            fn(cells);
    }
    free(line);
    fclose(file);
}

/* A heap copy without a byte to spare; free(ptr of the result). */
static inline brio_str json_exact(brio_str s)
{
    char *copy = malloc(s.len ? s.len : 1);
    CHECK(copy);
    memcpy(copy, s.len ? s.ptr : "", s.len);
    return (brio_str){copy, s.len};
}

static inline void json_exact_free(brio_str s)
{
    free((void *)(uintptr_t)s.ptr);
}

/* The value as text, in the arena. */
static inline brio_str json_dump(brio_arena *arena, const brio_json *value)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_json_value(&w, value);
    CHECK(!buf.failed);
    brio_str text = brio_str_copy(arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    return text;
}

static inline brio_str json_encode(brio_arena *arena, const brio_model *model, const void *value)
{
    brio_buf buf = {0};
    CHECK_OK(brio_encode(&buf, model, value, NULL));
    brio_str text = brio_str_copy(arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    return text;
}

typedef enum Colour { RED = 1, GREEN = -2, BLUE = 300 } Colour;
BRIO_ENUM(Colour, {RED, "red"}, {GREEN, "gr\"een"}, {BLUE, "blue"});

typedef struct Leaf {
    int64_t id;
    brio_str *note;
} Leaf;
BRIO_MODEL(Leaf, BRIO_FIELD(id, .ge = BRIO_NUM(0)), BRIO_FIELD(note, .max_length = 5));
BRIO_LIST_OF(Leaf);

typedef struct Every {
    bool flag;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    float f32;
    double f64;
    brio_str text;
    brio_json any;
    Colour colour;
    Leaf leaf;
    Leaf_list leaves;
    brio_str_list tags;
    brio_f64_list numbers;
    double *maybe;
    brio_str *with_default;
    Leaf *maybe_leaf;
    int32_t count;
    brio_str a_name_that_is_longer_than_sixteen_bytes_and_than_thirty_two;
} Every;
BRIO_MODEL(Every, BRIO_CONFIG(.description = "every kind"), BRIO_FIELD(flag), BRIO_FIELD(i8),
           BRIO_FIELD(i16), BRIO_FIELD(i32), BRIO_FIELD(i64), BRIO_FIELD(u8), BRIO_FIELD(u16),
           BRIO_FIELD(u32), BRIO_FIELD(u64), BRIO_FIELD(f32),
           BRIO_FIELD(f64, .gt = BRIO_NUM(-1000000), .lt = BRIO_NUM(1000000)),
           BRIO_FIELD(text, .min_length = 1, .max_length = 40, .alias = "te\"xt"), BRIO_FIELD(any),
           BRIO_FIELD_AS(colour, Colour), BRIO_FIELD_AS(leaf, Leaf),
           BRIO_FIELD_AS(leaves, Leaf_list), BRIO_FIELD(tags, .max_length = 6), BRIO_FIELD(numbers),
           BRIO_FIELD(maybe), BRIO_FIELD(with_default, .def = "\"d\\u00e9f\""),
           BRIO_FIELD_AS(maybe_leaf, Leaf),
           BRIO_FIELD(count, .def = "7", .ge = BRIO_NUM(0), .lt = BRIO_NUM(100)),
           BRIO_FIELD(a_name_that_is_longer_than_sixteen_bytes_and_than_thirty_two, .def = "\"\""));
BRIO_LIST_OF(Every);

/* A plain text for Every; compact, in the order of the rows. */
#define EVERY_TEXT                                                                                 \
    "{\"flag\":true,\"i8\":-128,\"i16\":32767,\"i32\":-2147483648,\"i64\":-9007199254740993,"      \
    "\"u8\":255,\"u16\":65535,\"u32\":4294967295,\"u64\":9223372036854775807,\"f32\":0.5,"         \
    "\"f64\":-816.38,\"te\\\"xt\":\"caf\xC3\xA9\",\"any\":{\"k\":[1,2.5,null]},"                   \
    "\"colour\":\"blue\",\"leaf\":{\"id\":1,\"note\":null},"                                       \
    "\"leaves\":[{\"id\":2,\"note\":\"n\"},{\"id\":3,\"note\":null}],\"tags\":[\"a\",\"b\"],"      \
    "\"numbers\":[1.0,2.25,-0.0],\"maybe\":null,\"with_default\":null,"                            \
    "\"maybe_leaf\":{\"id\":9,\"note\":null},\"count\":5,"                                         \
    "\"a_name_that_is_longer_than_sixteen_bytes_and_than_thirty_two\":\"long\"}"

#endif
