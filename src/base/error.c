/* SPDX-License-Identifier: MIT
 *
 * Texts, names and HTTP statuses of results, and the end of a broken promise.
 * brio's own codes come from BRIO_ERROR_TABLE; errno's texts come from the C
 * library's untranslated tables, so a log line reads the same in any locale
 * and no call here touches errno or shared storage. */
#include <brio/base.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct error_row {
    int code;
    int status;
    const char *name;
    const char *text;
} error_row;

static const error_row own_errors[] = {
#define ERROR_ROW(name, code, status, text) {code, status, #name, text},
    BRIO_ERROR_TABLE(ERROR_ROW)
#undef ERROR_ROW
};

/* Statuses of errno values; whatever is not named is the server's fault. */
static const error_row errno_statuses[] = {
    {-ETIMEDOUT, 504, NULL, NULL}, {-ECANCELED, 499, NULL, NULL}, {-ENOMEM, 503, NULL, NULL},
    {-EMFILE, 503, NULL, NULL},    {-ENFILE, 503, NULL, NULL},    {-ENOSPC, 507, NULL, NULL},
    {-EDQUOT, 507, NULL, NULL},    {-EBUSY, 503, NULL, NULL},
};

static const error_row success = {0, 200, "OK", "success"};

static const error_row *find_row(const error_row *rows, size_t n, int err)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].code == err)
            return &rows[i];
    return NULL;
}

static const error_row *find_own(int err)
{
    if (err >= 0)
        return &success;
    return find_row(own_errors, sizeof(own_errors) / sizeof(own_errors[0]), err);
}

#ifdef __GLIBC__
static const char *errno_text(int number)
{
    return strerrordesc_np(number);
}
static const char *errno_name(int number)
{
    return strerrorname_np(number);
}
#else
static const char *errno_text(int number)
{
    return number < 4000 ? strerror(number) : NULL;
}
static const char *errno_name(int number)
{
    return number ? NULL : "0";
}
#endif

/* -INT_MIN does not exist, and no errno is that large. */
static int errno_of(int err)
{
    return err < -4095 ? 4095 : -err;
}

const char *brio_error_text(int err)
{
    const error_row *row = find_own(err);
    const char *text = row ? row->text : errno_text(errno_of(err));
    return text ? text : "unknown error";
}

const char *brio_error_name(int err)
{
    const error_row *row = find_own(err);
    const char *name = row ? row->name : errno_name(errno_of(err));
    return name ? name : "?";
}

int brio_error_status(int err)
{
    const error_row *row = find_own(err);
    if (!row)
        row = find_row(errno_statuses, sizeof(errno_statuses) / sizeof(errno_statuses[0]), err);
    return row ? row->status : 500;
}

/* Written with one system call from the stack: the heap may be what broke. */
void brio_assert_failed(const char *expr, const char *file, int line)
{
    char text[512];
    int n = snprintf(text, sizeof(text), "brio: assertion failed: %s (%s:%d)\n", expr, file, line);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    ssize_t written = write(STDERR_FILENO, text, len);
    (void)written; /* nothing is left to report it to */
    abort();
}

const char *brio_version(void)
{
    return BRIO_VERSION_TEXT;
}
