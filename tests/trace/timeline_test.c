/* SPDX-License-Identifier: MIT
 *
 * The timeline: golden drawings from events made by hand, in the three
 * formats; what becomes of hostile names, crowds, lost events and forks. */
#include "harness/test.h"
#include "trace/trace_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Making events ------------------------------------------------------ */

static void born(brio_time ms, uint64_t track, uint64_t parent, const char *name)
{
    brio_trace_emit(&(brio_trace_event){.at = BRIO_MS(ms),
                                        .track = track,
                                        .state = BRIO_TRACE_NEW,
                                        .name = name,
                                        .parent = parent});
}

static void now(brio_time ms, uint64_t track, brio_trace_state state)
{
    brio_trace_emit(
        &(brio_trace_event){.at = BRIO_MS(ms), .track = track, .state = (uint8_t)state});
}

static void waits(brio_time ms, uint64_t track, brio_wait_kind kind)
{
    brio_trace_emit(&(brio_trace_event){
        .at = BRIO_MS(ms), .track = track, .state = BRIO_TRACE_WAITING, .wait = (uint8_t)kind});
}

/* A task that is born, runs, waits and ends. In virtual time runs take none. */
static void sleeper(brio_time from, brio_time to, uint64_t track, uint64_t parent, const char *name)
{
    born(from, track, parent, name);
    now(from, track, BRIO_TRACE_RUNNING);
    waits(from, track, BRIO_WAIT_SLEEP);
    now(to, track, BRIO_TRACE_READY);
    now(to, track, BRIO_TRACE_RUNNING);
    now(to, track, BRIO_TRACE_ENDED);
}

static void start(const char *path, unsigned max_rows)
{
    CHECK_OK(brio_timeline_start(&(brio_timeline_options){
        .path = path, .width = 72, .max_rows = max_rows, .max_events = 20000}));
}

/* ---- Reading drawings --------------------------------------------------- */

static char drawn[1 << 20];

static brio_str read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    ssize_t n = read(fd, drawn, sizeof(drawn));
    CHECK(n >= 0);
    close(fd);
    unlink(path);
    return (brio_str){drawn, (size_t)n};
}

static const char *file_of(const char *end)
{
    static char path[64];
    snprintf(path, sizeof(path), "/tmp/brio-timeline-%d%s", (int)getpid(), end);
    return path;
}

/* Stops, and gives what was drawn into the file of this ending. */
static brio_str stop(const char *end)
{
    CHECK_OK(brio_timeline_stop());
    return read_file(file_of(end));
}

static bool has(brio_str text, const char *part)
{
    return brio_str_find(text, brio_str_from(part)) >= 0;
}

static size_t count_of(brio_str text, const char *part)
{
    size_t n = 0;
    brio_str needle = brio_str_from(part);
    for (ptrdiff_t at; (at = brio_str_find(text, needle)) >= 0; n++)
        text = brio_str_slice(text, (size_t)at + needle.len, text.len);
    return n;
}

static void use_utf8(void)
{
    setenv("LC_ALL", "C.UTF-8", 1);
}

/* ---- The terminal ------------------------------------------------------- */

/* The guide's gather: three fetches at once, as it draws them by hand. */
static void gather(void)
{
    born(0, 1, 0, "main");
    now(0, 1, BRIO_TRACE_RUNNING);
    waits(0, 1, BRIO_WAIT_GROUP);
    sleeper(0, 100, 2, 1, "fetch(a)");
    sleeper(0, 200, 3, 1, "fetch(b)");
    sleeper(0, 150, 4, 1, "fetch(c)");
    now(200, 1, BRIO_TRACE_RUNNING);
    now(200, 1, BRIO_TRACE_ENDED);
}

TEST(timeline_draws_the_guides_gather)
{
    use_utf8();
    start(file_of(".txt"), 0);
    gather();
    CHECK_STR(stop(".txt"), "main        █──────────────────────────────────────────────█  group\n"
                            "  fetch(a)  █───────────────────────█                         sleep\n"
                            "  fetch(b)  █──────────────────────────────────────────────█  sleep\n"
                            "  fetch(c)  █───────────────────────────────────█             sleep\n"
                            "            └───────────┴───────────┴───────────┴──────────┘\n"
                            "            0 ms        50 ms       100 ms      150 ms     200 ms\n"
                            "█ running  ░ ready  ─ waiting    200 ms in all, 4 tracks\n");
}

TEST(timeline_draws_in_ascii)
{
    setenv("LC_ALL", "C", 1);
    start(file_of(".txt"), 0);
    gather();
    CHECK_STR(stop(".txt"), "main        #----------------------------------------------#  group\n"
                            "  fetch(a)  #-----------------------#                         sleep\n"
                            "  fetch(b)  #----------------------------------------------#  sleep\n"
                            "  fetch(c)  #-----------------------------------#             sleep\n"
                            "            |___________|___________|___________|__________|\n"
                            "            0 ms        50 ms       100 ms      150 ms     200 ms\n"
                            "# running  . ready  - waiting    200 ms in all, 4 tracks\n");
}

TEST(timeline_shows_ready_and_long_runs)
{
    use_utf8();
    start(file_of(".txt"), 0);
    born(0, 1, 0, "first");
    born(0, 2, 0, "second");
    now(0, 1, BRIO_TRACE_RUNNING);
    now(500, 1, BRIO_TRACE_ENDED);
    now(500, 2, BRIO_TRACE_RUNNING);
    now(1000, 2, BRIO_TRACE_ENDED);
    CHECK_STR(stop(".txt"), "first   ██████████████████████████\n"
                            "second  ░░░░░░░░░░░░░░░░░░░░░░░░░░██████████████████████████\n"
                            "        └─────────────────────────┴────────────────────────┘\n"
                            "        0 ms                      500 ms                   1 s\n"
                            "█ running  ░ ready  ─ waiting    1 s in all, 2 tracks\n");
}

/* One nanosecond in the middle of a second is one full cell. */
TEST(a_short_run_never_vanishes)
{
    use_utf8();
    start(file_of(".txt"), 0);
    born(0, 1, 0, "task");
    waits(0, 1, BRIO_WAIT_READ);
    brio_trace_emit(
        &(brio_trace_event){.at = BRIO_MS(500), .track = 1, .state = BRIO_TRACE_RUNNING});
    brio_trace_emit(&(brio_trace_event){
        .at = BRIO_MS(500) + 1, .track = 1, .state = BRIO_TRACE_WAITING, .wait = BRIO_WAIT_WRITE});
    now(1000, 1, BRIO_TRACE_ENDED);
    brio_str text = stop(".txt");
    CHECK_INT(count_of(text, "█"), 2); /* the run, and the legend's */
    CHECK(has(text, "─█─"));
}

TEST(a_row_says_what_it_waited_for_longest)
{
    use_utf8();
    start(file_of(".txt"), 0);
    born(0, 1, 0, "task");
    waits(0, 1, BRIO_WAIT_LOCK);
    waits(10, 1, BRIO_WAIT_QUEUE);
    waits(50, 1, BRIO_WAIT_LOCK);
    now(70, 1, BRIO_TRACE_ENDED);
    CHECK(has(stop(".txt"), "  queue\n"));
}

TEST(what_has_not_ended_is_drawn_to_the_end)
{
    use_utf8();
    start(file_of(".txt"), 0);
    born(0, 1, 0, "stuck");
    waits(0, 1, BRIO_WAIT_EVENT);
    sleeper(0, 100, 2, 0, "other");
    CHECK(has(stop(".txt"), "─  event\n"));
}

TEST(children_stand_below_their_parents)
{
    use_utf8();
    start(file_of(".txt"), 0);
    sleeper(0, 9, 1, 0, "one");
    sleeper(0, 9, 2, 0, "two");
    sleeper(0, 9, 3, 1, "of-one");
    sleeper(0, 9, 4, 3, "deeper");
    brio_str text = stop(".txt");
    CHECK(brio_str_starts(text, BRIO_S("one ")));
    ptrdiff_t child = brio_str_find(text, BRIO_S("\n  of-one"));
    ptrdiff_t deeper = brio_str_find(text, BRIO_S("\n    deeper"));
    ptrdiff_t two = brio_str_find(text, BRIO_S("\ntwo "));
    CHECK(child > 0);
    CHECK(child < deeper);
    CHECK(deeper < two);
}

/* A second loop counts its tasks from 1 again; so does a loop after another. */
TEST(loops_do_not_mix_their_tasks)
{
    int a = 0, b = 0;
    use_utf8();
    start(file_of(".txt"), 0);
    for (int i = 0; i < 2; i++) {
        brio_trace_event event = {.track = 1,
                                  .state = BRIO_TRACE_RUNNING,
                                  .name = i ? "right" : "left",
                                  .loop = i ? &b : &a};
        brio_trace_emit(&event);
    }
    sleeper(1, 2, 1, 0, "earlier");
    sleeper(3, 4, 1, 0, "later");
    brio_str text = stop(".txt");
    CHECK(has(text, "4 tracks"));
    CHECK(has(text, "left"));
    CHECK(has(text, "right"));
    CHECK(has(text, "later"));
}

TEST(tracks_of_threads_are_never_tasks_ids)
{
    uint64_t a = brio_trace_track(), b = brio_trace_track();
    CHECK(a != b);
    CHECK(a > UINT32_MAX);
}

TEST(an_empty_timeline_is_only_a_legend)
{
    use_utf8();
    start(file_of(".txt"), 0);
    CHECK_STR(stop(".txt"), "█ running  ░ ready  ─ waiting    0 ms in all, 0 tracks\n");
}

TEST(colours_are_for_terminals_only)
{
    use_utf8();
    start(file_of(".txt"), 0);
    gather();
    CHECK(!has(stop(".txt"), "\x1b"));
}

/* ---- Crowds ------------------------------------------------------------- */

TEST(a_crowd_of_one_name_shares_a_row)
{
    use_utf8();
    start(file_of(".txt"), 12);
    born(0, 1, 0, "main");
    now(0, 1, BRIO_TRACE_RUNNING);
    for (uint64_t i = 0; i < 1000; i++)
        sleeper((brio_time)(i / 10), (brio_time)(i / 10 + 20), 2 + i, 1, "worker");
    now(150, 1, BRIO_TRACE_ENDED);
    brio_str text = stop(".txt");
    CHECK_INT(count_of(text, "worker"), 10);
    CHECK(has(text, "  + 990 more "));
    CHECK(has(text, "1001 tracks"));
}

TEST(what_hangs_is_not_lost_in_a_crowd)
{
    use_utf8();
    start(file_of(".txt"), 8);
    for (uint64_t i = 0; i < 500; i++) {
        char name[16];
        snprintf(name, sizeof(name), "t%llu", (unsigned long long)i);
        if (i == 300)
            born(5, 1000, 0, "hanging");
        sleeper(0, 10, 1 + i, 0, name);
    }
    brio_str text = stop(".txt");
    CHECK(has(text, "hanging"));
    CHECK(has(text, " more "));
    CHECK_INT(count_of(text, "\n"), 8 + 3);
}

TEST(every_limit_of_rows_is_kept)
{
    for (unsigned rows = 1; rows < 30; rows++) {
        start(file_of(".txt"), rows);
        for (uint64_t i = 0; i < 60; i++)
            sleeper(0, 10, 1 + i, i % 7 ? 1 + i / 7 : 0, i % 3 ? "a" : "b");
        CHECK_INT(count_of(stop(".txt"), "\n"), rows + 3);
    }
}

TEST(beyond_the_limit_events_are_counted)
{
    use_utf8();
    CHECK_OK(brio_timeline_start(
        &(brio_timeline_options){.path = file_of(".txt"), .width = 72, .max_events = 2500}));
    for (int i = 0; i < 3000; i++)
        now(i, 1, i % 2 ? BRIO_TRACE_RUNNING : BRIO_TRACE_READY);
    CHECK(has(stop(".txt"), "500 later events were dropped"));
}

/* ---- Names -------------------------------------------------------------- */

static const char hostile[] = "a\x1b[31m\n<b>&\"\\\xff\xe2\x80\xae\xc3";

TEST(names_are_clean_on_the_terminal)
{
    use_utf8();
    start(file_of(".txt"), 0);
    sleeper(0, 1, 1, 0, hostile);
    brio_str text = stop(".txt");
    CHECK(brio_str_starts(text, BRIO_S("a?[31m?<b>&\"\\\xEF\xBF\xBD?\xEF\xBF\xBD ")));
    CHECK(brio_utf8_valid(text));
}

TEST(cleaning_keeps_text_and_stops_tricks)
{
    static const struct {
        const char *raw, *clean;
    } cases[] = {{"plain \xc3\xa9\xf0\x9f\x98\x80", "plain \xc3\xa9\xf0\x9f\x98\x80"},
                 {"", ""},
                 {"a\nb\tc\x7f\x1b[31m", "a?b?c??[31m"},
                 {"\xe2\x80\xa8 \xe2\x80\xae \xc2\x85", "? ? ?"}, /* separator, override, NEL */
                 {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        brio_buf out = {0};
        brio_trace_clean(&out, cases[i].raw);
        CHECK_STR(brio_buf_str(&out), cases[i].clean);
        brio_buf_fini(&out);
    }
}

TEST(names_are_clean_in_svg)
{
    start(file_of(".svg"), 0);
    sleeper(0, 1, 1, 0, hostile);
    brio_str text = stop(".svg");
    CHECK(has(text, ">a?[31m?&lt;b&gt;&amp;&quot;\\\xEF\xBF\xBD?\xEF\xBF\xBD<"));
    CHECK(brio_utf8_valid(text));
}

TEST(names_are_clean_in_json)
{
    start(file_of(".json"), 0);
    sleeper(0, 1, 1, 0, hostile);
    brio_str text = stop(".json");
    CHECK(has(text, "\"name\":\"a?[31m?<b>&\\\"\\\\\xEF\xBF\xBD?\xEF\xBF\xBD\""));
    CHECK(brio_utf8_valid(text));
}

TEST(long_and_wide_names_are_cut_by_columns)
{
    use_utf8();
    start(file_of(".txt"), 0);
    sleeper(0, 1, 1, 0, "an-extraordinarily-long-name-of-a-task");
    sleeper(0, 1, 2, 0, "日本語日本語日本語日本語日本語");
    brio_str text = stop(".txt");
    CHECK(brio_str_starts(text, BRIO_S("an-extraordinarily-long…  █")));
    CHECK(has(text, "\n日本語日本語日本語日本…   █"));
}

TEST(a_name_is_copied)
{
    char name[] = "before";
    start(file_of(".json"), 0);
    sleeper(0, 1, 1, 0, name);
    memcpy(name, "after!", 6);
    sleeper(0, 1, 2, 0, name);
    brio_str text = stop(".json");
    CHECK(has(text, "\"before\""));
    CHECK(has(text, "\"after!\""));
}

/* ---- Words -------------------------------------------------------------- */

static void check_time(brio_time time, brio_time like, const char *want)
{
    char storage[48];
    brio_buf out = brio_buf_over(storage, sizeof(storage));
    brio_trace_time_text(&out, time, like);
    CHECK_STR(brio_buf_str(&out), want);
}

TEST(times_read_well)
{
    check_time(0, BRIO_MS(1), "0 ms");
    check_time(0, 500, "0 ns");
    check_time(BRIO_MS(100), 1, "100 ms");
    check_time(BRIO_SEC(1), 1, "1 s");
    check_time(BRIO_MS(1500), 1, "1.5 s");
    check_time(BRIO_US(20) + 250, 1, "20.25 us");
    check_time(999, 1, "999 ns");
    check_time(BRIO_SEC(3600), 1, "3600 s");
}

TEST(totals_have_four_digits)
{
    CHECK_INT(brio_trace_rounded(192997412), 193000000);
    CHECK_INT(brio_trace_rounded(1234), 1234);
    CHECK_INT(brio_trace_rounded(12345), 12350);
    CHECK_INT(brio_trace_rounded(0), 0);
    CHECK(brio_trace_rounded(INT64_MAX) > 0);
}

TEST(steps_are_round)
{
    CHECK_INT(brio_trace_step(BRIO_MS(200), 5), BRIO_MS(50));
    CHECK_INT(brio_trace_step(BRIO_SEC(1), 10), BRIO_MS(100));
    CHECK_INT(brio_trace_step(1, 5), 1);
    CHECK(brio_trace_step(INT64_MAX, 5) > 0);
}

TEST(every_wait_kind_has_a_name)
{
    for (unsigned kind = 0; kind < BRIO_WAIT_KINDS; kind++)
        CHECK(*brio_trace_wait_text(kind) && strcmp(brio_trace_wait_text(kind), "?") != 0);
    CHECK_STR(brio_str_from(brio_trace_wait_text(BRIO_WAIT_LOCK)), "lock");
    CHECK_STR(brio_str_from(brio_trace_wait_text(BRIO_WAIT_KINDS)), "?");
}

/* ---- Files -------------------------------------------------------------- */

/* Sums the "dur" of slices whose text has `part`, in ns. */
static long long durations(brio_str text, const char *part)
{
    long long sum = 0;
    while (text.len) {
        brio_str_pair line = brio_str_cut(text, '\n');
        ptrdiff_t at = brio_str_find(line.head, BRIO_S("\"dur\":"));
        if (at >= 0 && has(line.head, part))
            sum += (long long)(strtod(line.head.ptr + at + 6, NULL) * 1000 + 0.5);
        text = line.tail;
    }
    return sum;
}

TEST(json_is_a_chrome_trace)
{
    start(file_of(".json"), 0);
    gather();
    brio_str text = stop(".json");
    CHECK(brio_str_starts(text, BRIO_S("{\"displayTimeUnit\":\"ms\",")));
    CHECK_INT(count_of(text, "\"thread_name\""), 4);
    CHECK(has(text, "\"name\":\"fetch(b)\""));
    CHECK_INT(durations(text, "\"name\":\"sleep\""), BRIO_MS(450));
    CHECK_INT(durations(text, "\"name\":\"group\""), BRIO_MS(200));
    CHECK_INT(count_of(text, "\"cat\":\"running\""), 8);
}

TEST(svg_stands_alone_and_has_tooltips)
{
    start(file_of(".svg"), 0);
    gather();
    brio_str text = stop(".svg");
    CHECK(brio_str_starts(text, BRIO_S("<svg xmlns=\"http://www.w3.org/2000/svg\"")));
    CHECK(brio_str_ends(text, BRIO_S("</svg>\n")));
    CHECK(has(text, "prefers-color-scheme:dark"));
    CHECK(has(text, "<title>waiting for sleep, 0 ms to 150 ms</title>"));
    CHECK(has(text, "<title>running, 200 ms to 200 ms</title>"));
    CHECK(!has(text, "href"));
}

/* Ten thousand turns in a picture are as many bars as fit, not as many turns. */
TEST(svg_merges_what_cannot_be_seen)
{
    start(file_of(".svg"), 0);
    born(0, 1, 0, "busy");
    for (int i = 0; i < 9000; i++) {
        now(i, 1, BRIO_TRACE_RUNNING);
        waits(i, 1, BRIO_WAIT_READ);
    }
    CHECK(count_of(stop(".svg"), "<rect") < 1500);
}

TEST(a_file_that_cannot_be_written_is_an_error)
{
    start("/nonexistent/timeline.svg", 0);
    gather();
    CHECK_INT(brio_timeline_stop(), -ENOENT);
    CHECK_OK(brio_timeline_stop());
}

/* ---- Life --------------------------------------------------------------- */

TEST(one_timeline_at_a_time)
{
    start(file_of(".txt"), 0);
    CHECK_INT(brio_timeline_start(NULL), -EALREADY);
    CHECK(brio_trace_wants(BRIO_TRACE_TIMELINE));
    stop(".txt");
    CHECK(!brio_trace_wants(BRIO_TRACE_TIMELINE));
    start(file_of(".txt"), 0);
    stop(".txt");
}

TEST(stopping_what_does_not_record_is_fine)
{
    now(0, 1, BRIO_TRACE_RUNNING);
    CHECK_INT(brio_timeline_stop(), 0);
}

/* In a child: its standard error into the file, then `body`, then exit(). */
static brio_str output_of(void (*body)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(file_of(".err"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, STDERR_FILENO);
        body();
        exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_INT(status, 0);
    char path[64];
    snprintf(path, sizeof(path), "/tmp/brio-timeline-%d.err", (int)pid);
    return read_file(path);
}

static void gather_and_exit(void)
{
    use_utf8();
    start("1", 0);
    gather();
}

TEST(it_is_drawn_at_exit)
{
    brio_str text = output_of(gather_and_exit);
    CHECK(brio_str_starts(text, BRIO_S("main")));
    CHECK(has(text, "fetch(c)"));
}

static void fork_and_exit(void)
{
    start(NULL, 0);
    gather();
    pid_t pid = fork();
    if (pid == 0) {
        now(300, 1, BRIO_TRACE_RUNNING); /* goes nowhere */
        exit(brio_trace_wants(BRIO_TRACE_TIMELINE));
    }
    int status;
    waitpid(pid, &status, 0);
    if (status != 0)
        _exit(1);
}

TEST(a_forked_child_draws_nothing)
{
    CHECK_INT(count_of(output_of(fork_and_exit), "fetch(a)"), 1);
}

static void *emit_many(void *arg)
{
    uint64_t track = brio_trace_track();
    brio_trace_emit(&(brio_trace_event){.track = track, .state = BRIO_TRACE_NEW, .name = arg});
    for (int i = 1; i < 2000; i++)
        now(i, track, i % 2 ? BRIO_TRACE_RUNNING : BRIO_TRACE_READY);
    now(2000, track, BRIO_TRACE_ENDED);
    return NULL;
}

TEST(threads_emit_together)
{
    static char names[4][8] = {"t0", "t1", "t2", "t3"};
    pthread_t threads[4];
    start(file_of(".json"), 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, emit_many, names[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    brio_str text = stop(".json");
    CHECK_INT(count_of(text, "\"thread_name\""), 4);
    CHECK_INT(count_of(text, "\"cat\":\"running\""), 4 * 1000);
}

/* Refused memory loses events or the drawing, never the program. */
TEST(without_memory_nothing_breaks)
{
    for (uint64_t nth = 1; nth < 25; nth++) {
        brio_heap_fault(nth);
        int rc = brio_timeline_start(&(brio_timeline_options){.path = file_of(".svg")});
        if (rc == 0) {
            gather();
            rc = brio_timeline_stop();
        }
        brio_heap_fault(0);
        CHECK(rc == 0 || rc == -ENOMEM);
        CHECK(!brio_trace_wants(BRIO_TRACE_TIMELINE));
    }
    unlink(file_of(".svg"));
}
