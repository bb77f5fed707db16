/* SPDX-License-Identifier: MIT
 *
 * Buses that take themselves for the workers of one machine, in one simulated
 * process; and a notebook that writes down what a receiver gets. */
#ifndef BRIO_TEST_BUS_BED_H
#define BRIO_TEST_BUS_BED_H

#include "harness/test.h"

#include "bus/bus_internal.h"

#include <brio/bus.h>
#include <brio/loop.h>
#include <brio/task.h>

#include <errno.h>

enum { BED_MAX = 8 };

typedef struct bed {
    brio_bus *house; /* never opened: the process they were forked from */
    brio_bus *bus[BED_MAX];
    size_t n;
} bed;

static inline brio_bus *bed_add(bed *b)
{
    brio_bus *bus = brio_bus_sibling(b->house);
    b->bus[b->n++] = bus;
    CHECK_OK(brio_bus_open(bus));
    return bus;
}

static inline void bed_open(bed *b, size_t n, const brio_bus_options *options)
{
    *b = (bed){.house = brio_bus_new(NULL, options)};
    while (b->n < n)
        (void)bed_add(b);
    CHECK_OK(brio_sleep(BRIO_SEC(2))); /* all have found each other */
}

static inline void bed_remove(bed *b, size_t i)
{
    brio_bus_close(b->bus[i]);
    brio_bus_free(b->bus[i]);
    b->bus[i] = NULL;
}

static inline void bed_close(bed *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->bus[i])
            bed_remove(b, i);
    brio_bus_free(b->house);
}

/* ---- A notebook ------------------------------------------------------------- */

typedef struct notes {
    brio_buf text;
    uint64_t missed, gaps;
} notes;

/* "topic=data ", "+name@topic ", "-name@topic ", "gap3 " */
static inline void note(const brio_bus_message *m, void *arg)
{
    notes *n = arg;
    switch (m->kind) {
    case BRIO_BUS_MESSAGE:
        brio_buf_printf(&n->text, "%.*s=%.*s ", BRIO_ARG(m->topic), BRIO_ARG(m->data));
        break;
    case BRIO_BUS_JOINED:
    case BRIO_BUS_LEFT:
        brio_buf_printf(&n->text, "%c%.*s@%.*s ", m->kind == BRIO_BUS_JOINED ? '+' : '-',
                        BRIO_ARG(m->data), BRIO_ARG(m->topic));
        break;
    case BRIO_BUS_GAP:
        n->gaps++;
        n->missed += m->missed;
        brio_buf_printf(&n->text, "gap%d ", (int)m->missed);
        break;
    }
}

static inline void notes_are(notes *n, const char *want, const char *file, int line)
{
    brio_str text = brio_str_trim(brio_buf_str(&n->text));
    test_check_str(file, line, "what came", text, brio_str_from(want));
    brio_buf_fini(&n->text);
}
#define CHECK_NOTES(n, want) notes_are(n, want, __FILE__, __LINE__)

/* BUS_TEST(name) { ... return 0; }: in sim, over twenty orders of what is ready. */
#define BUS_TEST(id)                                                                               \
    static int id(void *arg);                                                                      \
    TEST(id)                                                                                       \
    {                                                                                              \
        CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 20}, id, NULL), 0);                            \
    }                                                                                              \
    static int id(void *arg __attribute__((unused)))

#endif
