/* SPDX-License-Identifier: MIT
 *
 * brio_encode with options, and its result as a dynamic value. Without any
 * option it is brio_encode. A failure leaves the buffer as it was. */
#include "model/model_internal.h"

#include <errno.h>

static bool is_nothing(const brio_encode_options *o)
{
    return !o || !(o->include || o->exclude || o->exclude_unset || o->exclude_defaults ||
                   o->exclude_none || o->by_name || o->plain);
}

int brio_encode_with(brio_buf *out, const brio_model *model, const void *value,
                     const brio_encode_options *options, const char **ret_why)
{
    if (is_nothing(options))
        return brio_encode(out, model, value, ret_why);
    size_t start = out->len;
    brio_json_writer w = {.out = out, .strict = options->plain};
    brio_writing to;
    brio_writing_init(&to, &w, options, 0);
    if (out->failed)
        to.rc = -ENOMEM;
    brio_write_value(&to, &brio_model_plan(model)->self, value);
    if (to.rc == 0 && out->failed)
        to.rc = -ENOMEM;
    if (to.rc < 0)
        out->len = start;
    if (ret_why)
        *ret_why = to.rc == 0 ? NULL : to.why ? to.why : "no room in the buffer";
    return to.rc;
}

int brio_to_json(brio_arena *arena, const brio_model *model, const void *value,
                 const brio_encode_options *options, brio_json *ret)
{
    brio_buf *buf = brio_buf_acquire(arena);
    int rc = brio_encode_with(buf, model, value, options, NULL);
    if (rc == 0)
        rc = brio_json_parse(arena, brio_str_copy(arena, brio_buf_str(buf)), NULL, ret, NULL);
    brio_buf_release(arena, buf);
    return rc;
}
