/* SPDX-License-Identifier: MIT
 *
 * The documentation of builds without Swagger UI and ReDoc, for a device with
 * little flash or a browser without scripts: all operations and schemas on one
 * page of plain HTML with a stylesheet, made from the same tables. Schemas are
 * shown as the document has them, with references as links. */
#include "app/docs_internal.h"

#define REF "\"$ref\":\"#/components/schemas/"

static const char policy[] =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'";

typedef struct plain {
    brio_app_page page;
    brio_app_document doc;
    brio_buf text; /* of the schema being written: doc's output */
} plain;

/* ---- Schemas -------------------------------------------------------------------- */

/* Puts what was written to the document as code, and empties it. */
static void put_code(plain *p)
{
    brio_str text = brio_buf_str(&p->text), mark = BRIO_S(REF);
    ptrdiff_t at;
    brio_app_page_put(&p->page, "<code>");
    while ((at = brio_str_find(text, mark)) >= 0) {
        size_t head = (size_t)at + mark.len;
        brio_str name = brio_str_cut(brio_str_slice(text, head, SIZE_MAX), '"').head;
        brio_app_page_text(&p->page,
                           brio_str_slice(text, 0, head - strlen("#/components/schemas/")));
        brio_app_page_put(&p->page, "<a href=\"#schema-");
        brio_app_page_text(&p->page, name);
        brio_app_page_put(&p->page, "\">");
        brio_app_page_text(&p->page, name);
        brio_app_page_put(&p->page, "</a>");
        text = brio_str_slice(text, head + name.len, SIZE_MAX);
    }
    brio_app_page_text(&p->page, text);
    brio_app_page_put(&p->page, "</code>");
    p->page.out->failed |= p->text.failed;
    brio_buf_clear(&p->text);
    p->doc.w.comma = false;
}

static void put_schemas(plain *p)
{
    if (p->doc.n_schemas)
        brio_app_page_put(&p->page, "<h2>Schemas</h2>\n");
    for (size_t i = 0; i < p->doc.n_schemas; i++) {
        brio_app_page_put(&p->page, "<section id=\"schema-");
        brio_app_page_text(&p->page, p->doc.schemas[i].name);
        brio_app_page_put(&p->page, "\"><h3>");
        brio_app_page_text(&p->page, p->doc.schemas[i].name);
        brio_app_page_put(&p->page, "</h3>");
        brio_app_openapi_schema(&p->doc, &p->doc.schemas[i]);
        put_code(p);
        brio_app_page_put(&p->page, "</section>\n");
    }
}

/* ---- Operations ------------------------------------------------------------------- */

static void put_parameter(plain *p, const brio_app_param *param)
{
    brio_app_page_put(&p->page, "<tr><td><code>");
    brio_app_page_text(&p->page, param->wire);
    brio_app_page_put(&p->page, "</code></td><td>");
    brio_app_page_text(&p->page, param->loc.up->name);
    brio_app_page_put(&p->page, brio_app_field_required(param->field) ? ", required" : "");
    brio_app_page_put(&p->page, "</td><td>");
    brio_schema_field(&p->doc.w, param->model, param->field);
    put_code(p);
    brio_app_page_put(&p->page, "</td></tr>\n");
}

static void put_parameters(plain *p, const brio_app_route *route)
{
    brio_app_page_put(&p->page, "<table>\n");
    for (size_t in = BRIO_IN_PATH; in <= BRIO_IN_COOKIE; in++)
        for (size_t i = 0; i < route->from[in].n; i++)
            if (!route->from[in].rows[i].field->hidden)
                put_parameter(p, &route->from[in].rows[i]);
    if (brio_app_body_rows(route)->n) {
        brio_app_page_put(&p->page, "<tr><td>body</td><td>");
        brio_app_page_put(&p->page, brio_app_body_required(route) ? "required" : "optional");
        brio_app_page_put(&p->page, "</td><td>");
        brio_app_openapi_body(&p->doc, route);
        put_code(p);
        brio_app_page_put(&p->page, "</td></tr>\n");
    }
}

static void put_answer(plain *p, const brio_app_route *route)
{
    char status[12];
    brio_buf digits = brio_buf_over(status, sizeof status);
    brio_buf_i64(&digits, route->status);
    brio_app_page_put(&p->page, "<tr><td>answer</td><td>");
    brio_app_page_text(&p->page, brio_buf_str(&digits));
    brio_app_page_put(&p->page, "</td><td>");
    if (brio_app_answers_body(route)) {
        brio_app_page_text(&p->page, route->media_type);
        brio_app_page_put(&p->page, " ");
        brio_app_openapi_answer(&p->doc, route);
        put_code(p);
    }
    brio_app_page_put(&p->page, "</td></tr>\n</table>\n");
}

static void put_title(plain *p, const brio_app_operation *op)
{
    brio_app_page_put(&p->page, "<section id=\"");
    brio_app_page_text(&p->page, brio_app_operation_id(p->doc.scratch, op->route));
    brio_app_page_put(&p->page, "\"><h3><b>");
    brio_app_page_text(&p->page, brio_str_from(op->route->spec.method));
    brio_app_page_put(&p->page, "</b> <code>");
    brio_app_page_text(&p->page, op->route->path.format);
    brio_app_page_put(&p->page, "</code></h3>\n<p>");
    brio_app_page_text(&p->page, brio_app_operation_summary(p->doc.scratch, op->route));
    brio_app_page_put(&p->page, op->route->spec.deprecated ? " <i>deprecated</i>" : "");
    brio_str rest = brio_str_from(op->route->spec.tags), tag;
    while (brio_app_next_tag(&rest, &tag)) {
        brio_app_page_put(&p->page, " <small>");
        brio_app_page_text(&p->page, tag);
        brio_app_page_put(&p->page, "</small>");
    }
    brio_app_page_put(&p->page, "</p>\n");
}

static void put_paragraph(plain *p, brio_str text)
{
    if (!text.len)
        return;
    brio_app_page_put(&p->page, "<p class=\"text\">");
    brio_app_page_text(&p->page, text);
    brio_app_page_put(&p->page, "</p>\n");
}

static void put_operations(plain *p)
{
    const brio_app_operation *first = brio_app_operations(p->doc.scratch, p->page.app);
    for (const brio_app_operation *path = first; path; path = path->next_path)
        for (const brio_app_operation *op = path; op; op = op->next) {
            put_title(p, op);
            put_paragraph(p, brio_app_operation_description(op->route));
            put_parameters(p, op->route);
            put_answer(p, op->route);
            brio_app_page_put(&p->page, "</section>\n");
        }
}

/* ---- The page ------------------------------------------------------------------------ */

static void put_head(plain *p)
{
    const brio_app_options *options = &p->page.app->options;
    brio_app_page_put(&p->page,
                      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<link rel=\"stylesheet\" type=\"text/css\" href=\"");
    brio_app_page_file(&p->page, "plain.css");
    brio_app_page_put(&p->page, "\">\n<title>");
    brio_app_page_text(&p->page, brio_str_from(options->title));
    brio_app_page_put(&p->page, " - API</title>\n</head>\n<body>\n<h1>");
    brio_app_page_text(&p->page, brio_str_from(options->title));
    brio_app_page_put(&p->page, " <small>");
    brio_app_page_text(&p->page, brio_str_from(options->version));
    brio_app_page_put(&p->page, "</small></h1>\n");
    put_paragraph(p, brio_str_from(options->summary));
    put_paragraph(p, brio_str_from(options->description));
    brio_app_page_put(&p->page, "<p>OpenAPI 3.1: <a href=\"");
    brio_app_page_url(&p->page, brio_str_from(options->openapi_url));
    brio_app_page_put(&p->page, "\">");
    brio_app_page_url(&p->page, brio_str_from(options->openapi_url));
    brio_app_page_put(&p->page, "</a></p>\n");
}

static int write_page(plain *p, brio_request *req, brio_http_response *answer)
{
    put_head(p);
    put_operations(p);
    put_schemas(p);
    brio_app_page_put(&p->page, "</body>\n</html>\n");
    return brio_app_page_end(&p->page, req, BRIO_S("text/html; charset=utf-8"), policy, answer);
}

static int plain_page(brio_request *req, brio_http_response *answer)
{
    plain p = {.page = brio_app_page_begin(req, req->route->spec.path)};
    brio_arena scratch;
    brio_arena_init(&scratch, (size_t)1 << 30);
    int rc = brio_app_document_init(&p.doc, req->app, &scratch, &p.text);
    if (rc >= 0)
        rc = write_page(&p, req, answer);
    brio_buf_fini(&p.text);
    brio_arena_fini(&scratch);
    return rc;
}

static const char css[] =
    "body { font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }\n"
    "section { border-top: 1px solid #ccc; padding: .5em 0 }\n"
    "h3 { margin: .5em 0 } h3 b { color: #0a6 } i { color: #a00 } .text { white-space: pre-line }\n"
    "small { background: #eee; border-radius: 3px; font-size: .8em; padding: .1em .4em }\n"
    "code { font-size: .9em; overflow-wrap: anywhere } td { padding: .1em 1em .1em 0;\n"
    "vertical-align: top } td:nth-child(2) { white-space: nowrap }\n";

static int plain_css(brio_request *req, brio_http_response *answer)
{
    (void)req;
    answer->content_type = BRIO_S("text/css; charset=utf-8");
    answer->body = brio_str_from(css);
    return 0;
}

void brio_app_docs_add_plain(brio_app *app, const char *url)
{
    brio_app_add_page(app, url, plain_page);
    brio_app_add_page(app, brio_app_page_path(app, url, "plain.css"), plain_css);
}
