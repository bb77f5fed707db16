/* SPDX-License-Identifier: MIT
 *
 * The log as its readers see it: exact lines in both formats, hostile input,
 * cutting, levels, and a writer that is slow, gone or left behind by a fork. */
#include "harness/dies.h"
#include "harness/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[1 << 20];

static brio_str contents(int fd)
{
    ssize_t n = pread(fd, text, sizeof(text), 0);
    CHECK(n >= 0 && (size_t)n < sizeof(text));
    return (brio_str){text, (size_t)n};
}

static int open_file(brio_log_format format)
{
    int fd = memfd_create("log", MFD_CLOEXEC);
    CHECK_OK(brio_log_open(&(brio_log_options){.fd = fd, .format = format}));
    return fd;
}

static brio_str close_file(int fd)
{
    brio_log_close();
    brio_str all = contents(fd);
    close(fd);
    return all;
}

/* The JSON of a line behind its time stamp, whose shape is checked. */
static brio_str after_stamp(brio_str line)
{
    static const char shape[] = "{\"ts\":\"dddd-dd-ddTdd:dd:dd.dddZ\",";
    CHECK(line.len > sizeof(shape));
    for (size_t i = 0; i + 1 < sizeof(shape); i++)
        CHECK(shape[i] == 'd' ? line.ptr[i] >= '0' && line.ptr[i] <= '9' : line.ptr[i] == shape[i]);
    return brio_str_slice(line, sizeof(shape) - 1, line.len);
}

/* ---- Levels ------------------------------------------------------------- */

TEST(levels_filter)
{
    int fd = open_file(BRIO_LOG_TEXT);
    CHECK(brio_log_enabled(BRIO_LOG_INFO) && brio_log_enabled(BRIO_LOG_DEFAULT));
    CHECK(!brio_log_enabled(BRIO_LOG_DEBUG));
    brio_log(BRIO_LOG_DEBUG, "hidden");
    brio_log_set_level(BRIO_LOG_TRACE);
    brio_log(BRIO_LOG_TRACE, "t");
    brio_log_set_level(BRIO_LOG_OFF);
    brio_log(BRIO_LOG_CRITICAL, "hidden");
    CHECK(!brio_log_enabled(BRIO_LOG_OFF));
    brio_log_set_level(BRIO_LOG_DEFAULT);
    brio_log(BRIO_LOG_DEFAULT, "i");
    CHECK_STR(close_file(fd), "TRACE:    t\nINFO:     i\n");
}

TEST(level_names_parse)
{
    static const char *const names[] = {"trace", "debug",    "info", "warning",
                                        "error", "critical", "off"};
    for (int i = 0; i < 7; i++) {
        brio_log_level level = BRIO_LOG_DEFAULT;
        CHECK_OK(brio_log_level_parse(brio_str_from(names[i]), &level));
        CHECK_INT(level, i + 1);
    }
    brio_log_level level = BRIO_LOG_ERROR;
    CHECK_OK(brio_log_level_parse(BRIO_S("WARNING"), &level));
    CHECK_INT(level, BRIO_LOG_WARNING);
    CHECK_INT(brio_log_level_parse(BRIO_S(""), &level), -EINVAL);
    CHECK_INT(brio_log_level_parse(BRIO_S("warn"), &level), -EINVAL);
    CHECK_INT(level, BRIO_LOG_WARNING);
}

/* ---- Formats ------------------------------------------------------------ */

TEST(text_is_aligned_like_uvicorn)
{
    int fd = open_file(BRIO_LOG_TEXT);
    brio_log(BRIO_LOG_INFO, "Started server process [%d]", 7);
    brio_log(BRIO_LOG_WARNING, "w");
    brio_log(BRIO_LOG_ERROR, "e");
    brio_log(BRIO_LOG_CRITICAL, "c");
    CHECK_STR(close_file(fd), "INFO:     Started server process [7]\n"
                              "WARNING:  w\nERROR:    e\nCRITICAL: c\n");
}

TEST(text_fields_are_quoted_where_needed)
{
    const int64_t status = -200;
    const brio_log_field fields[] = {
        {"path", BRIO_S_INIT("/items/1"), NULL},
        {"status", {NULL, 0}, &status},
        {"empty", {NULL, 0}, NULL},
        {"said", BRIO_S_INIT("a \"b\" \\c"), NULL},
        {"equation", BRIO_S_INIT("a=b"), NULL},
    };
    int fd = open_file(BRIO_LOG_TEXT);
    brio_log_fields(BRIO_LOG_INFO, fields, 5, "done");
    CHECK_STR(close_file(fd), "INFO:     done path=/items/1 status=-200 empty=\"\" "
                              "said=\"a \\\"b\\\" \\\\c\" equation=\"a=b\"\n");
}

TEST(json_has_stamp_level_message_and_fields)
{
    const int64_t status = INT64_MIN;
    const brio_log_field fields[] = {{"path", BRIO_S_INIT("/a\"b"), NULL},
                                     {"status", {NULL, 0}, &status}};
    int fd = open_file(BRIO_LOG_AUTO); /* a file is no terminal */
    brio_log_fields(BRIO_LOG_ERROR, fields, 2, "back\\slash");
    CHECK_STR(after_stamp(close_file(fd)),
              "\"level\":\"error\",\"message\":\"back\\\\slash\","
              "\"path\":\"/a\\\"b\",\"status\":-9223372036854775808}\n");
}

TEST(terminals_get_text_in_colour)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        test_skip("no pseudo terminals");
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(slave >= 0);
    unsetenv("NO_COLOR");
    CHECK_OK(brio_log_open(&(brio_log_options){.fd = slave}));
    brio_log(BRIO_LOG_INFO, "x");
    brio_log_close();
    setenv("NO_COLOR", "1", 1);
    CHECK_OK(brio_log_open(&(brio_log_options){.fd = slave}));
    brio_log(BRIO_LOG_INFO, "y");
    brio_log_close();
    brio_str want = BRIO_S("\x1b[32mINFO\x1b[0m:     x\r\nINFO:     y\r\n");
    size_t got = 0;
    while (got < want.len)
        got += (size_t)read(master, text + got, want.len - got);
    CHECK(brio_str_eq((brio_str){text, got}, want));
    close(slave);
    close(master);
}

/* ---- Hostile input ------------------------------------------------------ */

static const struct {
    const char *raw, *written;
} hostile[] = {
    {"a\nINFO:     forged", "a\\nINFO:     forged"},
    {"a\r\tb", "a\\r\\tb"},
    {"\x1b[2J\x7f\x01", "\\u001b[2J\\u007f\\u0001"},
    {"\xC2\x9B"
     "31m \xC2\x85",
     "\\u009b31m \\u0085"},                                            /* C1 controls */
    {"\xE2\x80\xA8\xE2\x80\xAE\xE2\x81\xA6", "\\u2028\\u202e\\u2066"}, /* lines, directions */
    {"\xE2\x82\xAC \xC3\xA9 \xF0\x9F\x98\x80 \xC2\xA0",
     "\xE2\x82\xAC \xC3\xA9 \xF0\x9F\x98\x80 \xC2\xA0"},
    {"\xFF\xE2\x82x", "\xEF\xBF\xBD\xEF\xBF\xBDx"},
};
enum { N_HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

TEST(hostile_text_cannot_forge_lines)
{
    int fd = open_file(BRIO_LOG_TEXT);
    char want[2048] = "";
    for (int i = 0; i < N_HOSTILE; i++) {
        brio_log(BRIO_LOG_INFO, "%s", hostile[i].raw);
        snprintf(want + strlen(want), sizeof(want) - strlen(want), "INFO:     %s\n",
                 hostile[i].written);
    }
    CHECK_STR(close_file(fd), want);
}

TEST(hostile_fields_are_escaped)
{
    for (int i = 0; i < N_HOSTILE; i++) {
        const brio_log_field field = {"f", brio_str_from(hostile[i].raw), NULL};
        char want[256];
        int fd = open_file(BRIO_LOG_JSON);
        brio_log_fields(BRIO_LOG_INFO, &field, 1, "%s", hostile[i].raw);
        snprintf(want, sizeof(want), "\"level\":\"info\",\"message\":\"%s\",\"f\":\"%s\"}\n",
                 hostile[i].written, hostile[i].written);
        CHECK_STR(after_stamp(close_file(fd)), want);
    }
}

TEST(nul_in_a_field_is_escaped)
{
    const brio_log_field field = {"f", BRIO_S_INIT("a\0b"), NULL};
    int fd = open_file(BRIO_LOG_TEXT);
    brio_log_fields(BRIO_LOG_INFO, &field, 1, "m");
    CHECK_STR(close_file(fd), "INFO:     m f=a\\u0000b\n");
}

/* ---- Cutting ------------------------------------------------------------ */

/* One character n times; *len is a byte count. */
static const char *repeated(const char *unit, size_t len)
{
    static char all[20001];
    size_t step = strlen(unit);
    for (size_t i = 0; i + step <= len; i += step)
        memcpy(all + i, unit, step);
    all[len / step * step] = '\0';
    return all;
}

TEST(long_lines_are_cut_and_closed)
{
    static const char *const units[] = {"x", "\n", "\"", "\xE2\x82\xAC", "\xFF", "\x80"};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        for (size_t len = 600; len <= 20000; len += len < 4200 ? 37 : 5000) {
            int fd = open_file(i % 2 ? BRIO_LOG_JSON : BRIO_LOG_TEXT);
            brio_log(BRIO_LOG_INFO, "%s", repeated(units[i], len));
            brio_str line = close_file(fd);
            CHECK(line.len <= 4096 && brio_utf8_valid(line));
            CHECK(brio_str_ends(line, i % 2 ? BRIO_S("\"}\n") : BRIO_S("\n")));
            CHECK_INT(brio_str_find(line, BRIO_S("\n")), line.len - 1);
            if (len > 4096)
                CHECK(brio_str_ends(line, i % 2 ? BRIO_S("...\"}\n") : BRIO_S("...\n")));
        }
}

TEST(long_messages_leave_room_for_fields)
{
    const int64_t id = 42;
    const brio_log_field fields[] = {{"id", {NULL, 0}, &id},
                                     {"agent", brio_str_from(repeated("\x01", 9000)), NULL}};
    int fd = open_file(BRIO_LOG_JSON);
    brio_log_fields(BRIO_LOG_INFO, fields, 2, "%s", repeated("\x01", 9000));
    brio_str line = close_file(fd);
    CHECK(brio_str_find(line, BRIO_S("...\",\"id\":42,\"agent\":\"\\u0001")) > 0);
    CHECK(brio_str_ends(line, BRIO_S("...\"}\n")) && line.len <= 4096);
}

TEST(too_many_fields_end_the_line)
{
    const int64_t number = INT64_MIN;
    brio_log_field fields[200];
    for (int i = 0; i < 200; i++)
        fields[i] = (brio_log_field){.key = repeated("\"", 64), .number = &number};
    int fd = open_file(BRIO_LOG_JSON);
    brio_log_fields(BRIO_LOG_INFO, fields, 200, "m");
    brio_str line = close_file(fd);
    CHECK(line.len <= 4096);
    CHECK(brio_str_ends(line, BRIO_S("\":-9223372036854775808}\n")));
}

/* ---- Opening and closing ------------------------------------------------ */

TEST(open_refuses_what_it_cannot_do)
{
    CHECK_INT(brio_log_open(&(brio_log_options){.fd = 9999}), -EBADF);
    CHECK_INT(brio_log_open(&(brio_log_options){.ring_size = SIZE_MAX}), -EINVAL);
    int fd = open_file(BRIO_LOG_TEXT);
    CHECK_INT(brio_log_open(NULL), -EALREADY);
    brio_log(BRIO_LOG_INFO, "still open");
    CHECK_STR(close_file(fd), "INFO:     still open\n");
    brio_log_close(); /* harmless */
}

TEST(lines_of_another_format_are_raw)
{
    int fd = open_file(BRIO_LOG_JSON);
    brio_log_line("127.0.0.1 - - \"GET /\x1b HTTP/1.1\" %d", 200);
    brio_log_set_level(BRIO_LOG_WARNING);
    brio_log_line("nobody wants it");
    CHECK_STR(close_file(fd), "127.0.0.1 - - \"GET /\\u001b HTTP/1.1\" 200\n");
}

TEST(lines_may_have_a_file_of_their_own)
{
    char path[] = "/tmp/brio-lines-XXXXXX";
    int lines = mkstemp(path), fd = memfd_create("log", MFD_CLOEXEC);
    brio_log_options options = {.fd = fd, .format = BRIO_LOG_TEXT, .lines_path = path};
    CHECK_OK(brio_log_open(&options));
    brio_log(BRIO_LOG_INFO, "here");
    brio_log_line("there");
    CHECK_STR(close_file(fd), "INFO:     here\n");
    options.fd = memfd_create("log", MFD_CLOEXEC);
    CHECK_OK(brio_log_open(&options)); /* appends */
    brio_log_line("again");
    CHECK_STR(close_file(options.fd), "");
    CHECK_STR(contents(lines), "there\nagain\n");
    close(lines);
    unlink(path);
    CHECK_INT(brio_log_open(&(brio_log_options){.lines_path = "/nowhere/at/all"}), -ENOENT);
}

TEST(log_keeps_errno)
{
    int saved = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    errno = EXDEV;
    brio_log(BRIO_LOG_INFO, "fails with EBADF");
    int kept = errno;
    dup2(saved, STDERR_FILENO);
    close(saved);
    CHECK_INT(kept, EXDEV);
}

TEST(without_a_writer_lines_go_to_stderr)
{
    int fd = memfd_create("stderr", 0);
    int saved = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    brio_log(BRIO_LOG_WARNING, "early");
    int log = open_file(BRIO_LOG_TEXT);
    brio_log(BRIO_LOG_WARNING, "queued");
    brio_log_close();
    brio_log(BRIO_LOG_WARNING, "late");
    dup2(saved, STDERR_FILENO);
    close(saved);
    brio_str all = contents(fd);
    CHECK(brio_str_find(all, BRIO_S("\"message\":\"early\"}\n")) > 0);
    CHECK(brio_str_ends(all, BRIO_S("\"message\":\"late\"}\n")));
    CHECK_INT(brio_str_find(all, BRIO_S("queued")), -1);
    CHECK_STR(contents(log), "WARNING:  queued\n");
    close(fd);
    close(log);
}

/* In the child of a fork: the log is closed, and can be opened again. */
static void child_of_fork(int fd)
{
    dup2(fd, STDERR_FILENO);
    brio_log(BRIO_LOG_INFO, "direct");
    if (!UNDER_TSAN) { /* which forbids threads after a fork */
        CHECK_OK(brio_log_open(&(brio_log_options){.fd = fd, .format = BRIO_LOG_TEXT}));
        brio_log(BRIO_LOG_INFO, "own writer");
        brio_log_close();
    }
    _exit(0);
}

TEST(forked_child_has_no_writer)
{
    int theirs = memfd_create("child", 0);
    int ours = open_file(BRIO_LOG_TEXT);
    brio_log(BRIO_LOG_INFO, "before");
    pid_t pid = fork();
    if (pid == 0)
        child_of_fork(theirs);
    brio_log(BRIO_LOG_INFO, "after");
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_INT(status, 0);
    CHECK_STR(close_file(ours), "INFO:     before\nINFO:     after\n");
    brio_str all = contents(theirs);
    CHECK(brio_str_find(all, BRIO_S("\"message\":\"direct\"}\n")) > 0);
    CHECK(UNDER_TSAN || brio_str_ends(all, BRIO_S("}\nINFO:     own writer\n")));
    close(theirs);
}

/* ---- Pressure ----------------------------------------------------------- */

enum { PRODUCERS = 4, LINES = 2000 };

static void *produce(void *arg)
{
    static const char padding[51] = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
    int id = *(int *)arg;
    for (int i = 0; i < LINES; i++)
        brio_log(BRIO_LOG_INFO, "p%d %d %.*s", id, i, i % 50, padding);
    return NULL;
}

static void check_produced(brio_str all)
{
    int next[PRODUCERS] = {0};
    for (brio_str_pair line = brio_str_cut(all, '\n'); line.found;
         line = brio_str_cut(line.tail, '\n')) {
        int id, number;
        CHECK_INT(sscanf(line.head.ptr, "INFO:     p%d %d", &id, &number), 2);
        CHECK_INT(number, next[id]++); /* each thread's lines keep their order */
    }
    for (int i = 0; i < PRODUCERS; i++)
        CHECK_INT(next[i], LINES);
}

TEST(threads_do_not_lose_or_tear_lines)
{
    pthread_t threads[PRODUCERS];
    int ids[PRODUCERS], fd = memfd_create("log", 0);
    brio_log_options options = {.fd = fd, .format = BRIO_LOG_TEXT, .ring_size = 4 << 20};
    CHECK_OK(brio_log_open(&options));
    for (int i = 0; i < PRODUCERS; i++) {
        ids[i] = i;
        CHECK_INT(pthread_create(&threads[i], NULL, produce, &ids[i]), 0);
    }
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(threads[i], NULL);
    check_produced(close_file(fd));
}

TEST(closing_while_threads_log_is_safe)
{
    pthread_t thread;
    int id = 0, fd = memfd_create("log", 0), saved = dup(STDERR_FILENO);
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO);
    CHECK_INT(pthread_create(&thread, NULL, produce, &id), 0);
    for (int i = 0; i < 20; i++) {
        CHECK_OK(brio_log_open(&(brio_log_options){.fd = fd}));
        brio_log_close();
    }
    pthread_join(thread, NULL);
    dup2(saved, STDERR_FILENO);
    close(saved), close(null), close(fd);
}

static size_t fill_pipe(int fd)
{
    static const char blank[4096];
    size_t total = 0;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (ssize_t n; (n = write(fd, blank, sizeof(blank))) > 0;)
        total += (size_t)n;
    fcntl(fd, F_SETFL, 0);
    return total;
}

static int count_lines(brio_str all, int *reported)
{
    int lines = 0;
    *reported = 0;
    for (brio_str_pair l = brio_str_cut(all, '\n'); l.found; l = brio_str_cut(l.tail, '\n')) {
        int n;
        if (sscanf(l.head.ptr, "WARNING:  %d log lines dropped", &n) == 1)
            *reported += n;
        else
            lines++;
    }
    return lines;
}

static void *close_log(void *arg)
{
    brio_log_close();
    close(*(int *)arg);
    return NULL;
}

TEST(full_ring_drops_and_counts)
{
    enum { TRIED = 3000 };
    int ends[2], reported;
    CHECK(pipe(ends) == 0);
    size_t blank = fill_pipe(ends[1]);
    brio_log_options options = {.fd = ends[1], .format = BRIO_LOG_TEXT, .ring_size = 1};
    CHECK_OK(brio_log_open(&options));
    for (int i = 0; i < TRIED; i++) /* nobody reads, and yet this ends */
        brio_log(BRIO_LOG_INFO, "line %d", i);
    pthread_t closer;
    CHECK_INT(pthread_create(&closer, NULL, close_log, &ends[1]), 0);
    size_t len = 0;
    for (ssize_t n; (n = read(ends[0], text + len, sizeof(text) - len)) > 0;)
        len += (size_t)n;
    pthread_join(closer, NULL);
    int lines = count_lines((brio_str){text + blank, len - blank}, &reported);
    CHECK(reported > 0 && lines > 0);
    CHECK_INT(lines + reported, TRIED);
    close(ends[0]);
}

TEST(close_gives_up_on_a_stuck_reader)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    fill_pipe(ends[1]);
    CHECK_OK(brio_log_open(&(brio_log_options){.fd = ends[1]}));
    for (int i = 0; i < 200; i++)
        brio_log(BRIO_LOG_INFO, "never read");
    brio_log_close(); /* the test's time limit judges */
    close(ends[0]);
    close(ends[1]);
}

TEST(broken_pipe_does_not_kill)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    close(ends[0]);
    CHECK_OK(brio_log_open(&(brio_log_options){.fd = ends[1]}));
    brio_log(BRIO_LOG_INFO, "to nobody");
    brio_log_close();
    close(ends[1]);
}
