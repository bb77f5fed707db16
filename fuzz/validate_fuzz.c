/* SPDX-License-Identifier: MIT
 *
 * Any JSON, or any parameter texts, into models that use every kind, shape and
 * constraint. Reading never misbehaves, both roads (text, dynamic value)
 * agree, a refusal has its reasons and they are valid JSON, and whatever was
 * accepted can be read again from what it is written as. */
#include <brio/model.h>

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef enum Color { RED, GREEN } Color;
BRIO_ENUM(Color, {RED, "red"}, {GREEN, "green"});

typedef enum Level { LOW = -1, HIGH = 300 } Level;
BRIO_INT_ENUM(Level, LOW, HIGH);

typedef struct Pair {
    int64_t *first;
    brio_str second;
} Pair;
BRIO_TUPLE(Pair, BRIO_FIELD(first), BRIO_FIELD(second, .max_length = 3));
BRIO_LIST_AS(Pairs, BRIO_SET, Pair);
BRIO_DICT(Weights, double, int64_t);
BRIO_DICT(Colors, Color, brio_json);

typedef struct Cat {
    brio_str kind;
    brio_json extras;
    brio_fields_set set;
} Cat;
BRIO_MODEL(Cat, BRIO_CONFIG(.extra = BRIO_EXTRA_ALLOW), BRIO_FIELD(kind, .literal = "[\"c\"]"),
           BRIO_EXTRAS(extras), BRIO_FIELDS_SET(set));
typedef struct Base {
    brio_str kind;
    Level level;
} Base;
static int odd_level(brio_check *c, void *value)
{
    const Base *base = value;
    return base->level == HIGH ? brio_check_assert(c, "%d", base->level) : 0;
}
BRIO_MODEL(Base, BRIO_CONFIG(.after = odd_level), BRIO_FIELD(kind, .literal = "[\"d\",\"e\"]"),
           BRIO_FIELD_AS(level, Level, .def = "-1"));
typedef struct Dog {
    int16_t *age;
    Base base;
} Dog;
BRIO_MODEL(Dog, BRIO_FIELD(age, .strict = true), BRIO_BASE(base, Base));
typedef struct Pet {
    int which;
    union {
        Cat cat;
        Dog dog;
    };
} Pet;
BRIO_UNION(Pet, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(cat, Cat), BRIO_CASE(dog, Dog));

typedef struct Either {
    int which;
    union {
        int32_t number;
        bool flag;
        Weights weights;
        struct Node *node;
        Pairs pairs;
    };
} Either;
typedef struct Node {
    Either left, *right;
} Node;
static inline const brio_model *Node_model(void);
BRIO_UNION(Either, BRIO_CASE(number, int32_t), BRIO_CASE(flag, bool), BRIO_CASE(weights, Weights),
           BRIO_CASE(node, Node), BRIO_CASE(pairs, Pairs));
BRIO_MODEL(Node, BRIO_FIELD_AS(left, Either), BRIO_FIELD_AS(right, Either));

BRIO_LIST_OF(Tree);
typedef struct Tree {
    int8_t a;
    uint64_t b;
    int32_t *c;
    float f;
    double d;
    bool flag;
    brio_str s;
    brio_str *pattern;
    Color color;
    brio_json any;
    brio_str_list strings;
    brio_i64_list *numbers;
    Tree_list children;
    struct Tree *left;
    Pairs pairs;
    Weights *weights;
    Colors *colors;
    Pet *pet;
    Either *either;
    brio_i64_list *text;
    brio_i64_list set;
} Tree;
BRIO_MODEL(Tree, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_FIELD(a, .def = "1"),
           BRIO_FIELD(b, .def = "2", .multiple_of = BRIO_NUM(2)),
           BRIO_FIELD(c, .gt = BRIO_NUM(-5), .lt = BRIO_NUM(1000000)), BRIO_FIELD(f, .def = "0"),
           BRIO_FIELD(d, .def = "0.5", .ge = BRIO_NUM(0), .multiple_of = BRIO_NUM(0.5)),
           BRIO_FIELD(flag, .def = "false"),
           BRIO_FIELD(s, .def = "\"ab\"", .min_length = 1, .max_length = 6),
           BRIO_FIELD(pattern, .pattern = "^(\\w+\\s?)*$"),
           BRIO_FIELD_AS(color, Color, .def = "\"red\""), BRIO_FIELD(any, .def = "null"),
           BRIO_FIELD(strings, .def = "[]", .max_length = 4), BRIO_FIELD(numbers),
           BRIO_FIELD_AS(children, Tree_list, .def = "[]"), BRIO_FIELD_AS(left, Tree),
           BRIO_FIELD_AS(pairs, Pairs, .def = "[]", .max_length = 3),
           BRIO_FIELD_AS(weights, Weights, .min_length = 1), BRIO_FIELD_AS(colors, Colors),
           BRIO_FIELD_AS(pet, Pet), BRIO_FIELD_AS(either, Either),
           BRIO_FIELD(text, .json_text = true),
           BRIO_FIELD(set, .as = BRIO_FROZENSET, .def = "[]", .max_length = 3));

enum { ARENA_MAX = 64 << 20, VALUES_MAX = 8 };

static void check_problems(const brio_problems *problems)
{
    BRIO_ASSERT(problems->count > 0);
    brio_buf buf = {.limit = ARENA_MAX};
    brio_json_writer w = {.out = &buf};
    brio_problems_write(&w, problems);
    brio_json list = {0};
    if (!buf.failed) {
        brio_json_options deep = {.max_depth = 1000};
        int rc = brio_json_parse(problems->arena, brio_buf_str(&buf), &deep, &list, NULL);
        BRIO_ASSERT(rc == 0);
        BRIO_ASSERT(list.type == BRIO_JSON_ARRAY);
        BRIO_ASSERT(list.n <= 1000);
    }
    brio_buf_fini(&buf);
}

static void read_back(const Tree *tree, brio_arena *arena)
{
    brio_buf buf = {.limit = ARENA_MAX};
    brio_encode_options options = {.exclude_none = true,
                                   .exclude_defaults = true,
                                   .by_name = true,
                                   .exclude = "left.a,children.left"};
    if (brio_encode_with(&buf, BRIO_TYPE(Tree), tree, &options, NULL) == 0) {
        brio_json value = {0};
        int rc = brio_json_parse(arena, brio_buf_str(&buf), NULL, &value, NULL);
        BRIO_ASSERT(rc == 0);
    }
    buf.len = 0;
    if (brio_encode(&buf, BRIO_TYPE(Tree), tree, NULL) == 0) {
        brio_json value = {0};
        int rc = brio_json_parse(arena, brio_buf_str(&buf), NULL, &value, NULL);
        BRIO_ASSERT(rc == 0);
        BRIO_ASSERT(value.type == BRIO_JSON_OBJECT);
    }
    brio_buf_fini(&buf);
}

static void fuzz_json(brio_str text, brio_arena *arena)
{
    brio_loc root = {.name = BRIO_S("body")};
    brio_problems by_text = {.arena = arena}, by_value = {.arena = arena};
    Tree tree = {0};
    int rc = brio_decode(text, BRIO_TYPE(Tree), &tree, &root, &by_text);
    BRIO_ASSERT(rc == 0 || rc == BRIO_EINVALID || rc == BRIO_ESYNTAX);
    if (rc == BRIO_EINVALID)
        check_problems(&by_text);
    if (rc == 0)
        read_back(&tree, arena);
    brio_json value = {0};
    if (brio_json_parse(arena, text, NULL, &value, NULL) < 0)
        return;
    int again = brio_decode_value(&value, BRIO_TYPE(Tree), &tree, &root, &by_value);
    BRIO_ASSERT(again == rc);
    BRIO_ASSERT(by_text.count == by_value.count);
}

/* The first byte of the rest picks the field; texts are separated by NUL. */
static void fuzz_strings(brio_str rest, brio_arena *arena)
{
    const brio_model *model = BRIO_TYPE(Tree);
    size_t row = rest.len ? (unsigned char)rest.ptr[0] % model->n : 1;
    if (model->fields[row].in == BRIO_IN_CONFIG)
        return;
    brio_str values[VALUES_MAX];
    size_t n = 0;
    for (rest = brio_str_slice(rest, 1, rest.len); rest.len && n < VALUES_MAX;) {
        brio_str_pair pair = brio_str_cut(rest, '\0');
        values[n++] = brio_utf8_replace(arena, pair.head);
        rest = pair.tail;
    }
    brio_problems problems = {.arena = arena};
    Tree tree = {0};
    int rc = brio_decode_strings(values, n, &model->fields[row], &tree, NULL, &problems);
    BRIO_ASSERT(rc == 0 || rc == BRIO_EINVALID);
    if (rc < 0)
        check_problems(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    brio_arena arena;
    brio_arena_init(&arena, ARENA_MAX);
    brio_str rest = {(const char *)data + 1, size - 1};
    if (data[0] == '?')
        fuzz_strings(rest, &arena);
    else
        fuzz_json(rest, &arena);
    brio_arena_fini(&arena);
    return 0;
}
