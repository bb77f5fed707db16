/* SPDX-License-Identifier: MIT
 *
 * The C side of the types in tools/pydantic_shapes.py: everything that is not
 * a scalar, a list or a struct of these. */
#ifndef BRIO_SHAPE_MODELS_H
#define BRIO_SHAPE_MODELS_H

#include "vector_models.h"

typedef enum Level { LOW = 1, MID = 5, HIGH = 10 } Level;
BRIO_INT_ENUM(Level, LOW, MID, HIGH);

typedef struct Part {
    int64_t a;
} Part;
BRIO_MODEL(Part, BRIO_FIELD(a));

BRIO_LIST_AS(I64_set, BRIO_SET, int64_t);
BRIO_LIST_AS(Str_frozenset, BRIO_FROZENSET, brio_str);
BRIO_LIST_AS(I64_tuple, BRIO_TUPLE_OF, int64_t);
typedef struct Pair {
    int64_t first;
    brio_str second;
} Pair;
BRIO_TUPLE(Pair, BRIO_FIELD(first), BRIO_FIELD(second));
BRIO_LIST_AS(Pair_set, BRIO_SET, Pair);
BRIO_DICT(Counts, brio_str, int64_t);
BRIO_DICT(Weights, int64_t, double);
BRIO_DICT(Parts_by_color, Color, Part);
BRIO_NULLABLE_LIST(Maybe_i64_list, int64_t);
BRIO_LIST(Matrix, brio_f64_list);
BRIO_LIST(Name_list, brio_str, .min_length = 2);

typedef struct Base {
    brio_str name;
    Level level;
} Base;
BRIO_MODEL(Base, BRIO_CONFIG(.description = "The base."), BRIO_FIELD(name, .min_length = 1),
           BRIO_FIELD_AS(level, Level, .def = "1"));
typedef struct Child {
    Base base;
    int64_t age;
    brio_str *note;
} Child;
BRIO_MODEL(Child, BRIO_BASE(base, Base), BRIO_FIELD(age), BRIO_FIELD(note));
typedef struct Grandchild {
    brio_str_list toys;
    Child child;
} Grandchild;
BRIO_MODEL(Grandchild, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_BASE(child, Child),
           BRIO_FIELD(toys, .as = BRIO_SET, .def = "[]", .max_length = 2));

typedef struct Open {
    int64_t a;
    brio_json others;
} Open;
BRIO_MODEL(Open, BRIO_CONFIG(.extra = BRIO_EXTRA_ALLOW), BRIO_FIELD(a), BRIO_EXTRAS(others));

typedef struct Cat {
    brio_str kind;
    int64_t meows;
} Cat;
BRIO_MODEL(Cat, BRIO_FIELD(kind, .literal = "[\"cat\",\"lion\"]"), BRIO_FIELD(meows, .def = "0"));
typedef struct Dog {
    brio_str kind;
    double barks;
} Dog;
BRIO_MODEL(Dog, BRIO_FIELD(kind, .literal = "[\"dog\"]"), BRIO_FIELD(barks));
typedef struct CatDog {
    int which;
    union {
        Cat cat;
        Dog dog;
    };
} CatDog;
BRIO_UNION(CatDog, BRIO_CASE(cat, Cat), BRIO_CASE(dog, Dog));
BRIO_LIST_OF(Pet);
typedef struct Pet {
    int which;
    union {
        Cat cat;
        Dog dog;
    };
} Pet;
BRIO_UNION(Pet, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(cat, Cat), BRIO_CASE(dog, Dog));
typedef struct Owner {
    brio_str name;
    Pet_list pets;
} Owner;
BRIO_MODEL(Owner, BRIO_FIELD(name), BRIO_FIELD_AS(pets, Pet_list, .def = "[]"));

typedef struct Small {
    int64_t a, b;
} Small;
BRIO_MODEL(Small, BRIO_FIELD(a), BRIO_FIELD(b, .def = "0"));
typedef struct Large {
    int64_t a, b, c;
} Large;
BRIO_MODEL(Large, BRIO_FIELD(a), BRIO_FIELD(b, .def = "0"), BRIO_FIELD(c, .def = "0"));

/* Two cases under one name each. */
#define SHAPE_UNION(Name, A, B)                                                                    \
    typedef struct Name {                                                                          \
        int which;                                                                                 \
        union {                                                                                    \
            A one;                                                                                 \
            B two;                                                                                 \
        };                                                                                         \
    } Name;                                                                                        \
    BRIO_UNION(Name, BRIO_CASE(one, A), BRIO_CASE(two, B))
SHAPE_UNION(IntStr, int64_t, brio_str);
SHAPE_UNION(StrInt, brio_str, int64_t);
SHAPE_UNION(BoolInt, bool, int64_t);
SHAPE_UNION(IntFloat, int64_t, double);
SHAPE_UNION(FloatInt, double, int64_t);
SHAPE_UNION(ListDict, brio_i64_list, Counts);
SHAPE_UNION(ColorStr, Color, brio_str);
SHAPE_UNION(LevelFloat, Level, double);
SHAPE_UNION(IntAny, int64_t, brio_json);
SHAPE_UNION(SetList, I64_set, brio_str_list);
SHAPE_UNION(PairPart, Pair, Part);
SHAPE_UNION(SmallLarge, Small, Large);
SHAPE_UNION(PartSmall, Part, Small);
SHAPE_UNION(IntInts, int64_t, brio_i64_list);
BRIO_LIST(IntStr_list, IntStr);
BRIO_DICT(IntStr_dict, brio_str, IntStr);
typedef struct Bounded {
    int which;
    union {
        int64_t number;
        brio_str text;
    };
} Bounded;
BRIO_UNION(Bounded, BRIO_CASE(number, int64_t, .gt = BRIO_NUM(3)),
           BRIO_CASE(text, brio_str, .min_length = 2));
typedef struct Nested {
    int which;
    union {
        IntStr_list list;
        Part part;
        bool flag;
    };
} Nested;
BRIO_UNION(Nested, BRIO_CASE(list, IntStr_list), BRIO_CASE(part, Part), BRIO_CASE(flag, bool));

typedef struct Leaf {
    int64_t v;
} Leaf;
BRIO_MODEL(Leaf, BRIO_FIELD(v));
typedef struct Twig {
    int which;
    union {
        Leaf leaf;
        struct Branch *branch;
    };
} Twig;
typedef struct Branch {
    Twig left;
    Twig *right;
} Branch;
static inline const brio_model *Branch_model(void);
BRIO_UNION(Twig, BRIO_CASE(leaf, Leaf), BRIO_CASE(branch, Branch));
BRIO_MODEL(Branch, BRIO_FIELD_AS(left, Twig), BRIO_FIELD_AS(right, Twig));

static inline int no_admin(brio_check *c, void *value)
{
    const brio_str *name = value;
    return brio_str_eq(*name, BRIO_S("admin")) ? brio_check_fail(c, "no admin here") : 0;
}
static inline int is_even(brio_check *c, void *value)
{
    const int64_t *even = value;
    return *even % 2 ? brio_check_assert(c, "%lld is odd", (long long)*even) : 0;
}
static inline int strip(brio_check *c, brio_json *value)
{
    (void)c;
    if (value->type == BRIO_JSON_STR)
        value->str = brio_str_trim(value->str);
    return 0;
}
static inline int checked_before(brio_check *c, brio_json *value)
{
    return brio_json_get(value, BRIO_S("forbidden")) ? brio_check_fail(c, "forbidden key") : 0;
}
typedef struct Checked {
    brio_str name;
    int64_t even;
    brio_str text;
    int64_t low, high;
} Checked;
static inline int checked_after(brio_check *c, void *value)
{
    const Checked *checked = value;
    return checked->low > checked->high ? brio_check_fail(c, "low is above high") : 0;
}
BRIO_MODEL(Checked, BRIO_CONFIG(.before = checked_before, .after = checked_after),
           BRIO_FIELD(name, .after = no_admin), BRIO_FIELD(even, .after = is_even, .def = "2"),
           BRIO_FIELD(text, .before = strip, .min_length = 2, .def = "\"ok\""),
           BRIO_FIELD(low, .def = "0"), BRIO_FIELD(high, .def = "0"));

typedef struct Data {
    int64_t a;
    brio_str b;
} Data;
BRIO_DATACLASS(Data, BRIO_FIELD(a), BRIO_FIELD(b, .def = "\"x\""));

typedef struct Aliased {
    int64_t both, inward, outward;
} Aliased;
BRIO_MODEL(Aliased, BRIO_FIELD(both, .alias = "b-oth"),
           BRIO_FIELD(inward, .validation_alias = "in-ward"),
           BRIO_FIELD(outward, .serialization_alias = "out-ward"));

typedef struct Tight {
    int64_t i;
    double f;
    bool b;
    brio_str s;
    int64_t *n;
} Tight;
BRIO_MODEL(Tight, BRIO_FIELD(i), BRIO_FIELD(f), BRIO_FIELD(b), BRIO_FIELD(s), BRIO_FIELD(n),
           BRIO_CONFIG(.strict = true));

typedef struct IntStrInts {
    int which;
    union {
        int64_t number;
        brio_str text;
        brio_i64_list list;
    };
} IntStrInts;
BRIO_UNION(IntStrInts, BRIO_CASE(number, int64_t), BRIO_CASE(text, brio_str),
           BRIO_CASE(list, brio_i64_list));
typedef struct Bag {
    Counts counts;
    Weights weights;
    Pair *pair;
    IntStrInts some;
    brio_i64_list *data;
} Bag;
BRIO_MODEL(Bag, BRIO_FIELD_AS(counts, Counts, .min_length = 1, .max_length = 2),
           BRIO_FIELD_AS(weights, Weights, .def = "{}"), BRIO_FIELD_AS(pair, Pair),
           BRIO_FIELD_AS(some, IntStrInts, .def = "0"), BRIO_FIELD(data, .json_text = true));

#endif
