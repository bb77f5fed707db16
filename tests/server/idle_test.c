/* SPDX-License-Identifier: MIT
 *
 * What a silent WebSocket holds, by the allocator's own numbers, and of a handler
 * that waits the pages of its stack. */
#include "rig.h"

#include <brio/websocket.h>

#include <malloc.h>
#include <sys/resource.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(INSTRUMENTED)
#undef INSTRUMENTED
#define INSTRUMENTED 1
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc has no header for it */
#else
#define INSTRUMENTED 0
#endif

enum {
    FIRST = 200, /* so that pools are warm and slabs begun */
    MORE = 1500,
    SLACK = 64 * 1024, /* a slab of connections that is begun */
    CONNECTION = 184,
    TASK = 512,
    PAGE = 4096,
    PAGES = 32 /* looked at below a handler's frame */
};

static size_t allocated(void)
{
#if INSTRUMENTED
    return __sanitizer_get_current_allocated_bytes();
#else
    struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
#endif
}

/* Where the handlers that wait have their frames. */
static uintptr_t frames[FIRST + MORE];
static size_t n_frames;

static size_t resident(uintptr_t frame)
{
    unsigned char in[PAGES];
    union {
        uintptr_t number;
        void *address;
    } from = {(frame & ~(uintptr_t)(PAGE - 1)) - (PAGES - 1) * PAGE};
    size_t n = 0;
    if (mincore(from.address, sizeof in * PAGE, in) < 0)
        return PAGES; /* and the test fails */
    for (size_t i = 0; i < sizeof in; i++)
        n += in[i] & 1;
    return n;
}

static int waits(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    (void)req, (void)in;
    frames[n_frames++] = (uintptr_t)__builtin_frame_address(0);
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        rc = brio_ws_send_text(ws, msg.data);
    return rc;
}

static int came(brio_websocket *ws, brio_none *state, const brio_ws_message *msg)
{
    (void)state;
    return brio_ws_send_text(ws, msg->data);
}

static int held(brio_request *req, const brio_none *in, brio_text *out)
{
    size_t pages = 0;
    (void)req, (void)in;
    for (size_t i = 0; i < n_frames; i++)
        pages += resident(frames[i]);
    report("held %zu %zu", allocated(), pages);
    out->text = BRIO_S("");
    return 0;
}

static void prepare(brio_app *app)
{
    BRIO_WEBSOCKET(app, "/waits", waits, brio_none);
    BRIO_WEBSOCKET_EVENTS(app, "/silent", brio_none, brio_none, brio_ws_message, (.message = came));
    BRIO_GET(app, "/held", held, brio_none, brio_text);
}

/* ---- The test's side -------------------------------------------------------- */

static void open_some(const rig *r, const char *path, int *fds, int n)
{
    char text[300];
    int len = snprintf(text, sizeof text,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       path);
    for (int i = 0; i < n; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)r->port)};
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_INT(connect(fds[i], (struct sockaddr *)&to, sizeof to), 0);
        CHECK_INT(send(fds[i], text, (size_t)len, MSG_NOSIGNAL), len);
        char head[300];
        ssize_t got = recv(fds[i], head, sizeof head, 0);
        CHECK(got > 12 && memcmp(head, "HTTP/1.1 101", 12) == 0);
    }
}

typedef struct amount {
    size_t bytes, pages;
} amount;

static amount ask_held(const rig *r)
{
    amount a;
    client *c = dial(r);
    get(c, "/held");
    CHECK_INT(sscanf(next_line(r->events), "held %zu %zu", &a.bytes, &a.pages), 2);
    hang_up(c);
    return a;
}

/* What MORE silent sockets of a path hold. */
static amount grown(brio_backend backend, const char *path)
{
    static int fds[FIRST + MORE];
    const struct rlimit wanted = {FIRST + MORE + 100, FIRST + MORE + 100};
    struct rlimit now;
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &now), 0);
    if (now.rlim_max < wanted.rlim_cur)
        test_skip("so many descriptors are not allowed here");
    if (now.rlim_cur < wanted.rlim_cur)
        CHECK_INT(setrlimit(RLIMIT_NOFILE, &(struct rlimit){wanted.rlim_cur, now.rlim_max}), 0);
    rig r = rig_start(&(rig_options){.server = {.backend = backend}, .prepare = prepare});
    open_some(&r, path, fds, FIRST);
    amount before = ask_held(&r);
    open_some(&r, path, fds + FIRST, MORE);
    amount after = ask_held(&r);
    for (int i = 0; i < FIRST + MORE; i++)
        close(fds[i]);
    rig_stop(&r);
    return (amount){after.bytes - before.bytes, after.pages - before.pages};
}

/* Its place, 64 bytes, is in a slab that is there already. */
ON_BOTH(a_silent_socket_of_events_is_its_connection)
{
    amount held = grown(backend, "/silent");
    CHECK(held.bytes <= (size_t)MORE * CONNECTION + SLACK);
}

/* All else it has is in the page of its stack, or in two where frames are large. */
ON_BOTH(a_silent_socket_of_a_coroutine_is_a_page_and_a_task)
{
    amount held = grown(backend, "/waits");
    size_t block = INSTRUMENTED ? 1024 + 64 : 0; /* gaps between allocations take room */
    CHECK(held.bytes <= (size_t)MORE * (CONNECTION + TASK + block) + 2 * SLACK);
    if (!INSTRUMENTED)
        CHECK(held.pages <= (size_t)MORE * 2);
}
