/* SPDX-License-Identifier: MIT
 *
 * The processes above and below a worker: what a supervisor keeps of its children,
 * and what passes between them. */
#ifndef BRIO_SERVER_SUPERVISOR_H
#define BRIO_SERVER_SUPERVISOR_H

#include "server/server_internal.h"

#include <brio/trace.h>

/* Messages over a worker's control socket: one byte, FAILED is followed by an
 * int. The end of the stream means that the other side died. */
enum {
    BRIO_SERVER_SAYS_READY = 'r',  /* worker: serving */
    BRIO_SERVER_SAYS_FAILED = 'e', /* worker: start-up failed */
    BRIO_SERVER_SAYS_MAX = 'm',    /* worker: I have lived long enough; replace me */
    BRIO_SERVER_SAYS_ALIVE = 'a',  /* worker: my loop turns; the answer to: */
    BRIO_SERVER_SAYS_WELL = 'w',   /* supervisor: are you well? */
    BRIO_SERVER_SAYS_RETIRE = 'f', /* supervisor: a successor is there */
    BRIO_SERVER_SAYS_STOP = 's'    /* supervisor: the end of all */
};

typedef enum brio_server_child_state { /* ORDER CHILD */
                                       BRIO_SERVER_STARTING = 0,
                                       BRIO_SERVER_READY,
                                       BRIO_SERVER_LEAVING /* to be replaced, or told to finish */
} brio_server_child_state;

typedef struct brio_server_child {
    brio_link link; // brio_server_supervisor::children
    pid_t pid;
    int control_fd; /* -1 once the child has closed its side */
    unsigned generation;
    int slot; /* which of the sockets is its */
    brio_server_child_state state;
    brio_time since; /* monotonic */
    bool asked;      /* whether it is well, and has not answered */
    uint8_t missed;  /* looks in a row at which it had not */
    brio_last_words *words;
} brio_server_child;

typedef struct brio_server_supervisor {
    struct brio_app *app;
    const brio_server_options *options;   /* borrowed, resolved */
    const char *backend;                  /* a name for the log */
    brio_server_sockets *sockets;         /* borrowed; closed at the stop */
    brio_tls_context *tls;                /* borrowed, NULL: in clear */
    const brio_server_identity *identity; /* borrowed */
    brio_server_notify *notify;           /* borrowed */
    brio_server_metrics *metrics;         /* borrowed, NULL: nobody counts */
    int signal_fd;
    brio_link children;   // brio_server_child::link
    unsigned generation;  /* the one that is wanted */
    unsigned served;      /* the newest one that was complete; 0: none yet */
    unsigned failures;    /* children in a row that died young */
    brio_time not_before; /* monotonic: the next fork */
    brio_time kill_at;    /* monotonic: BRIO_NEVER while not stopping */
    brio_time look_at;    /* monotonic: the next look at who answers (hung.c) */
    bool stopping;
    int result;
} brio_server_supervisor;

/* Serves with options->workers children on the sockets of `place`, which are closed at
 * the end. `backend` is a name for the log. */
int brio_server_supervise(struct brio_app *app, const brio_server_place *place,
                          const char *backend) BRIO_CHECKED;
/* Forks the wanted generation's worker for a slot. 0 or -errno; never returns
 * in the child. */
int brio_server_child_start(brio_server_supervisor *s, int slot) BRIO_CHECKED;
void brio_server_child_forget(brio_server_child *child);
/* Sends SAYS_RETIRE or SAYS_STOP; again does no harm. */
void brio_server_child_tell(const brio_server_child *child, char what);
/* Reads the next message. Returns it, 0 if there is none, < 0 at the end. */
int brio_server_child_hear(brio_server_child *child, int *ret_err) BRIO_CHECKED;
/* Sees to workers that hang; when to be called next, or NEVER. (hung.c) */
brio_time brio_server_look_for_hung(brio_server_supervisor *s);

#endif
