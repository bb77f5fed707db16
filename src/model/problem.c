/* SPDX-License-Identifier: MIT
 *
 * The list of what is wrong with one input, and its two faces: FastAPI's 422
 * body and a line for people.
 *
 * A location is a chain from the innermost step to the root, linked on the
 * stack on the way down and copied only when something is wrong. A copy shares
 * its outer steps with the problem before it, so a thousand problems in one
 * deep place cost a thousand steps and not a thousand chains. Past the limit
 * problems are counted and cost nothing. Nodes, messages and contexts are the
 * arena's; names and inputs are views of what was read. */
#include "model/model_internal.h"

enum { PROBLEMS_LIMIT_DEFAULT = 1000 };

static size_t loc_depth(const brio_loc *loc)
{
    size_t depth = 0;
    for (; loc; loc = loc->up)
        depth++;
    return depth;
}

static bool same_step(const brio_loc *a, const brio_loc *b)
{
    if (a->is_index != b->is_index)
        return false;
    return a->is_index ? a->index == b->index : brio_str_eq(a->name, b->name);
}

static const brio_loc *ancestor(const brio_loc *loc, size_t steps)
{
    for (; steps; steps--)
        loc = loc->up;
    return loc;
}

/* The longest chain of `old` that is also the outer end of `loc`. */
static const brio_loc *shared_end(const brio_loc *loc, const brio_loc *old)
{
    size_t depth = loc_depth(loc), old_depth = loc_depth(old);
    size_t common = depth < old_depth ? depth : old_depth;
    loc = ancestor(loc, depth - common);
    old = ancestor(old, old_depth - common);
    const brio_loc *shared = old;
    for (; loc; loc = loc->up, old = old->up)
        if (!same_step(loc, old))
            shared = old->up;
    return shared;
}

static const brio_loc *loc_copy(brio_arena *arena, const brio_loc *loc, const brio_loc *previous)
{
    const brio_loc *shared = shared_end(loc, previous), *first = shared;
    const brio_loc **tail = &first;
    for (size_t own = loc_depth(loc) - loc_depth(shared); own; own--, loc = loc->up) {
        brio_loc *step = brio_alloc(arena, sizeof *step);
        *step = *loc;
        step->up = shared;
        *tail = step;
        tail = &step->up;
    }
    return first;
}

void brio_problem_add(brio_problems *to, const char *type, const brio_loc *loc, brio_json input,
                      brio_str msg, brio_str ctx)
{
    BRIO_ASSERT(to->arena);
    BRIO_ASSERT(type);
    if (to->count++ >= (to->limit ? to->limit : PROBLEMS_LIMIT_DEFAULT))
        return;
    brio_problem *problem = BRIO_NEW(to->arena, brio_problem);
    *problem = (brio_problem){.type = type, .msg = msg, .input = input, .ctx = ctx};
    problem->loc = loc_copy(to->arena, loc, to->last ? to->last->loc : NULL);
    if (to->last)
        to->last->next = problem;
    else
        to->first = problem;
    to->last = problem;
}

int brio_site_fail(const brio_site *site, const char *type, brio_str msg, brio_str ctx)
{
    brio_problem_add(site->problems, type, site->loc, *site->input, msg, ctx);
    return BRIO_EINVALID;
}

/* ---- Taking back --------------------------------------------------------------- */

brio_problems_mark brio_problems_marked(const brio_problems *problems)
{
    return (brio_problems_mark){problems->last, problems->count};
}

void brio_problems_rewind(brio_problems *problems, brio_problems_mark mark)
{
    problems->count = mark.count;
    problems->last = mark.last;
    if (mark.last)
        mark.last->next = NULL;
    else
        problems->first = NULL;
}

/* ---- Writing -------------------------------------------------------------- */

/* Outermost step first. `n` is the depth of `loc`; finding each step from the
 * inside again costs depth squared, for depths of at most a few hundred. */
static void write_loc(brio_json_writer *w, const brio_loc *loc)
{
    brio_json_begin(w, '[');
    for (size_t n = loc_depth(loc); n; n--) {
        const brio_loc *step = ancestor(loc, n - 1);
        if (step->is_index)
            brio_json_i64(w, step->index);
        else
            brio_json_str(w, step->name);
    }
    brio_json_end(w, ']');
}

static void write_problem(brio_json_writer *w, const brio_problem *problem)
{
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("type"));
    brio_json_str(w, brio_str_from(problem->type));
    brio_json_key(w, BRIO_S("loc"));
    write_loc(w, problem->loc);
    brio_json_key(w, BRIO_S("msg"));
    brio_json_str(w, problem->msg);
    brio_json_key(w, BRIO_S("input"));
    brio_json_value(w, &problem->input);
    if (problem->ctx.len) {
        brio_json_key(w, BRIO_S("ctx"));
        brio_json_raw(w, problem->ctx);
    }
    brio_json_end(w, '}');
}

void brio_problems_write(brio_json_writer *w, const brio_problems *problems)
{
    brio_json_begin(w, '[');
    for (const brio_problem *p = problems->first; p && !w->out->failed; p = p->next)
        write_problem(w, p);
    brio_json_end(w, ']');
}

brio_str brio_problem_text(brio_arena *arena, const brio_problem *problem)
{
    brio_str where = {0};
    for (size_t n = loc_depth(problem->loc); n; n--) {
        const brio_loc *step = ancestor(problem->loc, n - 1);
        if (step->is_index)
            where = brio_printf(arena, "%.*s[%lld]", BRIO_ARG(where), (long long)step->index);
        else
            where = brio_printf(arena, "%.*s%s%.*s", BRIO_ARG(where), where.len ? "." : "",
                                BRIO_ARG(step->name));
    }
    return brio_printf(arena, "%.*s%s%.*s", BRIO_ARG(where), where.len ? ": " : "",
                       BRIO_ARG(problem->msg));
}
