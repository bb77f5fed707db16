/* SPDX-License-Identifier: MIT
 *
 * File operations of the loop: io_uring does what brio_file_perform does, in
 * its own time; the others say that they cannot. */
#include "loop/bed.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

typedef struct job {
    brio_file_op op;
    int done;
} job;

static void on_done(brio_file_op *op)
{
    BRIO_CONTAINER(op, job, op)->done++;
}

/* By the loop, or (NULL) in place. */
static int64_t run(brio_loop *loop, brio_file_op op)
{
    job j = {.op = op};
    j.op.fn = on_done;
    if (!loop) {
        brio_file_perform(&j.op);
        CHECK_INT(j.done, 0);
        return j.op.result;
    }
    CHECK_OK(brio_loop_file_start(loop, &j.op));
    CHECK_INT(j.done, 0); /* never inside the call */
    while (!j.done)
        CHECK_OK(brio_loop_run_once(loop, BRIO_NEVER));
    CHECK_INT(j.done, 1);
    return j.op.result;
}

static int64_t open_at(brio_loop *loop, int dir, const char *path, int flags)
{
    return run(loop,
               (brio_file_op){.call = BRIO_FILE_OPEN,
                              .fd = dir,
                              .path = path,
                              .how = {(uint64_t)(flags | O_CLOEXEC), flags & O_CREAT ? 0600 : 0}});
}

static void bytes_go_in_and_out(brio_loop *loop, int fd)
{
    char buf[8];
    brio_file_op io = {
        .call = BRIO_FILE_WRITE, .fd = fd, .data = (char[]){"hello"}, .len = 5, .offset = 2};
    CHECK_INT(run(loop, io), 5);
    io = (brio_file_op){.call = BRIO_FILE_READ, .fd = fd, .data = buf, .len = 8, .offset = 3};
    CHECK_INT(run(loop, io), 4);
    CHECK(memcmp(buf, "ello", 4) == 0);
    io.offset = -1; /* the descriptor's own position */
    CHECK_INT(run(loop, io), 7);
    CHECK_INT(run(loop, io), 0);
    CHECK_INT(run(loop, (brio_file_op){.call = BRIO_FILE_SYNC, .fd = fd}), 0);
    CHECK_INT(run(loop, (brio_file_op){.call = BRIO_FILE_SYNC, .fd = fd, .flags = 1}), 0);
    struct statx st;
    brio_file_op stat = {.call = BRIO_FILE_STAT,
                         .fd = fd,
                         .path = "",
                         .flags = AT_EMPTY_PATH,
                         .len = STATX_SIZE,
                         .data = &st};
    CHECK_INT(run(loop, stat), 0);
    CHECK_INT(st.stx_size, 7);
}

static void names_come_and_go(brio_loop *loop, int dir)
{
    brio_file_op op = {
        .call = BRIO_FILE_RENAME, .fd = dir, .path = "f", .to_fd = dir, .to_path = "g"};
    CHECK_INT(run(loop, op), 0);
    CHECK_INT(run(loop, op), -ENOENT);
    op = (brio_file_op){.call = BRIO_FILE_MKDIR, .fd = dir, .path = "d", .how = {0, 0700}};
    CHECK_INT(run(loop, op), 0);
    CHECK_INT(run(loop, op), -EEXIST);
    op = (brio_file_op){
        .call = BRIO_FILE_RENAME, .fd = dir, .path = "g", .to_fd = dir, .to_path = "d", .flags = 1};
    CHECK_INT(run(loop, op), -EEXIST); /* RENAME_NOREPLACE */
    op = (brio_file_op){.call = BRIO_FILE_UNLINK, .fd = dir, .path = "g"};
    CHECK_INT(run(loop, op), 0);
    op = (brio_file_op){.call = BRIO_FILE_UNLINK, .fd = dir, .path = "d", .flags = AT_REMOVEDIR};
    CHECK_INT(run(loop, op), 0);
}

static void every_operation(brio_loop *loop)
{
    char folder[] = "/tmp/brio-test-XXXXXX";
    CHECK(mkdtemp(folder));
    int64_t dir = open_at(loop, AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
    CHECK(dir >= 0);
    CHECK_INT(open_at(loop, (int)dir, "f", O_RDONLY), -ENOENT);
    int64_t fd = open_at(loop, (int)dir, "f", O_RDWR | O_CREAT);
    CHECK(fd >= 0);
    bytes_go_in_and_out(loop, (int)fd);
    names_come_and_go(loop, (int)dir);
    close((int)fd);
    close((int)dir);
    CHECK_INT(rmdir(folder), 0);
}

TEST(the_ring_does_every_operation)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_URING);
    every_operation(loop);
    brio_loop_free(loop);
}

TEST(in_place_does_every_operation)
{
    every_operation(NULL);
}

static void cannot(brio_backend backend)
{
    brio_loop *loop = bed_loop(backend);
    job j = {.op = {.call = BRIO_FILE_SYNC, .fn = on_done}};
    CHECK_INT(brio_loop_file_start(loop, &j.op), -ENOSYS);
    brio_loop_free(loop);
    CHECK_INT(j.done, 0);
}

TEST(epoll_and_sim_leave_files_to_threads)
{
    cannot(BRIO_BACKEND_EPOLL);
    cannot(BRIO_BACKEND_SIM);
}

TEST(a_cancelled_operation_is_given_back_once)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_URING);
    int ends[2];
    char byte;
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    job j = {.op = {.call = BRIO_FILE_READ, .fd = ends[0], .data = &byte, .len = 1, .offset = -1}};
    j.op.fn = on_done;
    CHECK_OK(brio_loop_file_start(loop, &j.op));
    CHECK_OK(brio_loop_run_once(loop, 0));
    CHECK_INT(j.done, 0);
    brio_loop_file_cancel(loop, &j.op);
    while (!j.done)
        CHECK_OK(brio_loop_run_once(loop, BRIO_NEVER));
    CHECK_INT(j.op.result, -ECANCELED);
    for (int i = 0; i < 3; i++)
        CHECK_OK(brio_loop_run_once(loop, 0));
    CHECK_INT(j.done, 1);
    close(ends[0]);
    close(ends[1]);
    brio_loop_free(loop);
}

TEST(what_completed_wins_over_its_cancellation)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_URING);
    int ends[2];
    char byte = 0;
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    CHECK_INT(write(ends[1], "!", 1), 1);
    job j = {.op = {.call = BRIO_FILE_READ, .fd = ends[0], .data = &byte, .len = 1, .offset = -1}};
    j.op.fn = on_done;
    CHECK_OK(brio_loop_file_start(loop, &j.op));
    brio_loop_file_cancel(loop, &j.op); /* behind it, in the same submission */
    while (!j.done)
        CHECK_OK(brio_loop_run_once(loop, BRIO_NEVER));
    CHECK_INT(j.op.result, 1);
    CHECK_INT(byte, '!');
    close(ends[0]);
    close(ends[1]);
    brio_loop_free(loop);
}

TEST(more_operations_than_the_ring_has_room_for)
{
    enum { N = 100 };
    static job jobs[N];
    static char bytes[N];
    brio_loop *loop =
        bed_loop_with(&(brio_loop_options){.backend = BRIO_BACKEND_URING, .ring_entries = 8});
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC), done = 0;
    memset(bytes, 'x', N);
    for (int i = 0; i < N; i++) {
        jobs[i].op = (brio_file_op){
            .fn = on_done, .call = BRIO_FILE_READ, .fd = zero, .data = &bytes[i], .len = 1};
        CHECK_OK(brio_loop_file_start(loop, &jobs[i].op));
    }
    while (done < N) {
        CHECK_OK(brio_loop_run_once(loop, BRIO_NEVER));
        done = 0;
        for (int i = 0; i < N; i++)
            done += jobs[i].done;
    }
    for (int i = 0; i < N; i++)
        CHECK(bytes[i] == 0);
    close(zero);
    brio_loop_free(loop);
}
