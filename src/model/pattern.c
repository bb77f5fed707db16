/* SPDX-License-Identifier: MIT
 *
 * `pattern` through PCRE2, set up to mean what pydantic's engine means: it
 * searches anywhere in UTF-8 text, classes are Unicode's, `$` is the very end
 * and `.` is all but a line feed.
 *
 * Patterns are interned by their text and live as long as the process, so a
 * lone brio_field finds its own without a plan. The list only grows, at its
 * head, by compare and swap; a thread that loses the race frees its copy.
 * Matching is bounded in steps and memory, on a JIT stack of the thread's own:
 * tasks' stacks are small. A search that hits a limit is no match. */
#include "model/model_internal.h"

#ifdef BRIO_WITH_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>

struct brio_pattern {
    brio_pattern *next; /* older */
    pcre2_code *code;
    char text[];
};

enum {
    MATCH_STEPS_MAX = 1000 * 1000,
    MATCH_HEAP_KIB_MAX = 1024,
    JIT_STACK_FIRST = 32 * 1024,
    JIT_STACK_MAX = 512 * 1024,
    ERROR_TEXT_MAX = 128,
};

static brio_pattern *patterns; /* atomic; newest first */

/* What a search needs besides the pattern; one per thread. */
typedef struct scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
} scratch;

static _Thread_local scratch *thread_scratch;
static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void scratch_free(void *arg)
{
    scratch *s = arg;
    if (!s)
        return;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->context);
    pcre2_jit_stack_free(s->stack);
    free(s);
}

/* The key's only use is to free at the end of a thread; without it, leak. */
static void scratch_key_make(void)
{
    int rc = pthread_key_create(&scratch_key, scratch_free);
    BRIO_ASSERT(rc == 0);
}

static scratch *scratch_new(void)
{
    scratch *s = brio_zalloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->data = pcre2_match_data_create(1, NULL);
    s->context = pcre2_match_context_create(NULL);
    s->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL);
    if (!s->data || !s->context || !s->stack) {
        scratch_free(s);
        return NULL;
    }
    pcre2_set_match_limit(s->context, MATCH_STEPS_MAX);
    pcre2_set_heap_limit(s->context, MATCH_HEAP_KIB_MAX);
    pcre2_jit_stack_assign(s->context, NULL, s->stack);
    return s;
}

static scratch *scratch_of_thread(void)
{
    if (BRIO_LIKELY(thread_scratch))
        return thread_scratch;
    pthread_once(&scratch_once, scratch_key_make);
    thread_scratch = scratch_new();
    pthread_setspecific(scratch_key, thread_scratch);
    return thread_scratch;
}

/* PCRE2 has its texts in a table, but only gives copies away. */
static const char *error_text(int code)
{
    static _Thread_local char text[ERROR_TEXT_MAX];
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text) < 0)
        return "not a regular expression";
    return text;
}

static pcre2_code *code_new(const char *text, const char **ret_why)
{
    static const uint32_t options =
        PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    int error = 0;
    size_t at = 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context)
        pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error, &at, context);
    pcre2_compile_context_free(context);
    if (!code && ret_why)
        *ret_why = error_text(error);
    if (code)
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* the interpreter will do */
    return code;
}

static brio_pattern *pattern_find(brio_pattern *newest, const char *text)
{
    while (newest && strcmp(newest->text, text) != 0)
        newest = newest->next;
    return newest;
}

static void pattern_free(brio_pattern *pattern)
{
    pcre2_code_free(pattern->code);
    free(pattern);
}

/* Puts `made` at the head, unless another thread was first with its text. */
static brio_pattern *pattern_publish(brio_pattern *made)
{
    made->next = __atomic_load_n(&patterns, __ATOMIC_ACQUIRE);
    do {
        brio_pattern *other = pattern_find(made->next, made->text);
        if (other) {
            pattern_free(made);
            return other;
        }
    } while (!__atomic_compare_exchange_n(&patterns, &made->next, made, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
    return made;
}

static brio_pattern *pattern_make(const char *text, const char **ret_why)
{
    pcre2_code *code = code_new(text, ret_why);
    if (!code)
        return NULL;
    size_t size = strlen(text) + 1;
    brio_pattern *made = brio_malloc(sizeof *made + size);
    if (!made) {
        pcre2_code_free(code);
        return NULL;
    }
    made->code = code;
    memcpy(made->text, text, size);
    return pattern_publish(made);
}

brio_pattern *brio_pattern_new(const char *text, const char **ret_why)
{
    if (ret_why)
        *ret_why = "no memory";
    brio_pattern *known = pattern_find(__atomic_load_n(&patterns, __ATOMIC_ACQUIRE), text);
    return known ? known : pattern_make(text, ret_why);
}

bool brio_pattern_search(const brio_pattern *pattern, brio_str s)
{
    const scratch *own = scratch_of_thread();
    if (!own)
        return false;
    PCRE2_SPTR text = (PCRE2_SPTR)(s.len ? s.ptr : "");
    return pcre2_match(pattern->code, text, s.len, 0, 0, own->data, own->context) >= 0;
}

#else

brio_pattern *brio_pattern_new(const char *text, const char **ret_why)
{
    (void)text;
    if (ret_why)
        *ret_why = "brio was built without PCRE2";
    return NULL;
}

bool brio_pattern_search(const brio_pattern *pattern, brio_str s)
{
    (void)pattern;
    (void)s;
    return false;
}

#endif
