/* SPDX-License-Identifier: MIT
 *
 * The bytes of an uploaded file. They collect in a buffer; when that has grown
 * to its limit it is written to a temporary file without a name, and from then
 * on whenever it is full. So a small file never sees the disk, a large one is
 * written in large pieces, and a request holds a bounded amount of memory
 * however many files it brings. */
#include "app/upload.h"

#include <errno.h>

/* ---- On their way in --------------------------------------------------------- */

static void drop_memory(void *arg)
{
    struct brio_upload_store *store = arg;
    brio_buf_fini(&store->memory);
}

struct brio_upload_store *brio_app_store_new(brio_arena *arena)
{
    struct brio_upload_store *store = BRIO_NEW(arena, struct brio_upload_store);
    store->arena = arena;
    brio_defer_push(arena, drop_memory, store);
    return store;
}

static int open_file(const brio_app_spool *spool, struct brio_upload_store *store)
{
    const char *dir = spool->req->app->options.upload_dir;
    return store->file ? 0 : brio_file_temp(&store->file, brio_str_from(dir), NULL);
}

static int write_out(brio_app_spool *spool, struct brio_upload_store *store)
{
    int rc = open_file(spool, store);
    if (rc == 0)
        rc = brio_file_write(store->file, brio_buf_str(&store->memory));
    spool->in_memory -= store->memory.len;
    brio_buf_clear(&store->memory);
    return rc;
}

static bool is_full(const brio_app_spool *spool, const struct brio_upload_store *store, size_t more)
{
    size_t limit = store->file ? BRIO_APP_UPLOAD_WRITE : BRIO_APP_UPLOAD_MEMORY;
    return store->memory.len + more > limit || spool->in_memory + more > BRIO_APP_UPLOADS_MEMORY;
}

int brio_app_store_add(brio_app_spool *spool, struct brio_upload_store *store, brio_str data)
{
    int rc = 0;
    if (is_full(spool, store, data.len))
        rc = write_out(spool, store);
    brio_buf_add(&store->memory, data);
    if (store->memory.failed)
        return -ENOMEM;
    spool->in_memory += data.len;
    return rc;
}

int brio_app_store_end(brio_app_spool *spool, struct brio_upload_store *store)
{
    if (!store->file)
        return 0;
    int rc = write_out(spool, store);
    brio_buf_fini(&store->memory);
    return rc;
}

/* ---- While the request lives --------------------------------------------------- */

ptrdiff_t brio_upload_read(const brio_upload *upload, void *into, size_t cap)
{
    struct brio_upload_store *store = upload->store;
    if (!store || store->position >= upload->size || cap == 0)
        return 0;
    ptrdiff_t n;
    if (store->file) {
        n = brio_file_pread(store->file, into, cap, (int64_t)store->position);
    } else {
        brio_str rest = brio_str_slice(brio_buf_str(&store->memory), (size_t)store->position, cap);
        memcpy(into, rest.ptr, rest.len);
        n = (ptrdiff_t)rest.len;
    }
    store->position += n > 0 ? (uint64_t)n : 0;
    return n;
}

int64_t brio_upload_seek(const brio_upload *upload, uint64_t offset)
{
    uint64_t to = offset < upload->size ? offset : upload->size;
    if (upload->store)
        upload->store->position = to;
    return (int64_t)to;
}

int brio_upload_read_all(const brio_upload *upload, brio_str *ret)
{
    const struct brio_upload_store *store = upload->store;
    *ret = store ? brio_buf_str(&store->memory) : (brio_str){NULL, 0};
    if (!store || !store->file)
        return 0;
    size_t size = (size_t)upload->size;
    char *bytes = brio_alloc_aligned(store->arena, size, 1);
    ptrdiff_t n = brio_file_pread(store->file, bytes, size, 0);
    if (n < 0)
        return (int)n;
    *ret = (brio_str){bytes, size};
    return (size_t)n == size ? 0 : -EIO;
}

int brio_upload_save_to(const brio_upload *upload, brio_str path)
{
    const struct brio_upload_store *store = upload->store;
    if (store && store->file) {
        int64_t n = brio_file_copy(store->file, path, 0);
        return n < 0 ? (int)n : (uint64_t)n == upload->size ? 0 : -EIO;
    }
    return brio_path_replace(path, store ? brio_buf_str(&store->memory) : (brio_str){NULL, 0}, 0);
}

/* ---- What the client says of it --------------------------------------------------- */

static brio_str behind_separators(brio_str s)
{
    for (size_t i = s.len; i-- > 0;)
        if (s.ptr[i] == '/' || s.ptr[i] == '\\')
            return brio_str_slice(s, i + 1, s.len);
    return s;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

brio_str brio_upload_safe_name(const brio_upload *upload)
{
    brio_str name = behind_separators(upload->filename);
    bool bad = false;
    if (name.len == 0 || name.ptr[0] == '.')
        return BRIO_S("upload");
    for (size_t i = 0; i < name.len; i++)
        bad |= is_control(name.ptr[i]);
    if (!bad || !upload->store)
        return bad ? BRIO_S("upload") : name;
    char *out = brio_cstr(upload->store->arena, name);
    for (size_t i = 0; i < name.len; i++)
        out[i] = is_control(out[i]) ? '_' : out[i];
    return (brio_str){out, name.len};
}

brio_str brio_upload_header(const brio_upload *upload, brio_str name)
{
    for (size_t i = 0; i < upload->n_headers; i++)
        if (brio_str_eq_nocase(upload->headers[i].name, name))
            return upload->headers[i].value;
    return BRIO_S("");
}
