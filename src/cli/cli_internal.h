/* SPDX-License-Identifier: MIT
 *
 * What the parts of the cli room share: the flags as a struct. */
#ifndef BRIO_CLI_INTERNAL_H
#define BRIO_CLI_INTERNAL_H

#include <brio/base.h>
#include <brio/server.h>
#include <brio/websocket.h>

enum { BRIO_CLI_HEADERS_MAX = 32 };

typedef struct brio_cli_flags {
    brio_server_options server;
    brio_log_options log;
    const char *listen[BRIO_SERVER_LISTEN_MAX]; /* what server.listen points to */
    brio_header headers[BRIO_CLI_HEADERS_MAX];  /* what server.headers points to */
    brio_websocket_options ws;
    const char *root_path; /* borrowed from argv; NULL if not given */
    const char *bus;       /* likewise */
    bool tls, reload;
    bool help, version; /* the first one given wins over all that follows */
} brio_cli_flags;

/* Reads argv[1..]. Returns 0, or -EINVAL with one sentence in `message` that
 * says what is wrong and what would be right. Text is borrowed from argv; *ret
 * stays where it is. */
int brio_cli_parse(brio_cli_flags *ret, int argc, char *const *argv,
                   brio_buf *message) BRIO_CHECKED;

/* For --tls: a certificate that lives as long as this process, if none is named. 0, or < 0. */
int brio_cli_certificate(brio_server_options *server) BRIO_CHECKED;

/* Writes what --help prints. `program` is argv[0]. */
void brio_cli_help(brio_buf *out, const char *program);

/* The flag nearest to `name` (without dashes), or NULL if none is near. */
const char *brio_cli_nearest(brio_str name);

/* Runs the program as a child, and anew when its file changes; the exit status.
 * To be called while the process has one thread. */
int brio_cli_reload(int argc, char *const *argv) BRIO_CHECKED;

/* The `brio` command: fills `out` and `err` (standard output and error) and
 * returns the exit status: 0, 1 for a failure told in `err`, 2 for wrong
 * arguments. */
int brio_cli_tool(int argc, char *const *argv, brio_buf *out, brio_buf *err) BRIO_CHECKED;

/* `brio static [DIR] [flags of brio_main]`: serves a folder; the exit status. False
 * for any other command line. */
bool brio_cli_static(int argc, char **argv, int *ret_status) BRIO_CHECKED;

#endif
