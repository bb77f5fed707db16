/* SPDX-License-Identifier: MIT
 *
 * Parameters and bodies of the document against FastAPI's. The twins of these
 * apps are in tools/fastapi_openapi.py. */
#include "app/openapi_models.h"

/* ---- Parameters ------------------------------------------------------------------ */

typedef struct ScalarsIn {
    brio_str *session;
    brio_str x_token;
    brio_str q;
    int32_t limit;
    double ratio;
    double *step;
    double big;
    bool on;
    int64_t must;
    Color color;
    Color *maybe_color;
} ScalarsIn;
BRIO_MODEL(ScalarsIn, BRIO_COOKIE(session), BRIO_HEADER(x_token, .def = "\"none\""),
           BRIO_QUERY(q, .def = "\"\""),
           BRIO_QUERY(limit, .def = "10", .ge = BRIO_NUM(1), .le = BRIO_NUM(100)),
           BRIO_QUERY(ratio, .def = "0.25", .gt = BRIO_NUM(0), .lt = BRIO_NUM(0.5)),
           BRIO_QUERY(step, .multiple_of = BRIO_NUM(0.5)),
           BRIO_QUERY(big, .def = "1e22", .le = BRIO_NUM(1e22)), BRIO_QUERY(on, .def = "false"),
           BRIO_QUERY(must), BRIO_QUERY_AS(color, Color, .def = "\"red\""),
           BRIO_QUERY_AS(maybe_color, Color));

typedef struct TextsIn {
    brio_str word;
    brio_str *other_name;
    Color *secret;
    brio_str *nothing;
} TextsIn;
BRIO_MODEL(TextsIn,
           BRIO_QUERY(word, .min_length = 2, .max_length = 5, .pattern = "^a\\w*$",
                      .examples = "[\"ab\",\"abc\"]"),
           BRIO_QUERY(other_name, .alias = "other-name", .title = "Other", .deprecated = true,
                      .description = "An <old> one."),
           BRIO_QUERY_AS(secret, Color, .hidden = true),
           BRIO_QUERY(nothing, .max_length = 3, .required = true));

typedef struct ListsIn {
    brio_i64_list ids;
    brio_str_list words;
    brio_bool_list *flags;
    brio_f64_list ratios;
    brio_str_list x_many;
} ListsIn;
BRIO_MODEL(ListsIn, BRIO_QUERY(ids),
           BRIO_QUERY(words, .def = "[\"a\",\"b\"]", .min_length = 1, .max_length = 4),
           BRIO_QUERY(flags), BRIO_QUERY(ratios, .def = "[]"), BRIO_HEADER(x_many, .def = "[]"));

typedef struct HeadersIn {
    brio_str *user_agent;
    brio_str plain_name;
    int64_t x_named;
    brio_str ads_id;
} HeadersIn;
BRIO_MODEL(HeadersIn, BRIO_HEADER(user_agent),
           BRIO_HEADER(plain_name, .def = "\"\"", .exact_name = true),
           BRIO_HEADER(x_named, .alias = "X-Named", .def = "0", .ge = BRIO_NUM(0)),
           BRIO_COOKIE(ads_id, .description = "Who."));

typedef struct OnlyHiddenIn {
    brio_str x;
} OnlyHiddenIn;
BRIO_MODEL(OnlyHiddenIn, BRIO_QUERY(x, .def = "\"\"", .hidden = true));

OPENAPI_HANDLER(scalars, ScalarsIn, brio_none)
OPENAPI_HANDLER(texts, TextsIn, brio_none)
OPENAPI_HANDLER(lists, ListsIn, brio_none)
OPENAPI_HANDLER(headers, HeadersIn, brio_none)
OPENAPI_HANDLER(only_hidden, OnlyHiddenIn, brio_none)

TEST(openapi_shows_parameters)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/scalars", scalars, ScalarsIn, brio_none);
    BRIO_GET(app, "/texts", texts, TextsIn, brio_none);
    BRIO_GET(app, "/lists", lists, ListsIn, brio_none);
    BRIO_GET(app, "/headers", headers, HeadersIn, brio_none);
    BRIO_GET(app, "/only-hidden", only_hidden, OnlyHiddenIn, brio_none);
    openapi_expect(app, "parameters");
}

/* ---- Bodies ------------------------------------------------------------------------ */

typedef struct OneIn {
    Item item;
} OneIn;
BRIO_MODEL(OneIn, BRIO_BODY(item, Item));
typedef struct MaybeIn {
    int64_t item_id;
    Item *item;
} MaybeIn;
BRIO_MODEL(MaybeIn, BRIO_PATH(item_id), BRIO_BODY(item, Item));
typedef struct TwoIn {
    Item item;
    Maker *maker;
} TwoIn;
BRIO_MODEL(TwoIn, BRIO_BODY(item, Item), BRIO_BODY(maker, Maker));
typedef struct MixedIn {
    Item item;
    int64_t importance;
    brio_str *note;
} MixedIn;
BRIO_MODEL(MixedIn, BRIO_BODY(item, Item),
           BRIO_BODY(importance, int64_t, .gt = BRIO_NUM(0), .title = "How much"),
           BRIO_BODY(note, brio_str, .description = "Any text."));
typedef struct EmbedIn {
    Item item;
} EmbedIn;
BRIO_MODEL(EmbedIn, BRIO_BODY(item, Item, .embed = true));
typedef struct NoneNeededIn {
    int64_t a;
    brio_str *b;
} NoneNeededIn;
BRIO_MODEL(NoneNeededIn, BRIO_BODY(a, int64_t, .def = "1"), BRIO_BODY(b, brio_str));
typedef struct ScalarIn {
    int64_t count;
} ScalarIn;
BRIO_MODEL(ScalarIn, BRIO_BODY(count, int64_t, .ge = BRIO_NUM(1), .description = "How many.",
                               .examples = "[3]"));
typedef struct ScalarMaybeIn {
    brio_str *text;
} ScalarMaybeIn;
BRIO_MODEL(ScalarMaybeIn, BRIO_BODY(text, brio_str));
typedef struct ManyIn {
    Item_list items;
} ManyIn;
BRIO_MODEL(ManyIn, BRIO_BODY(items, Item_list, .min_length = 1));
typedef struct ManyMaybeIn {
    Item_list *items;
} ManyMaybeIn;
BRIO_MODEL(ManyMaybeIn, BRIO_BODY(items, Item_list));
typedef struct WordsIn {
    brio_str_list words;
} WordsIn;
BRIO_MODEL(WordsIn, BRIO_BODY(words, brio_str_list));
typedef struct ColorIn {
    Color color;
} ColorIn;
BRIO_MODEL(ColorIn, BRIO_BODY(color, Color));
typedef struct AnyIn {
    brio_json value;
} AnyIn;
BRIO_MODEL(AnyIn, BRIO_BODY(value, brio_json));
typedef struct GetIn {
    Node node;
} GetIn;
BRIO_MODEL(GetIn, BRIO_BODY(node, Node));
typedef struct OptionsIn {
    Item item;
    Node node;
} OptionsIn;
BRIO_MODEL(OptionsIn, BRIO_BODY(item, Item), BRIO_BODY(node, Node));

OPENAPI_HANDLER(one, OneIn, brio_none)
OPENAPI_HANDLER(maybe, MaybeIn, brio_none)
OPENAPI_HANDLER(two, TwoIn, brio_none)
OPENAPI_HANDLER(mixed, MixedIn, brio_none)
OPENAPI_HANDLER(embed, EmbedIn, brio_none)
OPENAPI_HANDLER(none_needed, NoneNeededIn, brio_none)
OPENAPI_HANDLER(scalar, ScalarIn, brio_none)
OPENAPI_HANDLER(scalar_maybe, ScalarMaybeIn, brio_none)
OPENAPI_HANDLER(many, ManyIn, brio_none)
OPENAPI_HANDLER(many_maybe, ManyMaybeIn, brio_none)
OPENAPI_HANDLER(words, WordsIn, brio_none)
OPENAPI_HANDLER(color, ColorIn, brio_none)
OPENAPI_HANDLER(anything, AnyIn, brio_none)
OPENAPI_HANDLER(named, EmbedIn, brio_none)
OPENAPI_HANDLER(with_get, GetIn, brio_none)
OPENAPI_HANDLER(with_options, OptionsIn, brio_none)

TEST(openapi_shows_bodies)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_POST(app, "/one", one, OneIn, brio_none);
    BRIO_PUT(app, "/maybe/{item_id}", maybe, MaybeIn, brio_none);
    BRIO_POST(app, "/two", two, TwoIn, brio_none);
    BRIO_POST(app, "/mixed", mixed, MixedIn, brio_none);
    BRIO_POST(app, "/embed", embed, EmbedIn, brio_none);
    BRIO_POST(app, "/none-needed", none_needed, NoneNeededIn, brio_none);
    BRIO_POST(app, "/scalar", scalar, ScalarIn, brio_none);
    BRIO_POST(app, "/scalar-maybe", scalar_maybe, ScalarMaybeIn, brio_none);
    BRIO_POST(app, "/list", many, ManyIn, brio_none);
    BRIO_POST(app, "/list-maybe", many_maybe, ManyMaybeIn, brio_none);
    BRIO_POST(app, "/words", words, WordsIn, brio_none);
    BRIO_POST(app, "/color", color, ColorIn, brio_none);
    BRIO_POST(app, "/any", anything, AnyIn, brio_none);
    BRIO_GET(app, "/get", with_get, GetIn, brio_none);
    BRIO_POST(app, "/named", named, EmbedIn, brio_none, .operation_id = "two words \xC3\xA9");
    BRIO_OPTIONS(app, "/options", with_options, OptionsIn, brio_none);
    openapi_expect(app, "bodies");
}
