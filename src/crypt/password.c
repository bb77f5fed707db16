/* SPDX-License-Identifier: MIT
 *
 * Passwords: the work of Argon2 on a small pool of the loop's own.
 *
 * The pool bounds memory: each hash takes 64 MiB by default, and forty logins at
 * once on the loop's general pool would take gigabytes. A hash runs on one
 * thread, whatever its lanes: they are part of the result, not of the speed. */
#include "crypt/crypt_internal.h"
#include "crypt/password_phc.h"

#include <brio/exec.h>
#include <brio/loop.h>

enum { SALT = 16, TAG = 32 };

static const brio_password_cost default_cost = {.memory = 65536, .passes = 3, .lanes = 4};

static brio_password_cost resolve(const brio_password_cost *cost)
{
    brio_password_cost c = cost ? *cost : default_cost;
    c.memory = c.memory ? c.memory : default_cost.memory;
    c.passes = c.passes ? c.passes : default_cost.passes;
    c.lanes = c.lanes ? c.lanes : default_cost.lanes;
    return c;
}

/* ---- The pool ------------------------------------------------------------------- */

static const char pool_key;

static void end_pool(void *pool)
{
    brio_pool_free(pool);
}

static int loop_pool(brio_pool **ret)
{
    brio_loop *loop = brio_loop_current();
    void **slot = brio_tasks_local(loop, &pool_key);
    int rc = 0;
    if (!*slot) {
        brio_pool *pool;
        rc = brio_pool_new(&pool, &(brio_pool_options){.name = "password",
                                                       .max_threads = BRIO_PASSWORD_THREADS,
                                                       .max_queue = BRIO_PASSWORD_QUEUE});
        if (rc < 0)
            return rc;
        *slot = pool;
        brio_tasks_at_close(loop, end_pool, pool);
    }
    *ret = *slot;
    return 0;
}

/* In a task on the pool; else, also on a thread of another pool, here. */
static int run(brio_job_fn *fn, void *arg)
{
    brio_pool *pool;
    if (!brio_current_task())
        return fn(arg);
    int rc = loop_pool(&pool);
    return rc < 0 ? rc : brio_run_in(pool, fn, arg);
}

/* ---- Hashing -------------------------------------------------------------------- */

typedef struct work {
    brio_str password;
    brio_crypt_phc phc; /* its cost and salt are given; the tag is the result */
} work;

static int derive(void *arg)
{
    work *w = arg;
    return brio_crypt_argon2(w->password, &w->phc);
}

int brio_password_hash(brio_arena *arena, brio_str password, const brio_password_cost *cost,
                       brio_str *ret)
{
    work w = {.password = password, .phc = {.type = BRIO_CRYPT_ARGON2ID, .cost = resolve(cost)}};
    if (password.len > BRIO_PASSWORD_MAX)
        return BRIO_ELIMIT;
    if (!brio_crypt_phc_affordable(&w.phc.cost))
        return -EINVAL;
    w.phc.salt_len = SALT;
    w.phc.tag_len = TAG;
    brio_random_bytes(w.phc.salt, SALT);
    int rc = run(derive, &w);
    if (rc >= 0)
        *ret = brio_crypt_phc_write(arena, &w.phc);
    return rc;
}

int brio_password_verify(brio_str password, brio_str hash)
{
    work w = {.password = password};
    brio_crypt_phc stored;
    int rc = brio_crypt_phc_read(hash, &stored);
    if (rc < 0)
        return rc;
    if (password.len > BRIO_PASSWORD_MAX)
        return BRIO_ELIMIT;
    w.phc = stored;
    if ((rc = run(derive, &w)) < 0)
        return rc;
    brio_str made = {(const char *)w.phc.tag, w.phc.tag_len};
    brio_str kept = {(const char *)stored.tag, stored.tag_len};
    return brio_compare_digest(made, kept) ? 0 : BRIO_EPASSWORD;
}

bool brio_password_needs_rehash(brio_str hash, const brio_password_cost *cost)
{
    brio_password_cost want = resolve(cost);
    brio_crypt_phc have;
    if (brio_crypt_phc_read(hash, &have) < 0)
        return true;
    return have.type != BRIO_CRYPT_ARGON2ID || have.cost.memory != want.memory ||
           have.cost.passes != want.passes || have.cost.lanes != want.lanes ||
           have.salt_len != SALT || have.tag_len != TAG;
}

/* Its tag is the SHA-256 of a sentence, not the hash of a password. */
brio_str brio_password_dummy(void)
{
    return BRIO_S("$argon2id$v=19$m=65536,t=3,p=4$YnJpbydzIGR1bW15IHVzcg$"
                  "O3vFV/EUZKNR68s53033Lulr6Lek9piwpOIy9ZCXICw");
}
