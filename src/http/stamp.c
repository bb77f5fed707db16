/* SPDX-License-Identifier: MIT
 *
 * The date and server headers, as text that is made once a second and copied
 * into every response. The names are our own, because strftime's follow the
 * locale. */
#include <brio/http.h>

#include <stdio.h>

static size_t date_line(char *out, size_t cap, int64_t second)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    brio_civil t = brio_clock_civil(second);
    int n = snprintf(out, cap, "date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[t.weekday],
                     t.day, months[t.month - 1], t.year, t.hour, t.minute, t.second);
    BRIO_ASSERT(n > 0);
    BRIO_ASSERT((size_t)n < cap);
    return (size_t)n;
}

void brio_http_stamp_update(brio_http_stamp *stamp, brio_time now)
{
    static const char server[] = "server: brio\r\n";
    int64_t second = now > 0 ? now / BRIO_SEC(1) : 0; /* a clock before 1970 is not set */
    if (stamp->second == second && stamp->len)
        return;
    stamp->second = second;
    stamp->len = stamp->no_date ? 0 : date_line(stamp->text, sizeof(stamp->text), second);
    if (!stamp->no_server) {
        memcpy(stamp->text + stamp->len, server, sizeof(server) - 1);
        stamp->len += sizeof(server) - 1;
    }
}
