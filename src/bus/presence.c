/* SPDX-License-Identifier: MIT
 *
 * Who is where: rooms, the names in them, and which worker holds each name how
 * many times.
 *
 * Each worker owns what its own connections hold and tells the others of every
 * change, so a worker's part can be told again as a whole, and taken out as a
 * whole when it dies. A name comes when the first worker holds it, and goes with
 * the last; only that is a notice. */
#include "bus/bus_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Finding ----------------------------------------------------------------- */

static bool same_room(brio_bus_hashed *h, const void *key)
{
    const brio_bus_room *room = BRIO_CONTAINER(h, brio_bus_room, hashed);
    return brio_str_eq((brio_str){room->topic, room->len}, *(const brio_str *)key);
}

static brio_bus_room *find_room(const brio_bus *bus, brio_str topic)
{
    uint64_t hash = brio_bus_hash(0, topic.ptr, topic.len);
    brio_bus_hashed *h = brio_bus_table_find(&bus->rooms, hash, same_room, &topic);
    return h ? BRIO_CONTAINER(h, brio_bus_room, hashed) : NULL;
}

typedef struct entry_key {
    const brio_bus_room *room;
    brio_str name;
} entry_key;

static bool same_entry(brio_bus_hashed *h, const void *key)
{
    const brio_bus_entry *entry = BRIO_CONTAINER(h, brio_bus_entry, hashed);
    const entry_key *k = key;
    return entry->room == k->room && brio_str_eq((brio_str){entry->name, entry->len}, k->name);
}

static uint64_t entry_hash(const entry_key *k)
{
    return brio_bus_hash((uint64_t)(uintptr_t)k->room, k->name.ptr, k->name.len);
}

static brio_bus_entry *find_entry(const brio_bus *bus, const brio_bus_room *room, brio_str name)
{
    entry_key key = {room, name};
    brio_bus_hashed *h =
        room ? brio_bus_table_find(&bus->entries, entry_hash(&key), same_entry, &key) : NULL;
    return h ? BRIO_CONTAINER(h, brio_bus_entry, hashed) : NULL;
}

static brio_bus_holder *find_holder(const brio_bus_entry *entry, const brio_bus_source *source)
{
    for (brio_link *l = entry ? entry->holders.next : NULL; l && l != &entry->holders;
         l = l->next) {
        brio_bus_holder *holder = BRIO_CONTAINER(l, brio_bus_holder, of_entry);
        if (holder->source == source)
            return holder;
    }
    return NULL;
}

/* ---- Making -------------------------------------------------------------------- */

static brio_bus_room *make_room(brio_bus *bus, brio_str topic)
{
    brio_bus_room *room = brio_zalloc(1, sizeof *room + topic.len + 1);
    if (!room)
        return NULL;
    room->len = (uint8_t)topic.len;
    memcpy(room->topic, topic.ptr, topic.len);
    brio_link_init(&room->entries);
    room->hashed.hash = brio_bus_hash(0, topic.ptr, topic.len);
    if (brio_bus_table_add(&bus->rooms, &room->hashed) < 0) {
        free(room);
        return NULL;
    }
    return room;
}

static void drop_room_if_empty(brio_bus *bus, brio_bus_room *room)
{
    if (room->n)
        return;
    brio_bus_table_remove(&bus->rooms, &room->hashed);
    free(room);
}

static brio_bus_entry *make_entry(brio_bus *bus, brio_bus_room *room, brio_str name)
{
    brio_bus_entry *entry = brio_zalloc(1, sizeof *entry + name.len + 1);
    if (!entry)
        return NULL;
    entry_key key = {room, name};
    entry->room = room;
    entry->len = (uint8_t)name.len;
    memcpy(entry->name, name.ptr, name.len);
    brio_link_init(&entry->holders);
    entry->hashed.hash = entry_hash(&key);
    if (brio_bus_table_add(&bus->entries, &entry->hashed) < 0) {
        free(entry);
        return NULL;
    }
    brio_link_insert_before(&room->entries, &entry->link);
    room->n++;
    return entry;
}

static void drop_entry_if_empty(brio_bus *bus, brio_bus_entry *entry)
{
    brio_bus_room *room = entry->room;
    if (!brio_link_alone(&entry->holders))
        return;
    brio_bus_table_remove(&bus->entries, &entry->hashed);
    brio_link_remove(&entry->link);
    free(entry);
    room->n--;
    drop_room_if_empty(bus, room);
}

static brio_bus_holder *make_holder(brio_bus *bus, brio_bus_source *source, brio_str topic,
                                    brio_str name)
{
    brio_bus_room *room = find_room(bus, topic);
    if (!room && !(room = make_room(bus, topic)))
        return NULL;
    brio_bus_entry *entry = find_entry(bus, room, name);
    if (!entry && !(entry = make_entry(bus, room, name))) {
        drop_room_if_empty(bus, room);
        return NULL;
    }
    brio_bus_holder *holder = brio_zalloc(1, sizeof *holder);
    if (!holder) {
        drop_entry_if_empty(bus, entry);
        return NULL;
    }
    holder->entry = entry;
    holder->source = source;
    brio_link_insert_before(&entry->holders, &holder->of_entry);
    brio_link_insert_before(&source->holders, &holder->of_source);
    bus->stats.members++;
    return holder;
}

/* ---- Telling --------------------------------------------------------------------- */

static bool is_only(const brio_bus_holder *holder)
{
    const brio_link *all = &holder->entry->holders;
    return all->next == &holder->of_entry && all->prev == &holder->of_entry;
}

static void tell(brio_bus *bus, brio_bus_kind kind, const brio_bus_source *source, brio_str topic,
                 brio_str name)
{
    brio_bus_notify(bus, &(brio_bus_message){.kind = kind,
                                             .mine = source == bus->self,
                                             .topic = topic,
                                             .data = name,
                                             .node = source->node});
}

/* Returns 1 if the name left the room. */
static int drop_holder(brio_bus *bus, brio_bus_holder *holder)
{
    brio_bus_entry *entry = holder->entry;
    const brio_bus_source *source = holder->source;
    bool left = is_only(holder);
    char topic[BRIO_BUS_TOPIC_MAX], name[BRIO_BUS_TOPIC_MAX];
    brio_str t = {topic, entry->room->len}, n = {name, entry->len};
    memcpy(topic, entry->room->topic, t.len);
    memcpy(name, entry->name, n.len);
    brio_link_remove(&holder->of_entry);
    brio_link_remove(&holder->of_source);
    free(holder);
    bus->stats.members--;
    drop_entry_if_empty(bus, entry);
    if (left)
        tell(bus, BRIO_BUS_LEFT, source, t, n);
    return left;
}

int brio_bus_presence_add(brio_bus *bus, brio_bus_source *source, brio_str topic, brio_str name)
{
    brio_bus_holder *holder = find_holder(find_entry(bus, find_room(bus, topic), name), source);
    if (holder) {
        holder->stale = false;
        holder->count++;
        return 0;
    }
    if (bus->stats.members >= bus->o.members)
        return brio_error(BRIO_ELIMIT, "the bus knows %zu members already", bus->stats.members);
    holder = make_holder(bus, source, topic, name);
    if (!holder)
        return -ENOMEM;
    holder->count = 1;
    bool came = is_only(holder);
    if (came)
        tell(bus, BRIO_BUS_JOINED, source, topic, name);
    return came;
}

int brio_bus_presence_remove(brio_bus *bus, brio_bus_source *source, brio_str topic, brio_str name)
{
    brio_bus_holder *holder = find_holder(find_entry(bus, find_room(bus, topic), name), source);
    if (!holder)
        return 0;
    return --holder->count ? 0 : drop_holder(bus, holder);
}

/* ---- A worker's part as a whole ------------------------------------------------------ */

void brio_bus_presence_set(brio_bus *bus, brio_bus_source *source, brio_str topic, brio_str name,
                           uint32_t count)
{
    brio_bus_holder *holder = find_holder(find_entry(bus, find_room(bus, topic), name), source);
    if (!holder && brio_bus_presence_add(bus, source, topic, name) < 0)
        return;
    holder = find_holder(find_entry(bus, find_room(bus, topic), name), source);
    if (!holder) /* a watcher's doing */
        return;
    holder->stale = false;
    holder->count = count;
}

void brio_bus_presence_doubt(brio_bus_source *source)
{
    for (brio_link *l = source->holders.next; l != &source->holders; l = l->next)
        BRIO_CONTAINER(l, brio_bus_holder, of_source)->stale = true;
}

/* What stays goes to the end of the list; notices run in between. */
void brio_bus_presence_settle(brio_bus *bus, brio_bus_source *source)
{
    size_t n = 0;
    for (brio_link *l = source->holders.next; l != &source->holders; l = l->next)
        n++;
    for (; n && !brio_link_alone(&source->holders); n--) {
        brio_bus_holder *holder = BRIO_CONTAINER(source->holders.next, brio_bus_holder, of_source);
        brio_link_remove(&holder->of_source);
        brio_link_insert_before(&source->holders, &holder->of_source);
        if (holder->stale)
            (void)drop_holder(bus, holder);
    }
}

void brio_bus_presence_forget(brio_bus *bus, brio_bus_source *source)
{
    while (!brio_link_alone(&source->holders))
        (void)drop_holder(bus, BRIO_CONTAINER(source->holders.next, brio_bus_holder, of_source));
}

/* ---- This worker's part --------------------------------------------------------------- */

int brio_bus_here_add(brio_bus *bus, brio_str topic, brio_str name)
{
    if (!bus->self)
        return BRIO_ECLOSED;
    int rc = brio_bus_presence_add(bus, bus->self, topic, name);
    if (rc >= 0)
        brio_bus_tell(bus,
                      &(brio_bus_envelope){.kind = BRIO_BUS_JOIN, .topic = topic, .data = name});
    return rc < 0 ? rc : 0;
}

void brio_bus_here_remove(brio_bus *bus, brio_str topic, brio_str name)
{
    if (!bus->self)
        return;
    (void)brio_bus_presence_remove(bus, bus->self, topic, name);
    brio_bus_tell(bus, &(brio_bus_envelope){.kind = BRIO_BUS_LEAVE, .topic = topic, .data = name});
}

int brio_bus_enter(brio_bus *bus, brio_str topic, brio_str name)
{
    int rc = brio_bus_topic_check(topic, BRIO_BUS_IS_TOPIC);
    if (rc == 0 && (name.len == 0 || !brio_bus_is_name(name)))
        rc = brio_error(-EINVAL, "a name on the bus is UTF-8 of 1 to %d bytes",
                        BRIO_BUS_TOPIC_MAX - 4);
    return rc < 0 ? rc : brio_bus_here_add(bus, topic, name);
}

void brio_bus_exit(brio_bus *bus, brio_str topic, brio_str name)
{
    if (bus->self && find_holder(find_entry(bus, find_room(bus, topic), name), bus->self))
        brio_bus_here_remove(bus, topic, name);
}

/* ---- Looking ---------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return brio_str_compare(*(const brio_str *)a, *(const brio_str *)b);
}

brio_str_list brio_bus_present(brio_bus *bus, brio_arena *arena, brio_str topic)
{
    const brio_bus_room *room = find_room(bus, topic);
    brio_str_list list = {0};
    if (!room)
        return list;
    list.items = BRIO_NEW_ARRAY(arena, brio_str, room->n);
    for (brio_link *l = room->entries.next; l != &room->entries; l = l->next) {
        const brio_bus_entry *entry = BRIO_CONTAINER(l, brio_bus_entry, link);
        list.items[list.len++] = brio_str_copy(arena, (brio_str){entry->name, entry->len});
    }
    qsort(list.items, list.len, sizeof *list.items, by_name);
    return list;
}

bool brio_bus_is_present(brio_bus *bus, brio_str topic, brio_str name)
{
    return find_entry(bus, find_room(bus, topic), name) != NULL;
}
