/* SPDX-License-Identifier: MIT
 *
 * HTML from a template with places to fill in. */
#include <brio/brio.h>

static brio_templates *templates;

typedef struct ReadItem {
    brio_str id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(id));

static int read_item(brio_request *req, const ReadItem *in, brio_html *out)
{
    return brio_answer_template(req, templates, "item.html", BRIO_OBJECT(req, "id", in->id));
}

BRIO_MAIN()
{
    templates = brio_templates_new(app, "templates");
    brio_static(app, "/static", "static", NULL);
    BRIO_GET(app, "/items/{id}", read_item, ReadItem, brio_html);
}
