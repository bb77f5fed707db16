/* SPDX-License-Identifier: MIT
 *
 * The date and server headers, as text that is made once a second and copied
 * into every response. */
#include <brio/http.h>

#include <stdio.h>

static size_t date_line(char *out, size_t cap, int64_t second)
{
    char text[BRIO_HTTP_DATE];
    brio_str date = brio_http_date_text(text, second);
    int n = snprintf(out, cap, "date: %.*s\r\n", BRIO_ARG(date));
    BRIO_ASSERT(n > 0);
    BRIO_ASSERT((size_t)n < cap);
    return (size_t)n;
}

static bool given(const brio_http_stamp *stamp, brio_str name)
{
    for (size_t i = 0; i < stamp->n_headers; i++)
        if (brio_str_eq_nocase(stamp->headers[i].name, name))
            return true;
    return false;
}

void brio_http_stamp_update(brio_http_stamp *stamp, brio_time now)
{
    static const char server[] = "server: brio\r\n";
    int64_t second = now > 0 ? now / BRIO_SEC(1) : 0; /* a clock before 1970 is not set */
    if (stamp->second == second && stamp->len)
        return;
    stamp->second = second;
    bool no_date = stamp->no_date || given(stamp, BRIO_S("date"));
    stamp->len = no_date ? 0 : date_line(stamp->text, sizeof(stamp->text), second);
    if (!stamp->no_server && !given(stamp, BRIO_S("server"))) {
        memcpy(stamp->text + stamp->len, server, sizeof(server) - 1);
        stamp->len += sizeof(server) - 1;
    }
}
