/* SPDX-License-Identifier: MIT
 *
 * A page of memory that all workers of a supervisor have in common, because it was
 * there before they were forked: who takes part, and where to find them.
 *
 * Seats are taken and given up with atomic operations, never locked, so a worker
 * that is killed at any point holds nobody up. Its seat is given up by the next
 * one that tries to connect to it in vain. */
#include "bus/house.h"
#include "bus/carrier.h"

#include <sys/mman.h>

brio_bus_house *brio_bus_house_new(uint64_t node)
{
    brio_bus_house *house =
        mmap(NULL, sizeof *house, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (house == MAP_FAILED)
        return NULL;
    house->node = node;
    return house;
}

void brio_bus_house_free(brio_bus_house *house)
{
    if (house)
        (void)munmap(house, sizeof *house);
}

brio_bus_seat *brio_bus_house_sit(brio_bus_house *house, uint64_t id, uint32_t port)
{
    uint64_t order = atomic_fetch_add(&house->orders, 1) + 1;
    for (size_t i = 0; i < BRIO_BUS_SEATS; i++) {
        brio_bus_seat *seat = &house->seats[i];
        uint64_t nobody = 0;
        if (!atomic_compare_exchange_strong(&seat->order, &nobody, order))
            continue;
        atomic_store(&seat->port, port);
        atomic_store(&seat->id, id);
        return seat;
    }
    return NULL;
}

void brio_bus_house_stand(brio_bus_seat *seat, uint64_t id)
{
    if (atomic_compare_exchange_strong(&seat->id, &id, 0))
        atomic_store(&seat->order, 0);
}
