/* SPDX-License-Identifier: MIT
 *
 * What the parts of the app room share that read a request into structs,
 * and run what these depend on. */
#ifndef BRIO_APP_BINDING_H
#define BRIO_APP_BINDING_H

#include "app/app_internal.h"

/* A struct for the input: a copy of its blank, of the request's arena. */
void *brio_app_input_new(brio_request *req, const brio_app_input *input);
/* Reads the input struct. Problems are added in FastAPI's order. 0, or
 * BRIO_ESYNTAX when the body cannot be read at all (FastAPI's 400). */
int brio_app_bind(brio_request *req, const brio_app_input *input, void *in,
                  brio_problems *problems) BRIO_CHECKED;
/* The same without the body, and the body alone. */
void brio_app_bind_params(brio_request *req, const brio_app_input *input, void *in,
                          brio_problems *problems);
/* The input's part of the body, JSON or form; errors as brio_app_bind. */
int brio_app_bind_any_body(brio_request *req, const brio_app_input *input, void *in,
                           brio_problems *problems) BRIO_CHECKED;
int brio_app_bind_body(brio_request *req, const brio_app_input *input, void *in,
                       brio_problems *problems) BRIO_CHECKED;
/* True if the one problem is that the body is not JSON. */
bool brio_app_is_syntax_problem(const brio_problem *problem);
/* Suspends for files on the disk. 0, or an error to answer with. */
int brio_app_bind_form(brio_request *req, const brio_app_input *input, void *in,
                       brio_problems *problems) BRIO_CHECKED;
/* Reads the request's form, if the route has one. Suspends. 0; BRIO_EHTTP with the
 * answer set (400, 408, 413), or another error to answer with. */
int brio_app_form_read(brio_request *req) BRIO_CHECKED;
void brio_app_bind_query(brio_request *req, const brio_app_params *rows, void *in,
                         brio_problems *problems);
void brio_app_bind_headers(brio_request *req, const brio_app_params *rows, void *in,
                           brio_problems *problems);
void brio_app_bind_cookies(brio_request *req, const brio_app_params *rows, void *in,
                           brio_problems *problems);
/* A parameter model: all of its origin as one struct. */
void brio_app_bind_model(brio_request *req, const brio_app_param *p, void *in,
                         brio_problems *problems);
/* The header that a field of a parameter model takes. */
brio_str brio_app_header_name(brio_arena *arena, const brio_field *field, brio_str key);
/* One row from its texts; none is absence. */
void brio_app_bind_text(const brio_app_param *p, const brio_str *values, size_t n, void *in,
                        brio_problems *problems);
/* Settles what is judged at a glance, when a route is compiled. */
void brio_app_glance_plan(brio_app_param *p);
/* Takes `text` if it is plainly right. False says nothing about it. */
bool brio_app_glance_take(const brio_app_param *p, brio_str text, void *in, brio_arena *arena);

/* ---- Dependencies ----------------------------------------------------------- */

/* Runs the plan and binds the handler's input. 0 with problems or without; > 0:
 * a dependency has answered; < 0: one has failed. Suspends. */
int brio_app_solve(brio_request *req, const brio_app_plan *plan, const brio_app_input *input,
                   void *in, brio_problems *problems) BRIO_CHECKED;
/* Calls one provider. Suspends. */
int brio_app_call_provider(brio_request *req, const brio_app_call *call, const void *in,
                           void *out) BRIO_CHECKED;
/* Runs the exits that are due when the route returned `rc`; returns what it
 * is then. Suspends. */
int brio_app_run_exits(brio_request *req, int rc) BRIO_CHECKED;
/* Makes and drops what lives as long as the app (life.c). Suspends. */
int brio_app_life_begin(brio_app *app) BRIO_CHECKED;
void brio_app_life_end(brio_app *app);

#endif
