/* SPDX-License-Identifier: MIT
 *
 * A folder through real sockets, while it is replaced, and on a server that is idle. */
#include "server/routes.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

static char root[64], site[80], other[80], gone[80];

static void fill(const char *folder, const char *text)
{
    char name[128];
    CHECK(mkdir(folder, 0755) == 0);
    snprintf(name, sizeof name, "%s/page.txt", folder);
    FILE *f = fopen(name, "w");
    CHECK(f);
    fputs(text, f);
    fclose(f);
}

static void serve_site(brio_app *app)
{
    routes(app);
    brio_static(app, "/site", site, NULL);
}

static rig start(brio_backend backend)
{
    snprintf(root, sizeof root, "/tmp/brio-folder-XXXXXX");
    CHECK(mkdtemp(root));
    snprintf(site, sizeof site, "%s/site", root);
    snprintf(other, sizeof other, "%s/other", root);
    snprintf(gone, sizeof gone, "%s/gone", root);
    fill(site, "old");
    return rig_start(&(rig_options){.server = {.backend = backend}, .prepare = serve_site});
}

static void stop(rig *r)
{
    char command[128];
    rig_stop(r);
    snprintf(command, sizeof command, "rm -rf %s", root);
    CHECK_INT(system(command), 0);
}

/* A build puts another folder in its place; nobody is told. */
ON_BOTH(a_folder_that_is_replaced_is_seen)
{
    rig r = start(backend);
    client *c = dial(&r);
    for (int i = 0; i < 3; i++) {
        get(c, "/site/page.txt");
        expect_answer(c, 200, "old");
    }
    fill(other, "new");
    CHECK(rename(site, gone) == 0 && rename(other, site) == 0);
    for (bool seen = false; !seen; usleep(1000)) {
        get(c, "/site/page.txt");
        const answer *a = read_answer(c, false);
        CHECK(a->status == 200);
        seen = !strcmp(a->body, "new");
    }
    hang_up(c);
    stop(&r);
}

static bool has_open(pid_t pid, const char *path)
{
    char name[300], target[300];
    bool found = false;
    snprintf(name, sizeof name, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(name);
    CHECK(dir);
    for (const struct dirent *e; (e = readdir(dir));) {
        snprintf(name, sizeof name, "/proc/%d/fd/%s", (int)pid, e->d_name);
        ssize_t n = readlink(name, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        found = found || !strcmp(target, path);
    }
    closedir(dir);
    return found;
}

ON_BOTH(an_idle_server_holds_no_folder)
{
    rig r = start(backend);
    client *c = dial(&r);
    get(c, "/site/page.txt");
    expect_answer(c, 200, "old");
    while (has_open(r.pid, site))
        usleep(1000);
    get(c, "/site/page.txt");
    expect_answer(c, 200, "old");
    hang_up(c);
    stop(&r); /* with the folder open, most likely */
}
