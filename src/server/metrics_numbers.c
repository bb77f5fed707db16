/* SPDX-License-Identifier: MIT
 *
 * Numbers that the app's parts keep (WebSockets, the bus), beside the server's own.
 *
 * They are plain variables of each worker, which others cannot see: so each puts
 * what was added into the shared memory once a second, and the one that is asked does
 * so first. What is counted costs nothing more for that. */
#include "server/metrics.h"

#define LOOK_EVERY BRIO_SEC(1)

/* ---- In each worker ------------------------------------------------------------- */

static void look(brio_server_worker *w)
{
    uint64_t now[BRIO_APP_NUMBERS_MAX];
    size_t i = 0;
    brio_app_count_numbers(w->app, now);
    for (const brio_app_numbers *s = brio_app_numbers_of(w->app); s; s = s->next)
        for (size_t k = 0; k < s->n; k++, i++) {
            if (s->numbers[k].gauge)
                atomic_store(&w->counts->numbers[i], now[i]);
            else
                atomic_fetch_add(&w->counts->numbers[i], now[i] - w->numbers_told[i]);
            w->numbers_told[i] = now[i];
        }
}

static void on_look(brio_timer *timer)
{
    brio_server_worker *w = BRIO_CONTAINER(timer, brio_server_worker, numbers);
    look(w);
    brio_timer_start(w->loop, timer, brio_loop_now(w->loop) + LOOK_EVERY);
}

/* What a former worker had is not there any more, and what is now is not known yet. */
void brio_server_numbers_join(brio_server_worker *w)
{
    size_t i = 0;
    for (const brio_app_numbers *s = brio_app_numbers_of(w->app); s; s = s->next)
        for (size_t k = 0; k < s->n; k++, i++)
            if (s->numbers[k].gauge)
                atomic_store(&w->counts->numbers[i], BRIO_APP_NO_NUMBER);
}

void brio_server_numbers_start(brio_server_worker *w)
{
    w->numbers.fn = on_look;
    if (w->counts && brio_app_numbers_of(w->app))
        brio_timer_start(w->loop, &w->numbers, brio_loop_now(w->loop) + LOOK_EVERY);
}

void brio_server_numbers_stop(brio_server_worker *w)
{
    if (w->counts)
        look(w);
    brio_timer_stop(w->loop, &w->numbers);
}

/* ---- As text ---------------------------------------------------------------------- */

static void put_counter(brio_buf *out, const brio_server_metrics *m, const brio_app_number *number,
                        size_t at)
{
    uint64_t sum = 0;
    for (size_t b = 0; b < m->n_blocks; b++)
        sum += atomic_load(&m->blocks[b].numbers[at]);
    const char *labels = number->labels;
    brio_buf_printf(out, "%s%s%s%s %llu\n", number->name, labels ? "{" : "", labels ? labels : "",
                    labels ? "}" : "", (unsigned long long)sum);
}

static void put_gauge(brio_buf *out, const brio_server_metrics *m, const brio_app_number *number,
                      size_t at)
{
    const char *labels = number->labels;
    for (size_t b = 0; b < m->n_blocks; b++) {
        int64_t pid = atomic_load(&m->blocks[b].pid);
        uint64_t value = atomic_load(&m->blocks[b].numbers[at]);
        if (pid && value != BRIO_APP_NO_NUMBER)
            brio_buf_printf(out, "%s{%s%sworker=\"%zu\",pid=\"%lld\"} %llu\n", number->name,
                            labels ? labels : "", labels ? "," : "", b / 2, (long long)pid,
                            (unsigned long long)value);
    }
}

void brio_server_numbers_print(brio_server_worker *w, brio_buf *out)
{
    size_t at = 0;
    look(w);
    for (const brio_app_numbers *s = brio_app_numbers_of(w->app); s; s = s->next)
        for (size_t i = 0; i < s->n; i++, at++) {
            const brio_app_number *number = &s->numbers[i];
            if (number->help)
                brio_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", number->name, number->help,
                                number->name, number->gauge ? "gauge" : "counter");
            (number->gauge ? put_gauge : put_counter)(out, w->metrics, number, at);
        }
}
