/* SPDX-License-Identifier: MIT
 *
 * Open files: modes, positions, reading, writing, lines; each against what the
 * system itself says of the file. */
#include "io/file_bed.h"

#include <sys/wait.h>

/* ---- Opening ------------------------------------------------------------ */

FILE_TEST(what_is_written_can_be_read)
{
    int rc;
    brio_str path = in_dir("notes.txt");
    BRIO_WITH_FILE(rc, f, path, "w")
    CHECK_OK(brio_file_write(f, BRIO_S("hello\n")));
    CHECK_OK(rc);
    CHECK_STR(shell(command("cat '%s'", path)), "hello\n");
    char buf[16];
    BRIO_WITH_FILE(rc, f, path, "r")
    {
        CHECK_INT(brio_file_read(f, buf, sizeof buf), 6);
        CHECK_INT(brio_file_read(f, buf, sizeof buf), 0);
    }
    CHECK_OK(rc);
    CHECK(memcmp(buf, "hello\n", 6) == 0);
    return 0;
}

FILE_TEST(a_file_that_cannot_be_opened_skips_the_block)
{
    int rc = 0;
    bool ran = false;
    BRIO_WITH_FILE(rc, f, in_dir("absent"), "r")
    ran = f != NULL;
    CHECK(!ran);
    CHECK_INT(rc, -ENOENT);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("absent")) > 0);
    return 0;
}

static int open_in(const char *name, const char *mode)
{
    brio_file *f;
    int rc = brio_file_open(&f, in_dir(name), mode, NULL);
    brio_file_close(f);
    return rc;
}

FILE_TEST(modes_are_those_of_fopen)
{
    CHECK_INT(open_in("x", "r"), -ENOENT);
    CHECK_INT(open_in("x", "r+"), -ENOENT);
    CHECK_INT(open_in("x", "x"), 0);
    CHECK_INT(open_in("x", "x"), -EEXIST);
    CHECK_INT(open_in("x", "x+"), -EEXIST);
    CHECK_INT(open_in("x", "rb"), 0);
    CHECK_INT(open_in("x", "rb+"), 0);
    CHECK_INT(open_in("y", "w+"), 0);
    CHECK_INT(open_in("z", "a+"), 0);
    CHECK_INT(open_in("x", "d"), -ENOTDIR);
    CHECK_INT(open_in(".", "d"), 0);
    CHECK_INT(open_in(".", "r"), -EISDIR);
    CHECK_INT(open_in(".", "w"), -EISDIR);
    CHECK_INT(open_in("x", ""), -EINVAL);
    CHECK_INT(open_in("x", "q"), -EINVAL);
    CHECK_INT(open_in("x", "rw"), -EINVAL);
    CHECK_INT(open_in("x", "d+"), -EINVAL);
    return 0;
}

FILE_TEST(a_mode_allows_what_it_says)
{
    brio_file *f;
    char byte;
    brio_str path = in_dir("f");
    CHECK_OK(brio_path_write(path, BRIO_S("abc"), 0));
    CHECK_OK(brio_file_open(&f, path, "r", NULL));
    CHECK_INT(brio_file_write(f, BRIO_S("x")), -EBADF);
    CHECK_INT(brio_file_truncate(f, 0), -EINVAL); /* the system's word for it */
    brio_file_close(f);
    CHECK_OK(brio_file_open(&f, path, "a", NULL));
    CHECK_INT(brio_file_read(f, &byte, 1), -EBADF);
    brio_file_close(f);
    CHECK_OK(brio_file_open(&f, path, "r+", NULL));
    CHECK_OK(brio_file_write(f, BRIO_S("X")));
    CHECK_INT(brio_file_read(f, &byte, 1), 1);
    CHECK_INT(byte, 'b');
    brio_file_close(f);
    CHECK_STR(shell(command("cat '%s'", path)), "Xbc");
    return 0;
}

FILE_TEST(opening_tells_what_was_opened)
{
    brio_file *f;
    brio_file_info told, asked;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("abc"), 0));
    CHECK_OK(brio_file_open(&f, in_dir("f"), "r", &(brio_file_options){.info = &told}));
    CHECK_OK(brio_file_stat(f, &asked));
    CHECK_INT(told.size, 3);
    CHECK_INT(told.kind, BRIO_FILE_REGULAR);
    CHECK(told.modified == asked.modified && told.inode == asked.inode);
    CHECK(!(fcntl(brio_file_fd(f), F_GETFL) & O_NONBLOCK)); /* for whoever else uses it */
    brio_file_close(f);
    CHECK_INT(brio_file_open(&f, in_dir("."), "r", &(brio_file_options){.info = &told}), -EISDIR);
    CHECK_OK(brio_file_open(&f, in_dir("."), "d", &(brio_file_options){.info = &told}));
    CHECK_INT(told.kind, BRIO_FILE_DIRECTORY);
    brio_file_close(f);
    return 0;
}

FILE_TEST(paths_that_are_none_are_refused)
{
    brio_file *f;
    char longest[5000];
    memset(longest, 'a', sizeof longest);
    CHECK_INT(brio_file_open(&f, BRIO_S(""), "r", NULL), -ENOENT);
    CHECK_INT(brio_file_open(&f, BRIO_S("a\0b"), "r", NULL), -EINVAL);
    CHECK_INT(brio_file_open(&f, (brio_str){longest, 4096}, "r", NULL), -ENAMETOOLONG);
    CHECK(f == NULL);
    CHECK_INT(brio_path_replace(BRIO_S("a\0b"), BRIO_S(""), 0), -EINVAL);
    CHECK_INT(brio_path_rename(in_dir("a"), BRIO_S("b\0"), false), -EINVAL);
    CHECK_INT(brio_path_mkdir(BRIO_S("\0"), 0), -EINVAL);
    CHECK_INT(brio_path_make_dirs(BRIO_S("a\0/b"), 0), -EINVAL);
    CHECK_INT(brio_path_exists(BRIO_S("/\0")), -EINVAL);
    CHECK_INT(brio_path_remove_tree(BRIO_S("/\0"), 0), -EINVAL);
    return 0;
}

FILE_TEST(permissions_are_the_ones_asked_for)
{
    brio_file *f;
    mode_t before = umask(027);
    CHECK_OK(brio_file_open(&f, in_dir("a"), "w", NULL));
    brio_file_close(f);
    CHECK_OK(brio_file_open(&f, in_dir("b"), "x", &(brio_file_options){.permissions = 0600}));
    brio_file_close(f);
    umask(before);
    CHECK_STR(shell(command("stat -c %%a '%s'", in_dir("a"))), "640\n");
    CHECK_STR(shell(command("stat -c %%a '%s'", in_dir("b"))), "600\n");
    return 0;
}

/* Root may read everything, so this is done as nobody. */
static int as_nobody(void *arg)
{
    brio_file *f;
    brio_str text, path = brio_str_from(arg);
    CHECK_INT(brio_file_open(&f, path, "r", NULL), -EACCES);
    CHECK_INT(brio_path_read(path, 0, &text), -EACCES);
    CHECK_INT(brio_path_replace(path, BRIO_S("x"), 0), -EACCES);
    CHECK_INT(brio_path_remove(path), -EACCES);
    return 0;
}

static void check_as_nobody(brio_backend backend)
{
    char folder[] = "/tmp/brio-test-XXXXXX", path[64];
    CHECK(mkdtemp(folder));
    CHECK_INT(chmod(folder, 0755), 0);
    snprintf(path, sizeof path, "%s/f", folder);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    pid_t pid = fork();
    if (pid == 0) {
        brio_loop_options loop = {.backend = backend};
        if (geteuid() == 0 ? setgid(65534) || setuid(65534) : chmod(path, 0000))
            _exit(1);
        int rc = brio_run(as_nobody, path, &(brio_run_options){.loop = &loop});
        _exit(rc != 0 && rc != -ENOSYS && rc != -EPERM);
    }
    int status;
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_INT(status, 0);
    unlink(path);
    rmdir(folder);
}

TEST(what_is_not_permitted_is_refused_epoll)
{
    check_as_nobody(BRIO_BACKEND_EPOLL);
}

TEST(what_is_not_permitted_is_refused_uring)
{
    check_as_nobody(BRIO_BACKEND_URING);
}

FILE_TEST(the_last_link_is_not_followed_if_so_asked)
{
    brio_file *f;
    CHECK_OK(brio_path_write(in_dir("real"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_symlink(BRIO_S("real"), in_dir("link")));
    CHECK_OK(brio_file_open(&f, in_dir("link"), "r", NULL));
    brio_file_close(f);
    brio_file_options no = {.no_follow = true};
    CHECK_INT(brio_file_open(&f, in_dir("link"), "r", &no), -ELOOP);
    CHECK_OK(brio_file_open(&f, in_dir("real"), "r", &no));
    brio_file_close(f);
    return 0;
}

FILE_TEST(beneath_a_directory_nothing_leads_out)
{
    brio_file *root, *f = NULL;
    CHECK_OK(brio_path_make_dirs(in_dir("root/sub"), 0));
    CHECK_OK(brio_path_write(in_dir("outside"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_write(in_dir("root/sub/inside"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_symlink(BRIO_S("../outside"), in_dir("root/out")));
    CHECK_OK(brio_path_symlink(BRIO_S("sub/inside"), in_dir("root/in")));
    CHECK_OK(brio_file_open(&root, in_dir("root"), "d", NULL));
    brio_file_options o = {.beneath = root};
    CHECK_OK(brio_file_open(&f, BRIO_S("sub/inside"), "r", &o));
    brio_file_close(f);
    CHECK_OK(brio_file_open(&f, BRIO_S("sub/../in"), "r", &o));
    brio_file_close(f);
    CHECK_INT(brio_file_open(&f, BRIO_S("../outside"), "r", &o), -EXDEV);
    CHECK_INT(brio_file_open(&f, BRIO_S("out"), "r", &o), -EXDEV);
    CHECK_INT(brio_file_open(&f, BRIO_S("/etc/passwd"), "r", &o), -EXDEV);
    CHECK_INT(brio_file_open(&f, BRIO_S("../made"), "w", &o), -EXDEV);
    CHECK_OK(brio_file_open(&f, BRIO_S("sub/made"), "w", &o));
    brio_file_close(f);
    brio_file_close(root);
    CHECK_INT(brio_path_exists(in_dir("root/sub/made")), 1);
    return 0;
}

/* ---- Ends --------------------------------------------------------------- */

static int leave_open(void *arg)
{
    brio_file **f = arg;
    return brio_file_open(f, in_dir("left"), "w", NULL);
}

static int open_fds(void)
{
    brio_dir_entry *entries;
    return (int)brio_path_list(BRIO_S("/proc/self/fd"), 0, &entries);
}

FILE_TEST(a_file_is_closed_with_its_task)
{
    brio_file *f, *warm;
    CHECK_OK(brio_file_open(&warm, in_dir("warm"), "w", NULL)); /* pools and kin exist now */
    int before = open_fds();
    CHECK_OK(brio_gather({leave_open, &f}));
    CHECK_INT(open_fds(), before);
    brio_file_close(warm);
    return 0;
}

static int open_kept(void *arg)
{
    return brio_file_open(arg, in_dir("kept"), "w", &(brio_file_options){.keep = true});
}

FILE_TEST(a_kept_file_outlives_its_task)
{
    brio_file *f;
    CHECK_OK(brio_gather({open_kept, &f}));
    CHECK_OK(brio_file_write(f, BRIO_S("x")));
    brio_file_close(f);
    return 0;
}

FILE_TEST(a_kept_file_nobody_closed_is_closed_with_the_loop)
{
    brio_file *f;
    return brio_file_open(&f, in_dir("kept"), "w", &(brio_file_options){.keep = true});
}

static int abandoned(void *arg)
{
    brio_file *f;
    (void)arg;
    CHECK_OK(brio_file_open(&f, in_dir("f"), "w", NULL));
    brio_task_abandon(-EIO);
}

FILE_TEST(an_abandoned_task_leaks_no_file)
{
    int result;
    int before = open_fds();
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, abandoned, NULL);
        CHECK_OK(brio_join(task, &result));
    }
    CHECK_INT(result, -EIO);
    CHECK_INT(open_fds(), before);
    return 0;
}

static int write_much(void *arg)
{
    static char much[4 << 20];
    return brio_file_pwrite(arg, (brio_str){much, sizeof much}, 0);
}

FILE_TEST_SHUFFLED(a_file_closed_under_a_call_lives_until_it_ends)
{
    brio_file *f;
    CHECK_OK(brio_file_open(&f, in_dir("f"), "w", NULL));
    BRIO_GROUP(g)
    {
        brio_spawn(&g, write_much, f);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        brio_file_close(f);
    }
    brio_file_info info;
    CHECK_OK(brio_path_stat(in_dir("f"), true, &info));
    CHECK(on_sim || info.size == 4 << 20);
    return 0;
}

/* ---- Positions ---------------------------------------------------------- */

FILE_TEST(a_file_has_one_position)
{
    brio_file *f;
    char buf[4];
    CHECK_OK(brio_file_open(&f, in_dir("f"), "w+", NULL));
    CHECK_OK(brio_file_write(f, BRIO_S("0123456789")));
    CHECK_INT(brio_file_seek(f, 0, SEEK_CUR), 10);
    CHECK_INT(brio_file_seek(f, 2, SEEK_SET), 2);
    CHECK_INT(brio_file_read(f, buf, 3), 3);
    CHECK(memcmp(buf, "234", 3) == 0);
    CHECK_INT(brio_file_seek(f, -1, SEEK_CUR), 4);
    CHECK_INT(brio_file_pread(f, buf, 2, 8), 2);
    CHECK_OK(brio_file_pwrite(f, BRIO_S("XY"), 0));
    CHECK_INT(brio_file_seek(f, 0, SEEK_CUR), 4); /* they left it alone */
    CHECK_INT(brio_file_seek(f, -3, SEEK_END), 7);
    CHECK_INT(brio_file_seek(f, -11, SEEK_END), -EINVAL);
    CHECK_INT(brio_file_seek(f, INT64_MAX, SEEK_END), -EINVAL);
    CHECK_INT(brio_file_seek(f, 0, 99), -EINVAL);
    CHECK_INT(brio_file_pread(f, buf, 2, -1), -EINVAL);
    CHECK_INT(brio_file_pwrite(f, BRIO_S("x"), -1), -EINVAL);
    CHECK_INT(brio_file_pread(f, buf, 2, 100), 0);
    brio_file_close(f);
    CHECK_STR(shell(command("cat '%s'", in_dir("f"))), "XY23456789");
    return 0;
}

FILE_TEST(appending_goes_to_the_end)
{
    brio_file *f, *g;
    CHECK_OK(brio_file_open(&f, in_dir("log"), "a", NULL));
    CHECK_OK(brio_file_open(&g, in_dir("log"), "a", NULL));
    CHECK_OK(brio_file_write(f, BRIO_S("one ")));
    CHECK_OK(brio_file_write(g, BRIO_S("two ")));
    CHECK_INT(brio_file_seek(f, 0, SEEK_SET), 0);
    CHECK_OK(brio_file_write(f, BRIO_S("three")));
    CHECK_INT(brio_file_seek(f, 0, SEEK_CUR), 13);
    brio_file_close(f);
    brio_file_close(g);
    CHECK_STR(shell(command("cat '%s'", in_dir("log"))), "one two three");
    return 0;
}

static int read_busy(void *arg)
{
    char big[256 * 1024]; /* too much to be read at once */
    ptrdiff_t n = brio_file_read(arg, big, sizeof big);
    return n < 0 ? (int)n : 0;
}

FILE_TEST_SHUFFLED(one_task_at_a_time_uses_the_position)
{
    brio_file *f;
    brio_task_options roomy = {.stack_size = 1 << 20};
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("x"), 0));
    CHECK_OK(brio_file_open(&f, in_dir("f"), "r", NULL));
    CHECK_OK(brio_file_seek(f, 0, SEEK_SET) < 0 ? -1 : 0);
    int a, b;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *x = brio_spawn_with(&g, read_busy, f, &roomy);
        brio_task *y = brio_spawn_with(&g, read_busy, f, &roomy);
        CHECK_OK(brio_join(x, &a));
        CHECK_OK(brio_join(y, &b));
    }
    CHECK_INT(a + b, -EBUSY); /* one of them; the other read */
    brio_file_close(f);
    return 0;
}

typedef struct fifo_reader {
    brio_file *file;
    int rc;
} fifo_reader;

/* While its read is under way all that go by the position are turned away. */
static int during_a_read(void *arg)
{
    fifo_reader *r = arg;
    brio_str line;
    char byte;
    CHECK_INT(brio_file_read(r->file, &byte, 1), -EBUSY);
    CHECK_INT(brio_file_write(r->file, BRIO_S("x")), -EBUSY);
    CHECK_INT(brio_file_seek(r->file, 0, SEEK_SET), -EBUSY);
    CHECK_INT(brio_file_read_line(r->file, 0, &line), -EBUSY);
    CHECK_INT(brio_file_pread(r->file, &byte, 1, 0), 1); /* has no use for it */
    r->rc = 1;
    return 0;
}

static int read_much(void *arg)
{
    fifo_reader *r = arg;
    size_t n = 8 << 20;
    char *big = malloc(n);
    ptrdiff_t got = brio_file_read(r->file, big, n);
    free(big);
    return got == (ptrdiff_t)n ? 0 : -EIO;
}

FILE_TEST(who_goes_by_the_position_is_turned_away_meanwhile)
{
    fifo_reader r = {0};
    brio_file *f;
    CHECK_OK(brio_file_open(&f, in_dir("f"), "w+", NULL));
    CHECK_OK(brio_file_truncate(f, 8 << 20));
    r.file = f;
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, read_much, &r, &(brio_task_options){.eager = true});
        brio_spawn_with(&g, during_a_read, &r, &(brio_task_options){.eager = true});
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(r.rc, 1);
    brio_file_close(f);
    return 0;
}

FILE_TEST(a_sparse_file_may_be_huge)
{
    brio_file *f;
    brio_file_info info;
    char byte = 1;
    int64_t end = (int64_t)1 << 40;
    CHECK_OK(brio_file_open(&f, in_dir("huge"), "w+", NULL));
    CHECK_OK(brio_file_truncate(f, (uint64_t)end));
    CHECK_OK(brio_file_pwrite(f, BRIO_S("!"), end));
    CHECK_INT(brio_file_pread(f, &byte, 1, end - 1), 1);
    CHECK_INT(byte, 0);
    CHECK_INT(brio_file_pread(f, &byte, 1, end), 1);
    CHECK_INT(byte, '!');
    CHECK_INT(brio_file_seek(f, 0, SEEK_END), end + 1);
    CHECK_OK(brio_file_stat(f, &info));
    CHECK_INT(info.size, end + 1);
    CHECK(info.allocated < 1 << 20);
    CHECK_INT(brio_file_truncate(f, UINT64_MAX), -EFBIG);
    CHECK_OK(brio_file_truncate(f, 0));
    brio_file_close(f);
    return 0;
}

/* ---- Large and odd ------------------------------------------------------ */

FILE_TEST(many_bytes_are_the_same_bytes)
{
    size_t n = 3000001;
    char *bytes = malloc(n), *back = malloc(n + 10);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 2654435761U >> 13);
    brio_file *f;
    CHECK_OK(brio_file_open(&f, in_dir("f"), "w+", NULL));
    CHECK_OK(brio_file_write(f, (brio_str){bytes, n}));
    CHECK_OK(brio_file_sync(f, true));
    CHECK_OK(brio_file_sync(f, false));
    CHECK_OK(brio_file_seek(f, 0, SEEK_SET) < 0 ? -1 : 0);
    CHECK_INT(brio_file_read(f, back, n + 10), n);
    CHECK(memcmp(bytes, back, n) == 0);
    brio_file_close(f);
    brio_str path = in_dir("f");
    CHECK_OK(brio_path_copy(path, in_dir("g")) < 0 ? -1 : 0);
    CHECK(brio_str_eq(brio_str_slice(shell(command("sha256sum '%s'", path)), 0, 64),
                      brio_str_slice(shell(command("sha256sum '%s'", in_dir("g"))), 0, 64)));
    free(bytes);
    free(back);
    return 0;
}

FILE_TEST(a_full_disk_is_an_error)
{
    brio_file *f;
    CHECK_OK(brio_file_open(&f, BRIO_S("/dev/full"), "r+", NULL));
    CHECK_INT(brio_file_write(f, BRIO_S("x")), -ENOSPC);
    char bytes[3] = "abc";
    CHECK_INT(brio_file_read(f, bytes, 3), 3);
    CHECK_INT(bytes[0] | bytes[1] | bytes[2], 0);
    CHECK_INT(brio_file_seek(f, 0, SEEK_SET), -ESPIPE);
    CHECK_INT(brio_file_pread(f, bytes, 3, 0), -ESPIPE);
    brio_file_close(f);
    return 0;
}

FILE_TEST(files_of_proc_are_read_to_their_end)
{
    brio_str mine, cat;
    CHECK_OK(brio_path_read(BRIO_S("/proc/cpuinfo"), 0, &mine));
    cat = shell("cat /proc/cpuinfo | wc -l");
    int lines = 0;
    for (size_t i = 0; i < mine.len; i++)
        lines += mine.ptr[i] == '\n';
    CHECK_INT(lines, strtol(cat.ptr, NULL, 10));
    return 0;
}

/* A FIFO nobody writes to holds neither the task nor a thread. */
FILE_TEST(a_fifo_does_not_block)
{
    brio_file *f;
    char byte;
    brio_str path = in_dir("fifo");
    CHECK_INT(mkfifo(path.ptr, 0600), 0);
    CHECK_INT(brio_file_open(&f, path, "w", NULL), -ENXIO);
    CHECK_OK(brio_file_open(&f, path, "r", NULL));
    CHECK_INT(brio_file_read(f, &byte, 1), 0); /* no writer: the end */
    int writer = open(path.ptr, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    CHECK_INT(brio_file_read(f, &byte, 1), -EAGAIN);
    CHECK_INT(write(writer, "!", 1), 1);
    CHECK_INT(brio_file_read(f, &byte, 1), 1);
    close(writer);
    brio_file_close(f);
    return 0;
}

/* ---- Lines -------------------------------------------------------------- */

FILE_TEST(lines_come_one_by_one)
{
    int rc;
    brio_str line, path = in_dir("f");
    CHECK_OK(brio_path_write(path, BRIO_S("one\n\nthree\r\n\r\nlast"), 0));
    BRIO_WITH_FILE(rc, f, path, "r")
    {
        CHECK_INT(brio_file_read_line(f, 0, &line), 1);
        CHECK_STR(line, "one");
        CHECK_INT(brio_file_seek(f, 0, SEEK_CUR), 4);
        CHECK_INT(brio_file_read_line(f, 0, &line), 1);
        CHECK_STR(line, "");
        CHECK_INT(brio_file_read_line(f, 0, &line), 1);
        CHECK_STR(line, "three");
        CHECK_INT(brio_file_read_line(f, 0, &line), 1);
        CHECK_STR(line, "");
        CHECK_INT(brio_file_read_line(f, 0, &line), 1);
        CHECK_STR(line, "last");
        CHECK_INT(brio_file_read_line(f, 0, &line), 0);
        CHECK_STR(line, "");
    }
    CHECK_OK(rc);
    return 0;
}

FILE_TEST(an_empty_file_has_no_line)
{
    int rc;
    brio_str line;
    BRIO_WITH_FILE(rc, f, in_dir("f"), "w+")
    CHECK_INT(brio_file_read_line(f, 0, &line), 0);
    return rc;
}

FILE_TEST(a_line_beyond_the_limit_stays_unread)
{
    brio_file *f;
    brio_str line;
    char buf[16];
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("0123456\nrest"), 0));
    CHECK_OK(brio_file_open(&f, in_dir("f"), "r", NULL));
    CHECK_INT(brio_file_read_line(f, 7, &line), BRIO_ELIMIT);
    CHECK_INT(brio_file_read_line(f, 7, &line), BRIO_ELIMIT);
    CHECK_INT(brio_file_read_line(f, 8, &line), 1);
    CHECK_STR(line, "0123456");
    CHECK_INT(brio_file_read(f, buf, sizeof buf), 4); /* what was read ahead, too */
    CHECK(memcmp(buf, "rest", 4) == 0);
    brio_file_close(f);
    return 0;
}

FILE_TEST(lines_of_every_length_cross_every_boundary)
{
    brio_file *f;
    brio_str line;
    brio_buf text = {0};
    for (size_t len = 0; len < 40000; len = len * 5 / 4 + 1) {
        for (size_t i = 0; i < len; i++)
            brio_buf_char(&text, (char)('a' + len % 26));
        brio_buf_char(&text, '\n');
    }
    CHECK_OK(brio_path_write(in_dir("f"), brio_buf_str(&text), 0));
    CHECK_OK(brio_file_open(&f, in_dir("f"), "r", NULL));
    for (size_t len = 0; len < 40000; len = len * 5 / 4 + 1) {
        CHECK_INT(brio_file_read_line(f, 0, &line), 1);
        CHECK_INT(line.len, len);
        CHECK(len == 0 || line.ptr[0] == (char)('a' + len % 26));
        CHECK(len == 0 || line.ptr[len - 1] == line.ptr[0]);
    }
    CHECK_INT(brio_file_read_line(f, 0, &line), 0);
    brio_file_close(f);
    brio_buf_fini(&text);
    return 0;
}

FILE_TEST(writing_between_lines_goes_to_where_reading_is)
{
    brio_file *f;
    brio_str line;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("one\ntwo\nthree\n"), 0));
    CHECK_OK(brio_file_open(&f, in_dir("f"), "r+", NULL));
    CHECK_INT(brio_file_read_line(f, 0, &line), 1);
    CHECK_OK(brio_file_write(f, BRIO_S("TWO")));
    CHECK_INT(brio_file_read_line(f, 0, &line), 1);
    CHECK_STR(line, "");
    CHECK_INT(brio_file_read_line(f, 0, &line), 1);
    CHECK_STR(line, "three");
    brio_file_close(f);
    return 0;
}

/* ---- Outside tasks ------------------------------------------------------ */

TEST(outside_tasks_the_calls_block)
{
    brio_file *f;
    char path[] = "/tmp/brio-test-XXXXXX", buf[4];
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    CHECK_OK(brio_file_open(&f, brio_str_from(path), "r+", NULL));
    CHECK_OK(brio_file_write(f, BRIO_S("abc")));
    CHECK_INT(brio_file_pread(f, buf, sizeof buf, 0), 3);
    brio_file_close(f);
    CHECK_OK(brio_path_remove(brio_str_from(path)));
    CHECK_INT(brio_path_exists(brio_str_from(path)), 0);
}
