/* SPDX-License-Identifier: MIT
 *
 * UUIDs, dates, times and durations, and how one calculates with them. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_uuid item_id;
    brio_datetime start_datetime, end_datetime;
    brio_timedelta process_after;
    brio_daytime *repeat_at;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_PATH(item_id), BRIO_BODY(start_datetime, brio_datetime),
           BRIO_BODY(end_datetime, brio_datetime), BRIO_BODY(process_after, brio_timedelta),
           BRIO_BODY(repeat_at, brio_daytime));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    brio_datetime start_process;
    int rc = brio_datetime_add(in->start_datetime, in->process_after, &start_process);
    if (rc < 0)
        return rc;
    brio_timedelta duration = brio_datetime_diff(in->end_datetime, start_process);
    *out = BRIO_OBJECT(req, "item_id", BRIO_AS(brio_uuid, &in->item_id), "start_datetime",
                       BRIO_AS(brio_datetime, &in->start_datetime), "end_datetime",
                       BRIO_AS(brio_datetime, &in->end_datetime), "process_after",
                       BRIO_AS(brio_timedelta, &in->process_after), "repeat_at",
                       BRIO_AS(brio_daytime, in->repeat_at), "start_process",
                       BRIO_AS(brio_datetime, &start_process), "duration",
                       BRIO_AS(brio_timedelta, &duration));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", read_items, ReadItems, brio_json);
}
