/* SPDX-License-Identifier: MIT
 *
 * brio's half of the wire contract; peer.py is the same API in FastAPI. Keep
 * them in the same order: registration order is part of the contract. */
#include <brio/brio.h>

#include <errno.h>

typedef struct Message {
    brio_str message;
} Message;
BRIO_MODEL(Message, BRIO_FIELD(message));

static int root(brio_request *req, const brio_none *in, Message *out)
{
    (void)req, (void)in;
    out->message = BRIO_S("Hello, wörld ☃");
    return 0;
}

/* ---- Path and query ------------------------------------------------------ */

typedef struct ReadItem {
    int64_t item_id;
    brio_str *q;
    bool brief;
    int32_t limit;
    double *ratio;
} ReadItem;
BRIO_MODEL(ReadItem,
           BRIO_PATH(item_id, .title = "The ID", .description = "Which item", .ge = BRIO_NUM(1),
                     .le = BRIO_NUM(1000)),
           BRIO_QUERY(q, .min_length = 3, .max_length = 10, .pattern = "^[a-zé]+$"),
           BRIO_QUERY(brief, .def = "false", .alias = "short"),
           BRIO_QUERY(limit, .def = "10", .ge = BRIO_NUM(0), .lt = BRIO_NUM(100),
                      .multiple_of = BRIO_NUM(5)),
           BRIO_QUERY(ratio, .gt = BRIO_NUM(0), .le = BRIO_NUM(1.5), .deprecated = true));

typedef struct ItemView {
    int64_t item_id;
    brio_str *q;
    bool brief;
    int32_t limit;
    double *ratio;
} ItemView;
BRIO_MODEL(ItemView, BRIO_FIELD(item_id), BRIO_FIELD(q), BRIO_FIELD(brief), BRIO_FIELD(limit),
           BRIO_FIELD(ratio));

static int read_item(brio_request *req, const ReadItem *in, ItemView *out)
{
    (void)req;
    *out = (ItemView){in->item_id, in->q, in->brief, in->limit, in->ratio};
    return 0;
}

/* ---- Bodies -------------------------------------------------------------- */

typedef struct Item {
    brio_str name;
    double price;
    bool is_offer;
    double *tax;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_CONFIG(.description = "Something to sell"),
           BRIO_FIELD(name, .min_length = 1, .max_length = 50, .examples = "[\"Foo\"]"),
           BRIO_FIELD(price, .gt = BRIO_NUM(0), .description = "In euros"),
           BRIO_FIELD(is_offer, .def = "false"), BRIO_FIELD(tax),
           BRIO_FIELD(tags, .def = "[]", .max_length = 3));
BRIO_LIST_OF(Item);

typedef struct CreateItem {
    Item item;
} CreateItem;
BRIO_MODEL(CreateItem, BRIO_BODY(item, Item));

static int create_item(brio_request *req, const CreateItem *in, Item *out)
{
    (void)req;
    *out = in->item;
    return 0;
}

typedef struct UpdateItem {
    int64_t item_id;
    brio_str *q;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id, .ge = BRIO_NUM(1)), BRIO_QUERY(q, .max_length = 5),
           BRIO_BODY(item, Item));

typedef struct Updated {
    int64_t item_id;
    Item item;
} Updated;
BRIO_MODEL(Updated, BRIO_FIELD(item_id), BRIO_FIELD_AS(item, Item));

static int update_item(brio_request *req, const UpdateItem *in, Updated *out)
{
    if (in->item_id == 404)
        return brio_fail(req, 404, "Item not found");
    *out = (Updated){in->item_id, in->item};
    return 0;
}

typedef struct ItemId {
    int64_t item_id;
} ItemId;
BRIO_MODEL(ItemId, BRIO_PATH(item_id));

static int delete_item(brio_request *req, const ItemId *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int list_items(brio_request *req, const brio_none *in, Item_list *out)
{
    (void)in;
    Item *items = BRIO_NEW_ARRAY(brio_request_arena(req), Item, 2);
    items[0] = (Item){.name = BRIO_S("a\"b\\c\n\x01"), .price = 1e22};
    items[1] = (Item){.name = BRIO_S("é☃𝄞"), .price = 0.1, .is_offer = true};
    *out = (Item_list){items, 2};
    return 0;
}

/* ---- Nested models, enums ------------------------------------------------- */

typedef enum Color { COLOR_RED, COLOR_GREEN, COLOR_BLUE } Color;
BRIO_ENUM(Color, {COLOR_RED, "red"}, {COLOR_GREEN, "green"}, {COLOR_BLUE, "blue"});

typedef struct Customer {
    brio_str name;
    brio_str *email;
} Customer;
BRIO_MODEL(Customer, BRIO_FIELD(name), BRIO_FIELD(email, .pattern = "@"));

typedef struct Line {
    brio_str sku;
    int32_t quantity;
} Line;
BRIO_MODEL(Line, BRIO_FIELD(sku, .pattern = "^[A-Z]{3}-\\d+$"),
           BRIO_FIELD(quantity, .ge = BRIO_NUM(1)));
BRIO_LIST_OF(Line);

typedef struct Order {
    int64_t id;
    Customer customer;
    Customer *gift_for;
    Line_list lines;
    Color color;
    Color *lining;
    brio_i64_list *codes;
} Order;
BRIO_MODEL(Order, BRIO_FIELD(id, .alias = "orderId"), BRIO_FIELD_AS(customer, Customer),
           BRIO_FIELD_AS(gift_for, Customer), BRIO_FIELD_AS(lines, Line_list, .min_length = 1),
           BRIO_FIELD_AS(color, Color, .def = "\"red\""), BRIO_FIELD_AS(lining, Color),
           BRIO_FIELD(codes));

typedef struct CreateOrder {
    Order order;
} CreateOrder;
BRIO_MODEL(CreateOrder, BRIO_BODY(order, Order));

static int create_order(brio_request *req, const CreateOrder *in, Order *out)
{
    (void)req;
    *out = in->order;
    return 0;
}

typedef struct PaintIn {
    Color color;
    Color *second;
} PaintIn;
BRIO_MODEL(PaintIn, BRIO_PATH_AS(color, Color), BRIO_QUERY_AS(second, Color));

typedef struct Paint {
    Color color;
    Color *second;
} Paint;
BRIO_MODEL(Paint, BRIO_FIELD_AS(color, Color), BRIO_FIELD_AS(second, Color));

static int paint(brio_request *req, const PaintIn *in, Paint *out)
{
    (void)req;
    *out = (Paint){in->color, in->second};
    return 0;
}

/* ---- Lists and scalars in queries, headers, cookies ------------------------ */

typedef struct SearchIn {
    brio_str_list tags;
    brio_i64_list ids;
    double f;
    bool flag;
} SearchIn;
BRIO_MODEL(SearchIn, BRIO_QUERY(tags, .def = "[]"), BRIO_QUERY(ids, .alias = "id"), BRIO_QUERY(f),
           BRIO_QUERY(flag));

typedef struct Search {
    brio_str_list tags;
    brio_i64_list ids;
    double f;
    bool flag;
} Search;
BRIO_MODEL(Search, BRIO_FIELD(tags), BRIO_FIELD(ids), BRIO_FIELD(f), BRIO_FIELD(flag));

static int search(brio_request *req, const SearchIn *in, Search *out)
{
    (void)req;
    *out = (Search){in->tags, in->ids, in->f, in->flag};
    return 0;
}

typedef struct HeadersIn {
    brio_str x_token;
    int64_t *x_count;
    brio_str_list x_many;
} HeadersIn;
BRIO_MODEL(HeadersIn, BRIO_HEADER(x_token, .min_length = 2), BRIO_HEADER(x_count),
           BRIO_HEADER(x_many, .def = "[]"));

typedef struct HeadersOut {
    brio_str x_token;
    int64_t *x_count;
    brio_str_list x_many;
} HeadersOut;
BRIO_MODEL(HeadersOut, BRIO_FIELD(x_token), BRIO_FIELD(x_count), BRIO_FIELD(x_many));

static int headers(brio_request *req, const HeadersIn *in, HeadersOut *out)
{
    (void)req;
    *out = (HeadersOut){in->x_token, in->x_count, in->x_many};
    return 0;
}

typedef struct CookiesIn {
    brio_str session;
    int64_t *ads_id;
} CookiesIn;
BRIO_MODEL(CookiesIn, BRIO_COOKIE(session), BRIO_COOKIE(ads_id));

typedef struct CookiesOut {
    brio_str session;
    int64_t *ads_id;
} CookiesOut;
BRIO_MODEL(CookiesOut, BRIO_FIELD(session), BRIO_FIELD(ads_id));

static int cookies(brio_request *req, const CookiesIn *in, CookiesOut *out)
{
    (void)req;
    *out = (CookiesOut){in->session, in->ads_id};
    return 0;
}

/* ---- Several bodies, embedded, bare ----------------------------------------- */

typedef struct TwoIn {
    Item item;
    Customer *user;
    int64_t importance;
} TwoIn;
BRIO_MODEL(TwoIn, BRIO_BODY(item, Item), BRIO_BODY(user, Customer),
           BRIO_BODY(importance, int64_t, .gt = BRIO_NUM(0)));

typedef struct Two {
    Item item;
    Customer *user;
    int64_t importance;
} Two;
BRIO_MODEL(Two, BRIO_FIELD_AS(item, Item), BRIO_FIELD_AS(user, Customer), BRIO_FIELD(importance));

static int two_bodies(brio_request *req, const TwoIn *in, Two *out)
{
    (void)req;
    *out = (Two){in->item, in->user, in->importance};
    return 0;
}

typedef struct EmbeddedIn {
    Customer customer;
} EmbeddedIn;
BRIO_MODEL(EmbeddedIn, BRIO_BODY(customer, Customer, .embed = true));

static int embedded(brio_request *req, const EmbeddedIn *in, Customer *out)
{
    (void)req;
    *out = in->customer;
    return 0;
}

typedef struct NumbersIn {
    brio_i64_list numbers;
} NumbersIn;
BRIO_MODEL(NumbersIn, BRIO_BODY(numbers, brio_i64_list, .min_length = 1, .max_length = 4));

static int numbers(brio_request *req, const NumbersIn *in, brio_i64_list *out)
{
    (void)req;
    *out = in->numbers;
    return 0;
}

typedef struct MaybeIn {
    Customer *customer;
} MaybeIn;
BRIO_MODEL(MaybeIn, BRIO_BODY(customer, Customer));

static int maybe(brio_request *req, const MaybeIn *in, Message *out)
{
    (void)req;
    out->message = in->customer ? in->customer->name : BRIO_S("nobody");
    return 0;
}

typedef struct Strict {
    int64_t a;
    bool b;
} Strict;
BRIO_MODEL(Strict, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID),
           BRIO_FIELD(a, .le = BRIO_NUM(INT64_MAX), .ge = BRIO_NUM(INT64_MIN)),
           BRIO_FIELD(b, .def = "true"));

typedef struct StrictIn {
    Strict strict;
} StrictIn;
BRIO_MODEL(StrictIn, BRIO_BODY(strict, Strict));

static int strict(brio_request *req, const StrictIn *in, Strict *out)
{
    (void)req;
    *out = in->strict;
    return 0;
}

/* ---- Other answers ---------------------------------------------------------- */

typedef struct FailIn {
    int32_t code;
} FailIn;
BRIO_MODEL(FailIn, BRIO_PATH(code, .ge = BRIO_NUM(200), .le = BRIO_NUM(599)));

static int fail(brio_request *req, const FailIn *in, Message *out)
{
    (void)out;
    return brio_fail(req, in->code, NULL);
}

typedef struct FileIn {
    brio_str file_path;
} FileIn;
BRIO_MODEL(FileIn, BRIO_PATH(file_path));

static int files(brio_request *req, const FileIn *in, Message *out)
{
    (void)req;
    out->message = in->file_path;
    return 0;
}

typedef struct UserIn {
    brio_str user_id;
} UserIn;
BRIO_MODEL(UserIn, BRIO_PATH(user_id));

static int read_user_me(brio_request *req, const brio_none *in, Message *out)
{
    (void)req, (void)in;
    out->message = BRIO_S("the current user");
    return 0;
}

static int read_user(brio_request *req, const UserIn *in, Message *out)
{
    (void)req;
    out->message = in->user_id;
    return 0;
}

static int text(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("plain ☃");
    return 0;
}

static int html(brio_request *req, const brio_none *in, brio_html *out)
{
    (void)req, (void)in;
    out->html = BRIO_S("<h1>Hi</h1>");
    return 0;
}

static int crash(brio_request *req, const brio_none *in, Message *out)
{
    (void)req, (void)in, (void)out;
    return -EIO;
}

/* ---- WebSockets ------------------------------------------------------------ */

typedef struct Token {
    brio_str value;
} Token;
typedef struct TokenQuery {
    brio_str *token;
} TokenQuery;
BRIO_MODEL(TokenQuery, BRIO_QUERY(token));

static int need_token(brio_request *req, const TokenQuery *in, Token *out)
{
    if (!in->token)
        return brio_ws_fail(req, 1008, NULL);
    out->value = *in->token;
    return 0;
}
BRIO_PROVIDER(need_token, TokenQuery, Token);

typedef struct Socket {
    int64_t item_id;
    int64_t *q;
    Token token;
} Socket;
BRIO_MODEL(Socket, BRIO_PATH(item_id), BRIO_QUERY(q), BRIO_DEPENDS(token, need_token));

static int socket_echo(brio_request *req, const Socket *in, brio_websocket *ws)
{
    brio_str text;
    (void)req;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0) {
        if (brio_str_eq(text, BRIO_S("bye")))
            return brio_ws_close(ws, 4001, "as asked");
        if (brio_str_eq(text, BRIO_S("fail")))
            return -EIO;
        rc = brio_ws_sendf(ws, "%d %.*s: %.*s", (int)in->item_id, BRIO_ARG(in->token.value),
                           BRIO_ARG(text));
        if (rc >= 0 && in->q)
            rc = brio_ws_sendf(ws, "q is %d", (int)*in->q);
    }
    return rc;
}

/* ---- Forms and files ------------------------------------------------------ */

typedef struct FormIn {
    brio_str name;
    int64_t age;
    brio_str_list tags;
    Color *color;
    bool ok;
} FormIn;
BRIO_MODEL(FormIn, BRIO_FORM(name, .min_length = 2, .description = "Who"),
           BRIO_FORM(age, .def = "18", .ge = BRIO_NUM(0)), BRIO_FORM(tags, .def = "[]"),
           BRIO_FORM_AS(color, Color), BRIO_FORM(ok, .def = "false", .alias = "is-ok"));

typedef struct FormOut {
    brio_str name;
    int64_t age;
    brio_str_list tags;
    Color *color;
    bool ok;
} FormOut;
BRIO_MODEL(FormOut, BRIO_FIELD(name), BRIO_FIELD(age), BRIO_FIELD(tags),
           BRIO_FIELD_AS(color, Color), BRIO_FIELD(ok));

static int form(brio_request *req, const FormIn *in, FormOut *out)
{
    (void)req;
    *out = (FormOut){in->name, in->age, in->tags, in->color, in->ok};
    return 0;
}

typedef struct Signup {
    brio_str user;
    int64_t age;
    brio_str_list words;
    brio_str *note;
} Signup;
BRIO_MODEL(Signup, BRIO_FIELD(user, .max_length = 5), BRIO_FIELD(age, .def = "3"),
           BRIO_FIELD(words, .def = "[]"), BRIO_FIELD(note));

typedef struct SignupIn {
    Signup data;
} SignupIn;
BRIO_MODEL(SignupIn, BRIO_FORM_AS(data, Signup));

static int signup(brio_request *req, const SignupIn *in, Signup *out)
{
    (void)req;
    *out = in->data;
    return 0;
}

typedef struct Sealed {
    brio_str a;
    int64_t b;
} Sealed;
BRIO_MODEL(Sealed, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_FIELD(a),
           BRIO_FIELD(b, .def = "1"));

typedef struct SealedIn {
    Sealed data;
} SealedIn;
BRIO_MODEL(SealedIn, BRIO_FORM_AS(data, Sealed));

static int sealed(brio_request *req, const SealedIn *in, Sealed *out)
{
    (void)req;
    *out = in->data;
    return 0;
}

typedef struct UploadIn {
    brio_upload file;
    brio_str note;
} UploadIn;
BRIO_MODEL(UploadIn, BRIO_FILE(file, brio_upload), BRIO_FORM(note, .def = "\"none\""));

typedef struct FileOut {
    brio_str filename, content_type;
    uint64_t size;
    brio_str note;
} FileOut;
BRIO_MODEL(FileOut, BRIO_FIELD(filename), BRIO_FIELD(content_type), BRIO_FIELD(size),
           BRIO_FIELD(note));

static int upload(brio_request *req, const UploadIn *in, FileOut *out)
{
    (void)req;
    *out = (FileOut){in->file.filename, in->file.content_type, in->file.size, in->note};
    return 0;
}

typedef struct UploadsIn {
    brio_upload_list files;
} UploadsIn;
BRIO_MODEL(UploadsIn,
           BRIO_FILE(files, brio_upload_list, .description = "Several", .max_length = 3));

static int uploads(brio_request *req, const UploadsIn *in, brio_str_list *out)
{
    out->len = in->files.len;
    out->items = BRIO_NEW_ARRAY(brio_request_arena(req), brio_str, out->len);
    for (size_t i = 0; i < out->len; i++)
        out->items[i] = in->files.items[i].filename;
    return 0;
}

typedef struct MaybeUploadIn {
    brio_upload *file;
} MaybeUploadIn;
BRIO_MODEL(MaybeUploadIn, BRIO_FILE(file, brio_upload));

static int maybe_upload(brio_request *req, const MaybeUploadIn *in, Message *out)
{
    (void)req;
    out->message = in->file ? in->file->filename : BRIO_S("no file");
    return 0;
}

typedef struct BytesIn {
    brio_bytes file;
    brio_bytes *more;
} BytesIn;
BRIO_MODEL(BytesIn, BRIO_FILE(file, brio_bytes, .min_length = 3), BRIO_FILE(more, brio_bytes));

static int file_bytes(brio_request *req, const BytesIn *in, brio_i64_list *out)
{
    out->len = 2;
    out->items = BRIO_NEW_ARRAY(brio_request_arena(req), int64_t, 2);
    out->items[0] = (int64_t)in->file.len;
    out->items[1] = in->more ? (int64_t)in->more->len : 0;
    return 0;
}

typedef struct BytesListIn {
    brio_bytes_list files;
} BytesListIn;
BRIO_MODEL(BytesListIn, BRIO_FILE(files, brio_bytes_list));

static int bytes_list(brio_request *req, const BytesListIn *in, brio_i64_list *out)
{
    out->len = in->files.len;
    out->items = BRIO_NEW_ARRAY(brio_request_arena(req), int64_t, out->len);
    for (size_t i = 0; i < out->len; i++)
        out->items[i] = (int64_t)in->files.items[i].len;
    return 0;
}

typedef struct MixedIn {
    brio_bytes file;
    brio_upload fileb;
    brio_str token;
} MixedIn;
BRIO_MODEL(MixedIn, BRIO_FILE(file, brio_bytes), BRIO_FILE(fileb, brio_upload), BRIO_FORM(token));

static int mixed(brio_request *req, const MixedIn *in, Message *out)
{
    brio_str type = in->fileb.content_type;
    out->message = brio_printf(brio_request_arena(req), "%zu %.*s %.*s", in->file.len,
                               BRIO_ARG(in->token), BRIO_ARG(type.len ? type : BRIO_S("None")));
    return 0;
}

int main(int argc, char **argv)
{
    brio_app *app = brio_app_new(&(brio_app_options){
        .title = "Wire", .version = "1.2.3", .description = "The **contract**"});
    BRIO_GET(app, "/", root, brio_none, Message);
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, ItemView);
    BRIO_GET(app, "/items/", list_items, brio_none, Item_list);
    BRIO_POST(app, "/items/", create_item, CreateItem, Item, .status = 201, .tags = "items,shop",
              .summary = "Create", .description = "Creates an item",
              .response_description = "The item");
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, Updated);
    BRIO_DELETE(app, "/items/{item_id}", delete_item, ItemId, brio_none, .status = 204);
    BRIO_POST(app, "/orders", create_order, CreateOrder, Order, .operation_id = "make_order");
    BRIO_GET(app, "/paint/{color}", paint, PaintIn, Paint);
    BRIO_GET(app, "/search", search, SearchIn, Search);
    BRIO_GET(app, "/headers", headers, HeadersIn, HeadersOut);
    BRIO_GET(app, "/cookies", cookies, CookiesIn, CookiesOut);
    BRIO_POST(app, "/two", two_bodies, TwoIn, Two);
    BRIO_POST(app, "/embedded", embedded, EmbeddedIn, Customer, .deprecated = true);
    BRIO_POST(app, "/numbers", numbers, NumbersIn, brio_i64_list);
    BRIO_POST(app, "/maybe", maybe, MaybeIn, Message);
    BRIO_POST(app, "/strict", strict, StrictIn, Strict);
    BRIO_GET(app, "/fail/{code}", fail, FailIn, Message);
    BRIO_GET(app, "/files/{file_path:path}", files, FileIn, Message);
    BRIO_GET(app, "/users/me", read_user_me, brio_none, Message);
    BRIO_GET(app, "/users/{user_id}", read_user, UserIn, Message);
    BRIO_GET(app, "/text", text, brio_none, brio_text);
    BRIO_GET(app, "/html", html, brio_none, brio_html);
    BRIO_GET(app, "/crash", crash, brio_none, Message);
    BRIO_GET(app, "/hidden", root, brio_none, Message, .hidden = true);
    BRIO_WEBSOCKET(app, "/items/{item_id}/ws", socket_echo, Socket);
    BRIO_POST(app, "/form", form, FormIn, FormOut);
    BRIO_POST(app, "/signup", signup, SignupIn, Signup);
    BRIO_POST(app, "/sealed", sealed, SealedIn, Sealed);
    BRIO_POST(app, "/upload", upload, UploadIn, FileOut);
    BRIO_POST(app, "/uploads", uploads, UploadsIn, brio_str_list);
    BRIO_POST(app, "/upload/maybe", maybe_upload, MaybeUploadIn, Message);
    BRIO_POST(app, "/bytes", file_bytes, BytesIn, brio_i64_list);
    BRIO_POST(app, "/bytes/list", bytes_list, BytesListIn, brio_i64_list);
    BRIO_POST(app, "/mixed", mixed, MixedIn, Message);
    return brio_main(app, argc, argv);
}
