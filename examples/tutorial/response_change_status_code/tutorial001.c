/* SPDX-License-Identifier: MIT
 *
 * 200 or 201, decided on the way. */
#include <brio/brio.h>

#include <stdio.h>

static struct {
    char id[32];
    const char *text;
} tasks[64] = {{"foo", "Listen to the Bar Fighters"}};
enum { TASKS = sizeof tasks / sizeof *tasks };

typedef struct GetOrCreateTask {
    brio_str task_id;
} GetOrCreateTask;
BRIO_MODEL(GetOrCreateTask, BRIO_PATH(task_id));

static int get_or_create_task(brio_request *req, const GetOrCreateTask *in, brio_json *out)
{
    size_t i = 0;
    while (i < TASKS && tasks[i].text && !brio_str_eq(in->task_id, brio_str_from(tasks[i].id)))
        i++;
    if (i == TASKS || in->task_id.len >= sizeof tasks[i].id)
        return brio_fail(req, 507, "No room for another task");
    if (!tasks[i].text) {
        snprintf(tasks[i].id, sizeof tasks[i].id, "%.*s", BRIO_ARG(in->task_id));
        tasks[i].text = "This didn't exist before";
        brio_respond_status(req, 201);
    }
    *out = brio_json_from_str(brio_str_from(tasks[i].text));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/get-or-create-task/{task_id}", get_or_create_task, GetOrCreateTask, brio_json,
             .status = 200);
}
