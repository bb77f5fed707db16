/* SPDX-License-Identifier: MIT
 *
 * brio/depends.h: dependencies. A part of <brio/app.h>, which includes it.
 *
 *     static int common(brio_request *req, const CommonQuery *in, Common *out) {...}
 *     BRIO_PROVIDER(common, CommonQuery, Common);
 *
 *     typedef struct ReadItems { Common common; } ReadItems;
 *     BRIO_MODEL(ReadItems, BRIO_DEPENDS(common, common));
 *
 * A provider is a function like a handler: its input is a model of parameters
 * and further dependencies, and what it gives lands in a member of whoever
 * depends on it. Its parameters are checked and documented with those of the
 * route. It runs before the handler, once per request however many depend on
 * it, and not at all if its own input is not valid. A failure of its own
 * (return brio_fail(...)) is the answer, and nothing behind it runs.
 *
 * What depends on what is settled when a route is added: a request makes plain
 * calls. Circles, wrong scopes and wrong declarations end the program there,
 * with a sentence. */
#ifndef BRIO_DEPENDS_H
#define BRIO_DEPENDS_H

#include <brio/base.h>
#include <brio/model.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void brio_handler_fn(void); /* any handler; the macros check the real type */

typedef enum brio_run_on {
    BRIO_ASYNC = 0, /* a coroutine on the loop: `async def` */
    BRIO_BLOCKING   /* a thread of the pool: `def`; must not suspend */
} brio_run_on;

/* How long what a provider gives is there: when its brio_on_exit functions run. */
typedef enum brio_life {
    BRIO_PER_DEFAULT = 0, /* the request, or the function if it depends on such a one */
    BRIO_PER_REQUEST,     /* until the answer is sent and background tasks have run */
    BRIO_PER_FUNCTION,    /* until the handler has returned: before the answer is sent */
    BRIO_PER_APP          /* made once at startup, shared by all requests, until shutdown */
} brio_life;

/* A provider; made by the macros. Text is borrowed. */
typedef struct brio_provider {
    int brio_private_zero;
    const char *name;
    brio_handler_fn *fn; /* int fn(brio_request *req, const In *in, Out *out) */
    brio_model_fn *in;
    size_t size;         /* of what it gives */

    brio_run_on run;
    brio_life scope;
    bool no_cache;        /* called anew for each that depends on it */
    bool reads_scopes;    /* calls brio_security_scopes(): cached for each set of scopes */
    const void *arg;      /* brio_provider_arg(): of instances of one function */
    const void *security; /* the scheme, of a security provider: see <brio/security.h> */
    int brio_private_end;
} brio_provider;

/* BRIO_PROVIDER(function, Input, Output, .option = value, ...) declares a
 * provider of the function's name for BRIO_DEPENDS and BRIO_NEEDS. Output is
 * any type; brio_none for one that only checks. At file scope. */
#define BRIO_PROVIDER(...) BRIO_PROVIDER_1_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_PROVIDER_1_(fn, ...) BRIO_PROVIDER_(fn, fn, __VA_ARGS__)
/* The same under another name: instances of one function, told apart by .arg. */
#define BRIO_PROVIDER_NAMED(...) BRIO_PROVIDER_(__VA_ARGS__, .brio_private_end = 0)
#define BRIO_PROVIDER_(P, function, In, Out, ...)                            \
    typedef Out P##_provided;                                                \
    BRIO_HANDLER_SIGNATURE_(function, In, P##_provided);                     \
    __attribute__((unused)) static inline const struct brio_provider *P##_provider(void)     \
    {                                                                        \
        static const brio_provider brio_this = {.name = #P,                  \
                                                .fn = (brio_handler_fn *)(function),         \
                                                .in = In##_model,            \
                                                .size = sizeof(P##_provided),\
                                                __VA_ARGS__};                \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_
#define BRIO_HANDLER_SIGNATURE_(h, In, Out)                                                  \
    _Static_assert(_Generic(&(h), int (*)(brio_request *, const In *, Out *): 1, default: 0), \
                   "brio: handler " #h " must be: int " #h "(brio_request *, const " #In     \
                   " *, " #Out " *)")

/* One entry of a list of dependencies whose result nobody takes. */
typedef struct brio_need {
    brio_provider_fn *provider; /* NULL ends the list */
    const char *scopes;         /* OAuth2, separated by blanks; NULL means none */
    bool no_cache;
} brio_need;

/* .depends = BRIO_NEEDS(verify_token, verify_key): of a route, a router, an
 * app. They run in this order, before those that are members. At most 16. */
#define BRIO_NEEDS(...) ((const brio_need[]){BRIO_EACH_(__VA_ARGS__){0}})
/* With options: .depends = (const brio_need[]){BRIO_NEED(user, .scopes = "items"), {0}}. */
#define BRIO_NEED(...) BRIO_NEED_1_(__VA_ARGS__, .no_cache = false)
#define BRIO_NEED_1_(P, ...) {.provider = P##_provider, __VA_ARGS__}
#define BRIO_EACH_(...)                                                                      \
    BRIO_EACH_N_(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)(__VA_ARGS__)
#define BRIO_EACH_N_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, N, ...) BRIO_EACH_##N##_
#define BRIO_EACH_1_(P) {.provider = P##_provider},
#define BRIO_EACH_2_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_1_(__VA_ARGS__)
#define BRIO_EACH_3_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_2_(__VA_ARGS__)
#define BRIO_EACH_4_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_3_(__VA_ARGS__)
#define BRIO_EACH_5_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_4_(__VA_ARGS__)
#define BRIO_EACH_6_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_5_(__VA_ARGS__)
#define BRIO_EACH_7_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_6_(__VA_ARGS__)
#define BRIO_EACH_8_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_7_(__VA_ARGS__)
#define BRIO_EACH_9_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_8_(__VA_ARGS__)
#define BRIO_EACH_10_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_9_(__VA_ARGS__)
#define BRIO_EACH_11_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_10_(__VA_ARGS__)
#define BRIO_EACH_12_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_11_(__VA_ARGS__)
#define BRIO_EACH_13_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_12_(__VA_ARGS__)
#define BRIO_EACH_14_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_13_(__VA_ARGS__)
#define BRIO_EACH_15_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_14_(__VA_ARGS__)
#define BRIO_EACH_16_(P, ...) BRIO_EACH_1_(P) BRIO_EACH_15_(__VA_ARGS__)

/* ---- Inside a provider ------------------------------------------------------ */

/* brio_provider.arg of the provider that runs; NULL outside of one. */
BRIO_API const void *brio_provider_arg(const brio_request *req);
/* The OAuth2 scopes that this provider and all that led to it were asked for
 * (BRIO_SECURITY), outermost first, separated by one blank each (SecurityScopes'
 * scope_str); "" if none. Only in a provider with .reads_scopes. */
BRIO_API brio_str brio_security_scopes(const brio_request *req);

/* The part behind FastAPI's `yield`: fn(req, arg, outcome) runs when what the
 * provider gave is no longer needed (its scope), newest first, each exactly
 * once, however the request ends. `arg` is borrowed: take it from the
 * request's arena. In a handler: when the request is over.
 *
 * `outcome` is 0, or the failure of what came behind: of the handler, of a
 * later dependency (BRIO_EINVALID: the request's input), of an exit that ran
 * before, -ECANCELED when the client went away, BRIO_EABANDON when the task
 * was given up at a memory limit. All exits run before a failure is answered,
 * so fn may replace it: < 0, for example of brio_fail, is the failure from
 * here on, BRIO_ANSWERED with a brio_answer_* makes an answer of it, and 0
 * leaves it as it is. Without a failure, fn may still fail while no answer is
 * sent (scope function); later its failure is only logged.
 *
 * Runs where the provider ran: on a thread if that is BRIO_BLOCKING. There and
 * on the loop it may suspend as its provider may, and a client that goes away
 * does not disturb it. */
typedef int brio_exit_fn(brio_request *req, void *arg, int outcome);
BRIO_API void brio_on_exit(brio_request *req, brio_exit_fn *fn, void *arg);

/* ---- For tests --------------------------------------------------------------- */

/* FastAPI's app.dependency_overrides[P] = Q: what P gives comes from Q, of the
 * same type. For requests that begin from now on; the last override of P
 * counts. */
#define brio_app_override(app, P, Q)                                                         \
    do {                                                                                     \
        _Static_assert(_Generic((P##_provided *)0, Q##_provided *: 1, default: 0),           \
                       "brio: " #Q " does not give what " #P " gives");                      \
        brio_app_override_provider(app, P##_provider(), Q##_provider());                     \
    } while (0)
BRIO_API void brio_app_override_provider(brio_app *app, const brio_provider *provider,
                                         const brio_provider *with);
BRIO_API void brio_app_clear_overrides(brio_app *app);

#ifdef __cplusplus
}
#endif
#endif
