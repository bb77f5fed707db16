/* SPDX-License-Identifier: MIT
 *
 * A folder as a page of links. Names are whatever the disk has: as text they are
 * escaped, as links percent-encoded, and the page can load and run nothing. */
#include "app/file_answer.h"

#include "app/docs_internal.h"

#include <errno.h>

static const char policy[] =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

static const char style[] =
    "<style>body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
    "1rem;"
    "color-scheme:light "
    "dark}ul{list-style:none;padding:0}a{text-decoration:none;overflow-wrap:anywhere}"
    "a:hover{text-decoration:underline}</style>\n";

static void put_entry(brio_request *req, const brio_app_page *page, brio_str name, bool folder)
{
    const char *slash = folder ? "/" : "";
    brio_app_page_put(page, "<li><a href=\"./");
    brio_app_page_text(page, brio_percent_encode(req->arena, name, NULL));
    brio_app_page_put(page, slash);
    brio_app_page_put(page, "\">");
    brio_app_page_text(page, name);
    brio_app_page_put(page, slash);
    brio_app_page_put(page, "</a></li>\n");
}

static void put_title(const brio_app_page *page, const char *open, brio_str path, const char *close)
{
    brio_app_page_put(page, open);
    brio_app_page_put(page, "Index of ");
    brio_app_page_text(page, path);
    brio_app_page_put(page, close);
}

int brio_app_answer_index(brio_request *req, const brio_dir_entry *entries, size_t n, bool top)
{
    brio_app_page page = brio_app_page_begin(req, "");
    brio_app_page_put(&page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                             "<meta name=\"viewport\" content=\"width=device-width\">\n");
    put_title(&page, "<title>", req->full_path, "</title>\n");
    brio_app_page_put(&page, style);
    put_title(&page, "</head><body>\n<h1>", req->full_path, "</h1>\n<ul>\n");
    if (!top)
        brio_app_page_put(&page, "<li><a href=\"../\">../</a></li>\n");
    for (size_t i = 0; i < n; i++)
        put_entry(req, &page, entries[i].name, entries[i].kind == BRIO_FILE_DIRECTORY);
    brio_app_page_put(&page, "</ul>\n</body></html>\n");
    if (page.out->failed)
        return -ENOMEM;
    brio_app_put_header(req, BRIO_S("content-security-policy"), brio_str_from(policy));
    brio_app_put_header(req, BRIO_S("x-content-type-options"), BRIO_S("nosniff"));
    return brio_answer_html(req, 200, brio_buf_str(page.out));
}
