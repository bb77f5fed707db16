/* SPDX-License-Identifier: MIT
 *
 * brio/template.h: text with places to fill in; a subset of Jinja.
 *
 *     <h1>{{ title }}</h1>
 *     {% for item in items if item.price %}
 *       <li class="{{ loop.cycle('odd', 'even') }}">{{ item.name|upper }}</li>
 *     {% else %}<li>none</li>{% endfor %}
 *
 *     brio_template_set *set = brio_template_set_new(
 *         &(brio_template_options){.directory = "templates"});
 *     rc = brio_template_render(set, BRIO_S("item.html"), &context, NULL, &arena, &out);
 *
 * What there is: {{ expression }}, {% if/elif/else %}, {% for a, b in x if c %}
 * with else and `loop`, {% set x = e %} and {% set x %}...{% endset %}, {% with %},
 * {% block %}, {% extends %}, super(), {% include x ignore missing %}, {% raw %},
 * {# comments #}, and '-' inside a tag's end to cut blanks. Expressions are
 * Jinja's: literals, lists, dicts, a.b, a[0], calls, + - * / // % ** ~,
 * comparisons, in, is, and, or, not, x if c else y, and filters. What there is
 * not: macros, import, call and filter blocks, slices, namespace().
 *
 * Values are printed as Python prints them. In templates whose name ends in
 * .html, .htm, .xml or .xhtml, and in those of text that was given, all that is
 * printed is escaped but for what is marked safe. A name that is not there
 * prints nothing; what is asked of it is an error. */
#ifndef BRIO_TEMPLATE_H
#define BRIO_TEMPLATE_H

#include <brio/base.h>
#include <brio/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_template_set brio_template_set;

/* An argument of a call; `name` is empty if it has none. */
typedef struct brio_template_arg {
    brio_str name;
    brio_json value;
} brio_template_arg;

/* Answers calls of functions that templates do not have themselves, for example
 * url_for('read_item', id=3). 0 with *ret (of the arena's memory, or borrowed for
 * as long), -ENOENT if there is no such function, or another error, told with
 * the call's file and line. */
typedef int brio_template_call_fn(void *arg, brio_arena *arena, brio_str function,
                                  const brio_template_arg *args, size_t n, brio_json *ret);

typedef struct brio_template_call {
    brio_template_call_fn *fn; /* NULL: no functions */
    void *arg;
} brio_template_call;

/* Finds the text of a template: 0 with *ret in the arena's memory, -ENOENT, or
 * another error. */
typedef int brio_template_load_fn(void *arg, brio_arena *arena, brio_str name, brio_str *ret);

/* Zero means the default in brackets. */
typedef struct brio_template_options {
    const char *directory;       /* copied; files are looked up in it and cannot be outside
                                    [the working directory] */
    brio_template_load_fn *load; /* instead of files [NULL] */
    void *load_arg;              /* borrowed */
    bool reload;                 /* compile anew for each rendering: for developing */
    size_t max_source;           /* bytes of one template [1 MiB]: BRIO_ELIMIT */
    size_t max_output;           /* bytes of one rendering [8 MiB]: BRIO_ELIMIT */
    size_t max_steps;            /* expressions and statements of one rendering [1,000,000]: BRIO_ELIMIT */
} brio_template_options;

/* Never NULL. `options` may be NULL. Usable by several threads at once. */
BRIO_API brio_template_set *brio_template_set_new(const brio_template_options *options);
BRIO_API void brio_template_set_free(brio_template_set *set); /* NULL is fine */

/* Renders the template `name` ("dir/item.html"; no leading slash, no "..") with
 * `context`, an object (NULL: empty; borrowed), and appends to `out`. `call` may
 * be NULL. Memory on the way is of `arena`. 0; -ENOENT for a template that is
 * not there, BRIO_ESYNTAX for one that is none, BRIO_EMODEL for a value that
 * cannot do what is asked of it, BRIO_ELIMIT, -ENOMEM; `out` is then as it was,
 * and brio_error_detail() says "file:line: what". Suspends when files are read. */
BRIO_API int brio_template_render(brio_template_set *set, brio_str name, const brio_json *context,
                                  const brio_template_call *call, brio_arena *arena,
                                  brio_buf *out) BRIO_CHECKED;
/* The same for text at hand; `name` is for messages. */
BRIO_API int brio_template_render_text(brio_template_set *set, brio_str name, brio_str text,
                                       const brio_json *context, const brio_template_call *call,
                                       brio_arena *arena, brio_buf *out) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
