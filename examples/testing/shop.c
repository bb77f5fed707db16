/* SPDX-License-Identifier: MIT
 *
 * The shop: items with a price, visitors with a cookie, photos, and news. */
#include "shop.h"

/* ---- Items -------------------------------------------------------------------- */

/* A real one would ask a bank. */
int rate(brio_request *req, const brio_none *in, Rate *out)
{
    (void)req, (void)in;
    out->cents = 108;
    return brio_sleep(BRIO_SEC(1));
}

typedef struct ReadItem {
    int64_t item_id;
    Rate rate;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id), BRIO_DEPENDS(rate, rate));

typedef struct Item {
    brio_str name;
    int64_t dollar_cents;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(dollar_cents));

static int read_item(brio_request *req, const ReadItem *in, Item *out)
{
    if (in->item_id != 1)
        return brio_fail(req, 404, "Item not found");
    out->name = BRIO_S("Soup");
    out->dollar_cents = 5 * in->rate.cents;
    return 0;
}

/* ---- Visitors ------------------------------------------------------------------- */

typedef struct Login {
    brio_str name;
} Login;
BRIO_MODEL(Login, BRIO_FORM(name, .min_length = 1));

static int login(brio_request *req, const Login *in, brio_none *out)
{
    (void)out;
    brio_cookie cookie = {.name = "visitor", .value = in->name, .max_age = BRIO_SEC(3600)};
    int rc = brio_respond_cookie(req, &cookie);
    return rc < 0 ? rc : brio_answer_redirect(req, 303, BRIO_S("/me"));
}

typedef struct Me {
    brio_str *visitor;
} Me;
BRIO_MODEL(Me, BRIO_COOKIE(visitor));

static int me(brio_request *req, const Me *in, brio_text *out)
{
    if (!in->visitor)
        return brio_fail(req, 401, "Who are you?");
    out->text = *in->visitor;
    return 0;
}

/* ---- Photos and news ---------------------------------------------------------------- */

typedef struct Photo {
    brio_upload file;
} Photo;
BRIO_MODEL(Photo, BRIO_FILE(file, brio_upload));

static int add_photo(brio_request *req, const Photo *in, brio_text *out)
{
    out->text = brio_printf(brio_request_arena(req), "%.*s: %d bytes", BRIO_ARG(in->file.filename),
                            (int)in->file.size);
    return 0;
}

/* What is cheap today, once a minute. */
static int news(brio_request *req, const brio_none *in, Item *out)
{
    (void)in;
    int rc = 0;
    for (int i = 1; i <= 3 && rc >= 0; i++) {
        *out = (Item){BRIO_S("Soup"), 500 - 10 * i};
        rc = brio_respond_item(req, out);
        if (rc >= 0)
            rc = brio_sleep(BRIO_SEC(60));
    }
    return rc < 0 ? rc : 0;
}

brio_app *shop_new(void)
{
    brio_app *app = brio_app_new(&(brio_app_options){.title = "Shop"});
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Item);
    BRIO_POST(app, "/login", login, Login, brio_none);
    BRIO_GET(app, "/me", me, Me, brio_text);
    BRIO_POST(app, "/photos", add_photo, Photo, brio_text);
    BRIO_GET(app, "/news", news, brio_none, Item, .response = BRIO_SSE);
    return app;
}
