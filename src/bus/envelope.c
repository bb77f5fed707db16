/* SPDX-License-Identifier: MIT
 *
 * Envelopes as bytes. Strict: what this file would not write it does not read. */
#include "bus/envelope.h"

#include <errno.h>

enum { VERSION = 1, STATED_HEAD = 6, TEXT_MAX = 255 };

static void put(char *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (char)(value >> 8 * (bytes - 1 - i));
}

static uint64_t get(const char *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | (uint8_t)at[i];
    return value;
}

void brio_bus_envelope_write(brio_buf *out, const brio_bus_envelope *e)
{
    char head[BRIO_BUS_HEAD] = {'b', 'B', VERSION, (char)e->kind, (char)e->flags};
    BRIO_ASSERT(e->topic.len <= TEXT_MAX);
    BRIO_ASSERT(e->data.len <= UINT32_MAX);
    put(head + 6, e->topic.len, 2);
    put(head + 8, e->node, 8);
    put(head + 16, e->source, 8);
    put(head + 24, e->seq, 8);
    put(head + 32, e->to, 8);
    put(head + 40, e->mark, 8);
    put(head + 48, e->data.len, 4);
    if (!brio_buf_reserve(out, sizeof head + e->topic.len + e->data.len))
        return;
    brio_buf_add(out, (brio_str){head, sizeof head});
    brio_buf_add(out, e->topic);
    brio_buf_add(out, e->data);
}

static bool is_head(const char *head)
{
    unsigned kind = (uint8_t)head[3], flags = (uint8_t)head[4];
    return head[0] == 'b' && head[1] == 'B' && head[2] == VERSION && kind >= BRIO_BUS_TELL &&
           kind < BRIO_BUS_KINDS && flags <= BRIO_BUS_FLAGS && head[5] == 0;
}

int brio_bus_envelope_read(brio_str *input, size_t limit, brio_bus_envelope *ret)
{
    const char *head = input->ptr;
    if (input->len < BRIO_BUS_HEAD)
        return 0;
    size_t topic = (size_t)get(head + 6, 2), data = (size_t)get(head + 48, 4);
    if (!is_head(head) || topic > TEXT_MAX || data > limit)
        return -EINVAL;
    if (input->len - BRIO_BUS_HEAD < topic + data)
        return 0;
    *ret = (brio_bus_envelope){.kind = (brio_bus_envelope_kind)(uint8_t)head[3],
                               .flags = (uint8_t)head[4],
                               .node = get(head + 8, 8),
                               .source = get(head + 16, 8),
                               .seq = get(head + 24, 8),
                               .to = get(head + 32, 8),
                               .mark = get(head + 40, 8),
                               .topic = {head + BRIO_BUS_HEAD, topic},
                               .data = {head + BRIO_BUS_HEAD + topic, data}};
    if (ret->source == 0 || ret->node == 0)
        return -EINVAL;
    *input = brio_str_slice(*input, BRIO_BUS_HEAD + topic + data, SIZE_MAX);
    return 1;
}

/* ---- A state's lines ----------------------------------------------------------- */

void brio_bus_stated_write(brio_buf *out, const brio_bus_stated *s)
{
    char head[STATED_HEAD] = {(char)s->topic.len, (char)s->name.len};
    BRIO_ASSERT(s->topic.len <= TEXT_MAX);
    BRIO_ASSERT(s->name.len <= TEXT_MAX);
    put(head + 2, s->count, 4);
    brio_buf_add(out, (brio_str){head, sizeof head});
    brio_buf_add(out, s->topic);
    brio_buf_add(out, s->name);
}

int brio_bus_stated_read(brio_str *data, brio_bus_stated *ret)
{
    if (data->len == 0)
        return 0;
    if (data->len < STATED_HEAD)
        return -EINVAL;
    size_t topic = (uint8_t)data->ptr[0], name = (uint8_t)data->ptr[1];
    if (data->len - STATED_HEAD < topic + name || topic == 0 || name == 0)
        return -EINVAL;
    *ret = (brio_bus_stated){.topic = {data->ptr + STATED_HEAD, topic},
                             .name = {data->ptr + STATED_HEAD + topic, name},
                             .count = (uint32_t)get(data->ptr + 2, 4)};
    *data = brio_str_slice(*data, STATED_HEAD + topic + name, SIZE_MAX);
    return ret->count ? 1 : -EINVAL;
}
