/* SPDX-License-Identifier: MIT
 *
 * Keys of session tickets, at times that the test says. */
#include "harness/test.h"
#include "io/io_internal.h"

#include <sys/wait.h>
#include <unistd.h>

#ifdef BRIO_WITH_OPENSSL

enum { LIFE = 100 };

static bool same(const brio_io_ticket_key *a, const brio_io_ticket_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

TEST(ticket_keys_are_read_one_span_longer_than_they_are_used)
{
    brio_io_tickets *t = brio_io_tickets_new(LIFE, 1000);
    brio_io_ticket_key first, key;
    CHECK_INT(brio_io_tickets_key(t, 1000, NULL, &first), 1);
    CHECK_INT(brio_io_tickets_key(t, 1099, NULL, &key), 1);
    CHECK(same(&first, &key));
    CHECK_INT(brio_io_tickets_key(t, 1100, NULL, &key), 1);
    CHECK(!same(&first, &key));
    CHECK(memcmp(first.cipher, key.cipher, sizeof key.cipher) != 0);
    CHECK(memcmp(first.mac, key.mac, sizeof key.mac) != 0);
    CHECK_INT(brio_io_tickets_key(t, 1199, first.name, &key), 2); /* to be renewed */
    CHECK(same(&first, &key));
    CHECK_INT(brio_io_tickets_key(t, 1200, first.name, &key), 0);
    brio_io_tickets_free(t);
}

TEST(ticket_keys_of_nobody_are_not_found)
{
    brio_io_tickets *t = brio_io_tickets_new(LIFE, 0), *other = brio_io_tickets_new(LIFE, 0);
    brio_io_ticket_key theirs, key;
    CHECK_INT(brio_io_tickets_key(other, 0, NULL, &theirs), 1);
    CHECK_INT(brio_io_tickets_key(t, 0, theirs.name, &key), 0);
    CHECK_INT(brio_io_tickets_key(t, LIFE, theirs.name, &key), 0);
    brio_io_tickets_free(t);
    brio_io_tickets_free(other);
    brio_io_tickets_free(NULL);
}

/* One has slept through three spans, the other has used each. */
TEST(ticket_keys_are_the_same_in_forked_processes)
{
    int fds[2], status;
    brio_io_tickets *t = brio_io_tickets_new(LIFE, 0);
    brio_io_ticket_key theirs, ours, former;
    CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        for (brio_time now = 0; now <= 3 * LIFE; now += LIFE / 2)
            CHECK_INT(brio_io_tickets_key(t, now, NULL, &ours), 1);
        CHECK_INT(write(fds[1], &ours, sizeof ours), sizeof ours);
        _exit(0);
    }
    CHECK_INT(read(fds[0], &theirs, sizeof theirs), sizeof theirs);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_INT(brio_io_tickets_key(t, 3 * LIFE + 1, NULL, &ours), 1);
    CHECK(same(&ours, &theirs));
    CHECK_INT(brio_io_tickets_key(t, 4 * LIFE, theirs.name, &former), 2);
    CHECK(same(&former, &theirs));
    close(fds[0]);
    close(fds[1]);
    brio_io_tickets_free(t);
}

#endif
