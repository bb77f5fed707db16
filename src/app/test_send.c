/* SPDX-License-Identifier: MIT
 *
 * Requests of the test client and where they lead: a trip is a request with the
 * redirects behind it. All trips of a call run at once, in rounds: whoever was
 * redirected goes on when the slowest of the round has come. */
#include "app/test_client.h"

#include <errno.h>

enum { REDIRECTS_MAX = 20 };

typedef struct trip {
    const brio_test_request *request;
    brio_app_test_url first, url;
    brio_app_test_turn turn;
    brio_app_visit *visit; /* NULL: arrived */
    size_t redirects;
} trip;

static bool all_over(const void *arg)
{
    return ((const brio_test_client *)arg)->awaited == 0;
}

static void depart(brio_test_client *client, trip *t)
{
    t->visit = brio_app_visit_new(client, t->request, &t->url, &t->turn);
    t->visit->awaited = true;
    client->awaited++;
}

/* ---- Redirects -------------------------------------------------------------------------- */

static bool leads_on(const brio_test_client *client, const brio_test_response *r)
{
    static const int statuses[] = {301, 302, 303, 307, 308};
    bool one_of_them = false;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        one_of_them |= statuses[i] == r->status;
    return one_of_them && !client->options.no_redirects &&
           brio_test_header(r, BRIO_S("location")).len > 0;
}

static bool becomes_get(int status, const char *method)
{
    if (strcmp(method, "HEAD") == 0 || strcmp(method, "GET") == 0)
        return false;
    return status == 303 || status == 302 || (status == 301 && strcmp(method, "POST") == 0);
}

static const char *method_of(const trip *t)
{
    const char *written = t->request->method ? t->request->method : "GET";
    return t->turn.method ? t->turn.method : written;
}

static int turn_to(brio_test_client *client, trip *t, const brio_test_response *r)
{
    if (++t->redirects > REDIRECTS_MAX)
        return brio_error(-ELOOP, "more than %d redirects, the last to %.*s", REDIRECTS_MAX,
                          BRIO_ARG(brio_test_header(r, BRIO_S("location"))));
    brio_app_test_url from = t->url;
    int rc = brio_app_test_url_join(&client->arena, &from, brio_test_header(r, BRIO_S("location")),
                                    &t->url);
    if (rc < 0)
        return brio_error(rc, "a redirect to what is no URL of HTTP: %.*s",
                          BRIO_ARG(brio_test_header(r, BRIO_S("location"))));
    t->turn.again = true;
    t->turn.foreign |= !brio_str_eq_nocase(t->first.host, t->url.host) ||
                       !brio_str_eq(t->first.scheme, t->url.scheme);
    if (becomes_get(r->status, method_of(t))) {
        t->turn.method = "GET";
        t->turn.no_body = true;
    }
    return 0;
}

/* ---- Arriving ----------------------------------------------------------------------------- */

static int failure_of(const brio_test_client *client, const brio_app_visit *v)
{
    if (!client->options.raise_errors || !v->failure)
        return 0;
    return brio_error(v->failure, "%.*s", BRIO_ARG(v->failure_text));
}

/* The answer of one round: this trip's end, or where it goes on. */
static int arrive(brio_test_client *client, trip *t, brio_test_response *ret)
{
    brio_app_visit *v = t->visit;
    t->visit = NULL;
    int rc = failure_of(client, v);
    if (rc >= 0)
        rc = brio_app_visit_read(v, ret);
    if (rc < 0)
        return rc;
    brio_app_test_cookies_keep(client, &t->url, ret->head);
    ret->redirects = t->redirects;
    if (!leads_on(client, ret))
        return 0;
    rc = turn_to(client, t, ret);
    if (rc >= 0)
        depart(client, t);
    return rc;
}

static int run_round(brio_test_client *client, trip *trips, size_t n, brio_test_response *ret)
{
    int rc = brio_app_client_wait(client, all_over, client);
    client->stuck |= rc == BRIO_EDEADLOCK;
    for (size_t i = 0; i < n && rc >= 0; i++)
        if (trips[i].visit)
            rc = arrive(client, &trips[i], &ret[i]);
    return rc;
}

/* Nobody waits any more for what a failed call has begun. */
static void give_up(brio_test_client *client, int rc)
{
    if (rc >= 0)
        return;
    for (brio_app_visit *v = client->visits; v && client->awaited; v = v->next) {
        client->awaited -= v->awaited && !v->over;
        v->awaited = false;
    }
}

int brio_test_client_send_all(brio_test_client *client, const brio_test_request *requests, size_t n,
                              brio_test_response *ret)
{
    if (n == 0)
        return 0;
    trip *trips = BRIO_NEW_ARRAY(&client->arena, trip, n);
    int rc = 0;
    for (size_t i = 0; i < n && rc >= 0; i++) {
        trips[i] = (trip){.request = &requests[i]};
        rc = brio_app_test_url_of(client, &requests[i], &trips[i].first);
        trips[i].url = trips[i].first;
    }
    for (size_t i = 0; i < n && rc >= 0; i++)
        depart(client, &trips[i]);
    do
        rc = rc < 0 ? rc : run_round(client, trips, n, ret);
    while (rc >= 0 && client->awaited);
    give_up(client, rc);
    return rc < 0 ? rc : 0;
}

int brio_test_client_send(brio_test_client *client, const brio_test_request *request,
                          brio_test_response *ret)
{
    return brio_test_client_send_all(client, request, 1, ret);
}
