/* SPDX-License-Identifier: MIT
 *
 * Envelopes: what is written is read, whole or cut anywhere, and nothing else. */
#include "harness/test.h"

#include "bus/envelope.h"

#include <errno.h>

static const brio_bus_envelope sample = {.kind = BRIO_BUS_ASK,
                                         .flags = BRIO_BUS_BINARY,
                                         .node = UINT64_C(0x0102030405060708),
                                         .source = 9,
                                         .seq = UINT64_MAX - 1,
                                         .to = 3,
                                         .mark = 4,
                                         .topic = BRIO_S_INIT("a/b"),
                                         .data = BRIO_S_INIT("\0data")};

static void check_sample(const brio_bus_envelope *e)
{
    CHECK_INT(e->kind, sample.kind);
    CHECK_INT(e->flags, sample.flags);
    CHECK(e->node == sample.node);
    CHECK(e->source == sample.source);
    CHECK(e->seq == sample.seq);
    CHECK(e->to == sample.to);
    CHECK(e->mark == sample.mark);
    CHECK(brio_str_eq(e->topic, sample.topic));
    CHECK(brio_str_eq(e->data, sample.data));
}

TEST(an_envelope_comes_back_cut_at_every_byte)
{
    brio_buf out = {0};
    brio_bus_envelope e;
    brio_bus_envelope_write(&out, &sample);
    CHECK_INT(out.len, BRIO_BUS_HEAD + 3 + 5);
    for (size_t cut = 0; cut < out.len; cut++) {
        brio_str part = {out.ptr, cut};
        CHECK_INT(brio_bus_envelope_read(&part, 100, &e), 0);
        CHECK_INT(part.len, cut);
    }
    brio_bus_envelope_write(&out, &sample);
    brio_str all = brio_buf_str(&out);
    CHECK_INT(brio_bus_envelope_read(&all, 100, &e), 1);
    check_sample(&e);
    CHECK_INT(brio_bus_envelope_read(&all, 100, &e), 1);
    check_sample(&e);
    CHECK_INT(all.len, 0);
    brio_buf_fini(&out);
}

static int read_with(size_t at, int value)
{
    brio_buf out = {0};
    brio_bus_envelope e;
    brio_bus_envelope_write(&out, &sample);
    out.ptr[at] = (char)value;
    brio_str all = brio_buf_str(&out);
    int rc = brio_bus_envelope_read(&all, 5, &e);
    brio_buf_fini(&out);
    return rc;
}

TEST(what_is_no_envelope)
{
    CHECK_INT(read_with(0, 'x'), -EINVAL);
    CHECK_INT(read_with(2, 2), -EINVAL);
    CHECK_INT(read_with(3, 0), -EINVAL);
    CHECK_INT(read_with(3, BRIO_BUS_KINDS), -EINVAL);
    CHECK_INT(read_with(4, 8), -EINVAL);
    CHECK_INT(read_with(5, 1), -EINVAL);
    CHECK_INT(read_with(6, 1), -EINVAL);  /* a topic of 259 bytes */
    CHECK_INT(read_with(23, 0), -EINVAL); /* no source */
    CHECK_INT(read_with(51, 6), -EINVAL); /* more data than the limit */
    CHECK_INT(read_with(51, 5), 1);
}

TEST(a_states_lines)
{
    brio_buf out = {0};
    brio_bus_stated s;
    brio_bus_stated_write(&out, &(brio_bus_stated){BRIO_S("r"), BRIO_S("ada"), 2});
    brio_bus_stated_write(&out, &(brio_bus_stated){BRIO_S("s"), BRIO_S("b"), UINT32_MAX});
    brio_str all = brio_buf_str(&out);
    CHECK_INT(brio_bus_stated_read(&all, &s), 1);
    CHECK_STR(s.topic, "r");
    CHECK_STR(s.name, "ada");
    CHECK_INT(s.count, 2);
    CHECK_INT(brio_bus_stated_read(&all, &s), 1);
    CHECK_INT(s.count, UINT32_MAX);
    CHECK_INT(brio_bus_stated_read(&all, &s), 0);
    for (size_t cut = 1; cut < 10; cut++) {
        brio_str part = {out.ptr, cut};
        CHECK_INT(brio_bus_stated_read(&part, &s), -EINVAL);
    }
    brio_buf_fini(&out);
}
