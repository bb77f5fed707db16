/* SPDX-License-Identifier: MIT
 *
 * Numbers of all workers, in memory that they share.
 *
 * It is mapped before the fork: a registry of routes, and a block of counters
 * for each worker and for its successor, so that a block has one writer. Any
 * worker can add them up. Counters stay when a worker is replaced; what it has
 * open is zeroed by whoever takes its block. A route gets its row with its first
 * answer, found again by address in a table of the worker's own; when all rows are
 * taken the last one stands for all others. */
#include "server/metrics.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

const double brio_server_bounds[BRIO_SERVER_BOUNDS] = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

/* ---- The memory ------------------------------------------------------------------ */

static size_t size_for(size_t n_blocks)
{
    return sizeof(brio_server_metrics) + n_blocks * sizeof(brio_server_counts);
}

int brio_server_metrics_open(brio_server_metrics **ret, const brio_server_options *o)
{
    *ret = NULL;
    if (!o->metrics)
        return 0;
    size_t n = (size_t)o->workers * 2;
    brio_server_metrics *m =
        mmap(NULL, size_for(n), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED)
        return -errno;
    m->n_blocks = n;
    m->started = brio_clock_realtime();
    *ret = m;
    return 0;
}

void brio_server_metrics_close(brio_server_metrics *m)
{
    if (m)
        munmap(m, size_for(m->n_blocks));
}

void brio_server_metrics_join(brio_server_worker *w, brio_server_metrics *m, unsigned generation)
{
    w->metrics = m;
    if (!m)
        return;
    w->counts = &m->blocks[(size_t)w->slot * 2 + generation % 2];
    atomic_store(&w->counts->connections, 0);
    atomic_store(&w->counts->running, 0);
    brio_server_numbers_join(w);
    atomic_store(&w->counts->pid, (int64_t)getpid());
}

/* A successor may have taken the block already. */
void brio_server_metrics_leave(const brio_server_worker *w)
{
    int64_t pid = getpid();
    if (w->counts)
        (void)atomic_compare_exchange_strong(&w->counts->pid, &pid, 0);
}

/* ---- Routes ---------------------------------------------------------------------- */

/* A row for these words, made if there is room. Two workers may make the same row
 * at once; then both rows count, and are added up by whoever reads. */
static uint16_t row_of(brio_server_metrics *m, brio_str method, brio_str root, brio_str path)
{
    char text[BRIO_SERVER_LABEL_MAX];
    brio_buf label = brio_buf_over(text, sizeof text);
    brio_buf_printf(&label, "%.*s %.*s%.*s", BRIO_ARG(method), BRIO_ARG(root), BRIO_ARG(path));
    brio_str wanted = brio_buf_str(&label);
    uint32_t n = atomic_load(&m->n_rows);
    for (uint32_t i = 0; i < n && i < BRIO_SERVER_ROWS; i++)
        if (atomic_load(&m->rows[i].len) == wanted.len &&
            memcmp(m->rows[i].text, wanted.ptr, wanted.len) == 0)
            return (uint16_t)i;
    uint32_t at = n < BRIO_SERVER_ROWS - 1 ? atomic_fetch_add(&m->n_rows, 1) : BRIO_SERVER_ROWS - 1;
    if (label.failed || at >= BRIO_SERVER_ROWS - 1)
        return BRIO_SERVER_ROWS - 1; /* "others" */
    memcpy(m->rows[at].text, wanted.ptr, wanted.len);
    atomic_store(&m->rows[at].len, (uint32_t)wanted.len);
    return (uint16_t)at;
}

static uint16_t find_row(const brio_server_worker *w, const brio_exchange *ex)
{
    const brio_http_request *http = ex->http;
    uintptr_t key = (uintptr_t)ex->route ^ ((uintptr_t)ex->root_path.ptr << 1) ^
                    ((uintptr_t)http->method << 48);
    brio_server_seen *seen = &w->counts->seen[(key >> 3) % BRIO_SERVER_SEEN];
    if (BRIO_LIKELY(seen->key == key && key))
        return seen->row;
    brio_str path = ex->route ? brio_str_from(ex->route) : BRIO_S("none");
    brio_str root = ex->route ? ex->root_path : BRIO_S("");
    brio_str method = brio_method_name(http->method);
    uint16_t row = row_of(w->metrics, method.len ? method : BRIO_S("OTHER"), root, path);
    *seen = (brio_server_seen){key, row};
    return row;
}

/* ---- Counting -------------------------------------------------------------------- */

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static size_t bucket_of(brio_time took)
{
    double seconds = (double)took / 1e9;
    size_t i = 0;
    while (i < BRIO_SERVER_BOUNDS && seconds > brio_server_bounds[i])
        i++;
    return i;
}

void brio_server_metrics_note(const brio_server_worker *w, const brio_exchange *ex,
                              const brio_server_tally *t)
{
    brio_server_count *c = &w->counts->rows[find_row(w, ex)];
    size_t class = t->status >= 100 && t->status < 600 ? (size_t)t->status / 100 - 1 : 4;
    add(&c->status[class], 1);
    add(&c->bytes, t->bytes);
    if (t->status < 200)
        return; /* a WebSocket, which lasts as long as it likes */
    brio_time took = brio_clock_monotonic() - t->begun;
    add(&c->buckets[bucket_of(took)], 1);
    add(&c->microseconds, (uint64_t)(took / BRIO_US(1)));
}

void brio_server_metrics_refused(const brio_server_worker *w)
{
    if (w->counts)
        add(&w->counts->refused, 1);
}

void brio_server_metrics_handshake(const brio_server_worker *w, brio_server_shake how)
{
    if (w->counts)
        add(&w->counts->shakes[how], 1);
}

void brio_server_metrics_opened(const brio_server_worker *w)
{
    if (!w->counts)
        return;
    add(&w->counts->opened, 1);
    atomic_store_explicit(&w->counts->connections, w->n_conns, memory_order_relaxed);
}

void brio_server_metrics_closed(const brio_server_worker *w)
{
    if (w->counts)
        atomic_store_explicit(&w->counts->connections, w->n_conns, memory_order_relaxed);
}

void brio_server_metrics_running(const brio_server_worker *w)
{
    if (w->counts)
        atomic_store_explicit(&w->counts->running, w->n_running, memory_order_relaxed);
}

/* ---- Telling --------------------------------------------------------------------- */

static bool is_asked_for(const brio_server_worker *w, const brio_exchange *ex)
{
    const brio_http_request *http = ex->http;
    return brio_str_eq(http->path, brio_str_from(w->options->metrics)) &&
           (http->method == BRIO_METHOD_GET || http->method == BRIO_METHOD_HEAD) &&
           brio_server_listed(w->options->metrics_from, ex->client_host, !ex->client_host.len);
}

bool brio_server_metrics_serve(brio_server_worker *w, brio_exchange *ex)
{
    if (!is_asked_for(w, ex))
        return false;
    brio_buf text = {0};
    atomic_store(&w->counts->running, w->n_running - 1); /* without this one */
    brio_server_metrics_print(w->metrics, &text);
    brio_server_numbers_print(w, &text);
    ex->route = w->options->metrics;
    ex->root_path = ex->request_id = ex->trace_id = (brio_str){0};
    brio_http_response answer = {
        .content_type = BRIO_S("text/plain; version=0.0.4; charset=utf-8"),
        .body = brio_str_copy(ex->arena, brio_buf_str(&text)),
    };
    brio_buf_fini(&text);
    ex->respond(ex, &answer);
    ex->finished(ex);
    return true;
}
