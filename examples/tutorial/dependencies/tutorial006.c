/* SPDX-License-Identifier: MIT
 *
 * Dependencies whose result nobody needs. */
#include <brio/brio.h>

typedef struct Token {
    brio_str x_token;
} Token;
BRIO_MODEL(Token, BRIO_HEADER(x_token));

static int verify_token(brio_request *req, const Token *in, brio_none *out)
{
    if (!brio_str_eq(in->x_token, BRIO_S("fake-super-secret-token")))
        return brio_fail(req, 400, "X-Token header invalid");
    return 0;
}
BRIO_PROVIDER(verify_token, Token, brio_none);

typedef struct Key {
    brio_str x_key;
} Key;
BRIO_MODEL(Key, BRIO_HEADER(x_key));

static int verify_key(brio_request *req, const Key *in, brio_str *out)
{
    if (!brio_str_eq(in->x_key, BRIO_S("fake-super-secret-key")))
        return brio_fail(req, 400, "X-Key header invalid");
    *out = in->x_key;
    return 0;
}
BRIO_PROVIDER(verify_key, Key, brio_str);

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"item": "Foo"}, {"item": "Bar"}]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json,
             .depends = BRIO_NEEDS(verify_token, verify_key));
}
