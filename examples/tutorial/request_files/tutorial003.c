/* SPDX-License-Identifier: MIT
 *
 * With words about them. */
#include <brio/brio.h>

static const char content[] =
    "\n"
    "<body>\n"
    "<form action=\"/files/\" enctype=\"multipart/form-data\" method=\"post\">\n"
    "<input name=\"files\" type=\"file\" multiple>\n"
    "<input type=\"submit\">\n"
    "</form>\n"
    "<form action=\"/uploadfiles/\" enctype=\"multipart/form-data\" method=\"post\">\n"
    "<input name=\"files\" type=\"file\" multiple>\n"
    "<input type=\"submit\">\n"
    "</form>\n"
    "</body>\n"
    "    ";

typedef struct CreateFiles {
    brio_bytes_list files;
} CreateFiles;
BRIO_MODEL(CreateFiles,
           BRIO_FILE(files, brio_bytes_list, .description = "Multiple files as bytes"));

static int create_files(brio_request *req, const CreateFiles *in, brio_json *out)
{
    brio_arena *arena = brio_request_arena(req);
    brio_json *sizes = BRIO_NEW_ARRAY(arena, brio_json, in->files.len);
    for (size_t i = 0; i < in->files.len; i++)
        sizes[i] = brio_json_from_int((int64_t)in->files.items[i].len);
    *out = BRIO_OBJECT(req, "file_sizes", brio_json_array(arena, in->files.len, sizes));
    return 0;
}

typedef struct CreateUploadFiles {
    brio_upload_list files;
} CreateUploadFiles;
BRIO_MODEL(CreateUploadFiles,
           BRIO_FILE(files, brio_upload_list, .description = "Multiple files as UploadFile"));

static int create_upload_files(brio_request *req, const CreateUploadFiles *in, brio_json *out)
{
    brio_arena *arena = brio_request_arena(req);
    brio_json *names = BRIO_NEW_ARRAY(arena, brio_json, in->files.len);
    for (size_t i = 0; i < in->files.len; i++)
        names[i] = brio_json_from_str(in->files.items[i].filename);
    *out = BRIO_OBJECT(req, "filenames", brio_json_array(arena, in->files.len, names));
    return 0;
}

static int main_page(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_html(req, 200, brio_str_from(content));
}

BRIO_MAIN()
{
    BRIO_POST(app, "/files/", create_files, CreateFiles, brio_json);
    BRIO_POST(app, "/uploadfiles/", create_upload_files, CreateUploadFiles, brio_json);
    BRIO_GET(app, "/", main_page, brio_none, brio_response, .name = "main");
}
