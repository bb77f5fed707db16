/* SPDX-License-Identifier: MIT
 *
 * What to listen on: the texts of `listen`, and all that name a socket
 * (host and port, uds, fd, systemd's environment), as one list.
 *
 * Nothing is opened here. An address has one form for each kind, so a mistake
 * is told at start and in words, not guessed at. */
#include "server/server_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PASSED_FIRST = 3, MODE_DEFAULT = 0666 };

/* ---- One text ------------------------------------------------------------ */

static bool copy(char *into, size_t cap, brio_str text)
{
    if (text.len >= cap || (text.len && memchr(text.ptr, '\0', text.len)))
        return false;
    if (text.len)
        memcpy(into, text.ptr, text.len);
    into[text.len] = '\0';
    return true;
}

static const char *set_unix(brio_server_listener *l, brio_str path)
{
    l->kind = BRIO_SERVER_UNIX;
    if (path.len == 0 || !copy(l->name, sizeof l->name, path))
        return "a Unix socket's path has 1 to 107 bytes";
    return NULL;
}

static const char *set_fd(brio_server_listener *l, brio_str number)
{
    uint64_t n;
    if (brio_str_to_u64(number, &n) < 0 || n > INT32_MAX)
        return "\"fd:\" is followed by a descriptor's number";
    l->kind = BRIO_SERVER_INHERITED;
    l->fd = (int)n;
    return NULL;
}

static const char *set_tcp(brio_server_listener *l, brio_str text)
{
    static const char expected[] = "an address is HOST:PORT, [IPV6]:PORT, unix:PATH or fd:NUMBER";
    size_t colon = text.len;
    uint64_t port;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || brio_str_to_u64(brio_str_slice(text, colon, text.len), &port) < 0)
        return expected;
    if (port > UINT16_MAX)
        return "a port is at most 65535";
    brio_str host = brio_str_slice(text, 0, colon - 1);
    bool v6 = memchr(host.ptr, ':', host.len) != NULL;
    if (host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = brio_str_slice(host, 1, host.len - 2);
    else if (v6)
        return "an IPv6 address stands in brackets: [::1]:8000";
    l->kind = BRIO_SERVER_TCP;
    l->port = (int)port;
    return copy(l->name, sizeof l->name, host) ? NULL : expected;
}

static const char *set_mode(brio_server_listener *l, brio_str digits)
{
    unsigned mode = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '7')
            mode = 01000;
        mode = mode * 8 + (unsigned)(digits.ptr[i] - '0');
        if (mode > 0777)
            break;
    }
    l->mode = mode;
    if (digits.len == 0 || mode > 0777 || mode == 0 || l->kind != BRIO_SERVER_UNIX)
        return "mode=660 takes octal digits up to 777, for a Unix socket";
    return NULL;
}

static const char *set_option(brio_server_listener *l, brio_str option)
{
    if (brio_str_eq(option, BRIO_S("proxy"))) {
        l->proxy = true;
        return NULL;
    }
    if (brio_str_eq(option, BRIO_S("plain"))) {
        l->plain = true;
        return NULL;
    }
    if (brio_str_starts(option, BRIO_S("mode=")))
        return set_mode(l, brio_str_slice(option, 5, option.len));
    return "behind the address there may be \",mode=660\", \",proxy\" and \",plain\"";
}

const char *brio_server_listener_parse(brio_server_listener *ret, const char *text)
{
    brio_str_pair parts = brio_str_cut(brio_str_from(text), ',');
    brio_str address = parts.head;
    *ret = (brio_server_listener){.mode = MODE_DEFAULT};
    const char *wrong = brio_str_starts(address, BRIO_S("unix:"))
                            ? set_unix(ret, brio_str_slice(address, 5, address.len))
                        : brio_str_starts(address, BRIO_S("fd:"))
                            ? set_fd(ret, brio_str_slice(address, 3, address.len))
                            : set_tcp(ret, address);
    while (!wrong && parts.found) {
        parts = brio_str_cut(parts.tail, ',');
        wrong = set_option(ret, parts.head);
    }
    return wrong;
}

/* ---- systemd's ----------------------------------------------------------- */

static uint64_t variable(const char *name)
{
    const char *text = getenv(name);
    uint64_t n = 0;
    if (text && brio_str_to_u64(brio_str_from(text), &n) < 0)
        n = 0;
    return n;
}

size_t brio_server_passed(const brio_server_options *o)
{
    if (!o->systemd || variable("LISTEN_PID") != (uint64_t)getpid())
        return 0;
    uint64_t n = variable("LISTEN_FDS");
    return n < BRIO_SERVER_LISTEN_MAX ? (size_t)n : BRIO_SERVER_LISTEN_MAX;
}

/* They are this process's, not for what it will start. */
static void forget_passed(void)
{
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
}

/* ---- All of them ----------------------------------------------------------- */

static brio_server_listener *add(brio_server_sockets *s)
{
    brio_server_listener *l = s->n < s->cap ? &s->list[s->n++] : NULL;
    if (l)
        *l = (brio_server_listener){.mode = MODE_DEFAULT};
    return l;
}

static int add_text(brio_server_sockets *s, const char *text)
{
    brio_server_listener *l = add(s);
    const char *wrong = l ? brio_server_listener_parse(l, text) : "that is one socket too many";
    if (!wrong)
        return 0;
    brio_log(BRIO_LOG_ERROR, "cannot listen on \"%s\": %s", text, wrong);
    return -EINVAL;
}

static void add_fd(brio_server_sockets *s, int fd)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->list[i].kind == BRIO_SERVER_INHERITED && s->list[i].fd == fd)
            return; /* named by an option, too */
    brio_server_listener *l = add(s);
    if (!l)
        return;
    l->kind = BRIO_SERVER_INHERITED;
    l->fd = fd;
}

static int add_host(brio_server_sockets *s, const brio_server_options *o)
{
    brio_server_listener *l = add(s);
    if (!l || !copy(l->name, sizeof l->name, brio_str_from(o->host))) {
        brio_log(BRIO_LOG_ERROR, "cannot listen on \"%s\": no such address", o->host);
        return -EINVAL;
    }
    l->kind = BRIO_SERVER_TCP;
    l->port = o->port < 0 ? 0 : o->port;
    return 0;
}

int brio_server_sockets_list(brio_server_sockets *s, const brio_server_options *o)
{
    size_t passed = brio_server_passed(o);
    int rc = o->host ? add_host(s, o) : 0;
    if (rc == 0 && o->uds) {
        char text[sizeof("unix:") + sizeof s->list->name];
        snprintf(text, sizeof text, "unix:%s", o->uds);
        rc = strchr(o->uds, ',') ? -EINVAL : add_text(s, text);
    }
    for (size_t i = 0; i < o->n_listen && rc == 0; i++)
        rc = add_text(s, o->listen[i]);
    if (rc == 0 && o->fd)
        add_fd(s, o->fd);
    for (size_t i = 0; i < passed && rc == 0; i++)
        add_fd(s, PASSED_FIRST + (int)i);
    if (passed)
        forget_passed();
    for (size_t i = 0; i < s->n && !o->ssl.certfile[0]; i++)
        s->list[i].plain = true;
    return rc;
}
