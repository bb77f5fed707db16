/* SPDX-License-Identifier: MIT
 *
 * Buses of apps that are mounted in one another: open as long as the outermost app
 * serves, named by its operator, counted by its server. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/bus.h>
#include <brio/task.h>

#include <errno.h>

enum { OUTER, INNER, INMOST, N };

static brio_bus *buses[N];
static brio_app *apps[N];
static int heard[N];

static void hear(const brio_bus_message *m, void *arg)
{
    (void)m;
    ++*(int *)arg;
}

static int publish(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_bus **bus = brio_app_state(brio_request_app(req));
    return brio_bus_publish(*bus, BRIO_S("t"), BRIO_S("hi"));
}

/* What is not 0 of the bus's numbers, as the app shows them. */
static int count(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    uint64_t values[BRIO_APP_NUMBERS_MAX];
    size_t at = 0;
    brio_app *app = brio_request_app(req);
    brio_app_count_numbers(app, values);
    for (const brio_app_numbers *set = brio_app_numbers_of(app); set; set = set->next)
        for (size_t i = 0; i < set->n; i++, at++)
            if (brio_str_starts(brio_str_from(set->numbers[i].name), BRIO_S("brio_bus_")) &&
                values[at] && values[at] != BRIO_APP_NO_NUMBER)
                out->text =
                    brio_printf(brio_request_arena(req), "%.*s%s %d ", BRIO_ARG(out->text),
                                set->numbers[i].name + strlen("brio_bus_"), (int)values[at]);
    return 0;
}

/* No bus yet. */
static void make_apps(void)
{
    for (int i = 0; i < N; i++) {
        heard[i] = 0;
        apps[i] = brio_app_new(&(brio_app_options){.state = &buses[i]});
        BRIO_POST(apps[i], "/publish", publish, brio_none, brio_none);
        BRIO_GET(apps[i], "/count", count, brio_none, brio_text);
    }
}

static void add_bus(int i, const char *url)
{
    buses[i] = brio_bus_new(apps[i], &(brio_bus_options){.url = url});
    CHECK(brio_bus_subscribe(buses[i], BRIO_S("t"), hear, &heard[i]));
}

static void ask(brio_test_client *client, const char *method, const char *url, const char *want)
{
    brio_test_response answer;
    brio_test_request request = {.method = method, .url = url};
    CHECK_OK(brio_test_client_send(client, &request, &answer));
    CHECK_INT(answer.status, 200);
    CHECK_STR(answer.body, want);
}

TEST(buses_of_mounted_apps_are_open_and_counted)
{
    brio_test_client *client;
    make_apps();
    add_bus(INMOST, NULL);
    brio_mount(apps[INNER], "/inmost", apps[INMOST]);
    brio_mount(apps[OUTER], "/inner", apps[INNER]);
    add_bus(INNER, NULL); /* in front of the mount or behind it: no matter */
    CHECK_OK(brio_test_client_open(&client, apps[OUTER]));
    ask(client, "POST", "/inner/publish", "null");
    ask(client, "POST", "/inner/inmost/publish", "null");
    ask(client, "POST", "/inner/inmost/publish", "null");
    CHECK_INT(heard[INNER], 1); /* each is of its own */
    CHECK_INT(heard[INMOST], 2);
    ask(client, "GET", "/count", "published_total 3 delivered_total 3 subscriptions 2 ");
    ask(client, "GET", "/inner/inmost/count",
        "published_total 2 delivered_total 2 subscriptions 1 ");
    CHECK_OK(brio_test_client_close(client));
    brio_app_free(apps[OUTER]);
}

TEST(one_set_of_numbers_for_all_buses)
{
    make_apps();
    for (int i = 0; i < N; i++)
        add_bus(i, NULL);
    size_t before = 0, after = 0;
    for (const brio_app_numbers *s = brio_app_numbers_of(apps[OUTER]); s; s = s->next)
        before += s->n;
    brio_mount(apps[OUTER], "/inner", apps[INNER]);
    brio_mount(apps[OUTER], "/inmost", apps[INMOST]);
    for (const brio_app_numbers *s = brio_app_numbers_of(apps[OUTER]); s; s = s->next)
        after += s->n;
    CHECK_INT(after, before);
    brio_app_free(apps[OUTER]);
}

TEST(the_operator_names_the_place_of_all_that_name_none)
{
    make_apps();
    add_bus(OUTER, NULL);
    add_bus(INNER, "local");
    add_bus(INMOST, NULL);
    brio_mount(apps[INNER], "/inmost", apps[INMOST]);
    brio_mount(apps[OUTER], "/inner", apps[INNER]);
    CHECK_INT(brio_bus_use(apps[OUTER], "local"), 3);
    CHECK_INT(brio_bus_use(apps[OUTER], "http://somewhere"), -EINVAL);
    brio_app_free(apps[OUTER]);
}

static int refuse(brio_app *app, void *state)
{
    (void)app, (void)state;
    return brio_error(-EIO, "not today");
}

/* Freeing an open bus would be asserted. */
TEST(a_startup_that_fails_behind_them_closes_them)
{
    brio_test_client *client;
    make_apps();
    add_bus(OUTER, NULL);
    add_bus(INNER, NULL);
    brio_mount(apps[OUTER], "/inner", apps[INNER]);
    brio_app_on_startup(apps[OUTER], refuse);
    CHECK_INT(brio_test_client_open(&client, apps[OUTER]), -EIO);
    CHECK_STR(brio_error_detail(), "not today");
    brio_app_free(apps[OUTER]);
    brio_app_free(apps[INMOST]);
}
