/* SPDX-License-Identifier: MIT
 *
 * Templates as answers, and URLs of routes by their names. */
#include "app/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct Key {
    brio_str id;
} Key;
BRIO_MODEL(Key, BRIO_PATH(id));

static brio_templates *templates;

static int page(brio_request *req, const Key *in, brio_response *out)
{
    (void)out;
    return brio_answer_template(req, templates, "item.html", BRIO_OBJECT(req, "id", in->id));
}

static int broken(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    int rc = brio_answer_template(req, templates, "gone.html", (brio_json){0});
    return rc == -ENOENT ? brio_fail(req, 404, "no template") : rc;
}

static int urls(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_url_for(req, "read_item", "id", "a b", NULL);
    CHECK_STR(brio_request_url_for(req, "read_item", NULL), "");
    CHECK_STR(brio_request_url_for(req, "read_item", "other", "1", NULL), "");
    CHECK_STR(brio_request_url_for(req, "none", NULL), "");
    CHECK_STR(brio_request_url_for(req, "static", "path", "/s.css", NULL),
              "http://testserver/static/s.css");
    return 0;
}

TEST(templates_answer)
{
    char dir[] = "/tmp/brio-templates-XXXXXX", path[64];
    CHECK(mkdtemp(dir) != NULL);
    (void)snprintf(path, sizeof path, "%s/item.html", dir);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs("<a href=\"{{ url_for('read_item', id=id) }}\">{{ id }}</a>"
                     "{{ request.path }} {{ url_for('static', path='/s.css') }}",
                     f) >= 0);
    CHECK(fclose(f) == 0);
    brio_app *app = brio_app_new(NULL);
    templates = brio_templates_new(app, dir);
    brio_static(app, "/static", dir, NULL);
    BRIO_GET(app, "/items/{id}", page, Key, brio_response, .name = "read_item");
    BRIO_GET(app, "/broken", broken, brio_none, brio_response);
    BRIO_GET(app, "/urls", urls, brio_none, brio_text);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/items/f%26o");
    CHECK_ANSWER(r, 200,
                 "<a href=\"http://testserver/items/f&amp;o\">f&amp;o</a>/items/f&amp;o "
                 "http://testserver/static/s.css");
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "text/html; charset=utf-8");
    CHECK_ANSWER(client_get(client, "/broken"), 404, "{\"detail\":\"no template\"}");
    CHECK_ANSWER(client_get(client, "/urls"), 200, "http://testserver/items/a%20b");
    client_close(client, app);
    CHECK(unlink(path) == 0 && rmdir(dir) == 0);
}
