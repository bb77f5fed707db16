/* SPDX-License-Identifier: MIT
 *
 * What the workers of one machine share: a page of seats. */
#ifndef BRIO_BUS_HOUSE_H
#define BRIO_BUS_HOUSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BRIO_BUS_SEATS = 4096 };

/* A worker, as the others find it. Free while `order` is 0; to be used when `id` is
 * set, which is written last and cleared first. */
typedef struct brio_bus_seat {
    _Atomic uint64_t order; /* of taking seats: the later one connects to the earlier */
    _Atomic uint64_t id;
    _Atomic uint32_t port; /* of the simulated network; 0: the socket is named after node and id */
} brio_bus_seat;

typedef struct brio_bus_house {
    uint64_t node;
    _Atomic uint64_t orders;
    brio_bus_seat seats[BRIO_BUS_SEATS];
} brio_bus_house;

/* Takes a free seat; NULL if all are taken. */
brio_bus_seat *brio_bus_house_sit(brio_bus_house *house, uint64_t id, uint32_t port);
/* Frees the seat if `id` has it (still). */
void brio_bus_house_stand(brio_bus_seat *seat, uint64_t id);

#endif
