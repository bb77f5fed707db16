/* SPDX-License-Identifier: MIT
 *
 * Uploaded files: in memory and on the disk, saved, abandoned. Each test has a
 * directory of its own for what is spooled, in which nothing may be left. */
#include "client.h"

#include <brio/http.h>
#include <brio/io.h>

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGE = 3 * 1024 * 1024 + 17 };

/* ---- Where files lie ----------------------------------------------------------- */

static char place[] = "/tmp/brio-upload-test-XXXXXX";

static int entries(const char *path)
{
    int n = 0;
    DIR *dir = opendir(path);
    CHECK(dir != NULL);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2;
}

static int open_files(void)
{
    return entries("/proc/self/fd");
}

static brio_str path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", place, name);
    return brio_str_from(path);
}

/* ---- Routes ---------------------------------------------------------------------- */

typedef struct One {
    brio_upload file;
    brio_str *note;
} One;
BRIO_MODEL(One, BRIO_FILE(file, brio_upload), BRIO_FORM(note));

typedef struct Told {
    brio_str filename, type, first, note;
    int64_t size, sum;
} Told;
BRIO_MODEL(Told, BRIO_FIELD(filename), BRIO_FIELD(type), BRIO_FIELD(first), BRIO_FIELD(note),
           BRIO_FIELD(size), BRIO_FIELD(sum));

static int64_t sum_of(brio_str s)
{
    int64_t sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum += (unsigned char)s.ptr[i];
    return sum;
}

/* Reads it twice: in steps, and at once. */
static int tell(brio_request *req, const One *in, Told *out)
{
    char step[1000];
    brio_str all;
    ptrdiff_t n;
    int64_t sum = 0;
    while ((n = brio_upload_read(&in->file, step, sizeof step)) > 0)
        sum += sum_of((brio_str){step, (size_t)n});
    if (n < 0)
        return (int)n;
    int rc = brio_upload_read_all(&in->file, &all);
    if (rc < 0)
        return rc;
    CHECK_INT(sum, sum_of(all));
    CHECK_INT(all.len, in->file.size);
    CHECK_INT(brio_upload_seek(&in->file, 1), in->file.size ? 1 : 0);
    n = brio_upload_read(&in->file, step, 4);
    out->first = brio_str_copy(brio_request_arena(req), (brio_str){step, n > 0 ? (size_t)n : 0});
    out->filename = in->file.filename;
    out->type = in->file.content_type;
    out->note = in->note ? *in->note : BRIO_S("");
    out->size = (int64_t)in->file.size;
    out->sum = sum;
    return 0;
}

static int save(brio_request *req, const One *in, brio_none *out)
{
    (void)req, (void)out;
    return brio_upload_save_to(&in->file, path_of("saved"));
}

static int save_nowhere(brio_request *req, const One *in, brio_none *out)
{
    (void)req, (void)out;
    return brio_upload_save_to(&in->file, path_of("no/where"));
}

typedef struct Many {
    brio_upload_list files;
    brio_upload *extra;
} Many;
BRIO_MODEL(Many, BRIO_FILE(files, brio_upload_list, .max_length = 3),
           BRIO_FILE(extra, brio_upload));

static int many(brio_request *req, const Many *in, brio_str_list *out)
{
    out->items = BRIO_NEW_ARRAY(brio_request_arena(req), brio_str, in->files.len + 1);
    for (size_t i = 0; i < in->files.len; i++)
        out->items[out->len++] = brio_upload_safe_name(&in->files.items[i]);
    out->items[out->len++] = in->extra ? in->extra->filename : BRIO_S("-");
    return 0;
}

static int header_of(brio_request *req, const One *in, brio_text *out)
{
    (void)req;
    out->text = brio_upload_header(&in->file, BRIO_S("X-Mine"));
    return 0;
}

static brio_app *app_with_uploads(const char *dir)
{
    CHECK(mkdtemp(place) != NULL);
    brio_app *app = brio_app_new(&(brio_app_options){.upload_dir = dir ? dir : place});
    BRIO_POST(app, "/tell", tell, One, Told, .body_limit = 64 * 1024 * 1024);
    BRIO_POST(app, "/tell/blocking", tell, One, Told, .run = BRIO_BLOCKING);
    BRIO_POST(app, "/save", save, One, brio_none);
    BRIO_POST(app, "/nowhere", save_nowhere, One, brio_none);
    BRIO_POST(app, "/many", many, Many, brio_str_list);
    BRIO_POST(app, "/header", header_of, One, brio_text);
    return app;
}

static void close_place(brio_test_client *client, brio_app *app)
{
    client_close(client, app);
    CHECK_INT(entries(place), 0);
    CHECK(rmdir(place) == 0);
}

/* ---- Requests ----------------------------------------------------------------------- */

#define HEAD_OF(name, file)                                                                        \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file                   \
    "\"\r\nContent-Type: text/x\r\nX-Mine: yes\r\n\r\n"
#define TAIL "\r\n--b--\r\n"

/* A form with one file of `size` bytes, and a note. */
static brio_str body_with(size_t size)
{
    static char body[LARGE + 1000];
    const char *head = HEAD_OF("file", "a b.txt");
    size_t len = strlen(head);
    memcpy(body, head, len);
    for (size_t i = 0; i < size; i++)
        body[len++] = (char)('0' + i % 10);
    const char *tail = "\r\n--b\r\nContent-Disposition: form-data; name=note\r\n\r\nnoted" TAIL;
    memcpy(body + len, tail, strlen(tail));
    return (brio_str){body, len + strlen(tail)};
}

static brio_test_response post_form(brio_test_client *client, const char *url, brio_str body,
                                    size_t cut)
{
    return client_send(
        client, (brio_test_request){.method = "POST",
                                    .url = url,
                                    .headers = "content-type: multipart/form-data; boundary=b\r\n",
                                    .body = body,
                                    .cut = cut});
}

static void check_told(brio_test_client *client, const char *url, size_t size, size_t cut)
{
    char want[200];
    brio_str body = body_with(size);
    int64_t sum = (int64_t)(size / 10 * 525);
    for (size_t i = 0; i < size % 10; i++)
        sum += (int64_t)('0' + i);
    snprintf(want, sizeof want,
             "{\"filename\":\"a b.txt\",\"type\":\"text/x\",\"first\":\"%s\",\"note\":\"noted\","
             "\"size\":%zu,\"sum\":%lld}",
             size ? "1234" : "", size, (long long)sum);
    CHECK_ANSWER(post_form(client, url, body, cut), 200, want);
}

TEST(files_of_every_size_arrive)
{
    brio_app *app = app_with_uploads(NULL);
    brio_test_client *client = client_open(app);
    enum { MIB = 1024 * 1024 };
    const size_t sizes[] = {0, 10, 100, 5000, MIB - 1, MIB, MIB + 1, LARGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t cut = 0; cut < 60000; cut += 16411)
            check_told(client, "/tell", sizes[i], cut);
    check_told(client, "/tell/blocking", 100, 7);
    check_told(client, "/tell/blocking", LARGE, 60000);
    close_place(client, app);
}

TEST(nothing_is_open_when_the_request_is_over)
{
    brio_app *app = app_with_uploads(NULL);
    brio_test_client *client = client_open(app);
    check_told(client, "/tell", LARGE, 16384);
    int before = open_files();
    for (int i = 0; i < 3; i++)
        check_told(client, "/tell", LARGE, 16384);
    CHECK_INT(open_files(), before);
    close_place(client, app);
}

TEST(a_file_is_saved_from_memory_and_from_the_disk)
{
    brio_app *app = app_with_uploads(NULL);
    brio_test_client *client = client_open(app);
    const size_t sizes[] = {0, 1000, LARGE};
    umask(0022);
    for (int i = 0; i < 3; i++) {
        struct stat st;
        CHECK_INT(post_form(client, "/save", body_with(sizes[i]), 30000).status, 200);
        CHECK(stat(path_of("saved").ptr, &st) == 0);
        CHECK_INT(st.st_size, sizes[i]);
        CHECK_INT(st.st_mode & 0777, 0644);
        CHECK(unlink(path_of("saved").ptr) == 0);
        CHECK_INT(post_form(client, "/nowhere", body_with(sizes[i]), 30000).status, 500);
    }
    close_place(client, app);
}

TEST(lists_of_files)
{
    brio_app *app = app_with_uploads(NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(
        post_form(client, "/many",
                  BRIO_S(HEAD_OF("files", "../../etc/passwd") "1\r\n" HEAD_OF(
                      "files", "C:\\\\x\\\\y.txt") "2\r\n" HEAD_OF("files", ".profile") "3" TAIL),
                  0),
        200, "[\"passwd\",\"y.txt\",\"upload\",\"-\"]");
    CHECK_ANSWER(post_form(client, "/many",
                           BRIO_S(HEAD_OF("extra", "e") "1\r\n" HEAD_OF("files", "") "" TAIL), 11),
                 200, "[\"upload\",\"e\"]");
    brio_test_response r =
        post_form(client, "/many",
                  BRIO_S(HEAD_OF("files", "1") "\r\n" HEAD_OF("files", "2") "\r\n" HEAD_OF(
                      "files", "3") "\r\n" HEAD_OF("files", "4") "" TAIL),
                  0);
    CHECK_INT(r.status, 422);
    CHECK(brio_str_find(r.body, BRIO_S("too_long")) > 0);
    CHECK_ANSWER(post_form(client, "/many", BRIO_S("--b--"), 0), 422,
                 "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"files\"],\"msg\":\"Field "
                 "required\",\"input\":null}]}");
    close_place(client, app);
}

TEST(a_text_is_no_file)
{
    brio_app *app = app_with_uploads(NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(
        post_form(client, "/tell",
                  BRIO_S("--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx" TAIL), 0),
        422,
        "{\"detail\":[{\"type\":\"value_error\",\"loc\":[\"body\",\"file\"],\"msg\":\"Value "
        "error, Expected UploadFile, received: <class "
        "'str'>\",\"input\":\"x\",\"ctx\":{\"error\":{}}}]}");
    CHECK_ANSWER(post_form(client, "/header", body_with(3), 5), 200, "yes");
    close_place(client, app);
}

TEST(a_client_that_vanishes_leaves_nothing)
{
    brio_app *app = app_with_uploads(NULL);
    brio_test_client *client = client_open(app);
    int before = open_files();
    const size_t after[] = {10, 200, 400, 100000, 2000000, LARGE};
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        brio_test_response r = client_send(
            client,
            (brio_test_request){.method = "POST",
                                .url = "/save",
                                .headers = "content-type: multipart/form-data; boundary=b\r\n",
                                .body = body_with(LARGE),
                                .cut = 16384,
                                .gone_after = after[i]});
        CHECK_INT(r.status, 0);
    }
    CHECK_INT(open_files(), before);
    CHECK_INT(entries(place), 0);
    check_told(client, "/tell", 100, 0); /* and the next request works */
    close_place(client, app);
}

/* A file system of two MiB, for this process alone. */
static bool mount_small(const char *at)
{
    return (unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", at, "tmpfs", 0, "size=2m,mode=0777") == 0;
}

TEST(a_full_disk_is_507)
{
    brio_app *app = app_with_uploads(NULL);
    if (!mount_small(place))
        test_skip("no file system may be mounted here");
    brio_test_client *client = client_open(app);
    brio_test_response r = post_form(client, "/tell", body_with(LARGE), 16384);
    CHECK_ANSWER(r, 507, "{\"detail\":\"Insufficient Storage\"}");
    CHECK_INT(entries(place), 0);
    check_told(client, "/tell", 1500000, 16384); /* the next request works */
    CHECK_INT(post_form(client, "/save", body_with(1500000), 16384).status, 507);
    CHECK_INT(entries(place), 0);
    CHECK(umount(place) == 0);
    close_place(client, app);
}

TEST(a_disk_that_takes_nothing_fails_the_request_alone)
{
    brio_app *app = app_with_uploads("/nonexistent/dir");
    brio_test_client *client = client_open(app);
    brio_test_response r = post_form(client, "/tell", body_with(LARGE), 16384);
    CHECK_INT(r.status, 500);
    check_told(client, "/tell", 1000, 0);
    close_place(client, app);
}

TEST(more_bytes_than_the_route_takes)
{
    brio_app *app = app_with_uploads(NULL);
    BRIO_POST(app, "/little", tell, One, Told, .body_limit = 2 * 1024 * 1024);
    brio_test_client *client = client_open(app);
    CHECK_INT(post_form(client, "/little", body_with(LARGE), 16384).status, 413);
    CHECK_INT(post_form(client, "/little", body_with(LARGE), 0).status, 413);
    check_told(client, "/little", 1024 * 1024, 16384);
    close_place(client, app);
}
