/* SPDX-License-Identifier: MIT
 *
 * `brio static`: a folder over HTTP, what `python -m http.server` is for Python.
 * Compressed twins (FILE.gz, .br, .zst) are sent to who accepts them; index.html
 * stands for its folder, and other folders are listed. */
#include "cli/cli_internal.h"

#include <brio/app.h>
#include <brio/cli.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int serve(const char *directory, int argc, char **argv)
{
    brio_app *app = brio_app_new(&(brio_app_options){.title = "brio static", .openapi_url = ""});
    brio_static(app, "/", directory,
                &(brio_static_options){.html = true, .index = true, .precompressed = true});
    return brio_main(app, argc, argv);
}

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* argv without the first n words behind the program's name, in their place. */
static int drop_words(int argc, char **argv, int n)
{
    for (int i = 1; i + n <= argc; i++)
        argv[i] = argv[i + n];
    return argc - n;
}

bool brio_cli_static(int argc, char **argv, int *ret_status)
{
    if (argc < 2 || strcmp(argv[1], "static") != 0)
        return false;
    bool named = argc > 2 && argv[2][0] != '-';
    const char *directory = named ? argv[2] : ".";
    if (!is_directory(directory)) {
        fprintf(stderr, "brio: %s is no directory\n", directory);
        *ret_status = EXIT_FAILURE;
        return true;
    }
    argc = drop_words(argc, argv, named ? 2 : 1);
    *ret_status = serve(directory, argc, argv);
    return true;
}
