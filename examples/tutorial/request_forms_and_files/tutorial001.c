/* SPDX-License-Identifier: MIT
 *
 * Files and fields in one form. */
#include <brio/brio.h>

typedef struct CreateFile {
    brio_bytes file;
    brio_upload fileb;
    brio_str token;
} CreateFile;
BRIO_MODEL(CreateFile, BRIO_FILE(file, brio_bytes), BRIO_FILE(fileb, brio_upload),
           BRIO_FORM(token));

static int create_file(brio_request *req, const CreateFile *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "file_size", in->file.len, "token", in->token, "fileb_content_type",
                       in->fileb.content_type);
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/files/", create_file, CreateFile, brio_json);
}
