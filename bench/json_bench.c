/* SPDX-License-Identifier: MIT
 *
 * How fast JSON becomes structs and structs become JSON: a list of 10,000
 * small objects, about 1 MB, decoded with full validation and encoded again.
 * The best of many rounds is printed beside memcpy of the same bytes, which
 * tells how good the machine's hour is. With --json, one line of JSON.
 *
 *     json_bench [--json] [--document]     --document writes it to stdout */
#include <brio/model.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct Product {
    int64_t id;
    brio_str name;
    double price;
    bool active;
    double *score;
    brio_str_list tags;
} Product;

BRIO_MODEL(Product, BRIO_FIELD(id, .ge = BRIO_NUM(1)),
           BRIO_FIELD(name, .min_length = 1, .max_length = 50),
           BRIO_FIELD(price, .gt = BRIO_NUM(0)), BRIO_FIELD(active), BRIO_FIELD(score),
           BRIO_FIELD(tags));
BRIO_LIST_OF(Product);

enum { OBJECTS = 10000, ROUNDS = 200, ARENA_LIMIT = 64 << 20 };

/* A small generator of its own: the same document everywhere, always. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static brio_str random_name(brio_arena *arena, uint32_t *seed)
{
    static const char *const words[] = {"Stainless", "Oak",  "Folding", "Lamp",   "Travel",
                                        "Kettle",    "Desk", "Compact", "Garden", "Chair"};
    uint32_t a = next_random(seed) % 10, b = next_random(seed) % 10;
    return brio_printf(arena, "%s %s %u", words[a], words[b], next_random(seed) % 1000);
}

static void random_tags(brio_arena *arena, uint32_t *seed, brio_str_list *ret)
{
    static const char *const tags[] = {"new", "sale", "kitchen", "outdoor", "office", "gift"};
    ret->len = next_random(seed) % 4;
    ret->items = BRIO_NEW_ARRAY(arena, brio_str, ret->len);
    for (size_t i = 0; i < ret->len; i++)
        ret->items[i] = brio_str_from(tags[next_random(seed) % 6]);
}

static Product_list make_products(brio_arena *arena)
{
    Product_list list = {BRIO_NEW_ARRAY(arena, Product, OBJECTS), OBJECTS};
    uint32_t seed = 2024;
    for (size_t i = 0; i < list.len; i++) {
        Product *p = &list.items[i];
        p->id = (int64_t)i + 1;
        p->name = random_name(arena, &seed);
        p->price = (1 + next_random(&seed) % 100000) / 100.0;
        p->active = next_random(&seed) % 4 != 0;
        if (next_random(&seed) % 3 == 0) {
            p->score = BRIO_NEW(arena, double);
            *p->score = (next_random(&seed) % 100) / 100.0;
        }
        random_tags(arena, &seed, &p->tags);
    }
    return list;
}

static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "%s: %s\n", what, brio_error_text(rc));
    exit(1);
}

static double elapsed_s(brio_time since)
{
    return (double)(brio_clock_monotonic() - since) / 1e9;
}

/* Seconds of one decode; the arena is reset, as between requests. */
static double decode_once(brio_str doc, brio_arena *arena, Product_list *ret)
{
    brio_arena_reset(arena);
    brio_problems problems = {.arena = arena};
    brio_time start = brio_clock_monotonic();
    must(brio_decode(doc, BRIO_TYPE(Product_list), ret, NULL, &problems), "decode");
    return elapsed_s(start);
}

static double encode_once(const Product_list *list, brio_buf *out)
{
    brio_buf_clear(out);
    brio_time start = brio_clock_monotonic();
    must(brio_encode(out, BRIO_TYPE(Product_list), list, NULL), "encode");
    return elapsed_s(start);
}

static double copy_once(brio_str doc, char *to)
{
    brio_time start = brio_clock_monotonic();
    memcpy(to, doc.ptr, doc.len);
    __asm__ volatile("" : : "r"(to) : "memory");
    return elapsed_s(start);
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

typedef struct results {
    double decode, encode, copy; /* seconds */
} results;

static results measure(brio_str doc, brio_arena *arena, brio_buf *out)
{
    results best = {1e9, 1e9, 1e9};
    char *copy = malloc(doc.len);
    for (int i = 0; i < ROUNDS && copy; i++) {
        Product_list list;
        best.decode = least(best.decode, decode_once(doc, arena, &list));
        best.encode = least(best.encode, encode_once(&list, out));
        best.copy = least(best.copy, copy_once(doc, copy));
        if (!brio_str_eq(brio_buf_str(out), doc))
            must(BRIO_EMODEL, "round trip");
    }
    free(copy);
    return best;
}

static void report(brio_str doc, results r, bool json)
{
    double gb = (double)doc.len / 1e9;
    if (json)
        printf("{\"bytes\":%zu,\"decode_gbs\":%.3f,\"encode_gbs\":%.3f,\"memcpy_gbs\":%.3f}\n",
               doc.len, gb / r.decode, gb / r.encode, gb / r.copy);
    else
        printf("%zu bytes: decode %.2f GB/s, encode %.2f GB/s, memcpy %.2f GB/s\n", doc.len,
               gb / r.decode, gb / r.encode, gb / r.copy);
}

static bool has_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    brio_arena made, arena;
    brio_arena_init(&made, ARENA_LIMIT);
    brio_arena_init(&arena, ARENA_LIMIT);
    brio_buf doc = {0}, out = {0};
    Product_list list = make_products(&made);
    must(brio_encode(&doc, BRIO_TYPE(Product_list), &list, NULL), "encode");
    if (has_option(argc, argv, "--document"))
        printf("%.*s\n", BRIO_ARG(brio_buf_str(&doc)));
    else
        report(brio_buf_str(&doc), measure(brio_buf_str(&doc), &arena, &out),
               has_option(argc, argv, "--json"));
    brio_buf_fini(&doc);
    brio_buf_fini(&out);
    brio_arena_fini(&arena);
    brio_arena_fini(&made);
    return 0;
}
