/* SPDX-License-Identifier: MIT
 *
 * The numbers as Prometheus reads them (text format 0.0.4). Names that exporters
 * for FastAPI have made known are kept, so that dashboards go on working. */
#include "server/metrics.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* ---- Sums -------------------------------------------------------------------------- */

typedef struct sum {
    uint64_t status[5], buckets[BRIO_SERVER_BOUNDS + 1], microseconds, bytes;
} sum;

static void add_row(sum *s, const brio_server_metrics *m, size_t row)
{
    for (size_t b = 0; b < m->n_blocks; b++) {
        const brio_server_count *c = &m->blocks[b].rows[row];
        for (size_t i = 0; i < 5; i++)
            s->status[i] += atomic_load_explicit(&c->status[i], memory_order_relaxed);
        for (size_t i = 0; i <= BRIO_SERVER_BOUNDS; i++)
            s->buckets[i] += atomic_load_explicit(&c->buckets[i], memory_order_relaxed);
        s->microseconds += atomic_load_explicit(&c->microseconds, memory_order_relaxed);
        s->bytes += atomic_load_explicit(&c->bytes, memory_order_relaxed);
    }
}

static brio_str label_of(const brio_server_metrics *m, size_t row)
{
    if (row == BRIO_SERVER_ROWS - 1)
        return BRIO_S("OTHER others");
    return (brio_str){m->rows[row].text, atomic_load(&m->rows[row].len)};
}

/* False for a row that another one in front of it has the words of, or that has none. */
static bool is_first(const brio_server_metrics *m, size_t row)
{
    brio_str label = label_of(m, row);
    for (size_t i = 0; i < row && label.len; i++)
        if (brio_str_eq(label_of(m, i), label))
            return false;
    return label.len > 0;
}

static bool collect(sum *ret, const brio_server_metrics *m, size_t row)
{
    *ret = (sum){.bytes = 0};
    if (!is_first(m, row))
        return false;
    for (size_t i = row; i < BRIO_SERVER_ROWS; i++)
        if (brio_str_eq(label_of(m, i), label_of(m, row)))
            add_row(ret, m, i);
    uint64_t any = 0;
    for (size_t i = 0; i < 5; i++)
        any += ret->status[i];
    return any > 0;
}

/* ---- Text -------------------------------------------------------------------------- */

static void put_head(brio_buf *out, const char *name, const char *type, const char *help)
{
    brio_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_escaped(brio_buf *out, brio_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            brio_buf_char(out, '\\');
        brio_buf_char(out, text.ptr[i] == '\n' ? ' ' : text.ptr[i]);
    }
}

/* method="GET",handler="/items/{item_id}" */
static void put_labels(brio_buf *out, brio_str label)
{
    brio_str_pair words = brio_str_cut(label, ' ');
    brio_buf_printf(out, "method=\"%.*s\",handler=\"", BRIO_ARG(words.head));
    put_escaped(out, words.tail);
    brio_buf_char(out, '"');
}

static void put_statuses(brio_buf *out, brio_str label, const sum *s)
{
    for (size_t i = 0; i < 5; i++)
        if (s->status[i]) {
            brio_buf_add(out, BRIO_S("http_requests_total{"));
            put_labels(out, label);
            brio_buf_printf(out, ",status=\"%zuxx\"} %llu\n", i + 1,
                            (unsigned long long)s->status[i]);
        }
}

static uint64_t answers(const sum *s)
{
    return s->status[1] + s->status[2] + s->status[3] + s->status[4];
}

static void put_durations(brio_buf *out, brio_str label, const sum *s)
{
    unsigned long long below = 0;
    for (size_t i = 0; i <= BRIO_SERVER_BOUNDS && answers(s); i++) {
        below += s->buckets[i];
        brio_buf_add(out, BRIO_S("http_request_duration_seconds_bucket{"));
        put_labels(out, label);
        if (i < BRIO_SERVER_BOUNDS)
            brio_buf_printf(out, ",le=\"%g\"} %llu\n", brio_server_bounds[i], below);
        else
            brio_buf_printf(out, ",le=\"+Inf\"} %llu\n", below);
    }
    if (!answers(s))
        return;
    brio_buf_add(out, BRIO_S("http_request_duration_seconds_sum{"));
    put_labels(out, label);
    brio_buf_printf(out, "} %.6f\nhttp_request_duration_seconds_count{",
                    (double)s->microseconds / 1e6);
    put_labels(out, label);
    brio_buf_printf(out, "} %llu\n", below);
}

static void put_sizes(brio_buf *out, brio_str label, const sum *s)
{
    const unsigned long long bytes = s->bytes, n = answers(s) + s->status[0];
    brio_buf_add(out, BRIO_S("http_response_size_bytes_sum{"));
    put_labels(out, label);
    brio_buf_printf(out, "} %llu\nhttp_response_size_bytes_count{", bytes);
    put_labels(out, label);
    brio_buf_printf(out, "} %llu\n", n);
}

typedef void put_row_fn(brio_buf *out, brio_str label, const sum *s);

static void put_rows(brio_buf *out, const brio_server_metrics *m, put_row_fn *put)
{
    sum s;
    for (size_t row = 0; row < BRIO_SERVER_ROWS; row++)
        if (collect(&s, m, row))
            put(out, label_of(m, row), &s);
}

/* ---- Processes ----------------------------------------------------------------------- */

typedef struct process {
    unsigned long long cpu_ticks, resident_pages;
} process;

static process look_at(int64_t pid)
{
    char path[64], text[1024];
    process p = {0};
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return p;
    text[n] = '\0';
    const char *after = strrchr(text, ')'); /* the name may hold anything */
    unsigned long long user = 0, kernel = 0;
    if (after && sscanf(after + 1,
                        " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d "
                        "%*d %*d %*d %*d %*u %*u %llu",
                        &user, &kernel, &p.resident_pages) == 3)
        p.cpu_ticks = user + kernel;
    return p;
}

typedef double value_fn(const brio_server_counts *c, const process *p);

static double cpu_seconds(const brio_server_counts *c, const process *p)
{
    (void)c;
    return (double)p->cpu_ticks / (double)sysconf(_SC_CLK_TCK);
}

static double resident_bytes(const brio_server_counts *c, const process *p)
{
    (void)c;
    return (double)p->resident_pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_connections(const brio_server_counts *c, const process *p)
{
    (void)p;
    return (double)atomic_load(&c->connections);
}

static double running_requests(const brio_server_counts *c, const process *p)
{
    (void)p;
    return (double)atomic_load(&c->running);
}

static void put_workers(brio_buf *out, const brio_server_metrics *m, const char *name,
                        value_fn *value)
{
    for (size_t b = 0; b < m->n_blocks; b++) {
        int64_t pid = atomic_load(&m->blocks[b].pid);
        if (!pid)
            continue;
        process p = look_at(pid);
        brio_buf_printf(out, "%s{worker=\"%zu\",pid=\"%lld\"} %.10g\n", name, b / 2, (long long)pid,
                        value(&m->blocks[b], &p));
    }
}

static void put_handshakes(brio_buf *out, const brio_server_metrics *m)
{
    static const char *const names[] = {"full", "resumed", "failed"}; /* ORDER SHAKE */
    put_head(out, "brio_tls_handshakes_total", "counter", "TLS handshakes that have ended.");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t n = 0;
        for (size_t b = 0; b < m->n_blocks; b++)
            n += atomic_load(&m->blocks[b].shakes[i]);
        brio_buf_printf(out, "brio_tls_handshakes_total{result=\"%s\"} %llu\n", names[i],
                        (unsigned long long)n);
    }
}

static void put_totals(brio_buf *out, const brio_server_metrics *m)
{
    uint64_t opened = 0, refused = 0, workers = 0;
    for (size_t b = 0; b < m->n_blocks; b++) {
        opened += atomic_load(&m->blocks[b].opened);
        refused += atomic_load(&m->blocks[b].refused);
        workers += atomic_load(&m->blocks[b].pid) != 0;
    }
    put_head(out, "brio_connections_total", "counter", "Connections accepted.");
    brio_buf_printf(out, "brio_connections_total %llu\n", (unsigned long long)opened);
    put_head(out, "brio_refused_total", "counter",
             "Requests refused before the app: malformed, too large, too slow.");
    brio_buf_printf(out, "brio_refused_total %llu\n", (unsigned long long)refused);
    put_head(out, "brio_workers", "gauge", "Worker processes.");
    brio_buf_printf(out, "brio_workers %llu\n", (unsigned long long)workers);
    put_head(out, "process_start_time_seconds", "gauge",
             "When the server was started, since 1970.");
    brio_buf_printf(out, "process_start_time_seconds %.3f\n", (double)m->started / 1e9);
}

void brio_server_metrics_print(const brio_server_metrics *m, brio_buf *out)
{
    put_head(out, "http_requests_total", "counter", "Answers, by method, status class and route.");
    put_rows(out, m, put_statuses);
    put_head(out, "http_request_duration_seconds", "histogram",
             "From the whole request to the end of its answer.");
    put_rows(out, m, put_durations);
    put_head(out, "http_response_size_bytes", "summary", "Bytes of bodies, as sent.");
    put_rows(out, m, put_sizes);
    put_totals(out, m);
    put_handshakes(out, m);
    put_head(out, "brio_connections", "gauge", "Open connections.");
    put_workers(out, m, "brio_connections", open_connections);
    put_head(out, "brio_requests_in_progress", "gauge", "Requests that the app works at.");
    put_workers(out, m, "brio_requests_in_progress", running_requests);
    put_head(out, "process_cpu_seconds_total", "counter", "User and system time.");
    put_workers(out, m, "process_cpu_seconds_total", cpu_seconds);
    put_head(out, "process_resident_memory_bytes", "gauge", "Memory in use.");
    put_workers(out, m, "process_resident_memory_bytes", resident_bytes);
}
