/* SPDX-License-Identifier: MIT
 *
 * Database URLs, spelled as SQLAlchemy and `databases` spell them: three
 * slashes and a relative path, four for an absolute one, none for memory. */
#include "db/db_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int sqlite_path(brio_str rest, char **ret_path)
{
    if (rest.len == 0 || brio_str_eq(rest, BRIO_S("/"))) {
        rest = BRIO_S("/:memory:");
    } else if (rest.ptr[0] != '/') {
        return brio_error(-EINVAL, "a SQLite URL has no host: write sqlite:///file.db");
    }
    if (brio_str_find(rest, BRIO_S("?")) >= 0 || memchr(rest.ptr, 0, rest.len))
        return brio_error(-EINVAL, "a SQLite URL takes no parameters");
    *ret_path = brio_strdup(brio_str_slice(rest, 1, rest.len - 1));
    return *ret_path ? 0 : -ENOMEM;
}

int brio_db_url_parse(brio_str url, const brio_db_driver **ret_driver, char **ret_path)
{
    static const char scheme[] = "sqlite://";
    if (!brio_str_starts(url, brio_str_from(scheme)))
        return brio_error(-EINVAL, "unknown database URL '%.*s'; known: sqlite:///file.db",
                          BRIO_ARG(url));
#ifdef BRIO_WITH_SQLITE
    *ret_driver = &brio_db_sqlite;
    return sqlite_path(brio_str_slice(url, sizeof scheme - 1, SIZE_MAX), ret_path);
#else
    (void)ret_driver;
    (void)ret_path;
    (void)sqlite_path;
    return brio_error(-ENOTSUP, "this brio was built without SQLite");
#endif
}
