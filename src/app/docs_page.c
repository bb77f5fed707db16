/* SPDX-License-Identifier: MIT
 *
 * Writing pages: a buffer that the request's arena frees, and the escapes.
 *
 * Titles, paths and descriptions are the author's, but may come from a
 * configuration; none of them can become markup. The policy is sent beside it
 * as a second wall: pages load only files of this app and no page has a script
 * or a handler inside its HTML. */
#include "app/docs_internal.h"

#include <errno.h>

static void free_buf(void *buf)
{
    brio_buf_fini(buf);
}

static brio_str without_slashes_behind(brio_str s)
{
    while (s.len && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}

brio_app_page brio_app_page_begin(brio_request *req, const char *url)
{
    brio_app_page page = {
        .app = req->app,
        .out = BRIO_NEW(req->arena, brio_buf),
        .base = without_slashes_behind(brio_str_from(url)),
    };
    brio_defer_push(req->arena, free_buf, page.out);
    return page;
}

int brio_app_page_end(const brio_app_page *page, brio_request *req, brio_str content_type,
                      const char *policy, brio_http_response *answer)
{
    if (page->out->failed)
        return -ENOMEM;
    answer->content_type = content_type;
    answer->body = brio_buf_str(page->out);
    if (!policy)
        return 0;
    brio_header *header = BRIO_NEW(req->arena, brio_header);
    *header = (brio_header){BRIO_S("content-security-policy"), brio_str_from(policy)};
    answer->headers = header;
    answer->n_headers = 1;
    return 0;
}

void brio_app_page_put(const brio_app_page *page, const char *html)
{
    brio_buf_add(page->out, brio_str_from(html));
}

/* What stands for `c` in JSON inside HTML. */
static brio_str json_of(char c)
{
    switch (c) {
    case '&':
        return BRIO_S("\\u0026");
    case '<':
        return BRIO_S("\\u003c");
    case '>':
        return BRIO_S("\\u003e");
    default:
        return (brio_str){NULL, 0};
    }
}

static void put_escaped(const brio_app_page *page, brio_str text, brio_str (*escape)(char c))
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        brio_str escaped = escape(text.ptr[i]);
        if (!escaped.len)
            continue;
        brio_buf_add(page->out, brio_str_slice(text, from, i - from));
        brio_buf_add(page->out, escaped);
        from = i + 1;
    }
    brio_buf_add(page->out, brio_str_slice(text, from, SIZE_MAX));
}

void brio_app_page_text(const brio_app_page *page, brio_str text)
{
    put_escaped(page, text, brio_app_html_reference);
}

void brio_app_page_url(const brio_app_page *page, brio_str path)
{
    brio_app_page_text(page, page->app->root_path);
    brio_app_page_text(page, path);
}

void brio_app_page_file(const brio_app_page *page, const char *name)
{
    brio_app_page_url(page, page->base);
    brio_app_page_put(page, "/");
    brio_app_page_text(page, brio_str_from(name));
}

void brio_app_page_json(const brio_app_page *page, const brio_json *value)
{
    brio_buf json = {0};
    brio_json_writer w = {.out = &json};
    brio_json_value(&w, value);
    put_escaped(page, brio_buf_str(&json), json_of);
    page->out->failed |= json.failed;
    brio_buf_fini(&json);
}

const char *brio_app_page_path(brio_app *app, const char *url, const char *name)
{
    brio_str base = without_slashes_behind(brio_str_from(url));
    return brio_printf(&app->arena, "%.*s/%s", BRIO_ARG(base), name).ptr;
}
