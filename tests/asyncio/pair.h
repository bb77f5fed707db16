/* SPDX-License-Identifier: MIT
 *
 * What the C halves share: printing, and the Python names of statuses. */
#ifndef BRIO_PAIR_H
#define BRIO_PAIR_H

#include <brio/loop.h>
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The unit of both halves: ten milliseconds, or PAIR_TICK_MS of the environment. */
#define TICKS(n) (tick() * (n))

__attribute__((unused)) static brio_time tick(void)
{
    const char *ms = getenv("PAIR_TICK_MS");
    return BRIO_MS(ms ? strtol(ms, NULL, 10) : 10);
}

#define say(...) (printf(__VA_ARGS__), putchar('\n'), fflush(stdout), (void)0)

__attribute__((unused)) static const char *why(int rc)
{
    switch (rc) {
    case -ECANCELED:
        return "CancelledError";
    case -ETIMEDOUT:
        return "TimeoutError";
    case -EIO:
        return "OSError";
    case -EINVAL:
        return "ValueError";
    default:
        return rc < 0 ? brio_error_text(rc) : "ok";
    }
}

/* A word as an argument: what a task takes is not const. */
#define WORD(text) ((char[]){text})

/* A named argument on its way into a task. */
typedef struct who {
    const char *name;
    int ticks;
} who;

/* Ends with 77 where this back end has no such thing. */
#define PAIR_MAIN(fn)                                                                              \
    int main(void)                                                                                 \
    {                                                                                              \
        int rc = brio_run(fn, NULL, NULL);                                                         \
        if (rc == -EAFNOSUPPORT)                                                                   \
            return 77;                                                                             \
        if (rc < 0)                                                                                \
            say("failed: %s", brio_error_text(rc));                                                \
        return rc < 0;                                                                             \
    }

#endif
