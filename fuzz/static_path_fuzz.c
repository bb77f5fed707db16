/* SPDX-License-Identifier: MIT
 *
 * Paths and conditions of static files: a folder with links that lead out of it, a
 * pipe and names that look like other things is served in each way there is, and
 * nothing but what lies in it may ever be answered. Input: a byte for the mount, the
 * path up to a line feed, headers. */
#include <brio/app.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INSIDE "inside: "
#define SECRET "<TOP-SECRET>" /* a page of entries writes no path like this */

enum { PER_CLIENT = 200 };

static char place[64], public[80];

/* ---- The folder --------------------------------------------------------------- */

static void put(const char *name, const char *content)
{
    FILE *file = fopen(name, "w");
    BRIO_ASSERT(file != NULL);
    BRIO_ASSERT(fputs(content, file) >= 0);
    BRIO_ASSERT(fclose(file) == 0);
}

static void fill(void)
{
    static const char *const files[] = {
        "a",   "a.gz", "a.br",     "b/c.txt", "b/index.html", "%2e%2e",       "...", "index.html",
        "\\x", "c:",   "404.html", "b/..b",   "e .x",         "\xc3\xa9.txt", "\xff"};
    static const char *const links[][2] = {
        {"../secret", "out"}, {"..", "up"},     {"b", "down"},           {"a", "in"},
        {"/", "root"},        {"loop", "loop"}, {"../../secret", "b/o"}, {"../a", "b/in"},
        {"/proc/self", "p"}};
    char text[64];
    int before = open(".", O_RDONLY | O_DIRECTORY);
    BRIO_ASSERT(before >= 0 && mkdir(place, 0700) == 0 && chdir(place) == 0);
    put("secret", SECRET);
    BRIO_ASSERT(mkdir("public", 0755) == 0 && chdir("public") == 0);
    BRIO_ASSERT(mkdir("b", 0755) == 0 && mkdir("empty", 0755) == 0 && mkfifo("pipe", 0644) == 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(text, sizeof text, INSIDE "%s\n", files[i]);
        put(files[i], text);
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        BRIO_ASSERT(symlink(links[i][0], links[i][1]) == 0);
    BRIO_ASSERT(fchdir(before) == 0 && close(before) == 0);
}

static void clear(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", place);
    if (system(command) != 0)
        fprintf(stderr, "%s is left behind\n", place);
}

/* ---- The app ------------------------------------------------------------------ */

static const char *const mounts[] = {"/plain/", "/html/", "/index/", "/twins/", "/front/"};

enum { MOUNTS = sizeof mounts / sizeof *mounts };

static brio_app *make_app(void)
{
    snprintf(place, sizeof place, "/tmp/brio-static-fuzz-%d", (int)getpid());
    snprintf(public, sizeof public, "%s/public", place);
    fill();
    BRIO_ASSERT(atexit(clear) == 0);
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/plain", public, NULL);
    brio_static(app, "/html", public, &(brio_static_options){.html = true, .name = "html"});
    brio_static(app, "/index", public, &(brio_static_options){.index = true, .name = "index"});
    brio_static(app, "/twins", public,
                &(brio_static_options){.precompressed = true, .name = "twins"});
    brio_frontend(app, "/front", public, NULL);
    return app;
}

/* One for many inputs, for speed: what a request leaves behind is found when it is closed. */
static brio_test_client *client_of(brio_app *app)
{
    static brio_test_client *client;
    static unsigned used;
    brio_test_options options = {.no_redirects = true, .keeps_descriptors = true};
    if (used++ % PER_CLIENT == 0) {
        BRIO_ASSERT(client == NULL || brio_test_client_close(client) == 0);
        BRIO_ASSERT(brio_test_client_open_with(&client, app, &options) == 0);
    }
    return client;
}

/* Between inputs the client's stacks are there, with guard pages among them that a search cannot
 * read. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

/* The path behind its mount, without what would end the request line. */
static const char *target_of(brio_arena *arena, uint8_t mount, brio_str path)
{
    char *text =
        brio_cstr(arena, brio_printf(arena, "%s%.*s", mounts[mount % MOUNTS], BRIO_ARG(path)));
    for (char *at = text; *at; at++)
        if (*at <= ' ' || *at == 0x7f)
            *at = '_';
    return text;
}

/* A page of entries names the links and the pipe, but has nothing of what is in them. */
static bool is_ours(brio_str body)
{
    return brio_str_starts(body, BRIO_S(INSIDE)) || brio_str_find(body, BRIO_S("<html")) >= 0;
}

static void check(const brio_test_response *r, bool whole)
{
    BRIO_ASSERT(r->status >= 200 && r->status < 500);
    BRIO_ASSERT(brio_str_find(r->body, BRIO_S(SECRET)) < 0);
    if (whole && r->status == 200)
        BRIO_ASSERT(is_ours(r->body));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static brio_app *app;
    app = app ? app : make_app();
    if (size == 0)
        return 0;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str_pair input = brio_str_cut((brio_str){(const char *)data + 1, size - 1}, '\n');
    brio_test_request request = {
        .method = "GET",
        .url = target_of(&arena, data[0], input.head),
        .headers = brio_cstr(&arena, input.tail),
    };
    brio_test_response response;
    if (brio_test_client_send(client_of(app), &request, &response) == 0)
        check(&response, input.tail.len == 0);
    brio_arena_fini(&arena);
    return 0;
}
