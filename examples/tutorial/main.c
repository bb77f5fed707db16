/* SPDX-License-Identifier: MIT
 *
 * FastAPI's tutorial in C: every app of it, by name.
 *
 *     ./dev run tutorial --list
 *     ./dev run tutorial --app body.tutorial001 --port 8000
 *
 * The apps are the files of the folders beside this one. An app runs in its
 * own folder, where the files it serves are. */
#include "tutorial.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern const tutorial_app *const __start_tutorial_apps[], *const __stop_tutorial_apps[];

enum { NAME_MAX_LEN = 128 };

/* ".../examples/tutorial/body/tutorial001.c" -> "body.tutorial001" */
static void app_name(const tutorial_app *app, char out[NAME_MAX_LEN])
{
    static const char folder[] = "examples/tutorial/";
    const char *from = strstr(app->file, folder);
    snprintf(out, NAME_MAX_LEN, "%s", from ? from + strlen(folder) : app->file);
    for (char *at = out; *at; at++)
        if (*at == '/')
            *at = '.';
    char *end = strrchr(out, '.');
    if (end)
        *end = '\0';
}

static int by_name(const void *a, const void *b)
{
    char left[NAME_MAX_LEN], right[NAME_MAX_LEN];
    app_name(*(const tutorial_app *const *)a, left);
    app_name(*(const tutorial_app *const *)b, right);
    return strcmp(left, right);
}

static void list(void)
{
    size_t n = (size_t)(__stop_tutorial_apps - __start_tutorial_apps);
    const tutorial_app **sorted = calloc(n, sizeof(*sorted));
    BRIO_ASSERT(sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = __start_tutorial_apps[i];
    qsort(sorted, n, sizeof(*sorted), by_name);
    for (size_t i = 0; i < n; i++) {
        char name[NAME_MAX_LEN];
        app_name(sorted[i], name);
        puts(name);
    }
    free(sorted);
}

static const tutorial_app *find(const char *wanted)
{
    for (const tutorial_app *const *at = __start_tutorial_apps; at < __stop_tutorial_apps; at++) {
        char name[NAME_MAX_LEN];
        app_name(*at, name);
        if (strcmp(name, wanted) == 0)
            return *at;
    }
    return NULL;
}

/* Where the sources are no longer, an app that needs no files still runs. */
static void enter_folder(const char *name)
{
    char folder[4096];
    int n = snprintf(folder, sizeof folder, "%s/%s", TUTORIAL_FOLDER, name);
    for (char *at = folder + n - strlen(name); *at; at++)
        if (*at == '.')
            *at = '/';
    *strrchr(folder, '/') = '\0';
    if (chdir(folder) < 0)
        fprintf(stderr, "tutorial: no folder %s\n", folder);
}

static int usage(void)
{
    fputs("usage: tutorial --list | tutorial --app NAME [flags of brio_main]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list();
        return 0;
    }
    if (argc < 3 || strcmp(argv[1], "--app") != 0)
        return usage();
    const tutorial_app *app = find(argv[2]);
    if (!app) {
        fprintf(stderr, "tutorial: no app \"%s\"; --list names them\n", argv[2]);
        return 2;
    }
    enter_folder(argv[2]);
    argv[2] = argv[0];
    return brio_main(app->make(), argc - 2, argv + 2);
}
