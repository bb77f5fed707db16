/* SPDX-License-Identifier: MIT
 *
 * Templates: whatever the text, it is refused or rendered within its limits, and
 * the same text renders the same twice. */
#include <brio/template.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char context_text[] = "{\"n\":7,\"f\":2.5,\"s\":\"<a&'b\\\">\",\"l\":[1,\"x\",null],"
                                   "\"d\":{\"k\":{\"a\":[1,2]}},\"yes\":true}";

static int load(void *arg, brio_arena *arena, brio_str name, brio_str *ret)
{
    (void)arena;
    (void)name;
    *ret = *(const brio_str *)arg; /* every name is the text itself */
    return 0;
}

static int render(brio_template_set *set, brio_str text, brio_buf *out)
{
    brio_arena arena;
    brio_json context;
    brio_arena_init(&arena, 256 << 20);
    int rc = brio_json_parse(&arena, brio_str_from(context_text), NULL, &context, NULL);
    BRIO_ASSERT(rc == 0);
    rc = brio_template_render_text(set, BRIO_S("fuzz"), text, &context, NULL, &arena, out);
    brio_arena_fini(&arena);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_str text = {(const char *)data, size};
    brio_buf once = {0}, again = {0};
    brio_template_set *set = brio_template_set_new(&(brio_template_options){.load = load,
                                                                            .load_arg = &text,
                                                                            .max_source = 4096,
                                                                            .max_output = 16384,
                                                                            .max_steps = 2000});
    int rc = render(set, text, &once);
    BRIO_ASSERT(rc <= 0 && once.len <= 16384);
    BRIO_ASSERT(rc == 0 || once.len == 0);
    BRIO_ASSERT(render(set, text, &again) == rc);
    BRIO_ASSERT(brio_str_eq(brio_buf_str(&once), brio_buf_str(&again)));
    brio_buf_fini(&once);
    brio_buf_fini(&again);
    brio_template_set_free(set);
    return 0;
}
