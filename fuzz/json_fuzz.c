/* SPDX-License-Identifier: MIT
 *
 * JSON from strangers. The first byte chooses: the parser (what it accepts is
 * written and read again to an equal value), or a model (what the fast reader
 * takes, the validator takes with an equal result, and the text of that reads
 * back to the same text). */
#include "model/model_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef enum Side { LEFT, RIGHT } Side;
BRIO_ENUM(Side, {LEFT, "left"}, {RIGHT, "right"});

typedef struct Tree Tree;
BRIO_LIST_OF(Tree);
struct Tree {
    int32_t id;
    double x;
    float f;
    uint8_t small;
    bool on;
    brio_str s;
    brio_str *note;
    Side side;
    brio_json any;
    Tree_list kids;
    brio_str_list tags;
    double *maybe;
};
BRIO_MODEL(Tree, BRIO_FIELD(id), BRIO_FIELD(x, .def = "1.5", .gt = BRIO_NUM(-100)),
           BRIO_FIELD(f, .def = "0"), BRIO_FIELD(small, .def = "1", .lt = BRIO_NUM(9)),
           BRIO_FIELD(on, .def = "true"), BRIO_FIELD(s, .def = "\"\"", .max_length = 20),
           BRIO_FIELD(note), BRIO_FIELD_AS(side, Side, .def = "\"left\""),
           BRIO_FIELD(any, .def = "null"), BRIO_FIELD_AS(kids, Tree_list, .def = "[]"),
           BRIO_FIELD(tags, .def = "[]", .max_length = 3), BRIO_FIELD(maybe));

static void must(bool fact)
{
    if (!fact)
        abort();
}

static brio_str dump(brio_arena *arena, const brio_json *value)
{
    return brio_json_text(arena, value);
}

/* NaN and infinities are written as null, so texts are compared, not values. */
static void fuzz_parser(brio_arena *arena, brio_str text)
{
    brio_json value, again;
    brio_json_fault fault;
    int rc = brio_json_parse(arena, text, NULL, &value, &fault);
    if (rc != 0) {
        must(fault.byte <= text.len && fault.offset <= fault.byte && fault.message);
        return;
    }
    brio_str first = dump(arena, &value);
    must(brio_json_parse(arena, first, NULL, &again, NULL) == 0);
    must(brio_str_eq(first, dump(arena, &again)));
}

static brio_str encode(brio_arena *arena, const Tree *tree)
{
    brio_buf buf = {0};
    must(brio_encode(&buf, BRIO_TYPE(Tree), tree, NULL) == 0);
    brio_str text = brio_str_copy(arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    return text;
}

static void fuzz_model(brio_arena *arena, brio_str text)
{
    Tree fast, slow;
    brio_json value;
    brio_problems problems = {.arena = arena};
    bool taken = brio_decode_fast(text, BRIO_TYPE(Tree), &fast, arena);
    bool valid = brio_json_parse(arena, text, NULL, &value, NULL) == 0 &&
                 brio_decode_value(&value, BRIO_TYPE(Tree), &slow, NULL, &problems) == 0;
    must(valid || !taken);
    if (!taken)
        return;
    brio_str first = encode(arena, &fast);
    must(brio_str_eq(first, encode(arena, &slow)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    brio_arena arena;
    brio_arena_init(&arena, 256 << 20);
    brio_str text = {(const char *)data + 1, size - 1};
    if (data[0] & 1)
        fuzz_model(&arena, text);
    else
        fuzz_parser(&arena, text);
    brio_arena_fini(&arena);
    return 0;
}
