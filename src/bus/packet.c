/* SPDX-License-Identifier: MIT
 *
 * A message once, for all who get it. */
#include "bus/bus_internal.h"

#include <brio/app.h>

#include <stdlib.h>

static brio_str put(char **at, brio_str s)
{
    char *here = *at;
    if (s.len)
        memcpy(here, s.ptr, s.len);
    *at = here + s.len;
    return (brio_str){here, s.len};
}

brio_bus_packet *brio_bus_packet_new(const brio_bus_message *m)
{
    brio_bus_packet *p = brio_malloc(sizeof *p + m->topic.len + m->data.len);
    if (!p)
        return NULL;
    char *at = p->text;
    *p = (brio_bus_packet){.m = *m, .holders = 1};
    p->m.topic = put(&at, m->topic);
    p->m.data = put(&at, m->data);
    return p;
}

void brio_bus_packet_hold(brio_bus_packet *p)
{
    p->holders++;
}

void brio_bus_packet_drop(brio_bus_packet *p)
{
    if (--p->holders)
        return;
    brio_ws_frame_release(p->frame);
    brio_buf_fini(&p->event);
    free(p);
}
