/* SPDX-License-Identifier: MIT
 *
 * A message from here: to the receivers of this worker at once, then to the
 * others. From a thread it is copied and handed to the loop. */
#include "bus/bus_internal.h"

#include <errno.h>
#include <stdlib.h>

typedef struct handed {
    brio_bus *bus;
    brio_bus_post post;
    char text[];
} handed;

static int post_here(brio_bus *bus, const brio_bus_post *post);

static void on_loop(void *arg)
{
    handed *h = arg;
    int rc = post_here(h->bus, &h->post);
    if (rc < 0)
        brio_log(BRIO_LOG_WARNING, "what a thread published was lost: %s", brio_error_text(rc));
    free(h);
}

/* The loop lives as long as a thread of its pool works for it. */
static int hand_over(brio_bus *bus, const brio_bus_post *post)
{
    handed *h = brio_malloc(sizeof *h + post->topic.len + post->data.len);
    if (!h)
        return -ENOMEM;
    *h = (handed){bus, *post};
    memcpy(h->text, post->topic.ptr, post->topic.len);
    if (post->data.len)
        memcpy(h->text + post->topic.len, post->data.ptr, post->data.len);
    h->post.topic.ptr = h->text;
    h->post.data.ptr = h->text + post->topic.len;
    brio_handle *handle = brio_loop_call_threadsafe(bus->loop, on_loop, h);
    if (!handle) {
        free(h);
        return -ENOMEM;
    }
    brio_handle_release(handle);
    return 0;
}

/* ---- On the loop ------------------------------------------------------------------ */

static int deliver_here(brio_bus *bus, const brio_bus_message *m, const brio_bus_receiver *except)
{
    brio_bus_packet *p = brio_bus_packet_new(m);
    if (!p)
        return -ENOMEM;
    p->except = except;
    brio_bus_deliver(bus, p);
    brio_bus_packet_drop(p);
    return 0;
}

int brio_bus_say(brio_bus *bus, const brio_bus_post *post, uint64_t ask)
{
    brio_bus_message m = {.kind = BRIO_BUS_MESSAGE,
                          .binary = post->binary,
                          .mine = true,
                          .topic = post->topic,
                          .data = post->data,
                          .node = bus->node,
                          .asker = ask ? bus->id : 0,
                          .ask = ask};
    brio_bus_envelope e = {.kind = ask ? BRIO_BUS_ASK : BRIO_BUS_TELL,
                           .flags = post->binary ? BRIO_BUS_BINARY : 0,
                           .mark = ask,
                           .topic = post->topic,
                           .data = post->data};
    bus->stats.published++;
    if (!post->here)
        brio_bus_tell(bus, &e);
    return deliver_here(bus, &m, post->except ? brio_bus_socket_receiver(bus, post->except) : NULL);
}

int brio_bus_check_data(const brio_bus *bus, brio_str data, bool binary)
{
    if (data.len > bus->o.message_bytes)
        return brio_error(BRIO_ELIMIT, "a message of %zu bytes is beyond the bus's %zu", data.len,
                          bus->o.message_bytes);
    return binary || brio_utf8_valid(data) ? 0 : brio_error(-EINVAL, "text that is no UTF-8");
}

static int post_here(brio_bus *bus, const brio_bus_post *post)
{
    return bus->self ? brio_bus_say(bus, post, 0) : BRIO_ECLOSED;
}

int brio_bus_post_checked(brio_bus *bus, const brio_bus_post *post)
{
    int rc = brio_bus_check_data(bus, post->data, post->binary);
    if (rc < 0)
        return rc;
    if (!bus->self)
        return BRIO_ECLOSED;
    return brio_loop_current() == bus->loop ? post_here(bus, post) : hand_over(bus, post);
}

/* ---- The public calls -------------------------------------------------------------- */

int brio_bus_send(brio_bus *bus, const brio_bus_post *post)
{
    int rc = brio_bus_topic_check(post->topic, BRIO_BUS_IS_TOPIC);
    return rc < 0 ? rc : brio_bus_post_checked(bus, post);
}

int brio_bus_publish(brio_bus *bus, brio_str topic, brio_str text)
{
    return brio_bus_send(bus, &(brio_bus_post){.topic = topic, .data = text});
}

int brio_bus_publish_bytes(brio_bus *bus, brio_str topic, brio_str bytes)
{
    return brio_bus_send(bus, &(brio_bus_post){.topic = topic, .data = bytes, .binary = true});
}

static int publish_buf(brio_bus *bus, brio_str topic, brio_buf *text)
{
    int rc = text->failed ? -ENOMEM : brio_bus_publish(bus, topic, brio_buf_str(text));
    brio_buf_fini(text);
    return rc;
}

int brio_bus_publishf(brio_bus *bus, brio_str topic, const char *fmt, ...)
{
    brio_buf text = {0};
    va_list args;
    va_start(args, fmt);
    brio_buf_vprintf(&text, fmt, args);
    va_end(args);
    return publish_buf(bus, topic, &text);
}

int brio_bus_publish_model(brio_bus *bus, brio_str topic, const brio_model *model,
                           const void *value)
{
    brio_buf text = {0};
    int rc = brio_encode(&text, model, value, NULL);
    if (rc == 0)
        return publish_buf(bus, topic, &text);
    brio_buf_fini(&text);
    return rc;
}
