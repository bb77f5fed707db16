/* SPDX-License-Identifier: MIT
 *
 * Shortcuts over the test client for this room's tests: each ends the test
 * when the client itself fails. */
#ifndef BRIO_TESTS_APP_CLIENT_H
#define BRIO_TESTS_APP_CLIENT_H

#include "harness/test.h"

#include <brio/app.h>

/* Redirects are answers that most tests of this room want to see. */
static inline brio_test_client *client_open(brio_app *app)
{
    brio_test_client *client;
    CHECK_OK(brio_test_client_open_with(&client, app, &(brio_test_options){.no_redirects = true}));
    return client;
}

static inline brio_test_client *client_open_with(brio_app *app, brio_test_options options)
{
    brio_test_client *client;
    CHECK_OK(brio_test_client_open_with(&client, app, &options));
    return client;
}

static inline void client_close(brio_test_client *client, brio_app *app)
{
    CHECK_INT(brio_test_client_close(client), 0);
    brio_app_free(app);
}

static inline brio_test_response client_send(brio_test_client *client, brio_test_request request)
{
    brio_test_response response;
    CHECK_OK(brio_test_client_send(client, &request, &response));
    return response;
}

static inline brio_test_response client_get(brio_test_client *client, const char *url)
{
    return client_send(client, (brio_test_request){.url = url});
}

static inline brio_test_response client_post(brio_test_client *client, const char *url,
                                             const char *json)
{
    return client_send(
        client, (brio_test_request){.method = "POST", .url = url, .json = brio_str_from(json)});
}

/* One request to an app of its own; for tests that need no more. */
#define CHECK_ANSWER(response, want_status, want_body)                                             \
    do {                                                                                           \
        brio_test_response check_answer = (response);                                              \
        CHECK_INT(check_answer.status, want_status);                                               \
        CHECK_STR(check_answer.body, want_body);                                                   \
    } while (0)

#endif
