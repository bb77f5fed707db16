/* SPDX-License-Identifier: MIT
 *
 * The page of a failure nobody foresaw, for who writes the program: what
 * failed and where, with the lines around it if their file is at hand, which
 * handler and task it was, and what was asked. Only with .debug: it shows the
 * program's sources. Clients that do not ask for HTML get the same as text. */
#include "app/docs_internal.h"

#include <stdio.h>

#define TEXT_TYPE BRIO_S("text/plain; charset=utf-8")
#define HTML_TYPE BRIO_S("text/html; charset=utf-8")

enum { LINES_AROUND = 5, LINE_MAX = 200 };

static void put_row(brio_buf *out, const char *name, brio_str value)
{
    brio_buf_printf(out, "%-9s %.*s\n", name, BRIO_ARG(value));
}

/* The lines around one, with a mark at it; nothing if the file is not there. */
static void put_source(brio_buf *out, const char *path, int line)
{
    char text[LINE_MAX];
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    brio_buf_printf(out, "\n");
    for (int at = 1; at <= line + LINES_AROUND && fgets(text, sizeof text, file);) {
        size_t len = strlen(text);
        bool whole = len && text[len - 1] == '\n';
        if (at >= line - LINES_AROUND)
            brio_buf_printf(out, "%s %5d | %s%s", at == line ? ">" : " ", at, text,
                            whole ? "" : "\n");
        at += whole || feof(file) ? 1 : 0;
    }
    fclose(file);
}

static void put_place(brio_buf *out, const brio_exception *f)
{
    if (!f->file)
        return;
    brio_buf_printf(out, "%-9s %s:%d\n", "raised", f->file, f->line);
    put_source(out, f->file, f->line);
}

/* Secrets stay out of what people paste elsewhere. */
static bool is_secret(brio_str name)
{
    return brio_str_eq_nocase(name, BRIO_S("authorization")) ||
           brio_str_eq_nocase(name, BRIO_S("cookie")) ||
           brio_str_eq_nocase(name, BRIO_S("proxy-authorization"));
}

static void put_request(brio_buf *out, const brio_request *req)
{
    const brio_http_request *http = req->http;
    brio_buf_printf(out, "\n%.*s %.*s%s%.*s\n", BRIO_ARG(http->method_text), BRIO_ARG(http->path),
                    http->query.len ? "?" : "", BRIO_ARG(http->query));
    for (size_t i = 0; i < http->n_headers; i++) {
        const brio_header *h = &http->headers[i];
        brio_str value = is_secret(h->name) ? BRIO_S("(not shown)") : h->value;
        brio_buf_printf(out, "%.*s: %.*s\n", BRIO_ARG(h->name), BRIO_ARG(value));
    }
}

static void put_handler(brio_buf *out, const brio_request *req)
{
    char symbol[256];
    const brio_app_route *route = req->route;
    if (!route || !route->spec.handler)
        return;
    const void *pc;
    memcpy(&pc, &route->spec.handler, sizeof pc);
    size_t len = brio_trace_symbol(pc, symbol, sizeof symbol);
    put_row(out, "route", brio_str_from(route->spec.path));
    put_row(out, "handler", (brio_str){symbol, len});
}

static void put_task(brio_buf *out, const brio_request *req)
{
    if (req->ex->task)
        put_row(out, "task", brio_str_from(brio_task_name(req->ex->task)));
}

static void write_report(brio_buf *out, const brio_request *req, const brio_exception *f)
{
    brio_str detail = brio_error_detail();
    brio_buf_printf(out, "%s (%s)\n\n", brio_error_text(f->err), brio_error_name(f->err));
    if (detail.len)
        put_row(out, "detail", detail);
    put_handler(out, req);
    put_task(out, req);
    put_place(out, f);
    put_request(out, req);
}

static void escape(brio_buf *out, brio_str text)
{
    brio_app_page page = {.out = out};
    brio_app_page_text(&page, text);
}

static bool wants_html(const brio_request *req)
{
    return brio_str_find(brio_request_header(req, BRIO_S("accept")), BRIO_S("text/html")) >= 0;
}

void brio_app_answer_debug(brio_request *req, const brio_exception *failure)
{
    brio_buf report = {0}, html = {0};
    write_report(&report, req, failure);
    brio_str text = brio_str_copy(req->arena, brio_buf_str(&report));
    bool page = wants_html(req);
    if (page) {
        brio_buf_add(&html, BRIO_S("<!DOCTYPE html>\n<title>500</title>\n<h1>500 Internal Server "
                                   "Error</h1>\n<pre>"));
        escape(&html, text);
        brio_buf_add(&html, BRIO_S("</pre>\n"));
        text = brio_str_copy(req->arena, brio_buf_str(&html));
    }
    bool failed = report.failed || html.failed;
    brio_buf_fini(&report);
    brio_buf_fini(&html);
    if (failed)
        brio_app_answer_static(req, 500);
    else
        brio_app_answer(req, 500, page ? HTML_TYPE : TEXT_TYPE, text);
}
