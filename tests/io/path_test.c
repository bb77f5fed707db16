/* SPDX-License-Identifier: MIT
 *
 * Whole files, names, trees, temporary files: against the real file system. */
#include "io/file_bed.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* ---- Whole files -------------------------------------------------------- */

FILE_TEST(a_file_is_written_and_read_whole)
{
    brio_str text;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("some\0bytes"), 0));
    CHECK_OK(brio_path_read(in_dir("f"), 0, &text));
    CHECK_INT(text.len, 10);
    CHECK(memcmp(text.ptr, "some\0bytes", 11) == 0); /* a NUL behind it */
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("less"), 0));
    CHECK_OK(brio_path_read(in_dir("f"), 0, &text));
    CHECK_STR(text, "less");
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S(""), 0));
    CHECK_OK(brio_path_read(in_dir("f"), 0, &text));
    CHECK_STR(text, "");
    CHECK_INT(brio_path_read(in_dir("absent"), 0, &text), -ENOENT);
    CHECK_INT(brio_path_read(dir, 0, &text), -EISDIR);
    return 0;
}

FILE_TEST(reading_whole_has_a_limit)
{
    brio_str text;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("0123456789"), 0));
    CHECK_OK(brio_path_read(in_dir("f"), 10, &text));
    CHECK_INT(text.len, 10);
    CHECK_INT(brio_path_read(in_dir("f"), 9, &text), BRIO_ELIMIT);
    CHECK_INT(brio_path_read(BRIO_S("/dev/zero"), 100000, &text), BRIO_ELIMIT);
    CHECK_INT(brio_path_read(BRIO_S("/dev/zero"), 0, &text), BRIO_ELIMIT);
    return 0;
}

FILE_TEST(replace_is_whole_or_nothing)
{
    brio_str text;
    brio_str path = in_dir("state");
    CHECK_OK(brio_path_replace(path, BRIO_S("one"), 0600));
    CHECK_STR(shell(command("stat -c %%a '%s'", path)), "600\n");
    CHECK_OK(brio_path_replace(path, BRIO_S("two"), 0));
    CHECK_STR(shell(command("stat -c %%a '%s'", path)), "600\n"); /* as before */
    CHECK_OK(brio_path_read(path, 0, &text));
    CHECK_STR(text, "two");
    CHECK_INT(names_in_dir(), 1);
    CHECK_OK(brio_path_mkdir(in_dir("d"), 0));
    CHECK_INT(brio_path_replace(in_dir("d"), BRIO_S("x"), 0), -EISDIR);
    CHECK_INT(brio_path_replace(in_dir("no/such"), BRIO_S("x"), 0), -ENOENT);
    CHECK_INT(names_in_dir(), 2);
    return 0;
}

FILE_TEST(replace_does_not_follow_a_link)
{
    brio_str text;
    CHECK_OK(brio_path_write(in_dir("real"), BRIO_S("old"), 0));
    CHECK_OK(brio_path_symlink(BRIO_S("real"), in_dir("link")));
    CHECK_OK(brio_path_replace(in_dir("link"), BRIO_S("new"), 0));
    CHECK_OK(brio_path_read(in_dir("real"), 0, &text));
    CHECK_STR(text, "old");
    CHECK_OK(brio_path_read(in_dir("link"), 0, &text));
    CHECK_STR(text, "new");
    return 0;
}

/* A file size limit stands for the full disk: half of it fits. */
FILE_TEST(a_full_disk_leaves_the_old_file)
{
    static char big[100000];
    struct rlimit limit = {50000, 100000}, before;
    brio_str text;
    CHECK_OK(brio_path_replace(in_dir("f"), BRIO_S("old"), 0));
    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit.rlim_max = before.rlim_max;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    CHECK_INT(brio_path_replace(in_dir("f"), (brio_str){big, sizeof big}, 0), -EFBIG);
    brio_file *f;
    CHECK_OK(brio_file_open(&f, in_dir("g"), "w", NULL));
    CHECK_INT(brio_file_write(f, (brio_str){big, sizeof big}), -EFBIG);
    CHECK_INT(brio_file_seek(f, 0, SEEK_CUR), 50000); /* behind what was written */
    brio_file_close(f);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_OK(brio_path_read(in_dir("f"), 0, &text));
    CHECK_STR(text, "old");
    CHECK_INT(names_in_dir(), 2);
    CHECK_INT(brio_path_write(BRIO_S("/dev/full"), BRIO_S("x"), 0), -ENOSPC);
    return 0;
}

FILE_TEST(a_copy_has_the_bytes_and_permissions)
{
    brio_str text;
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S("bytes"), 0));
    CHECK_OK(brio_path_chmod(in_dir("f"), 0640));
    CHECK_INT(brio_path_copy(in_dir("f"), in_dir("g")), 5);
    CHECK_STR(shell(command("stat -c %%a '%s'", in_dir("g"))), "640\n");
    CHECK_OK(brio_path_read(in_dir("g"), 0, &text));
    CHECK_STR(text, "bytes");
    CHECK_OK(brio_path_write(in_dir("empty"), BRIO_S(""), 0));
    CHECK_INT(brio_path_copy(in_dir("empty"), in_dir("g")), 0);
    CHECK_OK(brio_path_read(in_dir("g"), 0, &text));
    CHECK_STR(text, "");
    CHECK(brio_path_copy(BRIO_S("/proc/version"), in_dir("v")) > 0); /* says its size is 0 */
    CHECK_INT(brio_path_copy(in_dir("absent"), in_dir("g")), -ENOENT);
    CHECK_INT(brio_path_copy(dir, in_dir("g")), -EISDIR);
    CHECK_INT(brio_path_copy(BRIO_S("/dev/null"), in_dir("g")), -EINVAL);
    CHECK_INT(brio_path_copy(in_dir("f"), in_dir("no/such")), -ENOENT);
    CHECK_INT(names_in_dir(), 4);
    return 0;
}

/* A file that has no name, whose position is anywhere, gets one. */
FILE_TEST(an_open_file_is_copied)
{
    brio_file *file;
    brio_str got;
    CHECK_OK(brio_file_temp(&file, dir, NULL));
    CHECK_OK(brio_file_write(file, BRIO_S("bytes")));
    CHECK_INT(brio_file_copy(file, in_dir("named"), 0640), 5);
    CHECK_INT(brio_file_seek(file, 0, SEEK_CUR), 5);
    CHECK_OK(brio_path_read(in_dir("named"), 0, &got));
    CHECK_STR(got, "bytes");
    CHECK_STR(shell(command("stat -c %%a '%s'", in_dir("named"))), "640\n");
    CHECK_INT(brio_file_copy(file, in_dir("no/where"), 0), -ENOENT);
    CHECK_INT(brio_file_copy(file, dir, 0), -EISDIR);
    CHECK_INT(names_in_dir(), 1);
    brio_file_close(file);
    return 0;
}

/* ---- Names -------------------------------------------------------------- */

FILE_TEST(stat_says_what_the_system_says)
{
    brio_file_info info;
    brio_str path = in_dir("f");
    CHECK_OK(brio_path_write(path, BRIO_S("12345"), 0));
    CHECK_OK(brio_path_chmod(path, 0604));
    CHECK_OK(brio_path_stat(path, true, &info));
    brio_str mine = brio_printf(brio_task_arena(), "%llu %o %u %u %llu %llu %lld\n",
                                (unsigned long long)info.size, info.permissions, info.uid, info.gid,
                                (unsigned long long)info.inode, (unsigned long long)info.links,
                                (long long)(info.modified / BRIO_SEC(1)));
    CHECK_STR(mine, shell(command("stat -c '%%s %%a %%u %%g %%i %%h %%Y' '%s'", path)).ptr);
    struct stat st;
    CHECK_INT(stat(path.ptr, &st), 0);
    CHECK_INT(info.device, st.st_dev);
    CHECK_INT(info.kind, BRIO_FILE_REGULAR);
    CHECK_INT(info.modified, BRIO_SEC(st.st_mtim.tv_sec) + st.st_mtim.tv_nsec);
    return 0;
}

FILE_TEST(kinds_are_told_apart)
{
    brio_file_info info;
    CHECK_OK(brio_path_symlink(BRIO_S("nowhere"), in_dir("link")));
    CHECK_OK(brio_path_stat(in_dir("link"), false, &info));
    CHECK_INT(info.kind, BRIO_FILE_SYMLINK);
    CHECK_INT(brio_path_stat(in_dir("link"), true, &info), -ENOENT);
    CHECK_INT(brio_path_exists(in_dir("link")), 0);
    CHECK_OK(brio_path_stat(dir, true, &info));
    CHECK_INT(info.kind, BRIO_FILE_DIRECTORY);
    CHECK_OK(brio_path_stat(BRIO_S("/dev/null"), true, &info));
    CHECK_INT(info.kind, BRIO_FILE_DEVICE);
    CHECK_INT(mkfifo(in_dir("fifo").ptr, 0600), 0);
    CHECK_OK(brio_path_stat(in_dir("fifo"), true, &info));
    CHECK_INT(info.kind, BRIO_FILE_FIFO);
    brio_address at;
    int bound = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_OK(brio_address_of_path(&at, in_dir("socket").ptr));
    CHECK_INT(bind(bound, (const struct sockaddr *)(const void *)&at.as, at.len), 0);
    close(bound);
    CHECK_OK(brio_path_stat(in_dir("socket"), true, &info));
    CHECK_INT(info.kind, BRIO_FILE_SOCKET);
    brio_file *f;
    CHECK_OK(brio_file_open(&f, dir, "d", NULL));
    CHECK_OK(brio_file_stat(f, &info));
    CHECK_INT(info.kind, BRIO_FILE_DIRECTORY);
    CHECK_OK(brio_file_sync(f, false));
    brio_file_close(f);
    return 0;
}

FILE_TEST(exists_tells_yes_no_and_cannot_say)
{
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S(""), 0));
    CHECK_INT(brio_path_exists(in_dir("f")), 1);
    CHECK_INT(brio_path_exists(in_dir("g")), 0);
    CHECK_INT(brio_path_exists(in_dir("f/below")), 0);
    CHECK_OK(brio_path_symlink(BRIO_S("loop"), in_dir("loop")));
    CHECK_INT(brio_path_exists(in_dir("loop")), -ELOOP);
    return 0;
}

FILE_TEST(rename_replaces_unless_exclusive)
{
    brio_str text;
    CHECK_OK(brio_path_write(in_dir("a"), BRIO_S("a"), 0));
    CHECK_OK(brio_path_write(in_dir("b"), BRIO_S("b"), 0));
    CHECK_INT(brio_path_rename(in_dir("a"), in_dir("b"), true), -EEXIST);
    CHECK_OK(brio_path_rename(in_dir("a"), in_dir("b"), false));
    CHECK_INT(brio_path_exists(in_dir("a")), 0);
    CHECK_OK(brio_path_read(in_dir("b"), 0, &text));
    CHECK_STR(text, "a");
    CHECK_INT(brio_path_rename(in_dir("a"), in_dir("c"), false), -ENOENT);
    return 0;
}

FILE_TEST(remove_is_for_files_and_rmdir_for_empty_directories)
{
    CHECK_OK(brio_path_mkdir(in_dir("d"), 0700));
    CHECK_INT(brio_path_mkdir(in_dir("d"), 0), -EEXIST);
    CHECK_OK(brio_path_write(in_dir("d/f"), BRIO_S(""), 0));
    CHECK_INT(brio_path_remove(in_dir("d")), -EISDIR);
    CHECK_INT(brio_path_rmdir(in_dir("d")), -ENOTEMPTY);
    CHECK_INT(brio_path_rmdir(in_dir("d/f")), -ENOTDIR);
    CHECK_OK(brio_path_remove(in_dir("d/f")));
    CHECK_INT(brio_path_remove(in_dir("d/f")), -ENOENT);
    CHECK_OK(brio_path_rmdir(in_dir("d")));
    return 0;
}

FILE_TEST(make_dirs_makes_what_is_missing)
{
    CHECK_OK(brio_path_make_dirs(in_dir("a/b/c"), 0700));
    CHECK_OK(brio_path_make_dirs(in_dir("a/b/c"), 0));
    CHECK_OK(brio_path_make_dirs(in_dir("a/b"), 0));
    CHECK_STR(shell(command("stat -c %%a '%s'", in_dir("a/b/c"))), "700\n");
    CHECK_OK(brio_path_write(in_dir("a/f"), BRIO_S(""), 0));
    CHECK_INT(brio_path_make_dirs(in_dir("a/f"), 0), -ENOTDIR);
    CHECK_INT(brio_path_make_dirs(in_dir("a/f/g"), 0), -ENOTDIR);
    return 0;
}

FILE_TEST(a_symbolic_link_says_where_it_points)
{
    brio_str target;
    CHECK_OK(brio_path_symlink(BRIO_S("over/there"), in_dir("link")));
    CHECK_OK(brio_path_readlink(in_dir("link"), &target));
    CHECK_STR(target, "over/there");
    CHECK_INT(brio_path_symlink(BRIO_S("x"), in_dir("link")), -EEXIST);
    CHECK_OK(brio_path_write(in_dir("f"), BRIO_S(""), 0));
    CHECK_INT(brio_path_readlink(in_dir("f"), &target), -EINVAL);
    return 0;
}

/* ---- Trees -------------------------------------------------------------- */

FILE_TEST(a_listing_is_sorted_and_limited)
{
    brio_dir_entry *e;
    CHECK_OK(brio_path_list(dir, 0, &e) == 0 ? 0 : -1);
    CHECK_OK(brio_path_write(in_dir("b"), BRIO_S(""), 0));
    CHECK_OK(brio_path_mkdir(in_dir("a"), 0));
    CHECK_OK(brio_path_symlink(BRIO_S("b"), in_dir("c")));
    CHECK_OK(brio_path_write(in_dir(".hidden"), BRIO_S(""), 0));
    CHECK_INT(brio_path_list(dir, 4, &e), 4);
    CHECK_STR(e[0].name, ".hidden");
    CHECK_STR(e[1].name, "a");
    CHECK_STR(e[2].name, "b");
    CHECK_STR(e[3].name, "c");
    CHECK_INT(e[1].kind, BRIO_FILE_DIRECTORY);
    CHECK_INT(e[2].kind, BRIO_FILE_REGULAR);
    CHECK_INT(e[3].kind, BRIO_FILE_SYMLINK);
    CHECK_INT(strlen(e[0].name.ptr), 7);
    brio_file *open;
    CHECK_OK(brio_file_open(&open, dir, "d", NULL));
    CHECK_INT(brio_file_list(open, 0, &e), 4);
    CHECK_STR(e[3].name, "c");
    CHECK_INT(brio_file_list(open, 0, &e), 4); /* from the beginning */
    CHECK_INT(brio_file_list(open, 3, &e), BRIO_ELIMIT);
    brio_file_close(open);
    CHECK_INT(brio_path_list(dir, 3, &e), BRIO_ELIMIT);
    CHECK_INT(brio_path_list(in_dir("b"), 0, &e), -ENOTDIR);
    CHECK_INT(brio_path_list(in_dir("z"), 0, &e), -ENOENT);
    return 0;
}

FILE_TEST(a_tree_is_removed_and_nothing_its_links_point_to)
{
    CHECK_OK(brio_path_make_dirs(in_dir("tree/a/b/c"), 0));
    CHECK_OK(brio_path_mkdir(in_dir("keep"), 0));
    CHECK_OK(brio_path_write(in_dir("keep/me"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_write(in_dir("tree/a/f"), BRIO_S("x"), 0));
    CHECK_OK(brio_path_symlink(BRIO_S("../../keep"), in_dir("tree/a/link")));
    CHECK_OK(brio_path_symlink(BRIO_S(".."), in_dir("tree/up")));
    CHECK_OK(brio_path_remove_tree(in_dir("tree"), 0));
    CHECK_INT(brio_path_exists(in_dir("tree")), 0);
    CHECK_INT(brio_path_exists(in_dir("keep/me")), 1);
    CHECK_OK(brio_path_symlink(BRIO_S("keep"), in_dir("link")));
    CHECK_OK(brio_path_remove_tree(in_dir("link"), 0)); /* the link itself */
    CHECK_INT(brio_path_exists(in_dir("keep/me")), 1);
    CHECK_OK(brio_path_remove_tree(in_dir("keep/me"), 0));
    CHECK_INT(brio_path_remove_tree(in_dir("keep/me"), 0), -ENOENT);
    return 0;
}

FILE_TEST(removing_a_tree_has_limits)
{
    CHECK_OK(brio_path_mkdir(in_dir("wide"), 0));
    for (int i = 0; i < 2500; i++)
        CHECK_INT(mknod(brio_printf(brio_task_arena(), "%.*s/wide/%d", BRIO_ARG(dir), i).ptr,
                        S_IFREG | 0600, 0),
                  0);
    CHECK_INT(brio_path_remove_tree(in_dir("wide"), 1000), BRIO_ELIMIT);
    CHECK_INT(brio_path_exists(in_dir("wide")), 1);
    CHECK_OK(brio_path_remove_tree(in_dir("wide"), 2000)); /* some were gone already */
    brio_buf deep = {0};
    brio_buf_add(&deep, in_dir("deep"));
    for (int i = 0; i < 150; i++)
        brio_buf_add(&deep, BRIO_S("/d"));
    CHECK_OK(brio_path_make_dirs(brio_buf_str(&deep), 0));
    CHECK_INT(brio_path_remove_tree(in_dir("deep"), 0), BRIO_ELIMIT);
    CHECK_STR(shell(command("rm -r '%s' && echo ok", in_dir("deep"))), "ok\n");
    brio_buf_fini(&deep);
    return 0;
}

/* ---- Temporary files ---------------------------------------------------- */

FILE_TEST(a_nameless_file_leaves_nothing)
{
    brio_file *f;
    char byte;
    CHECK_OK(brio_file_temp(&f, dir, NULL));
    CHECK_OK(brio_file_write(f, BRIO_S("x")));
    CHECK_INT(brio_file_pread(f, &byte, 1, 0), 1);
    CHECK_INT(names_in_dir(), 0);
    brio_file_close(f);
    return 0;
}

typedef struct made {
    char file[200], dir[200];
    brio_file *f;
} made;

static int make_temps(void *arg)
{
    made *m = arg;
    brio_str path;
    brio_file_info info;
    CHECK_OK(brio_file_temp(&m->f, dir, &path));
    snprintf(m->file, sizeof m->file, "%.*s", BRIO_ARG(path));
    CHECK_OK(brio_path_stat(path, false, &info));
    CHECK_INT(info.permissions, 0600);
    CHECK_OK(brio_path_temp_dir(dir, &path));
    snprintf(m->dir, sizeof m->dir, "%.*s", BRIO_ARG(path));
    CHECK_OK(brio_path_stat(path, false, &info));
    CHECK_INT(info.permissions, 0700);
    CHECK_OK(brio_path_write(brio_printf(brio_task_arena(), "%s/f", m->dir), BRIO_S("x"), 0));
    CHECK_INT(names_in_dir(), 2);
    return brio_sleep(BRIO_SEC(m->f ? 0 : 1));
}

FILE_TEST(temporary_files_go_with_their_task)
{
    made m;
    CHECK_OK(brio_gather({make_temps, &m}));
    CHECK_INT(names_in_dir(), 0);
    brio_file *f;
    CHECK_INT(brio_file_temp(&f, in_dir("no/such"), NULL), -ENOENT);
    CHECK_INT(brio_file_temp(&f, BRIO_S("/tmp\0"), NULL), -EINVAL);
    brio_str path;
    CHECK_INT(brio_path_temp_dir(in_dir("no"), &path), -ENOENT);
    return 0;
}

static int make_and_wait(void *arg)
{
    brio_str path;
    (void)arg;
    CHECK_OK(brio_path_temp_dir(dir, &path));
    return brio_sleep(BRIO_SEC(100));
}

FILE_TEST_SHUFFLED(they_go_when_it_is_cancelled_too)
{
    BRIO_GROUP(g)
    {
        brio_task *task = brio_spawn(&g, make_and_wait, NULL);
        while (names_in_dir() == 0)
            CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        CHECK(brio_task_cancel(task));
    }
    CHECK_INT(names_in_dir(), 0);
    return 0;
}
