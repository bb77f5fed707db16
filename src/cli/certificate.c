/* SPDX-License-Identifier: MIT
 *
 * --tls without a certificate: one is made, and lies in memory behind a name that
 * can be opened like any file, by workers and at SIGHUP as well. */
#include "cli/cli_internal.h"

#include <brio/tls.h>

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static int put(int fd, const brio_buf *pem)
{
    ssize_t n = write(fd, pem->ptr, pem->len);
    return n < 0 ? -errno : (size_t)n == pem->len ? 0 : -EIO;
}

int brio_cli_certificate(brio_server_options *server)
{
    static char name[64];
    brio_buf pem = {0};
    if (server->ssl.certfile[0])
        return 0;
    int fd = memfd_create("brio-certificate", MFD_CLOEXEC);
    int rc = fd < 0 ? -errno : brio_tls_self_signed(server->host, &pem);
    if (rc == 0)
        rc = put(fd, &pem);
    brio_buf_fini(&pem);
    if (rc < 0) {
        if (fd >= 0)
            close(fd);
        return rc;
    }
    (void)snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)getpid(), fd);
    server->ssl.certfile[0] = name;
    brio_log(BRIO_LOG_INFO, "The certificate was made for this run; nobody vouches for it.");
    return 0;
}
