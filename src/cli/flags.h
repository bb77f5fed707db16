/* SPDX-License-Identifier: MIT
 *
 * One row of the table of flags, and the kinds of values there are. */
#ifndef BRIO_CLI_FLAGS_H
#define BRIO_CLI_FLAGS_H

#include "cli/cli_internal.h"

typedef enum brio_cli_kind {             /* ORDER KIND */
                             SWITCH = 0, /* bool */
                             TEXT,       /* const char * */
                             LISTEN,     /* one more of brio_cli_flags.listen */
                             HEADER,     /* one more of brio_cli_flags.headers */
                             NUMBER,     /* int or unsigned */
                             BYTES,      /* size_t; with K, M or G */
                             PORT,       /* int; 0 becomes -1 */
                             SECONDS,    /* brio_time; 0 becomes 1 ns */
                             SPAN,       /* the same; 0 becomes BRIO_NEVER */
                             DEFLATE,    /* brio_ws_compression */
                             LEVEL,
                             FORMAT,
                             ACCESS,
                             BACKEND,
                             TEXTS, /* const char *[BRIO_SERVER_CERTIFICATES], one each time it is
                                       given */
                             CERT_REQS,
                             TLS_VERSION,
                             VERSIONS /* brio_server_http */
} brio_cli_kind;

typedef struct brio_cli_flag {
    const char *name;
    brio_cli_kind kind;
    size_t at; /* offset in brio_cli_flags */
    uint32_t min, max;
    const char *value; /* the placeholder in --help */
    const char *help;
} brio_cli_flag;

/* Writes a value where it belongs; `value` is NULL for a SWITCH. False: it is none. */
bool brio_cli_set(brio_cli_flags *ret, const brio_cli_flag *f, const char *value) BRIO_CHECKED;
/* What it should have been. */
void brio_cli_say_expected(brio_buf *out, const brio_cli_flag *f);

#endif
