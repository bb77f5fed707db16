/* SPDX-License-Identifier: MIT
 *
 * The wire contract: the same API as in wire_cases.py, the same requests, and
 * FastAPI's recorded answers. Status, body byte for byte, content-type, and
 * `location` or `allow` must agree. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Models ---------------------------------------------------------------- */

typedef struct Item {
    brio_str name;
    double price;
    double *tax;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name, .min_length = 1), BRIO_FIELD(price, .gt = BRIO_NUM(0)),
           BRIO_FIELD(tax), BRIO_FIELD(tags, .def = "[]"));
BRIO_LIST_OF(Item);

typedef struct User {
    int64_t id;
} User;
BRIO_MODEL(User, BRIO_FIELD(id));

typedef struct ReadItem {
    int64_t item_id;
    brio_str *q;
    int64_t limit;
    brio_str_list tag;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id, .ge = BRIO_NUM(1)), BRIO_QUERY(q, .max_length = 5),
           BRIO_QUERY(limit, .def = "10", .le = BRIO_NUM(100)), BRIO_QUERY(tag, .def = "[]"));
typedef ReadItem ReadItemOut;
BRIO_MODEL(ReadItemOut, BRIO_FIELD(item_id), BRIO_FIELD(q), BRIO_FIELD(limit), BRIO_FIELD(tag));

typedef struct Flag {
    bool on;
    double ratio;
    brio_str name;
} Flag;
BRIO_MODEL(Flag, BRIO_QUERY(on), BRIO_QUERY(ratio, .def = "0.5"),
           BRIO_QUERY(name, .def = "\"x\"", .alias = "the-name"));
typedef Flag FlagOut;
BRIO_MODEL(FlagOut, BRIO_FIELD(on), BRIO_FIELD(ratio), BRIO_FIELD(name));

typedef struct Nums {
    brio_i64_list n;
} Nums;
BRIO_MODEL(Nums, BRIO_QUERY(n, .min_length = 1, .max_length = 3));
typedef Nums NumsOut;
BRIO_MODEL(NumsOut, BRIO_FIELD(n));

typedef struct Head {
    brio_str x_token;
    int64_t x_num;
    brio_str_list *x_list;
    brio_str under_score;
    brio_str *session;
    int64_t n;
} Head;
BRIO_MODEL(Head, BRIO_HEADER(x_token), BRIO_HEADER(x_num, .def = "3"), BRIO_HEADER(x_list),
           BRIO_HEADER(under_score, .def = "\"-\"", .exact_name = true), BRIO_COOKIE(session),
           BRIO_COOKIE(n, .def = "0"));
typedef Head HeadOut;
BRIO_MODEL(HeadOut, BRIO_FIELD(x_token), BRIO_FIELD(x_num), BRIO_FIELD(x_list),
           BRIO_FIELD(under_score), BRIO_FIELD(session), BRIO_FIELD(n));

typedef struct One {
    Item item;
} One;
BRIO_MODEL(One, BRIO_BODY(item, Item));
typedef One Embed;
BRIO_MODEL(Embed, BRIO_BODY(item, Item, .embed = true));

typedef struct Two {
    Item item;
    User user;
    int64_t importance;
} Two;
BRIO_MODEL(Two, BRIO_BODY(item, Item), BRIO_BODY(user, User),
           BRIO_BODY(importance, int64_t, .gt = BRIO_NUM(0), .def = "5"));
typedef Two TwoOut;
BRIO_MODEL(TwoOut, BRIO_FIELD_AS(item, Item), BRIO_FIELD_AS(user, User), BRIO_FIELD(importance));

typedef struct Scalar {
    int64_t n;
} Scalar;
BRIO_MODEL(Scalar, BRIO_BODY(n, int64_t, .ge = BRIO_NUM(1)));
typedef Scalar Count;
BRIO_MODEL(Count, BRIO_FIELD(n));

typedef struct Items {
    Item_list items;
} Items;
BRIO_MODEL(Items, BRIO_BODY(items, Item_list));

typedef struct Few {
    brio_i64_list items;
} Few;
BRIO_MODEL(Few, BRIO_BODY(items, brio_i64_list, .max_length = 2));

typedef struct Maybe {
    Item *item;
} Maybe;
BRIO_MODEL(Maybe, BRIO_BODY(item, Item));
typedef Maybe MaybeOut;
BRIO_MODEL(MaybeOut, BRIO_FIELD_AS(item, Item));

typedef struct Text {
    brio_str s;
} Text;
BRIO_MODEL(Text, BRIO_BODY(s, brio_str));
typedef Text TextOut;
BRIO_MODEL(TextOut, BRIO_FIELD(s));

typedef struct Mix {
    int64_t id, q, x_h, c;
    Item item;
} Mix;
BRIO_MODEL(Mix, BRIO_PATH(id), BRIO_QUERY(q), BRIO_HEADER(x_h), BRIO_COOKIE(c),
           BRIO_BODY(item, Item));

typedef struct Rest {
    brio_str rest;
} Rest;
BRIO_MODEL(Rest, BRIO_PATH(rest));
typedef Rest RestOut;
BRIO_MODEL(RestOut, BRIO_FIELD(rest));
typedef Rest U;
BRIO_MODEL(U, BRIO_PATH(rest, .alias = "u"));
typedef Rest Name;
BRIO_MODEL(Name, BRIO_PATH(rest, .alias = "name"));
typedef Rest X;
BRIO_MODEL(X, BRIO_PATH(rest, .alias = "x"));

typedef Scalar PathInt;
BRIO_MODEL(PathInt, BRIO_PATH(n, .le = BRIO_NUM(1000)));

typedef struct PathFloat {
    double x;
} PathFloat;
BRIO_MODEL(PathFloat, BRIO_PATH(x, .lt = BRIO_NUM(100)));
typedef PathFloat FloatOut;
BRIO_MODEL(FloatOut, BRIO_FIELD(x));

typedef struct Pair {
    brio_str x, y;
} Pair;
BRIO_MODEL(Pair, BRIO_PATH(x), BRIO_PATH(y));
typedef Pair PairOut;
BRIO_MODEL(PairOut, BRIO_FIELD(x), BRIO_FIELD(y));

typedef struct Status {
    int64_t status;
} Status;
BRIO_MODEL(Status, BRIO_PATH(status));

/* ---- Handlers ---------------------------------------------------------------- */

/* Answers with its input. */
#define ECHO(name, In, Out)                                                                        \
    static int name(brio_request *req, const In *in, Out *out)                                     \
    {                                                                                              \
        (void)req;                                                                                 \
        *out = *in;                                                                                \
        return 0;                                                                                  \
    }

ECHO(read_item, ReadItem, ReadItemOut)
ECHO(flag, Flag, FlagOut)
ECHO(nums, Nums, NumsOut)
ECHO(head, Head, HeadOut)
ECHO(two, Two, TwoOut)
ECHO(scalar, Scalar, Count)
ECHO(optional, Maybe, MaybeOut)
ECHO(text, Text, TextOut)
ECHO(files, Rest, RestOut)
ECHO(num, PathInt, Count)
ECHO(flt, PathFloat, FloatOut)
ECHO(pair, Pair, PairOut)

static int one(brio_request *req, const One *in, Item *out)
{
    (void)req;
    *out = in->item;
    return 0;
}

static int mix(brio_request *req, const Mix *in, Item *out)
{
    (void)req;
    *out = in->item;
    return 0;
}

static int items(brio_request *req, const Items *in, Count *out)
{
    (void)req;
    out->n = (int64_t)in->items.len;
    return 0;
}

static int few(brio_request *req, const Few *in, Count *out)
{
    (void)req;
    out->n = (int64_t)in->items.len;
    return 0;
}

static int say(brio_request *req, const Rest *in, brio_text *out)
{
    (void)req;
    out->text = in->rest;
    return 0;
}

static int me(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("me");
    return 0;
}

static int fixed(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("fixed");
    return 0;
}

static int nothing(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int root(brio_request *req, const brio_none *in, brio_html *out)
{
    (void)req, (void)in;
    out->html = BRIO_S("<p>hi</p>");
    return 0;
}

static int fail(brio_request *req, const Status *in, brio_none *out)
{
    (void)out;
    return brio_fail(req, (int)in->status, NULL);
}

static int fail_text(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    return brio_fail(req, 418, "no \"%s\" \xC3\xA9", "coffee");
}

static int fail_json(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    static const char text[] = "{\"code\":7,\"why\":[\"a\",null]}";
    brio_json detail = {.type = BRIO_JSON_RAW, .str = {text, sizeof text - 1}};
    return brio_fail_json(req, 400, detail);
}

/* ---- The app: in the order of wire_cases.py ------------------------------------ */

static void add_parameters(brio_app *app)
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, ReadItemOut);
    BRIO_GET(app, "/flag", flag, Flag, FlagOut);
    BRIO_GET(app, "/nums", nums, Nums, NumsOut);
    BRIO_GET(app, "/head", head, Head, HeadOut);
    BRIO_POST(app, "/one", one, One, Item);
    BRIO_POST(app, "/two", two, Two, TwoOut);
    BRIO_POST(app, "/embed", one, Embed, Item);
    BRIO_POST(app, "/scalar", scalar, Scalar, Count);
    BRIO_POST(app, "/list", items, Items, Count);
    BRIO_POST(app, "/few", few, Few, Count);
    BRIO_POST(app, "/optional", optional, Maybe, MaybeOut);
    BRIO_POST(app, "/text", text, Text, TextOut);
    BRIO_GET(app, "/body", one, One, Item);
    BRIO_PUT(app, "/mix/{id}", mix, Mix, Item);
}

static void add_paths(brio_app *app)
{
    BRIO_GET(app, "/files/{rest:path}", files, Rest, RestOut);
    BRIO_GET(app, "/num/{n:int}", num, PathInt, Count);
    BRIO_GET(app, "/flt/{x:float}", flt, PathFloat, FloatOut);
    BRIO_GET(app, "/id/{u:uuid}", files, U, RestOut);
    BRIO_GET(app, "/a/{x}.{y}", pair, Pair, PairOut);
    BRIO_GET(app, "/ab/{x}-{y:path}/end", pair, Pair, PairOut);
    BRIO_GET(app, "/order/me", me, brio_none, brio_text);
    BRIO_GET(app, "/order/{name}", say, Name, brio_text);
    BRIO_GET(app, "/late/{name}", say, Name, brio_text);
    BRIO_GET(app, "/late/me", me, brio_none, brio_text);
    BRIO_POST(app, "/both", nothing, brio_none, brio_none);
    BRIO_GET(app, "/both", nothing, brio_none, brio_none);
    BRIO_PUT(app, "/wild/{name}", say, Name, brio_text);
    BRIO_GET(app, "/wild/fixed", fixed, brio_none, brio_text);
    BRIO_GET(app, "/slash/", nothing, brio_none, brio_none);
    BRIO_GET(app, "/deep/{x}", files, X, RestOut);
    BRIO_GET(app, "/", root, brio_none, brio_html);
}

static void add_answers(brio_app *app)
{
    BRIO_GET(app, "/fail/{status}", fail, Status, brio_none);
    BRIO_GET(app, "/fail-text", fail_text, brio_none, brio_none);
    BRIO_GET(app, "/fail-json", fail_json, brio_none, brio_none);
    BRIO_DELETE(app, "/gone", nothing, brio_none, brio_none, .status = 204);
    BRIO_POST(app, "/made", one, One, Item, .status = 201);
}

/* ---- The cases ------------------------------------------------------------------ */

typedef struct wire_case {
    const char *method, *url, *headers;
    brio_str body;
    size_t body_len; /* differs from body.len: that many '[' */
    int status;
    const char *special, *content_type;
    brio_str answer;
} wire_case;

#define CASE(method, url, headers, body, body_len, status, special, type, answer)                  \
    {method, url, headers, BRIO_S_INIT(body), body_len, status, special, type, BRIO_S_INIT(answer)},
static const wire_case cases[] = {
#include "wire_cases.h"
};
#undef CASE

static brio_str special_of(const brio_test_response *r)
{
    brio_str location = brio_test_header(r, BRIO_S("location"));
    return location.len ? location : brio_test_header(r, BRIO_S("allow"));
}

static bool agrees(const wire_case *c, const brio_test_response *r)
{
    bool any_body = brio_str_eq(c->answer, BRIO_S("*"));
    return r->status == c->status && (any_body || brio_str_eq(r->body, c->answer)) &&
           brio_str_eq(special_of(r), brio_str_from(c->special)) &&
           brio_str_eq(brio_test_header(r, BRIO_S("content-type")), brio_str_from(c->content_type));
}

static void show(const wire_case *c, const brio_test_response *r)
{
    brio_str type = brio_test_header(r, BRIO_S("content-type")), special = special_of(r);
    printf("# %s %s %s%.*s\n#   want %d [%s] [%s] %.*s\n#   got  %d [%.*s] [%.*s] %.*s\n",
           c->method, c->url, c->headers, BRIO_ARG(c->body), c->status, c->special, c->content_type,
           BRIO_ARG(c->answer), r->status, BRIO_ARG(special), BRIO_ARG(type), BRIO_ARG(r->body));
}

TEST(answers_are_fastapis)
{
    brio_app *app = brio_app_new(NULL);
    add_parameters(app);
    add_paths(app);
    add_answers(app);
    brio_test_client *client = client_open(app);
    char *deep = malloc(20000);
    CHECK(deep);
    memset(deep, '[', 20000);
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const wire_case *c = &cases[i];
        brio_str body = c->body.len == c->body_len ? c->body : (brio_str){deep, c->body_len};
        brio_test_response r = client_send(
            client, (brio_test_request){
                        .method = c->method, .url = c->url, .headers = c->headers, .body = body});
        if (agrees(c, &r))
            continue;
        show(c, &r);
        wrong++;
    }
    free(deep);
    CHECK_INT(wrong, 0);
    client_close(client, app);
}
