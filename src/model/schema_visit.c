/* SPDX-License-Identifier: MIT
 *
 * Every struct and enum a model reaches, depth first, each once. Models may
 * contain lists of themselves, so the walk remembers where it has been, in an
 * arena of its own. It looks at tables only, never at plans: a table that does
 * not compile must still be walked to say why. */
#include "model/model_internal.h"

typedef struct seen_model {
    const struct seen_model *next;
    const brio_model *model;
} seen_model;

typedef struct model_walk {
    brio_arena arena;
    const seen_model *seen;
    void (*fn)(const brio_model *component, void *arg);
    void *arg;
    bool all; /* not only what is a component */
} model_walk;

/* Remembers `model`; false if it was known. */
static bool meet(model_walk *walk, const brio_model *model)
{
    for (const seen_model *s = walk->seen; s; s = s->next)
        if (s->model == model)
            return false;
    seen_model *s = BRIO_NEW(&walk->arena, seen_model);
    *s = (seen_model){walk->seen, model};
    walk->seen = s;
    return true;
}

static void visit(model_walk *walk, const brio_model *model);

/* A base is no component: its rows are this model's. */
static void visit_rows(model_walk *walk, const brio_model *model)
{
    for (const brio_field *row = model->fields; row != brio_rows_end(model->fields, model->n);
         row++)
        if (row->in == BRIO_IN_BASE)
            visit_rows(walk, row->model());
        else if (row->model)
            visit(walk, row->model());
}

static void visit(model_walk *walk, const brio_model *model)
{
    if (!meet(walk, model))
        return;
    if (walk->all || model->kind == BRIO_KIND_STRUCT || model->kind == BRIO_KIND_ENUM)
        walk->fn(model, walk->arg);
    visit_rows(walk, model);
}

static void walk_from(const brio_model *model, bool all,
                      void (*fn)(const brio_model *component, void *arg), void *arg)
{
    model_walk walk = {.fn = fn, .arg = arg, .all = all};
    brio_arena_init(&walk.arena, 0);
    visit(&walk, model);
    brio_arena_fini(&walk.arena);
}

void brio_models_visit(const brio_model *model, void (*fn)(const brio_model *any, void *arg),
                       void *arg)
{
    walk_from(model, true, fn, arg);
}

void brio_schema_visit(const brio_model *model, void (*fn)(const brio_model *component, void *arg),
                       void *arg)
{
    walk_from(model, false, fn, arg);
}
