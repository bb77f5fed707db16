/* SPDX-License-Identifier: MIT
 *
 * The PROXY protocol: a head whole, byte by byte and in two parts comes to the
 * same end at the same byte; an address it names is one. */
#include "server/server_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct result {
    int rc;
    size_t taken;
    brio_server_proxy p;
} result;

/* Heap copies of their exact size, so reading beyond one is found. */
static result run(brio_str bytes, size_t step)
{
    result r = {0};
    while (r.rc == 0 && bytes.len > 0) {
        brio_str part = brio_str_slice(bytes, 0, step);
        char *copy = malloc(part.len);
        BRIO_ASSERT(copy != NULL);
        memcpy(copy, part.ptr, part.len);
        brio_str input = {copy, part.len};
        r.rc = brio_server_proxy_read(&r.p, &input);
        BRIO_ASSERT(r.rc != 0 || input.len == 0);
        r.taken += part.len - input.len;
        bytes = brio_str_slice(bytes, part.len, bytes.len);
        free(copy);
    }
    return r;
}

static void check_client(const brio_server_proxy *p)
{
    uint8_t address[16];
    if (p->known && *p->host)
        BRIO_ASSERT(inet_pton(AF_INET, p->host, address) == 1 ||
                    inet_pton(AF_INET6, p->host, address) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    brio_str bytes = {(const char *)data + 1, size - 1};
    result whole = run(bytes, bytes.len), single = run(bytes, 1), cut = run(bytes, 1u + data[0]);
    check_client(&whole.p);
    const result *others[] = {&single, &cut};
    for (size_t i = 0; i < 2; i++) {
        BRIO_ASSERT(others[i]->rc == whole.rc);
        BRIO_ASSERT(others[i]->taken == whole.taken);
        BRIO_ASSERT(strcmp(others[i]->p.host, whole.p.host) == 0);
        BRIO_ASSERT(others[i]->p.port == whole.p.port);
    }
    return 0;
}
