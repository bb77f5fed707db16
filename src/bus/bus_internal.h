/* SPDX-License-Identifier: MIT
 *
 * What the parts of the bus share. Two halves: the *core* knows topics,
 * receivers, presence and who else is there, and never a descriptor; the
 * *carriers* (mesh, Redis) bring envelopes to other workers and what comes from
 * them to the core. All of a bus is touched by its loop's thread only. */
#ifndef BRIO_BUS_INTERNAL_H
#define BRIO_BUS_INTERNAL_H

#include "bus/envelope.h"
#include "bus/table.h"

#include <brio/bus.h>
#include <brio/loop.h>
#include <brio/task.h>

enum {
    BRIO_BUS_TOPIC_MAX = 255, /* bytes; of a name, too */
    BRIO_BUS_LEVELS_MAX = 16
};

/* ---- Messages --------------------------------------------------------------- */

/* One message for all its receivers. Counted: who keeps it beyond the delivery
 * holds it. */
typedef struct brio_bus_packet {
    brio_bus_message m; /* its texts are in `text` */
    uint32_t holders;
    struct brio_bus_packet *next;           /* of those that wait for the end of a delivery */
    uint64_t serial;                        /* of this bus's deliveries: 1, 2, ... */
    const struct brio_bus_receiver *except; /* this one does not get it */
    struct brio_ws_frame *frame;            /* as WebSockets get it, once one did */
    brio_buf event;                         /* as a server-sent event, once somebody wanted it */
    char text[];
} brio_bus_packet;

/* With one holder, the caller. NULL without memory. */
brio_bus_packet *brio_bus_packet_new(const brio_bus_message *m);
void brio_bus_packet_hold(brio_bus_packet *p);
void brio_bus_packet_drop(brio_bus_packet *p);

/* ---- Topics and receivers ------------------------------------------------------ */

typedef struct brio_bus_receiver brio_bus_receiver;

/* A level of topics that somebody subscribed to, or above such a one. */
typedef struct brio_bus_node {
    brio_bus_hashed hashed; /* by parent and level; not those of `plus` */
    struct brio_bus_node *parent;
    struct brio_bus_node *plus; /* the level "+" below this one */
    brio_link exact;            // brio_bus_sub::at: subscribed to what ends here
    brio_link rest;             // brio_bus_sub::at: to this level and all below ("#")
    size_t children;            /* `plus` included */
    bool is_plus;
    uint8_t len;
    char level[];
} brio_bus_node;

/* One filter of one receiver. */
typedef struct brio_bus_sub {
    brio_link at, of; // in the node's list; brio_bus_receiver::subs
    brio_bus_node *node;
    brio_bus_receiver *receiver;
    uint64_t born; /* the newest serial at that time: older messages are not for it */
    bool rest;     /* in node->rest */
    bool dead;     /* to be freed when nobody delivers any more */
    bool present;  /* its receiver's name is in this topic's presence list */
} brio_bus_sub;

/* Whoever gets messages. Embedded. */
struct brio_bus_receiver {
    void (*take)(brio_bus_receiver *r, brio_bus_packet *p);
    struct brio_bus *bus;
    brio_link link;         // brio_bus::receivers
    brio_link subs;         // brio_bus_sub::of
    uint64_t newest;        /* serial of the newest it got: each comes once */
    bool messages, notices; /* what it wants */
};

/* Of all receivers of a bus, under way. */
typedef struct brio_bus_walk {
    brio_link *next;
    struct brio_bus_walk *outer;
} brio_bus_walk;

typedef enum brio_bus_words { /* what a text may be */
                              BRIO_BUS_IS_TOPIC = 0,
                              BRIO_BUS_IS_FILTER
} brio_bus_words;

/* 0, or -EINVAL with words. */
int brio_bus_topic_check(brio_str topic, brio_bus_words words) BRIO_CHECKED;

void brio_bus_receiver_init(brio_bus_receiver *r, struct brio_bus *bus);
/* Ends all its subscriptions; it may be freed then, even inside its `take`. */
void brio_bus_receiver_fini(brio_bus_receiver *r);
/* 0, BRIO_ELIMIT, -ENOMEM. The text must have been checked; `$` is allowed. With
 * `literal` wildcards are plain text. *ret may be NULL. */
int brio_bus_sub_add(brio_bus_receiver *r, brio_str filter, bool literal,
                     brio_bus_sub **ret) BRIO_CHECKED;
void brio_bus_sub_end(brio_bus_sub *sub);
/* The receiver's subscription to exactly that text, or NULL. */
brio_bus_sub *brio_bus_sub_find(const brio_bus_receiver *r, brio_str filter, bool literal);
/* Calls fn for each living subscription that the topic fits. */
typedef void brio_bus_match_fn(brio_bus_sub *sub, void *arg);
void brio_bus_match(struct brio_bus *bus, brio_str topic, brio_bus_match_fn *fn, void *arg);
/* Frees nodes that nobody needs, upwards from this one. */
void brio_bus_node_prune(struct brio_bus *bus, brio_bus_node *node);
/* The text that leads to a node, in `text`. */
brio_str brio_bus_node_topic(const brio_bus_node *node, char text[BRIO_BUS_TOPIC_MAX]);
int brio_bus_node_find(struct brio_bus *bus, brio_str filter, bool literal, bool make,
                       brio_bus_node **ret, bool *ret_rest) BRIO_CHECKED;

/* Gives it to all receivers here that it is for. Borrowed. */
void brio_bus_deliver(struct brio_bus *bus, brio_bus_packet *p);
/* Likewise, made of `m`: counted, but lost without memory. */
void brio_bus_notify(struct brio_bus *bus, const brio_bus_message *m);

/* ---- Presence -------------------------------------------------------------------- */

typedef struct brio_bus_source brio_bus_source;

typedef struct brio_bus_room {
    brio_bus_hashed hashed; /* by topic */
    brio_link entries;      // brio_bus_entry::link
    size_t n;
    uint8_t len;
    char topic[];
} brio_bus_room;

/* A name in a room, present as long as it has holders. */
typedef struct brio_bus_entry {
    brio_bus_hashed hashed; /* by room and name */
    brio_bus_room *room;
    brio_link link;
    brio_link holders; // brio_bus_holder::of_entry
    uint8_t len;
    char name[];
} brio_bus_entry;

/* That a source has it, `count` times. */
typedef struct brio_bus_holder {
    brio_bus_entry *entry;
    brio_bus_source *source;
    brio_link of_entry, of_source;
    uint32_t count;
    bool stale; /* not yet seen in the state that is being told */
} brio_bus_holder;

/* One more, one fewer of them. add: 1 if the name came into the room, 0,
 * BRIO_ELIMIT, -ENOMEM. remove: 1 if it left. Notices are delivered. */
int brio_bus_presence_add(struct brio_bus *bus, brio_bus_source *source, brio_str topic,
                          brio_str name) BRIO_CHECKED;
int brio_bus_presence_remove(struct brio_bus *bus, brio_bus_source *source, brio_str topic,
                             brio_str name);
/* Sets how many there are (0: none), as a state tells it. */
void brio_bus_presence_set(struct brio_bus *bus, brio_bus_source *source, brio_str topic,
                           brio_str name, uint32_t count);
void brio_bus_presence_doubt(brio_bus_source *source); /* all are stale until set */
void brio_bus_presence_settle(struct brio_bus *bus, brio_bus_source *source); /* the stale go */
void brio_bus_presence_forget(struct brio_bus *bus, brio_bus_source *source); /* all go */
/* The same for this worker, and the others are told. */
int brio_bus_here_add(struct brio_bus *bus, brio_str topic, brio_str name) BRIO_CHECKED;
void brio_bus_here_remove(struct brio_bus *bus, brio_str topic, brio_str name);

/* ---- The others -------------------------------------------------------------------- */

/* A worker that publishes: this one, or another. */
struct brio_bus_source {
    brio_bus_hashed hashed; /* by id */
    uint64_t id, node;
    uint64_t seq;    /* of the newest message known */
    brio_time seen;  /* loop clock: newest sign of life */
    brio_time asked; /* loop clock: it was asked for its state */
    bool alive;
    bool telling;               /* its state is half told */
    brio_link holders;          // brio_bus_holder::of_source
    struct brio_bus_link *link; /* of the mesh, or NULL */
};

brio_bus_source *brio_bus_source_find(struct brio_bus *bus, uint64_t id);
/* Finds or makes it. NULL without memory, or beyond the number of those known. */
brio_bus_source *brio_bus_source_get(struct brio_bus *bus, uint64_t id, uint64_t node);
/* It is gone; what is known of its messages stays, in case it was not. */
void brio_bus_source_lost(struct brio_bus *bus, brio_bus_source *source);
/* Those of other machines that gave no sign of life. */
void brio_bus_sources_expire(struct brio_bus *bus);

/* An envelope from another worker, by the carrier that `link` is (NULL: Redis). */
void brio_bus_receive(struct brio_bus *bus, struct brio_bus_link *link, const brio_bus_envelope *e);

/* Numbers an envelope that is a message and gives it to the carriers. The envelope
 * needs kind, flags, topic, data, to, mark. */
void brio_bus_tell(struct brio_bus *bus, brio_bus_envelope *e);
/* The whole presence of this worker, to one link, or by Redis (NULL). */
void brio_bus_tell_state(struct brio_bus *bus, struct brio_bus_link *link);
void brio_bus_tell_simple(struct brio_bus *bus, struct brio_bus_link *link,
                          brio_bus_envelope_kind kind, uint64_t to);

/* ---- Publishing ------------------------------------------------------------------- */

/* Delivers and tells what has been checked, as the question `ask` if that is not 0.
 * The bus is open. */
int brio_bus_say(struct brio_bus *bus, const brio_bus_post *post, uint64_t ask) BRIO_CHECKED;
/* 0, BRIO_ELIMIT, -EINVAL. */
int brio_bus_check_data(const struct brio_bus *bus, brio_str data, bool binary) BRIO_CHECKED;
/* brio_bus_send for a topic that is in order, from any thread. */
int brio_bus_post_checked(struct brio_bus *bus, const brio_bus_post *post) BRIO_CHECKED;

/* ---- Receivers of each kind --------------------------------------------------------- */

void brio_bus_end_listeners(struct brio_bus *bus);
/* What brio_bus_next has lent; NULL if nothing. */
brio_bus_packet *brio_bus_listener_lent(const brio_bus_listener *l);
void brio_bus_end_sockets(struct brio_bus *bus);
/* NULL for one that is in nothing. */
const brio_bus_receiver *brio_bus_socket_receiver(struct brio_bus *bus,
                                                  const struct brio_websocket *ws);

/* ---- Asking ----------------------------------------------------------------------- */

void brio_bus_answered(struct brio_bus *bus, uint64_t ask, brio_str answer);
void brio_bus_asks_end(struct brio_bus *bus);

/* ---- The bus ------------------------------------------------------------------------ */

struct brio_bus {
    brio_bus_options o; /* resolved; texts are owned */
    char *url, *channel, *ca_file;
    bool url_given;
    brio_bus *next;               /* of the same app */
    struct brio_bus_house *house; /* shared by all workers of the machine */
    uint64_t node, id;            /* tags: of the machine, of this worker's life */
    int maker;                    /* the process that made it */
    bool sibling;                 /* a second one of this process, for tests */
    brio_loop *loop;              /* NULL while it is closed */
    brio_bus_table nodes, rooms, entries, sources, asks, sockets;
    brio_bus_node *root;
    brio_link receivers; // brio_bus_receiver::link
    brio_link graves;    // brio_bus_sub::of: dead ones
    brio_bus_walk *walks;
    bool delivering;
    brio_bus_packet *later, *last_later; /* published meanwhile */
    uint64_t serial, ask;
    brio_bus_source *self;
    brio_bus_stats stats;
    brio_buf scratch;     /* an envelope on its way out */
    brio_time told_state; /* loop clock: by Redis, lately */
    bool tell_state_later;
    brio_task *task;              /* carries and beats; acquired */
    brio_group *group;            /* of that task */
    void *ready;                  /* what it tells while it starts */
    struct brio_bus_mesh *mesh;   /* NULL without other workers */
    struct brio_bus_redis *redis; /* NULL without Redis */
};

/* Another bus of this process that takes itself for another worker of its machine. */
brio_bus *brio_bus_sibling(const brio_bus *bus);

bool brio_bus_is_name(brio_str name);

/* The newest of an app's; the others follow. NULL: none. */
brio_bus *brio_bus_first_of(struct brio_app *app);
/* A server may show what they count. (numbers.c) */
void brio_bus_number(struct brio_app *app);

#endif
