/* SPDX-License-Identifier: MIT
 *
 * Mounted apps: everything below a path, with what is theirs; the outer app
 * around them; several levels. */
#include "client.h"

#include <brio/task.h>

#include <errno.h>
#include <stdio.h>

static int where(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    brio_str root = brio_request_root_path(req), path = brio_request_path(req);
    out->text = brio_printf(brio_request_arena(req), "%s %.*s %.*s",
                            (const char *)brio_app_state(brio_request_app(req)), BRIO_ARG(root),
                            BRIO_ARG(path));
    return 0;
}

static int failing(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return -EIO;
}

static int pool(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)req, (void)in;
    *out = BRIO_S("pool");
    return 0;
}
BRIO_PROVIDER(pool, brio_none, brio_str, .scope = BRIO_PER_APP);

typedef struct Pooled {
    brio_str pool;
} Pooled;
BRIO_MODEL(Pooled, BRIO_DEPENDS(pool, pool));

static int pooled(brio_request *req, const Pooled *in, brio_text *out)
{
    (void)req;
    out->text = in->pool;
    return 0;
}

static char paths[64];

static int note(brio_request *req, brio_next *next, void *arg)
{
    (void)arg;
    int rc = brio_next_run(req, next);
    brio_str path = brio_request_path(req);
    snprintf(paths, sizeof paths, "%.*s", BRIO_ARG(path));
    return rc;
}

static int sorry(brio_request *req, const brio_exception *e)
{
    (void)e;
    return brio_answer_text(req, 500, BRIO_S("sub is sorry"));
}

static brio_app *make_app(void)
{
    static char names[3][8] = {"outer", "sub", "subsub"};
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = brio_app_new(&(brio_app_options){.state = names[0]});
    brio_app *sub = brio_app_new(&(brio_app_options){.state = names[1], .title = "Sub"});
    brio_app *subsub = brio_app_new(&(brio_app_options){.state = names[2]});
    BRIO_GET(app, "/first/where", where, brio_none, brio_text);
    BRIO_GET(sub, "/where", where, brio_none, brio_text);
    BRIO_GET(sub, "/", where, brio_none, brio_text);
    BRIO_GET(sub, "/failing", failing, brio_none, brio_text);
    BRIO_GET(subsub, "/where", where, brio_none, brio_text);
    BRIO_GET(subsub, "/pooled", pooled, Pooled, brio_text);
    brio_mount(app, "/first", sub);
    brio_mount(sub, "/second", subsub);
    BRIO_GET(app, "/first/late", where, brio_none, brio_text);
    brio_app_on_status(sub, 500, sorry);
    brio_app_use(app, note, NULL);
    return app;
}

TEST(a_mounted_app_answers_below_its_path)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/first/where"), 200, "outer  /first/where");
    CHECK_ANSWER(client_get(client, "/first/"), 200, "sub /first /");
    CHECK_STR(brio_str_from(paths), "/first/");
    CHECK_ANSWER(client_get(client, "/first/second/where"), 200, "subsub /first/second /where");
    CHECK_ANSWER(client_get(client, "/first/second/pooled"), 200, "pool");
    CHECK_ANSWER(client_get(client, "/first/late"), 404, "{\"detail\":\"Not Found\"}");
    CHECK_ANSWER(client_get(client, "/firstly"), 404, "{\"detail\":\"Not Found\"}");
    CHECK_INT(client_send(client, (brio_test_request){.method = "POST", .url = "/first/"}).status,
              405);
    client_close(client, app);
}

TEST(its_failures_are_its_own)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/first/failing"), 500, "sub is sorry");
    CHECK_STR(brio_str_from(paths), "/first/failing");
    client_close(client, app);
}

TEST(slashes_and_documents_know_the_prefix)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/first");
    CHECK_INT(r.status, 307);
    CHECK_STR(brio_test_header(&r, BRIO_S("location")), "http://testserver/first/");
    r = client_get(client, "/first/second/where/");
    CHECK_INT(r.status, 307);
    CHECK_STR(brio_test_header(&r, BRIO_S("location")), "http://testserver/first/second/where");
    r = client_get(client, "/first/openapi.json");
    CHECK(brio_str_find(r.body, BRIO_S("\"title\":\"Sub\"")) > 0);
    CHECK(brio_str_find(r.body, BRIO_S("\"servers\":[{\"url\":\"/first\"}]")) > 0);
    r = client_get(client, "/first/docs");
    CHECK(brio_str_find(r.body, BRIO_S("\"/first/docs/")) > 0);
    client_close(client, app);
}

TEST(a_root_path_goes_before_it)
{
    brio_app *app = make_app();
    brio_app_set_root_path(app, "/api");
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/first/second/where"), 200, "subsub /api/first/second /where");
    CHECK_ANSWER(client_get(client, "/api/first/second/where"), 200,
                 "subsub /api/first/second /where");
    brio_test_response r = client_get(client, "/api/first/where/");
    CHECK_STR(brio_test_header(&r, BRIO_S("location")), "http://testserver/api/first/where");
    client_close(client, app);
}

static int url(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_url(req);
    return 0;
}

TEST(a_request_knows_its_url)
{
    brio_app *app = brio_app_new(&(brio_app_options){.no_redirect_slashes = true});
    brio_app *sub = brio_app_new(NULL);
    BRIO_GET(app, "/url", url, brio_none, brio_text);
    BRIO_GET(sub, "/u rl", url, brio_none, brio_text);
    brio_mount(app, "/sub", sub);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/url?a=1"), 200, "http://testserver/url?a=1");
    CHECK_ANSWER(client_get(client, "/sub/u%20rl"), 200, "http://testserver/sub/u%20rl");
    CHECK_INT(client_get(client, "/url/").status, 404);
    client_close(client, app);
}

/* ---- Names -------------------------------------------------------------------------- */

typedef struct Id {
    int64_t id;
} Id;
BRIO_MODEL(Id, BRIO_PATH(id));

static int read_one(brio_request *req, const Id *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int urls(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    CHECK_STR(brio_request_url_for(req, "sub:urls", NULL), "http://testserver/sub/urls");
    CHECK_STR(brio_request_url_for(req, "sub", "path", "/x y", NULL),
              "http://testserver/sub/x%20y");
    CHECK_STR(brio_request_url_for(req, "sub:deep:read_one", "id", "5", NULL),
              "http://testserver/sub/deep/5");
    CHECK_STR(brio_request_url_for(req, "sub:static", "path", "/x.css", NULL),
              "http://testserver/sub/files/x.css");
    CHECK_STR(brio_request_url_for(req, "only_there", "id", "5", NULL),
              "http://testserver/plain/5");
    static const char *const none[] = {"only_here", "sub:only_there", "subread_one", "sub:", "sub"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK_STR(brio_request_url_for(req, none[i], NULL), "");
    return 0;
}

static int inner_urls(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    CHECK_STR(brio_request_url_for(req, "deep:read_one", "id", "5", NULL),
              "http://testserver/sub/deep/5");
    CHECK_STR(brio_request_url_for(req, "only_there", "id", "5", NULL), "");
    return 0;
}

TEST(names_reach_into_mounted_apps)
{
    brio_app *app = brio_app_new(NULL), *sub = brio_app_new(NULL);
    brio_app *deep = brio_app_new(NULL), *plain = brio_app_new(NULL);
    BRIO_GET(app, "/urls", urls, brio_none, brio_none);
    brio_mount_as(app, "/sub", sub, "sub");
    brio_mount(app, "/plain", plain);
    BRIO_GET(sub, "/urls", inner_urls, brio_none, brio_none, .name = "urls");
    brio_static(sub, "/files", "/tmp", NULL);
    brio_mount_as(sub, "/deep", deep, "deep");
    BRIO_GET(deep, "/{id}", read_one, Id, brio_none);
    BRIO_GET(plain, "/{id}", read_one, Id, brio_none, .name = "only_there");
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/urls"), 200, "null");
    CHECK_ANSWER(client_get(client, "/sub/urls"), 200, "null");
    client_close(client, app);
}

/* ---- The lifespan ------------------------------------------------------------------- */

static char steps[64];

static void step(char c)
{
    char text[2] = {c, '\0'};
    strncat(steps, text, sizeof steps - strlen(steps) - 1);
}

static char name_of(void *state)
{
    return state ? *(const char *)state : '?';
}

static int begin(brio_app *app, void *state)
{
    (void)app;
    step(name_of(state));
    return 0;
}

static int end(brio_app *app, void *state)
{
    (void)app;
    step((char)(name_of(state) - 'a' + 'A'));
    return 0;
}

static int hook(brio_app *app, void *state)
{
    (void)app, (void)state;
    step('+');
    return 0;
}

static int fail_in_words(brio_app *app, void *state)
{
    (void)app, (void)state;
    step('!');
    return brio_error(-ENOENT, "no settings");
}

static int fail_in_other_words(brio_app *app, void *state)
{
    (void)app, (void)state;
    step('-');
    return brio_error(-EIO, "cannot end");
}

/* "b" has a part that is in front of the place of "c", which is in it, and one behind. */
static brio_app *make_parts(void)
{
    static char names[] = "abc";
    steps[0] = '\0';
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *a = brio_app_new(&(brio_app_options){.state = names});
    brio_app *b = brio_app_new(&(brio_app_options){.state = names + 1});
    brio_app *c = brio_app_new(&(brio_app_options){.state = names + 2});
    brio_app_on_startup(a, hook);
    brio_app_on_startup(b, hook); /* of a mounted app: never */
    brio_app_on_shutdown(c, hook);
    brio_app_add_part(b, begin, end);
    brio_mount(a, "/b", b);
    brio_mount(b, "/c", c);
    brio_app_add_part(c, begin, end);
    brio_app_add_part(a, begin, end);
    return a;
}

TEST(parts_of_rooms_begin_and_end_wherever_they_are_mounted)
{
    brio_app *app = make_parts();
    brio_app_on_startup(app, hook);
    brio_test_client *client = client_open(app);
    CHECK_STR(brio_str_from(steps), "+bca+");
    client_close(client, app);
    CHECK_STR(brio_str_from(steps), "+bca+ACB");
}

TEST(a_startup_that_fails_ends_them)
{
    brio_app *app = make_parts();
    brio_app_on_startup(app, fail_in_words);
    brio_app_on_startup(app, hook);
    brio_app_on_shutdown(app, hook);
    brio_app_add_part(app, hook, fail_in_other_words);
    brio_test_client *client;
    CHECK_INT(brio_test_client_open(&client, app), -ENOENT);
    CHECK_STR(brio_str_from(steps), "+bca!-ACB");
    CHECK_STR(brio_error_detail(), "no settings");
    brio_app_free(app);
}

/* ---- WebSockets --------------------------------------------------------------------- */

static int echo(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)in;
    brio_str text, root = brio_request_root_path(req);
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0)
        rc = brio_ws_sendf(ws, "%.*s says %.*s", BRIO_ARG(root), BRIO_ARG(text));
    return rc;
}

static int said(brio_websocket *ws, brio_none *state, const brio_ws_message *message)
{
    (void)state;
    return brio_ws_send_text(ws, message->data);
}

static void left(brio_websocket *ws, brio_none *state)
{
    (void)ws, (void)state;
    (void)!brio_sleep(BRIO_MS(10));
    step('l');
}

static uint64_t number(brio_app *app, const char *name)
{
    uint64_t values[BRIO_APP_NUMBERS_MAX], sum = 0;
    size_t at = 0;
    brio_app_count_numbers(app, values);
    for (const brio_app_numbers *set = brio_app_numbers_of(app); set; set = set->next)
        for (size_t i = 0; i < set->n; i++, at++)
            sum += strcmp(set->numbers[i].name, name) == 0 ? values[at] : 0;
    return sum;
}

static brio_app *served;

static int count(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_printf(brio_request_arena(req), "%d open, %d ever",
                            (int)number(served, "brio_websockets"),
                            (int)number(served, "brio_websockets_total"));
    return 0;
}

static void check_echo(brio_test_client *client, const char *url, const char *want)
{
    brio_test_socket *s;
    brio_ws_message msg;
    CHECK_OK(brio_test_socket_open(client, url, NULL, &s, NULL));
    brio_test_socket_send_text(s, BRIO_S("x"));
    CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
    CHECK_STR(msg.data, want);
}

/* The outer app has none of its own. */
TEST(its_sockets_are_counted_and_waited_for_at_the_end)
{
    steps[0] = '\0';
    brio_app *app = served = brio_app_new(NULL), *sub = brio_app_new(NULL);
    BRIO_GET(app, "/count", count, brio_none, brio_text);
    BRIO_WEBSOCKET(sub, "/echo", echo, brio_none);
    BRIO_WEBSOCKET_EVENTS(sub, "/events", brio_none, brio_none, brio_ws_message,
                          (.message = said, .close = left));
    brio_mount(app, "/sub", sub);
    brio_app_on_shutdown(app, hook);
    brio_test_client *client = client_open(app);
    check_echo(client, "/sub/echo", "/sub says x");
    check_echo(client, "/sub/events", "x");
    CHECK_ANSWER(client_get(client, "/count"), 200, "2 open, 2 ever");
    client_close(client, app);
    CHECK_STR(brio_str_from(steps), "l+"); /* the close handler, then the hooks */
}
