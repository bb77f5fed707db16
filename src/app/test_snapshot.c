/* SPDX-License-Identifier: MIT
 *
 * Snapshots: text that a test compares with a file of its own, and the file made
 * anew when the author says so. JSON is compared as values: sorted and indented
 * in the file, so that it reads well and differs line by line. */
#include "app/test_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t snapshot_limit = (size_t)64 << 20; /* bytes of a file */

/* ---- JSON in its one form ------------------------------------------------------------ */

static int by_key(const void *a, const void *b)
{
    return brio_str_compare(((const brio_json_member *)a)->key, ((const brio_json_member *)b)->key);
}

static void new_line(brio_buf *out, int depth)
{
    brio_buf_char(out, '\n');
    for (int i = 0; i < depth; i++)
        brio_buf_add(out, BRIO_S("  "));
}

static void put(brio_arena *arena, brio_buf *out, const brio_json *value, int depth);

static void put_members(brio_arena *arena, brio_buf *out, const brio_json *object, int depth)
{
    qsort(object->members, object->n, sizeof *object->members, by_key);
    for (uint32_t i = 0; i < object->n; i++) {
        brio_json key = brio_json_from_str(object->members[i].key);
        if (i > 0)
            brio_buf_char(out, ',');
        new_line(out, depth);
        brio_buf_add(out, brio_json_text(arena, &key));
        brio_buf_add(out, BRIO_S(": "));
        put(arena, out, &object->members[i].value, depth);
    }
}

static void put_items(brio_arena *arena, brio_buf *out, const brio_json *array, int depth)
{
    for (uint32_t i = 0; i < array->n; i++) {
        if (i > 0)
            brio_buf_char(out, ',');
        new_line(out, depth);
        put(arena, out, &array->items[i], depth);
    }
}

/* The parser has limited how deep it goes. */
static void put(brio_arena *arena, brio_buf *out, const brio_json *value, int depth)
{
    bool object = value->type == BRIO_JSON_OBJECT, array = value->type == BRIO_JSON_ARRAY;
    if ((!object && !array) || value->n == 0) {
        brio_buf_add(out, brio_json_text(arena, value));
        return;
    }
    brio_buf_char(out, object ? '{' : '[');
    if (object)
        put_members(arena, out, value, depth + 1);
    else
        put_items(arena, out, value, depth + 1);
    new_line(out, depth);
    brio_buf_char(out, object ? '}' : ']');
}

/* As it stands in the file: JSON in its form, text with a line's end. */
static int normalise(brio_arena *arena, brio_str path, brio_str text, brio_buf *out)
{
    brio_json value;
    if (!brio_str_ends(path, BRIO_S(".json"))) {
        brio_buf_add(out, text);
        if (text.len && text.ptr[text.len - 1] != '\n')
            brio_buf_char(out, '\n');
        return out->failed ? -ENOMEM : 0;
    }
    int rc = brio_json_parse(arena, text, NULL, &value, NULL);
    if (rc < 0)
        return rc;
    put(arena, out, &value, 0);
    brio_buf_char(out, '\n');
    return out->failed ? -ENOMEM : 0;
}

/* ---- Files ------------------------------------------------------------------------------ */

static int read_file(const char *path, brio_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = 1;
    while (n > 0 && out->len < snapshot_limit && brio_buf_reserve(out, 4096)) {
        n = read(fd, out->ptr + out->len, out->cap - out->len);
        out->len += n > 0 ? (size_t)n : 0;
    }
    int rc = n < 0 ? -errno : out->failed ? -ENOMEM : n > 0 ? BRIO_ELIMIT : 0;
    close(fd);
    return rc;
}

/* The folders above a path, as far as they can be made. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0777);
        *slash = '/';
    }
}

static int write_file(char *path, brio_str text)
{
    make_folders(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    ssize_t n = 1;
    while (text.len && n > 0) {
        n = write(fd, text.ptr, text.len);
        text = brio_str_slice(text, n > 0 ? (size_t)n : 0, SIZE_MAX);
    }
    int rc = n < 0 ? -errno : 0;
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    return rc;
}

/* ---- Comparing ---------------------------------------------------------------------------- */

static int differs(const char *path, brio_str then, brio_str now)
{
    brio_buf lines = {0};
    brio_app_test_diff(&lines, then, now);
    fprintf(stderr, "%s differs (BRIO_SNAPSHOT=update keeps what is new):\n%.*s", path,
            (int)lines.len, lines.ptr);
    brio_buf_fini(&lines);
    return brio_error(BRIO_EINVALID, "%s differs", path);
}

static int compare(char *path, brio_str now)
{
    brio_buf then = {0};
    const char *mode = getenv("BRIO_SNAPSHOT");
    bool update = mode && strcmp(mode, "update") == 0;
    int rc = read_file(path, &then);
    bool same = rc == 0 && brio_str_eq(brio_buf_str(&then), now);
    if (same)
        rc = 0;
    else if (update)
        rc = write_file(path, now);
    else if (rc == -ENOENT)
        rc = brio_error(rc, "there is no %s yet: BRIO_SNAPSHOT=update makes it", path);
    else if (rc == 0)
        rc = differs(path, brio_buf_str(&then), now);
    if (rc == -ENOENT)
        fprintf(stderr, "%.*s\n", BRIO_ARG(brio_error_detail()));
    brio_buf_fini(&then);
    return rc;
}

int brio_test_snapshot(const char *path, brio_str text)
{
    brio_arena arena;
    brio_buf now = {0};
    const char *folder = getenv("BRIO_SNAPSHOT_DIR");
    brio_arena_init(&arena, 0);
    brio_str full = path[0] == '/' || !folder ? brio_str_from(path)
                                              : brio_printf(&arena, "%s/%s", folder, path);
    int rc = normalise(&arena, full, text, &now);
    if (rc >= 0)
        rc = compare(brio_cstr(&arena, full), brio_buf_str(&now));
    brio_buf_fini(&now);
    brio_arena_fini(&arena);
    return rc;
}
