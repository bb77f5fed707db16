/* SPDX-License-Identifier: MIT
 *
 * The page of a failure nobody foresaw, for who writes the program: what
 * failed and where, with the lines around it if their file is at hand; the way
 * down to it, from the client over the worker's task to the handler or provider;
 * and what was asked. Only with .debug: it shows the program's sources. Clients
 * that do not ask for HTML get the same as text. */
#include "app/docs_internal.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define TEXT_TYPE BRIO_S("text/plain; charset=utf-8")
#define HTML_TYPE BRIO_S("text/html; charset=utf-8")

enum { LINES_AROUND = 5, LINE_BYTES = 200, PARENTS_MAX = 16, SYMBOL_MAX = 256 };

static void put_row(brio_buf *out, const char *name, brio_str value)
{
    brio_buf_printf(out, "%-9s %.*s\n", name, BRIO_ARG(value));
}

/* The lines around one, with a mark at it; nothing if the file is not there. */
static void put_source(brio_buf *out, const char *path, int line)
{
    char text[LINE_BYTES];
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

/* ---- Where ------------------------------------------------------------------------ */

static void put_place(brio_buf *out, const char *what, const char *file, int line)
{
    brio_buf_printf(out, "%-9s %s:%d\n", what, file, line);
    put_source(out, file, line);
}

/* The lines around "function file:line", as far as it is that. */
static void put_symbol_source(brio_buf *out, brio_arena *arena, brio_str symbol)
{
    brio_str_pair cut = brio_str_cut(symbol, ' ');
    ptrdiff_t colon = (ptrdiff_t)cut.tail.len - 1;
    uint64_t line;
    while (colon > 0 && cut.tail.ptr[colon] != ':')
        colon--;
    if (colon <= 0 ||
        brio_str_to_u64(brio_str_slice(cut.tail, (size_t)colon + 1, SIZE_MAX), &line) < 0 ||
        line > INT_MAX - LINES_AROUND)
        return;
    put_source(out, brio_cstr(arena, brio_str_slice(cut.tail, 0, (size_t)colon)), (int)line);
}

/* Where it was raised, or what is known instead: where its words were said, or
 * the function it comes from. */
static void put_where(brio_buf *out, const brio_request *req, const brio_exception *f,
                      brio_str function)
{
    int line;
    const char *said = brio_error_file(&line);
    if (f->file)
        put_place(out, "raised", f->file, f->line);
    else if (said)
        put_place(out, "said at", said, line);
    else
        put_symbol_source(out, req->arena, function);
}

static brio_str symbol_of(const brio_request *req, brio_handler_fn *function)
{
    const void *pc;
    memcpy(&pc, &function, sizeof pc);
    char *symbol = brio_alloc_aligned(req->arena, SYMBOL_MAX, 1);
    return (brio_str){symbol, brio_trace_symbol(pc, symbol, SYMBOL_MAX)};
}

/* The route, its handler, and the provider that failed before that could begin.
 * Returns the innermost function, empty if there is none. */
static brio_str put_functions(brio_buf *out, const brio_request *req)
{
    const brio_app_route *route = req->route;
    brio_str symbol = {0};
    if (!route || !route->spec.handler)
        return symbol;
    put_row(out, "route", brio_str_from(route->spec.path));
    symbol = symbol_of(req, route->spec.handler);
    put_row(out, "handler", symbol);
    if (!req->failed)
        return symbol;
    symbol = symbol_of(req, req->failed->provider->fn);
    brio_buf_printf(out, "%-9s %s, %.*s\n", "provider", req->failed->provider->name,
                    BRIO_ARG(symbol));
    return symbol;
}

/* ---- Who asked --------------------------------------------------------------------- */

static void put_client(brio_buf *out, const brio_request *req)
{
    const brio_exchange *ex = req->ex;
    if (ex->client_host.len)
        brio_buf_printf(out, "%-9s %.*s:%u, %.*s\n", "client", BRIO_ARG(ex->client_host),
                        (unsigned)ex->client_port, BRIO_ARG(ex->scheme));
    brio_buf_printf(out, "%-9s process %ld\n", "worker", (long)getpid());
}

/* ---- Tasks ------------------------------------------------------------------------ */

typedef struct lookup {
    uint64_t id;
    const brio_task *found;
} lookup;

static bool look(brio_task *task, void *arg)
{
    lookup *l = arg;
    if (brio_task_id(task) == l->id)
        l->found = task;
    return !l->found;
}

static void put_task(brio_buf *out, const char *what, const brio_task *task)
{
    char symbol[SYMBOL_MAX];
    size_t len = brio_trace_symbol(brio_task_created_at(task), symbol, sizeof symbol);
    brio_buf_printf(out, "%-9s ", what);
    brio_trace_clean(out, brio_task_name(task));
    brio_buf_printf(out, " (%" PRIu64 "), created at %.*s\n", brio_task_id(task), (int)len, symbol);
}

/* The request's task, and who created it, as far up as they still run. */
static void put_tasks(brio_buf *out, const brio_task *task)
{
    if (task)
        put_task(out, "task", task);
    for (int i = 0; task && i < PARENTS_MAX; i++) {
        lookup l = {.id = brio_task_parent(task)};
        if (l.id)
            brio_task_each(look, &l);
        task = l.found;
        if (task)
            put_task(out, "  of", task);
        else if (l.id)
            brio_buf_printf(out, "%-9s (%" PRIu64 "), which is over\n", "  of", l.id);
    }
}

/* ---- The page --------------------------------------------------------------------- */

static void write_report(brio_buf *out, const brio_request *req, const brio_exception *f)
{
    brio_str detail = brio_error_detail();
    brio_buf_printf(out, "%s (%s)\n\n", brio_error_text(f->err), brio_error_name(f->err));
    if (detail.len)
        put_row(out, "detail", detail);
    brio_str function = put_functions(out, req);
    put_tasks(out, req->ex->task);
    put_client(out, req);
    put_where(out, req, f, function);
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
