/* SPDX-License-Identifier: MIT
 *
 * Uploads. A file of any size arrives before its handler runs, a large one on
 * the disk; keeping it is one call, which appears under its name whole or not at
 * all. The tutorial writes where the client's file name says; here only its last
 * part counts. */
#include "guide.h"

enum { UPLOAD_MAX = 256 * 1024 * 1024 };

typedef struct Upload {
    brio_upload file;
} Upload;
BRIO_MODEL(Upload, BRIO_FILE(file, brio_upload));

typedef struct Uploads {
    brio_upload_list files;
} Uploads;
BRIO_MODEL(Uploads, BRIO_FILE(files, brio_upload_list));

typedef struct Uploaded {
    brio_str filename;
    uint64_t size;
} Uploaded;
BRIO_MODEL(Uploaded, BRIO_FIELD(filename), BRIO_FIELD(size));
BRIO_LIST_OF(Uploaded);

typedef struct AllUploaded {
    Uploaded_list files;
} AllUploaded;
BRIO_MODEL(AllUploaded, BRIO_FIELD_AS(files, Uploaded_list));

static Uploaded uploaded(const brio_upload *file)
{
    return (Uploaded){brio_upload_safe_name(file), file->size};
}

static int keep(const brio_upload *file, brio_arena *arena)
{
    brio_str name = brio_upload_safe_name(file);
    return brio_upload_save_to(file, brio_printf(arena, "uploads/%.*s", BRIO_ARG(name)));
}

/* `def`: the thread waits for the disk. `async def`: the task does. */
static int upload_file(brio_request *req, const Upload *in, Uploaded *out)
{
    *out = uploaded(&in->file);
    return keep(&in->file, brio_request_arena(req));
}

static int keep_one(void *file)
{
    return keep(file, brio_task_arena());
}

static int upload_multiple_files(brio_request *req, const Uploads *in, AllUploaded *out)
{
    const brio_upload_list *files = &in->files;
    int rc = brio_gather_map(keep_one, files->items, files->len, sizeof *files->items);
    if (rc < 0)
        return rc;
    out->files.items = BRIO_NEW_ARRAY(brio_request_arena(req), Uploaded, files->len);
    for (size_t i = 0; i < files->len; i++)
        out->files.items[out->files.len++] = uploaded(&files->items[i]);
    return 0;
}

static int make_folder(brio_app *app, void *state)
{
    (void)app, (void)state;
    return brio_path_make_dirs(BRIO_S("uploads"), 0);
}

void guide_add_uploads(brio_app *app)
{
    brio_app_on_startup(app, make_folder);
    BRIO_POST(app, "/upload-sync/", upload_file, Upload, Uploaded, .name = "upload_file_sync",
              .run = BRIO_BLOCKING, .body_limit = UPLOAD_MAX,
              .description = "Keeps a file in `uploads`; a thread waits for the disk.");
    BRIO_POST(app, "/upload-async/", upload_file, Upload, Uploaded, .name = "upload_file_async",
              .body_limit = UPLOAD_MAX, .description = "The same; only this request waits.");
    BRIO_POST(app, "/upload-multiple/", upload_multiple_files, Uploads, AllUploaded,
              .body_limit = UPLOAD_MAX, .description = "Several files, kept side by side.");
}
