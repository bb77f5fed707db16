/* SPDX-License-Identifier: MIT
 *
 * Topics, filters and who gets what: MQTT 3.1.1, section 4.7, case by case. */
#include "bed.h"

#include <stdio.h>

static bool is(const char *text, brio_bus_words words)
{
    return brio_bus_topic_check(brio_str_from(text), words) == 0;
}

TEST(what_is_a_topic)
{
    static const char *const good[] = {"a", "a/b", "/", "/a", "a//b", "a/", "Äpfel/ß", "a b"};
    static const char *const bad[] = {"", "+", "#", "a/+", "a/#", "a+", "$all", "$", "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(is(good[i], BRIO_BUS_IS_TOPIC));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!is(bad[i], BRIO_BUS_IS_TOPIC));
    CHECK(brio_bus_topic_check((brio_str){"a\0b", 3}, BRIO_BUS_IS_TOPIC) == -EINVAL);
}

TEST(what_is_a_filter)
{
    static const char *const good[] = {"#", "+", "a/#", "a/+", "+/a", "+/+/#", "/+", "a/+/b"};
    static const char *const bad[] = {"",   "a#",   "#/a", "a/#/b", "a+",
                                      "+a", "a/b+", "##",  "$all",  "$/+"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(is(good[i], BRIO_BUS_IS_FILTER));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!is(bad[i], BRIO_BUS_IS_FILTER));
}

TEST(topics_have_limits)
{
    char text[300];
    memset(text, 'a', sizeof text);
    CHECK_INT(brio_bus_topic_check((brio_str){text, 255}, BRIO_BUS_IS_TOPIC), 0);
    CHECK_INT(brio_bus_topic_check((brio_str){text, 256}, BRIO_BUS_IS_TOPIC), -EINVAL);
    CHECK(is("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", BRIO_BUS_IS_TOPIC));
    CHECK(!is("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", BRIO_BUS_IS_TOPIC));
}

/* ---- Who gets what ----------------------------------------------------------------- */

static const struct {
    const char *filter, *topic;
    bool fits;
} fits[] = {
    {"a", "a", true},
    {"a", "b", false},
    {"a", "a/b", false},
    {"a/b", "a/b", true},
    {"a/b", "a", false},
    {"#", "a", true},
    {"#", "a/b/c", true},
    {"#", "/", true},
    {"sport/tennis/player1/#", "sport/tennis/player1", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
    {"sport/#", "sport", true},
    {"sport/#", "sports", false},
    {"sport/tennis/+", "sport/tennis/player1", true},
    {"sport/tennis/+", "sport/tennis/player1/ranking", false},
    {"sport/+", "sport", false},
    {"sport/+", "sport/", true},
    {"+/+", "/finance", true},
    {"/+", "/finance", true},
    {"+", "/finance", false},
    {"+/tennis/#", "sport/tennis/x", true},
    {"+/tennis/#", "sport/tennis", true},
    {"+/b/+", "a/b/c", true},
    {"+/b/+", "a/c/c", false},
    {"a//b", "a//b", true},
    {"a/+/b", "a//b", true},
    {"a/", "a", false},
};

BUS_TEST(filters_fit_as_in_mqtt)
{
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        notes n = {0};
        brio_bus *bus = brio_bus_new(NULL, NULL);
        CHECK_OK(brio_bus_open(bus));
        CHECK(brio_bus_subscribe(bus, brio_str_from(fits[i].filter), note, &n));
        CHECK_OK(brio_bus_publish(bus, brio_str_from(fits[i].topic), BRIO_S("x")));
        if ((n.text.len > 0) != fits[i].fits)
            test_fail(__FILE__, __LINE__, "%s and %s", fits[i].filter, fits[i].topic);
        brio_buf_fini(&n.text);
        brio_bus_close(bus);
        brio_bus_free(bus);
    }
    return 0;
}

BUS_TEST(many_filters_at_once_and_none_left_behind)
{
    notes n = {0};
    brio_bus_subscription *subs[200];
    brio_bus *bus = brio_bus_new(NULL, NULL);
    CHECK_OK(brio_bus_open(bus));
    for (int i = 0; i < 200; i++) {
        char filter[32];
        snprintf(filter, sizeof filter, i % 3 ? "room/%d/+" : "room/%d/#", i / 2);
        subs[i] = brio_bus_subscribe(bus, brio_str_from(filter), note, &n);
        CHECK(subs[i]);
    }
    CHECK_INT(brio_bus_stats_get(bus).subscriptions, 200);
    CHECK_OK(brio_bus_publish(bus, BRIO_S("room/99/x"), BRIO_S("1")));
    CHECK_NOTES(&n, "room/99/x=1 room/99/x=1");
    for (int i = 0; i < 200; i++)
        brio_bus_unsubscribe(subs[i]);
    CHECK_INT(bus->nodes.n, 0);
    CHECK(bus->root == NULL);
    brio_bus_close(bus);
    brio_bus_free(bus);
    return 0;
}

TEST(a_wrong_filter_is_said_in_words)
{
    brio_bus *bus = brio_bus_new(NULL, &(brio_bus_options){.subscriptions = 1});
    CHECK(!brio_bus_subscribe(bus, BRIO_S("a/#/b"), note, NULL));
    CHECK_STR(brio_error_detail(), "a filter of the bus has # before its end: \"a/#/b\"");
    CHECK(brio_bus_subscribe(bus, BRIO_S("a"), note, NULL));
    CHECK(!brio_bus_subscribe(bus, BRIO_S("b"), note, NULL));
    CHECK_STR(brio_error_detail(), "the bus has 1 subscriptions already");
    brio_bus_free(bus);
}
