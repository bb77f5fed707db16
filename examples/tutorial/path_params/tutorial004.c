/* SPDX-License-Identifier: MIT
 *
 * A parameter that takes the rest of the path, slashes included. */
#include <brio/brio.h>

typedef struct ReadFile {
    brio_str file_path;
} ReadFile;
BRIO_MODEL(ReadFile, BRIO_PATH(file_path));

static int read_file(brio_request *req, const ReadFile *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "file_path", in->file_path);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/files/{file_path:path}", read_file, ReadFile, brio_json);
}
