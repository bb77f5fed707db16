/* SPDX-License-Identifier: MIT
 *
 * tests/data/websocket/cases.txt on the simulator. Its strangers, Autobahn|Testsuite and
 * tests/interop/websocket_cases.py, need real sockets, which that back end has none of;
 * here the test client is the other end. Each case is sent whole, frame by frame and
 * byte by byte, to both kinds of handler, with the loop running in between. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/ws.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { BYTEWISE_MOST = 2000, LINE_MOST = 16384, FRAMES_MOST = 64, CASES = 234 /* lines */ };

typedef enum mode { WHOLE, FRAMES, BYTES, MODES } mode;

/* ---- The server ------------------------------------------------------------- */

static int echo_back(brio_websocket *ws, const brio_ws_message *msg)
{
    return msg->binary ? brio_ws_send_bytes(ws, msg->data) : brio_ws_send_text(ws, msg->data);
}

static int echo(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        rc = echo_back(ws, &msg);
    return rc;
}

typedef struct Nothing {
    char none;
} Nothing;

static int said(brio_websocket *ws, Nothing *state, const brio_ws_message *msg)
{
    (void)state;
    return echo_back(ws, msg);
}

/* ---- The table --------------------------------------------------------------- */

typedef struct parsed {
    const char *name; /* as the table has it */
    brio_buf sent;
    size_t ends[FRAMES_MOST]; /* of the frames in `sent`: offsets */
    size_t n;
    brio_buf want; /* messages, as a server sends them */
    int code;      /* 0: the client closes */
} parsed;

static void put_payload(brio_buf *out, const char *text)
{
    char digits[3] = "";
    size_t before = out->len;
    for (; isxdigit(*text); text += 2) {
        memcpy(digits, text, 2);
        const char byte = (char)strtoul(digits, NULL, 16);
        brio_buf_add(out, (brio_str){&byte, 1});
    }
    if (*text == '*') {
        char byte = out->ptr[before];
        size_t n = strtoul(text + 1, NULL, 10);
        CHECK(brio_buf_reserve(out, n));
        memset(out->ptr + before, byte, n);
        out->len = before + n;
    } else if (*text == '\'') {
        for (text++; *text; text++)
            brio_buf_add(out, *text == '_' ? BRIO_S(" ") : (brio_str){text, 1});
    }
}

static void put_head(brio_buf *out, unsigned first, size_t len, bool masked)
{
    unsigned char head[14] = {(unsigned char)first, (unsigned char)len};
    size_t wide = len < 126 ? 0 : len < 65536 ? 2 : 8;
    if (wide)
        head[1] = wide == 2 ? 126 : 127;
    for (size_t i = 0; i < wide; i++)
        head[2 + i] = (unsigned char)(len >> (8 * (wide - 1 - i)));
    head[1] |= masked ? 0x80 : 0;
    memcpy(head + 2 + wide, "\x35\xfa\x21\x3d", 4);
    brio_buf_add(out, (brio_str){(const char *)head, 2 + wide + (masked ? 4 : 0)});
}

/* "81+21:'text": a frame as a client sends it, or as it comes back. */
static void put_frame(brio_buf *out, const char *token, bool masked)
{
    char *end;
    unsigned first = (unsigned)strtoul(token, &end, 16);
    size_t announced = *end == '+' ? strtoul(end + 1, &end, 10) : 0;
    brio_buf payload = {0};
    put_payload(&payload, end + 1);
    put_head(out, first, announced ? announced : payload.len, masked);
    size_t from = out->len;
    brio_buf_add(out, brio_buf_str(&payload));
    for (size_t i = from; masked && i < out->len; i++)
        out->ptr[i] = (char)(out->ptr[i] ^ "\x35\xfa\x21\x3d"[(i - from) % 4]);
    CHECK(!out->failed);
    brio_buf_fini(&payload);
}

static void parse_sent(parsed *c, char *field)
{
    char *save;
    for (char *token = strtok_r(field, " ", &save); token; token = strtok_r(NULL, " ", &save)) {
        const char *times = strchr(token, '\'') ? NULL : strchr(token, 'x');
        for (long n = times ? strtol(times + 1, NULL, 10) : 1; n > 0; n--) {
            CHECK(c->n < FRAMES_MOST);
            put_frame(&c->sent, token, true);
            c->ends[c->n++] = c->sent.len;
        }
    }
}

/* Pongs are the test client's own business. */
static void parse_want(parsed *c, char *field)
{
    char *save;
    for (char *token = strtok_r(field, " \n", &save); token; token = strtok_r(NULL, " \n", &save)) {
        if (strncmp(token, "close:", 6) == 0)
            c->code = (int)strtol(token + 6, NULL, 10);
        else if (strncmp(token, "8a", 2) != 0)
            put_frame(&c->want, token, false);
    }
}

static void forget(parsed *c)
{
    brio_buf_fini(&c->sent);
    brio_buf_fini(&c->want);
}

/* ---- Playing ------------------------------------------------------------------ */

static void send_case(brio_test_client *client, brio_test_socket *s, const parsed *c, mode how)
{
    size_t n = how == BYTES ? c->sent.len : how == FRAMES ? c->n : 1;
    for (size_t i = 0, from = 0; i < n; i++) {
        size_t to = how == BYTES ? i + 1 : how == FRAMES ? c->ends[i] : c->sent.len;
        brio_test_socket_send_raw(s, brio_str_slice(brio_buf_str(&c->sent), from, to - from));
        CHECK_OK(brio_test_client_sleep(client, BRIO_MS(1)));
        from = to;
    }
}

static void play(brio_test_client *client, const char *url, const parsed *c, mode how)
{
    brio_test_socket *s;
    brio_ws_message msg;
    brio_buf got = {0};
    int code, rc;
    CHECK_OK(brio_test_socket_open(client, url, NULL, &s, NULL));
    send_case(client, s, c, how);
    if (!c->code)
        brio_test_socket_close(s, BRIO_WS_NORMAL);
    while ((rc = brio_test_socket_receive(s, &msg, &code)) == 0) {
        put_head(&got, msg.binary ? 0x82 : 0x81, msg.data.len, false);
        brio_buf_add(&got, msg.data);
    }
    bool same = brio_str_eq(brio_buf_str(&got), brio_buf_str(&c->want));
    if (rc != BRIO_ECLOSED || !same || code != (c->code ? c->code : BRIO_WS_NORMAL))
        test_fail(__FILE__, __LINE__, "%s, in way %d: rc %d, code %d, %s messages", c->name,
                  (int)how, rc, code, same ? "right" : "wrong");
    brio_buf_fini(&got);
}

static void play_line(brio_test_client *client, const char *url, char *line)
{
    parsed c = {.name = line};
    char *sent = strstr(line, " | "), *want = strstr(sent + 3, " |");
    CHECK(sent && want);
    *sent = *want = '\0';
    parse_sent(&c, sent + 3);
    parse_want(&c, want + 2);
    for (mode how = WHOLE; how < MODES; how++)
        if (how != BYTES || c.sent.len <= BYTEWISE_MOST)
            play(client, url, &c, how);
    forget(&c);
}

static int play_table(brio_app *app, const char *url)
{
    static char line[LINE_MOST];
    brio_test_client *client;
    int n = 0;
    FILE *file = fopen(BRIO_TEST_DATA "/websocket/cases.txt", "r");
    CHECK(file);
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        CHECK_OK(brio_test_client_open(&client, app));
        play_line(client, url, line);
        CHECK_INT(brio_test_client_close(client), 0);
        n++;
    }
    fclose(file);
    return n;
}

TEST(cases_that_strangers_play_hold_on_the_simulator)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_WEBSOCKET(app, "/echo", echo, brio_none);
    BRIO_WEBSOCKET_EVENTS(app, "/events", brio_none, Nothing, brio_ws_message, (.message = said));
    CHECK_INT(play_table(app, "/echo"), CASES);
    CHECK_INT(play_table(app, "/events"), CASES);
    brio_app_free(app);
}
