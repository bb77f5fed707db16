/* SPDX-License-Identifier: MIT
 *
 * brio/file.h: files for coroutines, as aiofiles and pathlib have them. Part
 * of <brio/io.h>.
 *
 *     int rc;
 *     BRIO_WITH_FILE(rc, f, BRIO_S("notes.txt"), "r") {       // Suspends
 *         brio_str line;
 *         while ((rc = brio_file_read_line(f, 0, &line)) > 0)
 *             use(line);
 *     }
 *     rc = brio_path_replace(BRIO_S("state.json"), text, 0);
 *
 * Everything here that reaches the disk **Suspends**: through io_uring where
 * the loop has it, else on the loop's thread pool; what the page cache holds is
 * read at once. On the simulator the real files are used, in place, after a
 * yield: time stands still and a seed replays the same order. Outside tasks
 * the calls block.
 *
 * Cancelled means it did not happen: an operation that the kernel completed
 * wins, and the cancellation is told by the next suspending call. Buffers are
 * the caller's again when a call returns.
 *
 * Paths are bytes: -EINVAL with a NUL among them, -ENOENT if empty,
 * -ENAMETOOLONG from 4096. What went wrong with a path is told by
 * brio_error_detail(). Errors not named here are the system call's -errno. */
#ifndef BRIO_FILE_H
#define BRIO_FILE_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Open files --------------------------------------------------------- */

typedef struct brio_file brio_file;

typedef struct brio_file_options {
    unsigned permissions;    /* of a file it makes, before the umask; 0 means 0666 */
    const brio_file *beneath; /* borrowed; a directory (mode "d") that `path` is looked up in and
                                 cannot leave, by no .., absolute path or symbolic link (-EXDEV).
                                 -ENOSYS where a sandbox lacks openat2. NULL: as usual */
    bool no_follow;          /* -ELOOP if the last part of `path` is a symbolic link */
    bool keep;               /* not closed with the task that opened it */
    struct brio_file_info *info; /* filled in as brio_file_stat would now: a call less. NULL: not */
} brio_file_options;

/* Suspends until `path` is open. `mode` is fopen's: "r", "r+", "w" (emptied or
 * made), "w+", "x" (made; -EEXIST), "x+", "a" (made; each write goes to the
 * end), "a+"; a "b" is ignored; "d" opens a directory, for `beneath` and sync.
 * The file is closed when the current task ends, unless `keep`. `options` may
 * be NULL. A FIFO, terminal or other device is opened non-blocking (-EAGAIN
 * when it has nothing to read): brio_stream_open_fd waits for those. 0,
 * -EINVAL for another mode, -ENOENT, -EACCES, -EISDIR, -ENOTDIR, -EMFILE,
 * -ENOMEM, -ECANCELED. */
BRIO_API int brio_file_open(brio_file **ret, brio_str path, const char *mode,
                            const brio_file_options *options) BRIO_CHECKED;
/* Closes and frees. Not a suspension point; calls of other tasks that are under
 * way on it end first. Errors of writing back are told by brio_file_sync, not
 * here. NULL is fine. */
BRIO_API void brio_file_close(brio_file *file);
/* Its descriptor, borrowed until close. */
BRIO_API int brio_file_fd(brio_file *file);

/* What BRIO_WITH_FILE begins and ends with. */
BRIO_API brio_file *brio_file_enter(int *ret_rc, brio_str path, const char *mode);
static inline void brio_file_cleanup(brio_file **file) { brio_file_close(*file); }

/* `async with`: opens `path` as `name` for the block and closes it however the
 * block is left; with an error, which `rc` receives (an int variable), the
 * block is skipped. */
#define BRIO_WITH_FILE(rc, name, path, mode)                                                    \
    for (brio_file *name __attribute__((cleanup(brio_file_cleanup))) =                     \
             brio_file_enter(&(rc), (path), (mode)),                                       \
             *name##_once = name;                                                          \
         name##_once; name##_once = NULL)

/* A file has one position. One task at a time reads, writes or seeks by it
 * (-EBUSY otherwise); pread and pwrite leave it alone, any number at a time. */

/* Suspends until `cap` bytes or the end of the file are read; devices give what
 * they have. The number of bytes, 0 at the end; -EISDIR, -EBADF (opened for
 * writing only), -EBUSY, -ECANCELED (the position is where it was). */
BRIO_API ptrdiff_t brio_file_read(brio_file *file, void *into, size_t cap) BRIO_CHECKED;
/* Suspends until all of `data` is written. 0; -ENOSPC, -EDQUOT, -EFBIG, -EIO
 * (the position is behind what was written), -EBADF, -EBUSY, -ECANCELED
 * (nothing was written). */
BRIO_API int brio_file_write(brio_file *file, brio_str data) BRIO_CHECKED;
/* The same at `offset` bytes from the beginning. -EINVAL if it is negative,
 * -ESPIPE for what has no positions. With mode "a" writes go to the end. */
BRIO_API ptrdiff_t brio_file_pread(brio_file *file, void *into, size_t cap,
                                   int64_t offset) BRIO_CHECKED;
BRIO_API int brio_file_pwrite(brio_file *file, brio_str data, int64_t offset) BRIO_CHECKED;
/* Suspends until a line is read: 1, and *ret_line (borrowed until the next call
 * on the file) is the line without its "\n" or "\r\n", which the last one may
 * lack; 0 at the end; BRIO_ELIMIT when `limit` bytes (0: 64 KiB) hold no "\n",
 * and they stay unread; -ENOMEM, or as brio_file_read. */
BRIO_API int brio_file_read_line(brio_file *file, size_t limit, brio_str *ret_line) BRIO_CHECKED;
/* Moves the position (`whence` as for lseek) and returns it; (0, SEEK_CUR)
 * tells it. Not a suspension point. -EINVAL before the beginning, -ESPIPE. */
BRIO_API int64_t brio_file_seek(brio_file *file, int64_t offset, int whence) BRIO_CHECKED;
/* Suspends until what was written is on the disk: the bytes and what is needed
 * to find them (`data_only`), or all of the file's attributes too. Of a
 * directory: its entries. 0, -EIO and kin: bytes may be lost. */
BRIO_API int brio_file_sync(brio_file *file, bool data_only) BRIO_CHECKED;
/* Suspends until the file has `size` bytes: cut, or grown by zeros. */
BRIO_API int brio_file_truncate(brio_file *file, uint64_t size) BRIO_CHECKED;

/* ---- What is known of a file -------------------------------------------- */

typedef enum brio_file_kind { /* ORDER FILE_KIND */
    BRIO_FILE_UNKNOWN = 0,    /* list: the file system does not say */
    BRIO_FILE_REGULAR,
    BRIO_FILE_DIRECTORY,
    BRIO_FILE_SYMLINK,
    BRIO_FILE_FIFO,
    BRIO_FILE_SOCKET,
    BRIO_FILE_DEVICE
} brio_file_kind;

typedef struct brio_file_info {
    brio_file_kind kind;
    unsigned permissions; /* 07777 */
    uint32_t uid, gid;
    uint64_t size;        /* bytes */
    uint64_t allocated;   /* bytes on the disk; less than size for a sparse file */
    uint64_t links;
    uint64_t inode, device; /* together they name the file */
    brio_time modified, accessed, changed, created; /* ns since 1970; 0: not known */
} brio_file_info;

/* Suspends; fills *ret of the open file. 0 or -errno. */
BRIO_API int brio_file_stat(brio_file *file, brio_file_info *ret) BRIO_CHECKED;
/* Suspends; the same by path. `follow`: of what a symbolic link points to. */
BRIO_API int brio_path_stat(brio_str path, bool follow, brio_file_info *ret) BRIO_CHECKED;
/* Suspends: 1 if there is something (at the end of symbolic links), 0 if not,
 * or < 0 if that cannot be told (-EACCES). */
BRIO_API int brio_path_exists(brio_str path) BRIO_CHECKED;

/* ---- Whole files -------------------------------------------------------- */

/* Suspends until all of the file is read, into the current task's arena, with
 * a NUL behind it that is not counted. BRIO_ELIMIT beyond `limit` bytes (0: 1
 * MiB; the arena has a limit too); -EISDIR. Only in a task. */
BRIO_API int brio_path_read(brio_str path, size_t limit, brio_str *ret) BRIO_CHECKED;
/* Suspends until `data` is all the file holds; it is made (`permissions`, 0:
 * 0666) or emptied first, so a failure leaves part of it. */
BRIO_API int brio_path_write(brio_str path, brio_str data, unsigned permissions) BRIO_CHECKED;
/* Suspends; the same, but atomic and durable: whoever opens the path, even
 * after a crash, finds all of the old bytes or all of the new. Written to a
 * file beside it, synced, renamed, the directory synced. `permissions` 0 means
 * those of the file replaced, else 0666; a symbolic link is replaced, not
 * followed. After an error (-ENOSPC, ...) or -ECANCELED the old file is as it
 * was, and nothing is left beside it. */
BRIO_API int brio_path_replace(brio_str path, brio_str data, unsigned permissions) BRIO_CHECKED;
/* Suspends; copies bytes and permissions of a regular file, atomically as
 * replace does but without the sync (within one file system that can, the
 * blocks are shared). Returns the number of bytes, or as replace; -EINVAL for
 * what is no regular file. */
BRIO_API int64_t brio_path_copy(brio_str from, brio_str to) BRIO_CHECKED;
/* The same from an open file, all of it, wherever its position is; it stays.
 * `permissions` as for replace. So a temporary file without a name gets one. */
BRIO_API int64_t brio_file_copy(brio_file *from, brio_str to, unsigned permissions) BRIO_CHECKED;

/* ---- Names -------------------------------------------------------------- */

/* Suspends; rename(2): atomic, replaces a file at `to`, or with `exclusive`
 * refuses (-EEXIST). -EXDEV between file systems (copy and remove then). */
BRIO_API int brio_path_rename(brio_str from, brio_str to, bool exclusive) BRIO_CHECKED;
/* Suspends; removes a file or symbolic link (-EISDIR for a directory), and an
 * empty directory (-ENOTEMPTY, -ENOTDIR). */
BRIO_API int brio_path_remove(brio_str path) BRIO_CHECKED;
BRIO_API int brio_path_rmdir(brio_str path) BRIO_CHECKED;
/* Suspends; removes a directory and everything in it, or a file; follows no
 * symbolic link, however the tree is changed meanwhile, and leaves the file
 * system of `path` alone beyond mounts (-EXDEV). BRIO_ELIMIT after `limit`
 * entries (0: 100,000) or below 128 levels. After an error or -ECANCELED part
 * of it is gone. -ENOENT if there is nothing. */
BRIO_API int brio_path_remove_tree(brio_str path, size_t limit) BRIO_CHECKED;
/* Suspends; makes a directory (-EEXIST). `permissions` 0 means 0777, before
 * the umask. */
BRIO_API int brio_path_mkdir(brio_str path, unsigned permissions) BRIO_CHECKED;
/* Suspends; makes it and what is missing above it (with 0777). 0 also if it
 * is there; -ENOTDIR if something else is. */
BRIO_API int brio_path_make_dirs(brio_str path, unsigned permissions) BRIO_CHECKED;
/* Suspends; chmod(2), of what a symbolic link points to. */
BRIO_API int brio_path_chmod(brio_str path, unsigned permissions) BRIO_CHECKED;
/* Suspends; makes a symbolic link at `path` that says `target`; reads one, into
 * the current task's arena (-EINVAL if it is none). */
BRIO_API int brio_path_symlink(brio_str target, brio_str path) BRIO_CHECKED;
BRIO_API int brio_path_readlink(brio_str path, brio_str *ret_target) BRIO_CHECKED;

typedef struct brio_dir_entry {
    brio_str name; /* NUL-terminated behind its length; without the directory */
    brio_file_kind kind;
} brio_dir_entry;

/* Suspends; lists a directory without . and .., sorted by bytes, into the
 * current task's arena. Returns their number; BRIO_ELIMIT if there are more
 * than `limit` (0: 10,000); -ENOTDIR. Only in a task. */
BRIO_API ptrdiff_t brio_path_list(brio_str path, size_t limit, brio_dir_entry **ret) BRIO_CHECKED;
/* The same of a directory that is open (mode "d"), wherever it has been moved to. */
BRIO_API ptrdiff_t brio_file_list(const brio_file *directory, size_t limit,
                                  brio_dir_entry **ret) BRIO_CHECKED;

/* ---- Temporary files ---------------------------------------------------- */

/* Suspends; opens a new file (mode "w+", 0600) in the directory `dir` (empty:
 * $TMPDIR, else /tmp). With `ret_path` NULL it has no name and is gone when
 * closed; else its path, in the current task's arena, and it is removed when
 * the task ends, if it is still there. Only in a task. */
BRIO_API int brio_file_temp(brio_file **ret, brio_str dir, brio_str *ret_path) BRIO_CHECKED;
/* Suspends; makes a new directory (0700); it and all in it are removed when the
 * current task ends. The path is in its arena. Only in a task. */
BRIO_API int brio_path_temp_dir(brio_str dir, brio_str *ret_path) BRIO_CHECKED;

/* ---- Watching ----------------------------------------------------------- */

/* Who changes files, by inotify(7): changes made through this machine's
 * kernel, not those of a network file system's other hosts, nor through mmap. */
typedef struct brio_watcher brio_watcher;

typedef enum brio_change_kind { /* ORDER CHANGE_KIND */
    BRIO_CHANGE_CREATED = 1,
    BRIO_CHANGE_MODIFIED,       /* bytes or attributes */
    BRIO_CHANGE_REMOVED,
    BRIO_CHANGE_RENAMED,        /* from `from` to `path`, both watched */
    BRIO_CHANGE_GONE,           /* `path`, as it was added, is watched no more: removed, moved or unmounted */
    BRIO_CHANGE_OVERFLOW        /* changes were lost (path is empty): look for yourself */
} brio_change_kind;

typedef struct brio_change {
    brio_change_kind kind;
    bool directory;  /* it is one */
    brio_str path;   /* as added, with the name behind it; borrowed until the next call on the watcher */
    brio_str from;   /* RENAMED: the former path */
} brio_change;

typedef struct brio_watcher_options {
    bool recursive;      /* directories: with all below, also those made later; follows no symbolic link */
    brio_time debounce;  /* changes are told when nothing happened for so long (at most ten times that
                            after the first), one per path; 0 tells each at once */
    size_t max_watches;  /* directories and files watched; 0 means 8192 */
    bool keep;           /* not closed with the task that opened it */
    size_t max_pending;  /* changes kept untold; beyond it BRIO_CHANGE_OVERFLOW; 0 means 4096 */
} brio_watcher_options;

/* A watcher of nothing yet, on the current loop; closed when the current task
 * ends, unless `keep`. `options` may be NULL. 0,
 * -EMFILE (also: too many inotify instances), -ENOMEM. */
BRIO_API int brio_watcher_open(brio_watcher **ret, const brio_watcher_options *options) BRIO_CHECKED;
/* Suspends; watches a file or directory from now on. 0, -ENOENT, -EACCES,
 * -EEXIST if it is watched already, BRIO_ELIMIT beyond max_watches, -ENOSPC
 * beyond the user's inotify limit; nothing is added then. What is made in a new
 * directory at once may be told twice. */
BRIO_API int brio_watcher_add(brio_watcher *watcher, brio_str path) BRIO_CHECKED;
/* Stops watching what was added with exactly this path. -ENOENT. */
BRIO_API int brio_watcher_remove(brio_watcher *watcher, brio_str path) BRIO_CHECKED;
/* Suspends until there is a change. One task at a time (-EBUSY). 0, -ECANCELED
 * (no change is lost). On sim it holds the clock while it waits. */
BRIO_API int brio_watcher_next(brio_watcher *watcher, brio_change *ret) BRIO_CHECKED;
/* Closes and frees; a task in brio_watcher_next gets BRIO_ECLOSED. NULL is fine. */
BRIO_API void brio_watcher_close(brio_watcher *watcher);

#ifdef __cplusplus
}
#endif
#endif
