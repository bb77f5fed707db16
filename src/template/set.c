/* SPDX-License-Identifier: MIT
 *
 * A set of templates: where their text comes from, and the trees made so far.
 * Trees live as long as the set, and a lock keeps the list of them; text is read
 * outside of it, since reading suspends, so two that miss at once may both read,
 * and the first to come keeps its tree. With `reload` a tree lives in the arena of
 * the rendering that asked. */
#include "template/template_internal.h"

#include <brio/file.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct brio_template_set {
    brio_template_options options; /* resolved */
    char *directory;
    pthread_mutex_t lock; /* guards what follows */
    brio_arena arena;
    brio_tpl *templates;
};

enum { SOURCE = 1 << 20, OUTPUT = 8 << 20, STEPS = 1000000, ARENA = 64 << 20 };

brio_template_set *brio_template_set_new(const brio_template_options *options)
{
    brio_template_set *set = brio_must_malloc(sizeof *set);
    *set = (brio_template_set){.options = options ? *options : (brio_template_options){0}};
    brio_template_options *o = &set->options;
    brio_str directory = brio_str_from(o->directory && *o->directory ? o->directory : ".");
    set->directory = brio_must_malloc(directory.len + 1);
    memcpy(set->directory, directory.ptr, directory.len);
    set->directory[directory.len] = '\0';
    o->directory = set->directory;
    o->max_source = o->max_source ? o->max_source : SOURCE;
    o->max_output = o->max_output ? o->max_output : OUTPUT;
    o->max_steps = o->max_steps ? o->max_steps : STEPS;
    brio_arena_init(&set->arena, ARENA);
    BRIO_ASSERT(pthread_mutex_init(&set->lock, NULL) == 0);
    return set;
}

void brio_template_set_free(brio_template_set *set)
{
    if (!set)
        return;
    brio_arena_fini(&set->arena);
    (void)pthread_mutex_destroy(&set->lock);
    free(set->directory);
    free(set);
}

/* ---- Text ----------------------------------------------------------------------- */

/* A relative name whose parts are neither empty, "." nor "..". */
static bool is_name(brio_str name)
{
    if (!name.len || memchr(name.ptr, '\0', name.len) || memchr(name.ptr, '\\', name.len))
        return false;
    for (brio_str_pair cut = {.tail = name, .found = true}; cut.found;) {
        cut = brio_str_cut(cut.tail, '/');
        if (!cut.head.len || brio_str_eq(cut.head, BRIO_S(".")) ||
            brio_str_eq(cut.head, BRIO_S("..")))
            return false;
    }
    return true;
}

static int read_all(brio_file *file, brio_arena *arena, size_t limit, brio_str *ret)
{
    brio_file_info info;
    int rc = brio_file_stat(file, &info);
    if (rc < 0)
        return rc;
    if (info.kind != BRIO_FILE_REGULAR)
        return -ENOENT;
    if (info.size > limit)
        return BRIO_ELIMIT;
    char *text = brio_alloc_aligned(arena, (size_t)info.size + 1, 1);
    ptrdiff_t n = brio_file_read(file, text, (size_t)info.size);
    if (n < 0)
        return (int)n;
    *ret = (brio_str){text, (size_t)n};
    return 0;
}

static int read_file(const brio_template_set *set, brio_arena *arena, brio_str name, brio_str *ret)
{
    brio_file *file;
    brio_str path = brio_printf(arena, "%s/%.*s", set->directory, BRIO_ARG(name));
    int rc = brio_file_open(&file, path, "r", NULL);
    if (rc == -ENOTDIR || rc == -EISDIR || rc == -ENAMETOOLONG)
        return -ENOENT;
    if (rc < 0)
        return rc;
    rc = read_all(file, arena, set->options.max_source, ret);
    brio_file_close(file);
    return rc;
}

static int load(const brio_template_set *set, brio_arena *arena, brio_str name, brio_str *ret)
{
    const brio_template_options *o = &set->options;
    if (!is_name(name))
        return brio_error(-ENOENT, "no template is named '%.*s'", BRIO_ARG(name));
    int rc = o->load ? o->load(o->load_arg, arena, name, ret) : read_file(set, arena, name, ret);
    if (rc == 0 && ret->len > o->max_source)
        rc = BRIO_ELIMIT;
    if (rc < 0)
        return brio_error(rc, "%.*s: %s", BRIO_ARG(name),
                          rc == -ENOENT ? "no such template" : brio_error_text(rc));
    return 0;
}

/* ---- Trees ---------------------------------------------------------------------- */

static const brio_tpl *known(brio_template_set *set, brio_str name)
{
    const brio_tpl *tpl = set->templates;
    while (tpl && !brio_str_eq(tpl->name, name))
        tpl = tpl->next;
    return tpl;
}

static const brio_tpl *look(brio_template_set *set, brio_str name)
{
    (void)pthread_mutex_lock(&set->lock);
    const brio_tpl *tpl = known(set, name);
    (void)pthread_mutex_unlock(&set->lock);
    return tpl;
}

/* Checked in the caller's arena first, where a failure costs the set nothing. */
static const brio_tpl *keep(brio_template_set *set, brio_str name, brio_str text, int *ret_err)
{
    brio_tpl *made = NULL;
    (void)pthread_mutex_lock(&set->lock);
    const brio_tpl *tpl = known(set, name);
    if (!tpl) {
        *ret_err = brio_tpl_compile(&set->arena, name, brio_str_copy(&set->arena, text), &made);
        tpl = made;
    }
    if (made) {
        made->next = set->templates;
        set->templates = made;
    }
    (void)pthread_mutex_unlock(&set->lock);
    return tpl;
}

const brio_tpl *brio_tpl_find(brio_template_set *set, brio_arena *arena, brio_str name,
                              int *ret_err)
{
    const brio_tpl *tpl = set->options.reload ? NULL : look(set, name);
    brio_str text = {0};
    brio_tpl *made = NULL;
    if (tpl)
        return tpl;
    *ret_err = load(set, arena, name, &text);
    if (*ret_err == 0)
        *ret_err = brio_tpl_compile(arena, name, text, &made);
    if (*ret_err < 0)
        return NULL;
    return set->options.reload ? made : keep(set, name, text, ret_err);
}

const brio_template_options *brio_tpl_options(const brio_template_set *set)
{
    return &set->options;
}

/* ---- Rendering -------------------------------------------------------------------- */

int brio_template_render(brio_template_set *set, brio_str name, const brio_json *context,
                         const brio_template_call *call, brio_arena *arena, brio_buf *out)
{
    int err = 0;
    const brio_tpl *tpl = brio_tpl_find(set, arena, name, &err);
    if (!tpl)
        return err;
    brio_tpl_run run = {
        .set = set, .arena = arena, .context = context, .call = call, .out = out, .tpl = tpl};
    return brio_tpl_run_all(&run, tpl);
}

int brio_template_render_text(brio_template_set *set, brio_str name, brio_str text,
                              const brio_json *context, const brio_template_call *call,
                              brio_arena *arena, brio_buf *out)
{
    brio_tpl *tpl;
    if (text.len > set->options.max_source)
        return brio_error(BRIO_ELIMIT, "%.*s: %s", BRIO_ARG(name), brio_error_text(BRIO_ELIMIT));
    int rc = brio_tpl_compile(arena, name, text, &tpl);
    if (rc < 0)
        return rc;
    tpl->escapes = true;
    brio_tpl_run run = {
        .set = set, .arena = arena, .context = context, .call = call, .out = out, .tpl = tpl};
    return brio_tpl_run_all(&run, tpl);
}
