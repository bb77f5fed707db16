/* SPDX-License-Identifier: MIT
 *
 * Dependencies: parameters and nesting, one call per request and when there
 * are more, lists of route and app, problems in FastAPI's order, failures,
 * threads, instances, OAuth2 scopes, overrides. */
#include "client.h"

#include <errno.h>
#include <stdio.h>

static char trail[256];
static size_t trail_len;

static void mark(char c)
{
    CHECK(trail_len < sizeof trail);
    trail[trail_len++] = c;
}

static brio_str trail_text(void)
{
    brio_str text = {trail, trail_len};
    trail_len = 0;
    return text;
}

/* ---- Parameters, nested ------------------------------------------------------ */

typedef struct PageQuery {
    int64_t skip, limit;
} PageQuery;
BRIO_MODEL(PageQuery, BRIO_QUERY(skip, .def = "0", .ge = BRIO_NUM(0)),
           BRIO_QUERY(limit, .def = "100"));

typedef struct Page {
    int64_t from, to;
} Page;

static int page(brio_request *req, const PageQuery *in, Page *out)
{
    (void)req;
    mark('p');
    *out = (Page){in->skip, in->skip + in->limit};
    return 0;
}
BRIO_PROVIDER(page, PageQuery, Page);

typedef struct UserInput {
    brio_str x_token;
    const Page *page;
} UserInput;
BRIO_MODEL(UserInput, BRIO_HEADER(x_token, .min_length = 3), BRIO_DEPENDS(page, page));

typedef struct User {
    brio_str name;
    int64_t from;
} User;
BRIO_MODEL(User, BRIO_FIELD(name), BRIO_FIELD(from));

static int user(brio_request *req, const UserInput *in, User *out)
{
    mark('u');
    if (brio_str_eq(in->x_token, BRIO_S("bad")))
        return brio_fail(req, 401, "Who are you?");
    *out = (User){in->x_token, in->page->from};
    return 0;
}
BRIO_PROVIDER(user, UserInput, User, .run = BRIO_BLOCKING);

typedef struct Read {
    int64_t id;
    User user;
    Page *page;
} Read;
BRIO_MODEL(Read, BRIO_PATH(id), BRIO_DEPENDS(user, user), BRIO_DEPENDS(page, page));

typedef struct ReadOut {
    int64_t id;
    User user;
    int64_t to;
} ReadOut;
BRIO_MODEL(ReadOut, BRIO_FIELD(id), BRIO_FIELD_AS(user, User), BRIO_FIELD(to));

static int read_it(brio_request *req, const Read *in, ReadOut *out)
{
    (void)req;
    mark('h');
    *out = (ReadOut){in->id, in->user, in->page->to};
    return 0;
}

static brio_app *make_app(void)
{
    brio_log_set_level(BRIO_LOG_OFF);
    trail_len = 0;
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/read/{id}", read_it, Read, ReadOut);
    return app;
}

static brio_test_response get_with_token(brio_test_client *client, const char *url,
                                         const char *token)
{
    char headers[64];
    snprintf(headers, sizeof headers, "X-Token: %s\r\n", token);
    return client_send(client, (brio_test_request){.url = url, .headers = headers});
}

TEST(what_is_needed_comes_first_and_once)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(get_with_token(client, "/read/7?skip=2&limit=3", "ada"), 200,
                 "{\"id\":7,\"user\":{\"name\":\"ada\",\"from\":2},\"to\":5}");
    CHECK_STR(trail_text(), "puh");
    client_close(client, app);
}

TEST(a_failure_is_the_answer)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(get_with_token(client, "/read/7", "bad"), 401, "{\"detail\":\"Who are you?\"}");
    CHECK_STR(trail_text(), "pu");
    client_close(client, app);
}

/* Dependencies first; one with a problem is not called, nor who depends on
 * it; who depends on what has a problem reports it again, as FastAPI does. */
TEST(all_problems_in_order)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = get_with_token(client, "/read/x?skip=-1", "xy");
    CHECK_ANSWER(
        r, 422,
        "{\"detail\":[{\"type\":\"greater_than_equal\",\"loc\":[\"query\",\"skip\"],\"msg\":"
        "\"Input should be greater than or equal to 0\",\"input\":\"-1\",\"ctx\":{\"ge\":0}},"
        "{\"type\":\"string_too_short\",\"loc\":[\"header\",\"x-token\"],\"msg\":\"String should "
        "have at least 3 characters\",\"input\":\"xy\",\"ctx\":{\"min_length\":3}},"
        "{\"type\":\"greater_than_equal\",\"loc\":[\"query\",\"skip\"],\"msg\":"
        "\"Input should be greater than or equal to 0\",\"input\":\"-1\",\"ctx\":{\"ge\":0}},"
        "{\"type\":\"int_parsing\",\"loc\":[\"path\",\"id\"],\"msg\":\"Input should be a valid "
        "integer, unable to parse string as an integer\",\"input\":\"x\"}]}");
    CHECK_STR(trail_text(), "");
    client_close(client, app);
}

TEST(one_with_a_problem_stops_only_the_handler_and_its_own)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_INT(get_with_token(client, "/read/1", "xy").status, 422);
    CHECK_STR(trail_text(), "p");
    CHECK_INT(get_with_token(client, "/read/x", "ada").status, 422);
    CHECK_STR(trail_text(), "pu");
    client_close(client, app);
}

/* ---- More than once ------------------------------------------------------------ */

static int counter;

static int count(brio_request *req, const brio_none *in, int64_t *out)
{
    (void)req, (void)in;
    *out = ++counter;
    return 0;
}
BRIO_PROVIDER(count, brio_none, int64_t);
BRIO_PROVIDER_NAMED(fresh, count, brio_none, int64_t, .no_cache = true, .arg = "fresh");

typedef struct Counts {
    int64_t a, b, c, d, e;
} Counts;
BRIO_MODEL(Counts, BRIO_DEPENDS(a, count), BRIO_DEPENDS(b, count),
           BRIO_DEPENDS(c, count, .no_cache = true), BRIO_DEPENDS(d, fresh),
           BRIO_DEPENDS(e, fresh));

static int sum(brio_request *req, const Counts *in, brio_text *out)
{
    out->text = brio_printf(brio_request_arena(req), "%d%d%d%d%d", (int)in->a, (int)in->b,
                            (int)in->c, (int)in->d, (int)in->e);
    return 0;
}

TEST(a_result_is_kept_for_the_request_unless_not_wanted)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/counts", sum, Counts, brio_text);
    brio_test_client *client = client_open(app);
    counter = 0;
    CHECK_ANSWER(client_get(client, "/counts"), 200, "11234");
    CHECK_ANSWER(client_get(client, "/counts"), 200, "55678");
    client_close(client, app);
}

/* ---- Lists ------------------------------------------------------------------------ */

static int letter(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    mark(*(const char *)brio_provider_arg(req));
    return 0;
}
BRIO_PROVIDER_NAMED(letter_a, letter, brio_none, brio_none, .arg = "a");
BRIO_PROVIDER_NAMED(letter_b, letter, brio_none, brio_none, .arg = "b");
BRIO_PROVIDER_NAMED(letter_c, letter, brio_none, brio_none, .arg = "c");

static int last(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    CHECK(!brio_provider_arg(req));
    mark('h');
    out->text = BRIO_S("ok");
    return 0;
}

TEST(lists_of_app_and_route_come_first)
{
    brio_app *app = brio_app_new(&(brio_app_options){.depends = BRIO_NEEDS(letter_a)});
    BRIO_GET(app, "/", last, brio_none, brio_text,
             .depends = BRIO_NEEDS(letter_b, letter_c, letter_a));
    BRIO_GET(app, "/bare", last, brio_none, brio_text);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/"), 200, "ok");
    CHECK_STR(trail_text(), "abch");
    CHECK_ANSWER(client_get(client, "/bare"), 200, "ok");
    CHECK_STR(trail_text(), "ah");
    CHECK_INT(client_get(client, "/docs").status, 200);
    CHECK_STR(trail_text(), "");
    client_close(client, app);
}

static int early(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    return brio_answer_text(req, 203, BRIO_S("early"));
}
BRIO_PROVIDER(early, brio_none, brio_none);

TEST(a_dependency_may_answer)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/", last, brio_none, brio_text, .depends = BRIO_NEEDS(early, letter_a));
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/"), 203, "early");
    CHECK_STR(trail_text(), "");
    client_close(client, app);
}

/* ---- Bodies ------------------------------------------------------------------------ */

typedef struct Named {
    brio_str name;
} Named;
BRIO_MODEL(Named, BRIO_FIELD(name));

typedef struct NamedBody {
    Named item;
} NamedBody;
BRIO_MODEL(NamedBody, BRIO_BODY(item, Named));

static int item_name(brio_request *req, const NamedBody *in, brio_str *out)
{
    (void)req;
    mark('i');
    *out = in->item.name;
    return 0;
}
BRIO_PROVIDER(item_name, NamedBody, brio_str);

typedef struct Only {
    brio_str name;
} Only;
BRIO_MODEL(Only, BRIO_DEPENDS(name, item_name));

static int only(brio_request *req, const Only *in, brio_text *out)
{
    (void)req;
    out->text = in->name;
    return 0;
}

typedef struct Both {
    brio_str name;
    Named owner;
} Both;
BRIO_MODEL(Both, BRIO_DEPENDS(name, item_name), BRIO_BODY(owner, Named));

static int both(brio_request *req, const Both *in, brio_text *out)
{
    out->text = brio_printf(brio_request_arena(req), "%.*s of %.*s", BRIO_ARG(in->name),
                            BRIO_ARG(in->owner.name));
    return 0;
}

/* Several in all are members of one object, wherever they are taken. */
TEST(the_body_is_shared)
{
    brio_app *app = make_app();
    BRIO_POST(app, "/only", only, Only, brio_text);
    BRIO_POST(app, "/both", both, Both, brio_text);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_post(client, "/only", "{\"name\":\"pen\"}"), 200, "pen");
    CHECK_ANSWER(
        client_post(client, "/both", "{\"item\":{\"name\":\"pen\"},\"owner\":{\"name\":\"ada\"}}"),
        200, "pen of ada");
    trail_len = 0;
    CHECK_ANSWER(client_post(client, "/both", "{"), 422,
                 "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON "
                 "decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name "
                 "enclosed in double quotes\"}}]}");
    CHECK_STR(trail_text(), "");
    CHECK_ANSWER(client_post(client, "/both", "{}"), 422,
                 "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field "
                 "required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"owner\"],"
                 "\"msg\":\"Field required\",\"input\":null}]}");
    client_close(client, app);
}

/* ---- OAuth2 scopes ------------------------------------------------------------------- */

static int scopes(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)in;
    mark('s');
    *out = brio_security_scopes(req);
    return 0;
}
BRIO_PROVIDER(scopes, brio_none, brio_str, .reads_scopes = true);

typedef struct Inner {
    brio_str scopes;
    int64_t count;
} Inner;
BRIO_MODEL(Inner, BRIO_DEPENDS(scopes, scopes), BRIO_DEPENDS(count, count));

static int inner(brio_request *req, const Inner *in, Inner *out)
{
    (void)req;
    *out = *in;
    return 0;
}
BRIO_PROVIDER(inner, Inner, Inner);

typedef struct Scoped {
    Inner me, mine, again;
    int64_t count;
} Scoped;
BRIO_MODEL(Scoped, BRIO_SECURITY(me, inner, .scopes = "me items"),
           BRIO_SECURITY(mine, inner, .scopes = "me"),
           BRIO_SECURITY(again, inner, .scopes = "items me"), BRIO_DEPENDS(count, count));

static int scoped(brio_request *req, const Scoped *in, brio_text *out)
{
    CHECK_INT(in->me.count, in->count);
    CHECK_INT(in->mine.count, in->count);
    out->text = brio_printf(brio_request_arena(req), "%.*s|%.*s|%.*s", BRIO_ARG(in->me.scopes),
                            BRIO_ARG(in->mine.scopes), BRIO_ARG(in->again.scopes));
    return 0;
}

/* What reads scopes is kept for each set of them, what does not for all. */
TEST(scopes_add_up_and_divide)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/scoped", scoped, Scoped, brio_text);
    BRIO_GET(app, "/listed", scoped, Scoped, brio_text,
             .depends = (const brio_need[]){BRIO_NEED(scopes, .scopes = "x"), {0}});
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/scoped"), 200, "me items|me|me items");
    CHECK_STR(trail_text(), "ss");
    CHECK_ANSWER(client_get(client, "/listed"), 200, "me items|me|me items");
    CHECK_STR(trail_text(), "sss");
    client_close(client, app);
}

/* ---- Overrides ------------------------------------------------------------------------- */

typedef struct FakeQuery {
    brio_str *q;
} FakeQuery;
BRIO_MODEL(FakeQuery, BRIO_QUERY(q));

static int fake(brio_request *req, const FakeQuery *in, Page *out)
{
    (void)req;
    *out = (Page){100, in->q ? 200 : 300};
    return 0;
}
BRIO_PROVIDER(fake, FakeQuery, Page);

TEST(an_override_takes_the_place)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_app_override(app, page, fake);
    CHECK_ANSWER(get_with_token(client, "/read/1?skip=-1&q=x", "ada"), 200,
                 "{\"id\":1,\"user\":{\"name\":\"ada\",\"from\":100},\"to\":200}");
    brio_app_clear_overrides(app);
    CHECK_ANSWER(get_with_token(client, "/read/1", "ada"), 200,
                 "{\"id\":1,\"user\":{\"name\":\"ada\",\"from\":0},\"to\":100}");
    client_close(client, app);
}

/* ---- The document ------------------------------------------------------------------------ */

TEST(their_parameters_are_documented)
{
    brio_app *app = make_app();
    BRIO_POST(app, "/both", both, Both, brio_text);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/openapi.json");
    CHECK_INT(r.status, 200);
    const brio_json *paths = brio_json_get(&r.json, BRIO_S("paths"));
    const brio_json *path = brio_json_get(paths, BRIO_S("/read/{id}"));
    const brio_json *params =
        brio_json_get(brio_json_get(path, BRIO_S("get")), BRIO_S("parameters"));
    static const char *names[] = {"id", "skip", "limit", "x-token"};
    CHECK_INT(params->n, 4);
    for (size_t i = 0; i < 4; i++)
        CHECK_STR(brio_json_get(&params->items[i], BRIO_S("name"))->str, names[i]);
    CHECK(brio_str_find(r.body, BRIO_S("\"Body_both_both_post\":{\"properties\":{\"owner\":{")) >
          0);
    client_close(client, app);
}
