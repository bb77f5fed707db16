/* SPDX-License-Identifier: MIT
 *
 * A file as bytes, or as an upload with its name and type. */
#include <brio/brio.h>

typedef struct CreateFile {
    brio_bytes file;
} CreateFile;
BRIO_MODEL(CreateFile, BRIO_FILE(file, brio_bytes));

static int create_file(brio_request *req, const CreateFile *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "file_size", in->file.len);
    return 0;
}

typedef struct CreateUploadFile {
    brio_upload file;
} CreateUploadFile;
BRIO_MODEL(CreateUploadFile, BRIO_FILE(file, brio_upload));

static int create_upload_file(brio_request *req, const CreateUploadFile *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "filename", in->file.filename);
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/files/", create_file, CreateFile, brio_json);
    BRIO_POST(app, "/uploadfile/", create_upload_file, CreateUploadFile, brio_json);
}
