/* SPDX-License-Identifier: MIT
 *
 * The timeline of the process: one recording at a time, drawn at stop or exit.
 *
 * Emitting takes an uncontended lock and writes 48 bytes. The recording is
 * taken out under the lock and drawn outside it, so a slow disk stops nobody.
 * A fork()ed child inherits the pages of its parent but not the task to draw
 * them: the fork handler forgets the recording there. */
#include "trace/trace_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_EVENTS = 1000000, DEFAULT_WIDTH = 100, DEFAULT_ROWS = 40, SVG_ROWS = 200 };

/* High: task ids count from 1. */
#define FIRST_TRACK (UINT64_C(1) << 62)

typedef struct timeline {
    brio_trace_recording recording;
    brio_timeline_options options; /* path: our copy, or NULL */
} timeline;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static timeline *active;

/* ---- Recording ---------------------------------------------------------- */

uint64_t brio_trace_track(void)
{
    static uint64_t last = FIRST_TRACK;
    return __atomic_fetch_add(&last, 1, __ATOMIC_RELAXED);
}

void brio_trace_emit(const brio_trace_event *event)
{
    BRIO_ASSERT(event->state <= BRIO_TRACE_ENDED);
    pthread_mutex_lock(&lock);
    if (active)
        brio_trace_recording_add(&active->recording, event);
    pthread_mutex_unlock(&lock);
}

/* ---- Drawing ------------------------------------------------------------ */

static bool on_terminal(const char *path)
{
    return !path || !*path || strcmp(path, "-") == 0 || strcmp(path, "1") == 0;
}

static bool ends_in(const char *path, const char *end)
{
    return brio_str_ends(brio_str_from(path), brio_str_from(end));
}

static bool locale_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return true; /* says nothing: terminals are UTF-8 */
}

static bool wants_colour(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static unsigned width_of(int fd)
{
    struct winsize size = {0};
    bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
    return known ? size.ws_col : DEFAULT_WIDTH;
}

static void paint(brio_buf *out, const brio_trace_model *model, const timeline *line, int fd)
{
    const brio_timeline_options *options = &line->options;
    const char *path = on_terminal(options->path) ? "" : options->path;
    if (ends_in(path, ".svg")) {
        brio_trace_paint_svg(out, model);
    } else if (ends_in(path, ".json")) {
        brio_trace_paint_json(out, model);
    } else {
        brio_trace_style style = {.width = options->width ? options->width : width_of(fd),
                                  .colour = wants_colour(fd),
                                  .ascii = options->ascii || !locale_is_utf8()};
        brio_trace_paint_text(out, model, &style);
    }
}

static size_t rows_of(const brio_timeline_options *options)
{
    const char *path = on_terminal(options->path) ? "" : options->path;
    if (ends_in(path, ".json"))
        return SIZE_MAX;
    if (options->max_rows)
        return options->max_rows;
    return ends_in(path, ".svg") ? SVG_ROWS : DEFAULT_ROWS;
}

static int write_all(int fd, brio_str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            text = brio_str_slice(text, (size_t)n, text.len);
    }
    return 0;
}

static int draw_to(const timeline *line, const brio_trace_model *model, int fd)
{
    brio_buf out = {0};
    paint(&out, model, line, fd);
    int rc = out.failed ? -ENOMEM : write_all(fd, brio_buf_str(&out));
    brio_buf_fini(&out);
    return rc;
}

static int draw(timeline *line)
{
    brio_trace_model model;
    int rc = brio_trace_model_init(&model, &line->recording);
    if (rc < 0)
        return rc;
    rc = brio_trace_arrange(&model, rows_of(&line->options));
    bool terminal = on_terminal(line->options.path);
    int fd = STDERR_FILENO;
    if (rc == 0 && !terminal) {
        fd = open(line->options.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        rc = fd < 0 ? -errno : 0;
    }
    if (rc == 0)
        rc = draw_to(line, &model, fd);
    if (!terminal && fd >= 0 && close(fd) < 0 && rc == 0)
        rc = -errno;
    brio_trace_model_fini(&model);
    return rc;
}

/* ---- Start and stop ----------------------------------------------------- */

static void timeline_free(timeline *line)
{
    if (!line)
        return;
    brio_trace_recording_fini(&line->recording);
    union {
        const char *path;
        void *copy;
    } mine = {.path = line->options.path};
    free(mine.copy);
    free(line);
}

static timeline *take(void)
{
    pthread_mutex_lock(&lock);
    timeline *line = active;
    active = NULL;
    if (line)
        brio_trace_want(BRIO_TRACE_TIMELINE, false);
    pthread_mutex_unlock(&lock);
    return line;
}

int brio_timeline_stop(void)
{
    timeline *line = take();
    int rc = line ? draw(line) : 0;
    timeline_free(line);
    return rc;
}

static void at_exit(void)
{
    int rc = brio_timeline_stop();
    if (rc < 0)
        brio_log(BRIO_LOG_WARNING, "the timeline could not be drawn: %s", brio_error_text(rc));
}

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
    pthread_mutex_unlock(&lock);
}

static void after_fork_child(void)
{
    pthread_mutex_unlock(&lock);
    timeline_free(take());
}

static void once_per_process(void)
{
    brio_trace_watch_forks();
    int rc = atexit(at_exit);
    BRIO_ASSERT(rc == 0);
    rc = pthread_atfork(before_fork, after_fork_parent, after_fork_child);
    BRIO_ASSERT(rc == 0);
}

static timeline *timeline_new(const brio_timeline_options *options)
{
    timeline *line = brio_zalloc(1, sizeof(*line));
    if (!line)
        return NULL;
    line->options = *options;
    line->options.path = options->path ? brio_strdup(brio_str_from(options->path)) : NULL;
    line->recording.max = options->max_events ? options->max_events : DEFAULT_EVENTS;
    if (options->path && !line->options.path) {
        timeline_free(line);
        return NULL;
    }
    return line;
}

int brio_timeline_start(const brio_timeline_options *options)
{
    static const brio_timeline_options defaults;
    pthread_once(&once, once_per_process);
    timeline *line = timeline_new(options ? options : &defaults);
    if (!line)
        return -ENOMEM;
    pthread_mutex_lock(&lock);
    bool free_to_start = !active;
    if (free_to_start) {
        active = line;
        brio_trace_want(BRIO_TRACE_TIMELINE, true);
    }
    pthread_mutex_unlock(&lock);
    if (!free_to_start)
        timeline_free(line);
    return free_to_start ? 0 : -EALREADY;
}
