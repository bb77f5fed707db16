/* SPDX-License-Identifier: MIT
 *
 * Wrong declarations: each ends the program, with a sentence that names the
 * route and what is wrong with it. */
#include "harness/test.h"

#include <brio/app.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Id {
    int64_t id;
} Id;
BRIO_MODEL(Id, BRIO_PATH(id));
typedef Id IdDefault;
BRIO_MODEL(IdDefault, BRIO_PATH(id, .def = "1"));
typedef Id Mixed;
BRIO_MODEL(Mixed, BRIO_FIELD(id), BRIO_QUERY(id));
typedef Id Plain;
BRIO_MODEL(Plain, BRIO_FIELD(id));

typedef struct IdPointer {
    int64_t *id;
} IdPointer;
BRIO_MODEL(IdPointer, BRIO_PATH(id));

typedef struct IdList {
    brio_str_list id;
} IdList;
BRIO_MODEL(IdList, BRIO_PATH(id));

typedef struct Filter {
    Id filter;
    int64_t other;
} Filter;
BRIO_MODEL(Filter, BRIO_QUERY_AS(filter, Plain), BRIO_QUERY(other));
typedef Filter PathStruct;
BRIO_MODEL(PathStruct, BRIO_PATH_AS(filter, Plain));

typedef struct Twins {
    int64_t a, b;
} Twins;
BRIO_MODEL(Twins, BRIO_QUERY(a), BRIO_QUERY(b, .alias = "a"));
typedef Twins Cousins;
BRIO_MODEL(Cousins, BRIO_QUERY(a), BRIO_HEADER(b, .alias = "a"));
typedef Twins BadDefault;
BRIO_MODEL(BadDefault, BRIO_QUERY(a, .def = "\"x\""), BRIO_QUERY(b));

static void never(void) {}

/* Runs brio_app_add in a child; returns what it says on standard error. */
static brio_str complaint(const brio_route *route, char *text, size_t cap)
{
    int pipes[2], status = 0;
    CHECK(pipe(pipes) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pipes[1], STDERR_FILENO);
        brio_app *app = brio_app_new(NULL);
        brio_app_add(app, route);
        brio_app_free(app);
        _exit(0);
    }
    close(pipes[1]);
    size_t len = 0;
    for (ssize_t n; (n = read(pipes[0], text + len, cap - len)) > 0;)
        len += (size_t)n;
    close(pipes[0]);
    CHECK(waitpid(pid, &status, 0) == pid);
    if (len == 0)
        CHECK(WIFEXITED(status));
    else
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    return (brio_str){text, len};
}

static void check_complaint(brio_route route, const char *want)
{
    char text[1024];
    if (!route.method)
        route.method = "GET";
    if (!route.handler)
        route.handler = never;
    if (!route.out)
        route.out = brio_none_model;
    if (!route.in)
        route.in = brio_none_model;
    brio_str said = complaint(&route, text, sizeof text);
    if (brio_str_find(said, brio_str_from(want)) < 0 || (*want == '\0' && said.len))
        test_fail(__FILE__, __LINE__, "%s: \"%.*s\", want \"%s\"", route.path, BRIO_ARG(said),
                  want);
}

#define ROUTE(...) ((brio_route){.brio_private_zero = 0, __VA_ARGS__})

TEST(right_declarations_are_taken)
{
    check_complaint(ROUTE(.path = "/{id}", .in = Id_model), "");
    check_complaint(ROUTE(.path = "/", .in = Cousins_model), "");
    check_complaint(ROUTE(.path = "/", .status = 204), "");
    check_complaint(ROUTE(.path = "/", .method = "PROPFIND"), "");
}

TEST(wrong_paths)
{
    check_complaint(ROUTE(.path = "items"), "brio: GET items: a path must start with \"/\"\n");
    check_complaint(ROUTE(.path = "/{id", .in = Id_model), "\"{\" must begin a path parameter");
    check_complaint(ROUTE(.path = "/{1}", .in = Id_model), "\"{\" must begin a path parameter");
    check_complaint(ROUTE(.path = "/{}"), "\"{\" must begin a path parameter");
    check_complaint(ROUTE(.path = "/id}"), "\"}\" without \"{\"");
    check_complaint(ROUTE(.path = "/{id:date}", .in = Id_model), "unknown path convertor \"date\"");
    check_complaint(ROUTE(.path = "/{id}/{id}", .in = Id_model), "two parameters named \"id\"");
}

TEST(too_much_of_a_path)
{
    check_complaint(ROUTE(.path = "/{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}{n}{o}{p}{q}"),
                    "17 parameters; at most 16");
    check_complaint(
        ROUTE(.path = "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/a/b/c/d/e/f/{id}",
              .in = Id_model),
        "more than 32 segments");
}

TEST(path_and_model_disagree)
{
    check_complaint(ROUTE(.path = "/{item}", .in = Id_model),
                    "Id has a path parameter \"id\" that is not in the path");
    check_complaint(ROUTE(.path = "/{id}"), "the path has {id}, but");
    check_complaint(ROUTE(.path = "/{id}/{other}", .in = Id_model),
                    "the path has {other}, but Id has no BRIO_PATH(other)");
    check_complaint(ROUTE(.path = "/{id}", .in = IdDefault_model), "nor have a default");
    check_complaint(ROUTE(.path = "/{id}", .in = IdPointer_model), "neither a pointer");
    check_complaint(ROUTE(.path = "/{id}", .in = IdList_model), "cannot be a list");
}

TEST(wrong_models)
{
    check_complaint(ROUTE(.path = "/", .in = Mixed_model), "Mixed.id is a BRIO_FIELD");
    check_complaint(ROUTE(.path = "/", .in = Filter_model),
                    "Filter.filter takes all query parameters: there can be no other");
    check_complaint(ROUTE(.path = "/{filter}", .in = PathStruct_model),
                    "PathStruct.filter is a struct; a path parameter cannot be one");
    check_complaint(ROUTE(.path = "/", .in = Twins_model), "a");
    check_complaint(ROUTE(.path = "/", .in = BadDefault_model), "BadDefault");
}

TEST(wrong_statuses_and_methods)
{
    check_complaint(ROUTE(.path = "/", .status = 99), "status 99 is not between");
    check_complaint(ROUTE(.path = "/", .status = 204, .out = brio_str_model), "204 has no body");
    check_complaint(ROUTE(.path = "/", .method = ""), "needs a method");
    check_complaint(ROUTE(.path = NULL), "needs a path");
}
