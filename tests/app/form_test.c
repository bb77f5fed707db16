/* SPDX-License-Identifier: MIT
 *
 * Forms into structs: fields, form models, what counts as missing, what cannot
 * be read. tests/wire asks FastAPI about many more. */
#include "client.h"

typedef struct Login {
    brio_str username, password;
    int32_t *age;
    brio_str_list tags;
} Login;
BRIO_MODEL(Login, BRIO_FORM(username, .max_length = 8), BRIO_FORM(password, .def = "\"none\""),
           BRIO_FORM(age, .ge = BRIO_NUM(0)), BRIO_FORM(tags, .def = "[]"));

typedef struct Shown {
    brio_str text;
} Shown;
BRIO_MODEL(Shown, BRIO_FIELD(text));

static int login(brio_request *req, const Login *in, Shown *out)
{
    out->text = brio_printf(brio_request_arena(req), "%.*s/%.*s/%d/%zu", BRIO_ARG(in->username),
                            BRIO_ARG(in->password), in->age ? *in->age : -1, in->tags.len);
    return 0;
}

typedef struct Data {
    brio_str name;
    int64_t n;
    brio_str_list words;
} Data;
BRIO_MODEL(Data, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_FIELD(name),
           BRIO_FIELD(n, .def = "5"), BRIO_FIELD(words, .def = "[]"));

typedef struct Whole {
    Data data;
} Whole;
BRIO_MODEL(Whole, BRIO_FORM_AS(data, Data));

static int whole(brio_request *req, const Whole *in, Data *out)
{
    (void)req;
    *out = in->data;
    return 0;
}

typedef struct Embedded {
    Data data;
} Embedded;
BRIO_MODEL(Embedded, BRIO_FORM_AS(data, Data, .embed = true));

static int embedded(brio_request *req, const Embedded *in, Data *out)
{
    (void)req;
    *out = in->data;
    return 0;
}

/* A dependency that reads the form, too. */
typedef struct Token {
    brio_str token;
} Token;
BRIO_MODEL(Token, BRIO_FORM(token));

static int take_token(brio_request *req, const Token *in, Shown *out)
{
    (void)req;
    out->text = in->token;
    return 0;
}
BRIO_PROVIDER(take_token, Token, Shown);

typedef struct Guarded {
    Shown token;
    brio_str name;
} Guarded;
BRIO_MODEL(Guarded, BRIO_DEPENDS(token, take_token), BRIO_FORM(name));

static int guarded(brio_request *req, const Guarded *in, Shown *out)
{
    out->text = brio_printf(brio_request_arena(req), "%.*s %.*s", BRIO_ARG(in->token.text),
                            BRIO_ARG(in->name));
    return 0;
}

static brio_app *app_with_forms(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_POST(app, "/login", login, Login, Shown);
    BRIO_POST(app, "/whole", whole, Whole, Data);
    BRIO_POST(app, "/embedded", embedded, Embedded, Data);
    BRIO_POST(app, "/guarded", guarded, Guarded, Shown);
    BRIO_POST(app, "/small", login, Login, Shown, .body_limit = 100);
    return app;
}

static brio_test_response form(brio_test_client *client, const char *url, const char *body)
{
    return client_send(client, (brio_test_request){
                                   .method = "POST",
                                   .url = url,
                                   .headers = "content-type: application/x-www-form-urlencoded\r\n",
                                   .body = brio_str_from(body)});
}

#define PART(name, value)                                                                          \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART(name, file, value)                                                               \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file                   \
    "\"\r\n\r\n" value "\r\n"

static brio_test_response multipart(brio_test_client *client, const char *url, const char *body,
                                    size_t cut)
{
    return client_send(
        client, (brio_test_request){.method = "POST",
                                    .url = url,
                                    .headers = "content-type: multipart/form-data; boundary=b\r\n",
                                    .body = brio_str_from(body),
                                    .cut = cut});
}

TEST(fields_of_a_form)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(form(client, "/login", "username=ada&password=x+y&age=7&tags=a&tags=b"), 200,
                 "{\"text\":\"ada/x y/7/2\"}");
    CHECK_ANSWER(form(client, "/login", "username=a&username=b&password="), 200,
                 "{\"text\":\"b/none/-1/0\"}");
    CHECK_ANSWER(
        form(client, "/login", "username="), 422,
        "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"username\"],\"msg\":\"Field "
        "required\",\"input\":null}]}");
    CHECK_ANSWER(
        form(client, "/login", "username=123456789&age=-1"), 422,
        "{\"detail\":[{\"type\":\"string_too_long\",\"loc\":[\"body\",\"username\"],\"msg\":"
        "\"String should have at most 8 characters\",\"input\":\"123456789\",\"ctx\":{\"max_"
        "length\":8}},{\"type\":\"greater_than_equal\",\"loc\":[\"body\",\"age\"],\"msg\":"
        "\"Input should be greater than or equal to 0\",\"input\":\"-1\",\"ctx\":{\"ge\":0}}]"
        "}");
    client_close(client, app);
}

TEST(a_multipart_form_has_the_same_fields_however_it_is_cut)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    const char *body = PART("username", "ada") PART("age", "7") PART("tags", "x") "--b--\r\n";
    for (size_t cut = 0; cut < 40; cut++)
        CHECK_ANSWER(multipart(client, "/login", body, cut), 200, "{\"text\":\"ada/none/7/1\"}");
    client_close(client, app);
}

TEST(a_body_that_is_no_form_has_no_fields)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_post(client, "/login", "{\"username\":\"ada\"}");
    CHECK_INT(r.status, 422);
    CHECK(brio_str_find(r.body, BRIO_S("missing")) > 0);
    r = client_post(client, "/whole", "{\"name\":\"ada\"}");
    CHECK(brio_str_find(r.body, BRIO_S("\"input\":{\"n\":5,\"words\":[]}")) > 0);
    client_close(client, app);
}

TEST(a_form_model_is_the_whole_form)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(form(client, "/whole", "name=&words=a&words="), 200,
                 "{\"name\":\"\",\"n\":5,\"words\":[\"a\",\"\"]}");
    CHECK_ANSWER(
        form(client, "/whole", "name=x&z=1&y=2&z=3"), 422,
        "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"z\"],\"msg\":\"Extra "
        "inputs are not permitted\",\"input\":[\"1\",\"3\"]},{\"type\":\"extra_forbidden\","
        "\"loc\":[\"body\",\"y\"],\"msg\":\"Extra inputs are not permitted\",\"input\":\"2\"}]"
        "}");
    CHECK_ANSWER(
        form(client, "/whole", "n=x"), 422,
        "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field "
        "required\",\"input\":{\"n\":\"x\",\"words\":[]}},{\"type\":\"int_parsing\",\"loc\":["
        "\"body\",\"n\"],\"msg\":\"Input should be a valid integer, unable to parse string as "
        "an integer\",\"input\":\"x\"}]}");
    CHECK_INT(form(client, "/embedded", "name=x").status, 422);
    client_close(client, app);
}

TEST(a_dependency_reads_the_same_form)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(form(client, "/guarded", "token=t&name=n"), 200, "{\"text\":\"t n\"}");
    CHECK_ANSWER(multipart(client, "/guarded", PART("token", "t") PART("name", "n") "--b--", 9),
                 200, "{\"text\":\"t n\"}");
    brio_test_response r = form(client, "/guarded", "");
    CHECK(brio_str_find(r.body, BRIO_S("\"token\"")) < brio_str_find(r.body, BRIO_S("\"name\"")));
    client_close(client, app);
}

TEST(what_cannot_be_read_is_400_in_fastapis_words)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(multipart(client, "/login", "nonsense", 0), 400,
                 "{\"detail\":\"There was an error parsing the body\"}");
    CHECK_ANSWER(
        multipart(client, "/login", "--b\r\nContent-Disposition: form-data\r\n\r\nx", 3), 400,
        "{\"detail\":\"The Content-Disposition header field \\\"name\\\" must be provided.\"}");
    CHECK_ANSWER(client_send(client, (brio_test_request){.method = "POST",
                                                         .url = "/login",
                                                         .headers = "content-type: "
                                                                    "multipart/form-data\r\n",
                                                         .body = BRIO_S("x")}),
                 400, "{\"detail\":\"Missing boundary in multipart.\"}");
    static char many[4096] = "";
    for (int i = 0; i < 1001; i++)
        memcpy(many + 2 * (size_t)i, "a&", 2);
    CHECK_ANSWER(form(client, "/login", many), 400,
                 "{\"detail\":\"Too many fields. Maximum number of fields is 1000.\"}");
    client_close(client, app);
}

TEST(a_form_has_the_limit_of_its_route)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    const char *body = PART("username", "ada") PART("age", "7") "--b--\r\n";
    for (size_t cut = 0; cut < 60; cut += 20)
        CHECK_INT(multipart(client, "/small", body, cut).status, 413);
    CHECK_INT(form(client, "/small", "username=ada").status, 200);
    client_close(client, app);
}

/* A truncated body is no error: what was complete is there (Starlette). */
TEST(a_part_without_an_end_is_left_out)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(multipart(client, "/login", PART("username", "ada") PART("age", "7"), 0), 200,
                 "{\"text\":\"ada/none/-1/0\"}");
    client_close(client, app);
}

TEST(a_file_is_no_text)
{
    brio_app *app = app_with_forms();
    brio_test_client *client = client_open(app);
    brio_test_response r =
        multipart(client, "/login", FILE_PART("username", "x.txt", "ada") "--b--", 0);
    CHECK_INT(r.status, 422);
    CHECK(brio_str_find(r.body, BRIO_S("string_type")) > 0);
    CHECK(brio_str_find(r.body, BRIO_S("\"input\":{\"filename\":\"x.txt\",\"size\":3,")) > 0);
    client_close(client, app);
}
