/* SPDX-License-Identifier: MIT
 *
 * The program `brio`: what brio_cli_tool wrote goes to the terminal. Not in
 * libbrio, which has no main. */
#include "cli/cli_internal.h"

#include <stdio.h>
#include <stdlib.h>

static bool put(brio_buf *text, FILE *stream)
{
    bool whole = !text->failed && fwrite(text->ptr, 1, text->len, stream) == text->len;
    whole = fflush(stream) == 0 && whole;
    brio_buf_fini(text);
    return whole;
}

int main(int argc, char **argv)
{
    brio_buf out = {0}, err = {0};
    int status;
    if (brio_cli_static(argc, argv, &status))
        return status;
    status = brio_cli_tool(argc, argv, &out, &err);
    bool whole = put(&out, stdout);
    whole = put(&err, stderr) && whole;
    return whole ? status : EXIT_FAILURE;
}
