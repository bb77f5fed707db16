/* SPDX-License-Identifier: MIT
 *
 * brio/log.h: lines about what happens, as text for people or JSON for
 * machines. Part of <brio/base.h>.
 *
 *     brio_log(BRIO_LOG_WARNING, "%u of %u seats are taken", taken, seats);
 *
 * Until brio_log_open a line is written by who logs it; from then on by a
 * thread, and a log call never blocks. What comes from outside may be logged
 * as it is: it cannot forge a line. */
#ifndef BRIO_LOG_H
#define BRIO_LOG_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum brio_log_level { /* ORDER LOG_LEVEL */
    BRIO_LOG_DEFAULT = 0,     /* info */
    BRIO_LOG_TRACE,
    BRIO_LOG_DEBUG,
    BRIO_LOG_INFO,
    BRIO_LOG_WARNING,
    BRIO_LOG_ERROR,
    BRIO_LOG_CRITICAL,
    BRIO_LOG_OFF
} brio_log_level;

typedef enum brio_log_format {
    BRIO_LOG_AUTO = 0, /* text on a terminal, JSON lines otherwise */
    BRIO_LOG_TEXT,
    BRIO_LOG_JSON
} brio_log_format;

typedef struct brio_log_options {
    int fd;                 /* borrowed until close; 0 means 2, standard error */
    brio_log_level level;   /* least level written; default info */
    brio_log_format format; /* default BRIO_LOG_AUTO; NO_COLOR in the environment is honoured */
    size_t ring_size;       /* bytes; 0 means 256 KiB; rounded up to a power of two >= 16 KiB */
    const char *lines_path; /* file to which brio_log_line appends, made (0640) if it is not there;
                               NULL: to `fd` */
} brio_log_options;

/* Starts the writer thread. From then on a log call copies its line into a
 * ring and never blocks; when the ring is full, lines are dropped and the
 * number dropped is logged once there is room. `options` may be NULL for the
 * defaults. Returns 0; -EALREADY if open, -EBADF for a bad fd, -EINVAL for a
 * ring beyond 1 GiB, -ENOMEM, or -errno of opening `lines_path` or of the thread.
 *
 * Before open and after close, lines are written directly by the caller, to
 * standard error. A fork()ed child must call brio_log_open again: it inherits
 * neither the writer nor the lines still queued. */
BRIO_API int brio_log_open(const brio_log_options *options) BRIO_CHECKED;
/* Writes what is queued and stops the thread. Gives up what is left if `fd`
 * takes nothing for a second. Harmless if not open. */
BRIO_API void brio_log_close(void);
/* Sets the least level written, at any time, from any thread. */
BRIO_API void brio_log_set_level(brio_log_level level);
/* Parses "trace" ... "critical", "off" (uvicorn's names) in any case. Returns
 * 0, or -EINVAL and leaves *ret. */
BRIO_API int brio_log_level_parse(brio_str name, brio_log_level *ret) BRIO_CHECKED;

extern BRIO_API int brio_log_threshold; /* read-only: use brio_log_enabled */

/* True if a line of this level would be written now. */
static inline bool brio_log_enabled(brio_log_level level)
{
    int asked = level == BRIO_LOG_DEFAULT ? BRIO_LOG_INFO : (int)level;
    return asked < BRIO_LOG_OFF && asked >= __atomic_load_n(&brio_log_threshold, __ATOMIC_RELAXED);
}

/* A named value beside the message: `key=value` as text, a member as JSON. */
typedef struct brio_log_field {
    const char *key;  /* borrowed */
    brio_str text;    /* the value when `number` is NULL */
    const int64_t *number;
} brio_log_field;

/* One line, without its newline. `fields` (n of them, at most 64 are written)
 * are borrowed for the call. Control characters, also Unicode's line
 * separators and bidirectional overrides, are escaped and malformed UTF-8 is
 * replaced, so hostile input cannot forge a line. Lines beyond 4 KiB are cut
 * and end in "...". Any thread; errno is kept. Not for signal handlers. */
BRIO_API void brio_log(brio_log_level level, const char *fmt, ...) BRIO_PRINTF(2, 3);
BRIO_API void brio_log_fields(brio_log_level level, const brio_log_field *fields, size_t n,
                              const char *fmt, ...) BRIO_PRINTF(4, 5);
/* A line in somebody else's format: without level, stamp or colour, escaped as the
 * others, if level info is written. It goes to brio_log_options.lines_path. */
BRIO_API void brio_log_line(const char *fmt, ...) BRIO_PRINTF(1, 2);

#ifdef __cplusplus
}
#endif
#endif
