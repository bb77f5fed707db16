/* SPDX-License-Identifier: MIT
 *
 * The queue: order, snapshots, stop, and that I/O is polled among callbacks. */
#include "loop/bed.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

/* A callback that writes its letter and, once, queues another. */
typedef struct letter {
    brio_callback cb;
    brio_loop *loop;
    brio_buf *trace;
    struct letter *then, *drop;
    char c;
    bool stop;
} letter;

static void on_letter(brio_callback *cb)
{
    letter *l = BRIO_CONTAINER(cb, letter, cb);
    brio_buf_char(l->trace, l->c);
    if (l->then)
        brio_loop_call_soon(l->loop, &l->then->cb);
    if (l->drop)
        brio_loop_call_cancel(l->loop, &l->drop->cb);
    if (l->stop)
        brio_loop_stop(l->loop);
}

static letter letter_of(brio_loop *loop, brio_buf *trace, char c)
{
    return (letter){.cb = {.fn = on_letter}, .loop = loop, .trace = trace, .c = c};
}

TEST_EACH(callbacks_run_in_fifo_order)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    letter l[5];
    for (int i = 0; i < 5; i++) {
        l[i] = letter_of(loop, &trace, (char)('a' + i));
        brio_loop_call_soon(loop, &l[i].cb);
    }
    CHECK_INT(brio_loop_run_once(loop, 0), 5);
    CHECK_STR(brio_buf_str(&trace), "abcde");
    CHECK_INT(brio_loop_run_once(loop, 0), 0);
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(a_batch_is_a_snapshot)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    letter a = letter_of(loop, &trace, 'a'), b = letter_of(loop, &trace, 'b');
    letter c = letter_of(loop, &trace, 'c'), z = letter_of(loop, &trace, 'z');
    a.then = &c;
    b.stop = true;
    c.then = &z;
    brio_loop_call_soon(loop, &a.cb);
    brio_loop_call_soon(loop, &b.cb);
    CHECK_OK(brio_loop_run(loop));
    CHECK_STR(brio_buf_str(&trace), "ab"); /* stop ends the batch, not the one queued by it */
    CHECK(brio_callback_queued(&c.cb));
    CHECK_INT(brio_loop_next_deadline(loop), brio_loop_now(loop));
    CHECK_INT(brio_loop_run_once(loop, BRIO_NEVER), 2);
    CHECK_STR(brio_buf_str(&trace), "abcz");
    CHECK_INT(brio_loop_next_deadline(loop), BRIO_NEVER);
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(cancel_takes_a_callback_out)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    letter a = letter_of(loop, &trace, 'a'), b = letter_of(loop, &trace, 'b');
    letter c = letter_of(loop, &trace, 'c');
    a.drop = &c; /* of the batch that is running */
    brio_loop_call_soon(loop, &a.cb);
    brio_loop_call_soon(loop, &b.cb);
    brio_loop_call_soon(loop, &c.cb);
    brio_loop_call_cancel(loop, &b.cb);
    brio_loop_call_cancel(loop, &b.cb);
    CHECK_INT(brio_loop_run_once(loop, 0), 1);
    CHECK_STR(brio_buf_str(&trace), "a");
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(stop_before_run_runs_one_turn)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    letter a = letter_of(loop, &trace, 'a');
    a.then = &a;
    brio_loop_call_soon(loop, &a.cb);
    brio_loop_stop(loop);
    CHECK_OK(brio_loop_run(loop));
    CHECK_STR(brio_buf_str(&trace), "a");
    brio_loop_call_cancel(loop, &a.cb);
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

typedef struct burst {
    brio_callback cb;
    int *ran, *ran_at_stop;
    brio_loop *loop;
    int at;
} burst;

static void on_burst(brio_callback *cb)
{
    burst *b = BRIO_CONTAINER(cb, burst, cb);
    if ((*b->ran)++ == b->at)
        brio_loop_stop(b->loop);
}

TEST_EACH(stop_finishes_a_batch_larger_than_the_budget)
{
    brio_loop *loop = bed_loop(backend);
    static burst bursts[500];
    int ran = 0;
    for (int i = 0; i < 500; i++) {
        bursts[i] = (burst){.cb = {.fn = on_burst}, .ran = &ran, .loop = loop, .at = 3};
        brio_loop_call_soon(loop, &bursts[i].cb);
    }
    CHECK_OK(brio_loop_run(loop));
    CHECK_INT(ran, 500);
    brio_loop_free(loop);
}

typedef struct spinner {
    brio_callback cb;
    brio_loop *loop;
    int spins;
    brio_watch watch;
    int spins_when_ready;
} spinner;

static void spin(brio_callback *cb)
{
    spinner *s = BRIO_CONTAINER(cb, spinner, cb);
    s->spins++;
    brio_loop_call_soon(s->loop, cb);
}

static void ready_while_spinning(brio_watch *watch, uint32_t ready)
{
    spinner *s = BRIO_CONTAINER(watch, spinner, watch);
    CHECK(ready & EPOLLIN);
    s->spins_when_ready = s->spins;
    brio_loop_stop(s->loop);
}

TEST_EACH(io_is_polled_though_callbacks_never_rest)
{
    spinner s = {.cb = {.fn = spin}, .watch = {.fn = ready_while_spinning}, .spins_when_ready = -1};
    s.loop = bed_loop(backend);
    int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK_OK(brio_watch_start(s.loop, &s.watch, fd, EPOLLIN));
    brio_loop_call_soon(s.loop, &s.cb);
    CHECK_OK(brio_loop_run(s.loop));
    CHECK(s.spins_when_ready >= 0);
    CHECK(s.spins_when_ready <= 128);
    brio_watch_stop(s.loop, &s.watch);
    brio_loop_call_cancel(s.loop, &s.cb);
    close(fd);
    brio_loop_free(s.loop);
}

static void note_current(brio_callback *cb)
{
    cb->prev = NULL;
    CHECK(brio_loop_current() != NULL);
    *brio_loop_user(brio_loop_current()) = cb;
}

TEST_EACH(current_is_the_running_loop)
{
    brio_loop *loop = bed_loop(backend);
    CHECK(*brio_loop_user(loop) == NULL);
    brio_callback cb = {.fn = note_current};
    CHECK(brio_loop_current() == NULL);
    brio_loop_call_soon(loop, &cb);
    CHECK_INT(brio_loop_run_once(loop, 0), 1);
    CHECK(brio_loop_current() == NULL);
    CHECK(*brio_loop_user(loop) == &cb);
    brio_loop_free(loop);
}

TEST(backend_names_parse)
{
    brio_backend b;
    CHECK_OK(brio_backend_parse(BRIO_S("auto"), &b));
    CHECK_INT(b, BRIO_BACKEND_AUTO);
    CHECK_OK(brio_backend_parse(BRIO_S("sim"), &b));
    CHECK_INT(b, BRIO_BACKEND_SIM);
    CHECK_INT(brio_backend_parse(BRIO_S("kqueue"), &b), -EINVAL);
    CHECK_INT(brio_backend_parse(BRIO_S(""), &b), -EINVAL);
}

TEST(environment_chooses_only_for_auto)
{
    brio_loop *loop;
    setenv("BRIO_BACKEND", "epoll", 1);
    CHECK_OK(brio_loop_new(&loop, NULL));
    CHECK_STR(brio_str_from(brio_loop_backend(loop)), "epoll");
    brio_loop_free(loop);
    setenv("BRIO_BACKEND", "sim", 1);
    CHECK_OK(brio_loop_new(&loop, &(brio_loop_options){.backend = BRIO_BACKEND_EPOLL}));
    CHECK_STR(brio_str_from(brio_loop_backend(loop)), "epoll");
    brio_loop_free(loop);
    setenv("BRIO_BACKEND", "windows", 1);
    CHECK_INT(brio_loop_new(&loop, NULL), -EINVAL);
    unsetenv("BRIO_BACKEND");
    CHECK_OK(brio_loop_new(&loop, NULL));
    CHECK(strcmp(brio_loop_backend(loop), "sim") != 0);
    brio_loop_free(loop);
    brio_loop_free(NULL);
}

TEST_REAL(wall_clock_is_read_once_a_turn)
{
    brio_loop *loop = bed_loop(backend);
    brio_time before = brio_clock_realtime();
    brio_time wall = brio_loop_wall(loop);
    CHECK(wall >= before);
    CHECK_INT(brio_loop_wall(loop), wall);
    CHECK_OK(brio_loop_run_once(loop, 0));
    CHECK(brio_loop_wall(loop) > wall);
    brio_loop_free(loop);
}

TEST_EACH(chunks_are_reused_newest_first)
{
    brio_loop *loop = bed_loop_with(&(brio_loop_options){.backend = backend, .chunk_size = 100});
    brio_chunk *a = brio_chunk_acquire(loop), *b = brio_chunk_acquire(loop);
    CHECK_INT(a->cap, 100);
    CHECK_INT(a->len, 0);
    a->len = 7;
    brio_chunk_release(loop, b);
    brio_chunk_release(loop, a);
    brio_chunk *again = brio_chunk_acquire(loop);
    CHECK(again == a);
    CHECK_INT(again->len, 0);
    brio_chunk_release(loop, again);
    brio_loop_free(loop);
}
