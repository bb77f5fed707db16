/* SPDX-License-Identifier: MIT
 *
 * Topics and the tree of those that somebody subscribed to.
 *
 * A node is a level below another one, found by one hash table for all; "+" is
 * a node of its own kind beside the others, and "#" a second list in the node
 * above it. So a message looks at two children a level at most, and only at
 * levels that somebody subscribed to. Nodes that nobody needs go. */
#include "bus/bus_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- What is a topic --------------------------------------------------------- */

/* Takes the first level off; *more is false behind the last one. */
static brio_str take_level(brio_str *rest, bool *more)
{
    brio_str_pair pair = brio_str_cut(*rest, '/');
    *rest = pair.tail;
    *more = pair.found;
    return pair.head;
}

static const char *wrong_level(brio_str level, bool last, brio_bus_words words)
{
    bool wild = memchr(level.ptr, '+', level.len) || memchr(level.ptr, '#', level.len);
    if (memchr(level.ptr, '\0', level.len))
        return "has a NUL";
    if (!wild)
        return NULL;
    if (words == BRIO_BUS_IS_TOPIC)
        return "has a wildcard";
    if (level.len > 1)
        return "has a wildcard beside other text";
    return level.ptr[0] == '#' && !last ? "has # before its end" : NULL;
}

static const char *wrong(brio_str topic, brio_bus_words words)
{
    brio_str rest = topic;
    unsigned levels = 0;
    bool more = true;
    if (topic.len == 0)
        return "is empty";
    if (topic.len > BRIO_BUS_TOPIC_MAX)
        return "is too long";
    if (topic.ptr[0] == '$')
        return "begins with $";
    if (!brio_utf8_valid(topic))
        return "is no UTF-8";
    while (more) {
        brio_str level = take_level(&rest, &more);
        const char *why = level.len ? wrong_level(level, !more, words) : NULL;
        if (why)
            return why;
        if (++levels > BRIO_BUS_LEVELS_MAX)
            return "has too many levels";
    }
    return NULL;
}

int brio_bus_topic_check(brio_str topic, brio_bus_words words)
{
    const char *why = wrong(topic, words);
    if (!why)
        return 0;
    return brio_error(-EINVAL, "a %s of the bus %s: \"%.*s\"",
                      words == BRIO_BUS_IS_TOPIC ? "topic" : "filter", why,
                      topic.len < 100 ? (int)topic.len : 100, topic.len ? topic.ptr : "");
}

bool brio_bus_is_name(brio_str name)
{
    return name.len <= BRIO_BUS_TOPIC_MAX - 4 && brio_utf8_valid(name);
}

/* ---- Nodes ----------------------------------------------------------------------- */

typedef struct place {
    const brio_bus_node *parent;
    brio_str level;
} place;

static bool same_place(brio_bus_hashed *h, const void *key)
{
    const brio_bus_node *node = BRIO_CONTAINER(h, brio_bus_node, hashed);
    const place *at = key;
    return node->parent == at->parent && brio_str_eq((brio_str){node->level, node->len}, at->level);
}

static uint64_t hash_of(const place *at)
{
    return brio_bus_hash((uint64_t)(uintptr_t)at->parent, at->level.ptr, at->level.len);
}

static brio_bus_node *child_of(const brio_bus *bus, brio_bus_node *node, brio_str level)
{
    place at = {node, level};
    brio_bus_hashed *h = brio_bus_table_find(&bus->nodes, hash_of(&at), same_place, &at);
    return h ? BRIO_CONTAINER(h, brio_bus_node, hashed) : NULL;
}

static brio_bus_node *new_node(brio_bus_node *parent, brio_str level)
{
    brio_bus_node *node = brio_zalloc(1, sizeof *node + level.len + 1);
    if (!node)
        return NULL;
    node->parent = parent;
    node->len = (uint8_t)level.len;
    if (level.len)
        memcpy(node->level, level.ptr, level.len);
    brio_link_init(&node->exact);
    brio_link_init(&node->rest);
    return node;
}

static brio_bus_node *make_child(brio_bus *bus, brio_bus_node *parent, brio_str level, bool plus)
{
    brio_bus_node *node = new_node(parent, level);
    if (!node)
        return NULL;
    if (plus) {
        node->is_plus = true;
        parent->plus = node;
    } else {
        place at = {parent, level};
        node->hashed.hash = hash_of(&at);
        if (brio_bus_table_add(&bus->nodes, &node->hashed) < 0) {
            free(node);
            return NULL;
        }
    }
    parent->children++;
    return node;
}

void brio_bus_node_prune(brio_bus *bus, brio_bus_node *node)
{
    while (node && !node->children && brio_link_alone(&node->exact) &&
           brio_link_alone(&node->rest)) {
        brio_bus_node *parent = node->parent;
        if (!parent)
            bus->root = NULL;
        else if (node->is_plus)
            parent->plus = NULL;
        else
            brio_bus_table_remove(&bus->nodes, &node->hashed);
        if (parent)
            parent->children--;
        free(node);
        node = parent;
    }
}

static brio_bus_node *step(brio_bus *bus, brio_bus_node *node, brio_str level, bool plus, bool make)
{
    brio_bus_node *child = plus ? node->plus : child_of(bus, node, level);
    return child || !make ? child : make_child(bus, node, level, plus);
}

int brio_bus_node_find(brio_bus *bus, brio_str filter, bool literal, bool make, brio_bus_node **ret,
                       bool *ret_rest)
{
    brio_bus_node *node = bus->root;
    bool more = true, rest = false;
    if (!node && make)
        node = bus->root = new_node(NULL, (brio_str){0});
    while (node && more && !rest) {
        brio_str level = take_level(&filter, &more);
        rest = !literal && brio_str_eq(level, BRIO_S("#"));
        if (rest)
            break;
        brio_bus_node *next =
            step(bus, node, level, !literal && brio_str_eq(level, BRIO_S("+")), make);
        if (!next && make)
            brio_bus_node_prune(bus, node);
        node = next;
    }
    *ret = node;
    *ret_rest = rest;
    return node ? 0 : make ? -ENOMEM : -ENOENT;
}

brio_str brio_bus_node_topic(const brio_bus_node *node, char text[BRIO_BUS_TOPIC_MAX])
{
    size_t at = BRIO_BUS_TOPIC_MAX;
    for (; node->parent; node = node->parent) {
        at -= node->len;
        memcpy(text + at, node->level, node->len);
        if (node->parent->parent)
            text[--at] = '/';
    }
    return (brio_str){text + at, BRIO_BUS_TOPIC_MAX - at};
}

/* ---- Matching -------------------------------------------------------------------- */

typedef struct match {
    brio_bus *bus;
    brio_bus_match_fn *fn;
    void *arg;
    bool own; /* the topic begins with $: no wildcard stands for that */
} match;

/* What fn adds comes at the end of its list, and may be seen or not; what it ends
 * stays in its list until nobody delivers. */
static void call_all(const match *m, const brio_link *subs)
{
    for (brio_link *l = subs->next; l != subs; l = l->next) {
        brio_bus_sub *sub = BRIO_CONTAINER(l, brio_bus_sub, at);
        if (!sub->dead)
            m->fn(sub, m->arg);
    }
}

/* `more`: there are levels behind this node. Depth is bounded by LEVELS_MAX. */
static void visit(const match *m, brio_bus_node *node, brio_str rest, bool more, unsigned depth)
{
    bool wild = depth > 0 || !m->own;
    if (wild)
        call_all(m, &node->rest);
    if (!more) {
        call_all(m, &node->exact);
        return;
    }
    brio_str level = take_level(&rest, &more);
    brio_bus_node *exact = child_of(m->bus, node, level);
    if (exact)
        visit(m, exact, rest, more, depth + 1);
    if (node->plus && wild)
        visit(m, node->plus, rest, more, depth + 1);
}

void brio_bus_match(brio_bus *bus, brio_str topic, brio_bus_match_fn *fn, void *arg)
{
    match m = {bus, fn, arg, topic.len > 0 && topic.ptr[0] == '$'};
    if (bus->root)
        visit(&m, bus->root, topic, true, 0);
}
