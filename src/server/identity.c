/* SPDX-License-Identifier: MIT
 *
 * Who workers are: names become numbers before anything is forked, and a worker
 * becomes that user when its sockets are open and its secrets are read, before
 * the app's first line runs.
 *
 * A supervisor stays what it is: it has no connection to the outside, and it is
 * the one that opens logs and certificates again. What was given up cannot be had
 * back, which is checked and not believed. */
#include "server/server_internal.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Names ------------------------------------------------------------------- */

static bool number(const char *text, unsigned *ret)
{
    uint64_t n;
    if (brio_str_to_u64(brio_str_from(text), &n) < 0 || n >= UINT32_MAX)
        return false;
    *ret = (unsigned)n;
    return true;
}

static int unknown(const char *what, const char *name)
{
    brio_log(BRIO_LOG_ERROR, "there is no %s \"%s\"", what, name);
    return -ENOENT;
}

static int find_user(brio_server_identity *id, const char *name)
{
    errno = 0;
    const struct passwd *entry = number(name, &id->uid) ? getpwuid(id->uid) : getpwnam(name);
    id->set_user = true;
    if (entry) {
        id->uid = entry->pw_uid;
        id->gid = entry->pw_gid;
        id->set_group = true;
        return 0;
    }
    return number(name, &id->uid) ? 0 : unknown("user", name); /* a number needs no entry */
}

static int find_group(brio_server_identity *id, const char *name)
{
    const struct group *entry = number(name, &id->gid) ? NULL : getgrnam(name);
    id->set_group = true;
    if (!entry && !number(name, &id->gid))
        return unknown("group", name);
    if (entry)
        id->gid = entry->gr_gid;
    return 0;
}

int brio_server_identity_find(brio_server_identity *ret, const brio_server_options *o)
{
    *ret = (brio_server_identity){.name = o->user};
    int rc = o->user ? find_user(ret, o->user) : 0;
    if (rc == 0 && o->group)
        rc = find_group(ret, o->group);
    if (rc == 0 && ret->set_user && !ret->set_group) {
        brio_log(BRIO_LOG_ERROR, "user %s has no entry that names its group: give one", o->user);
        rc = -EINVAL;
    }
    return rc;
}

/* ---- Becoming it ------------------------------------------------------------- */

static int refused(const char *what)
{
    int err = -errno;
    brio_log(BRIO_LOG_ERROR, "cannot %s: %s", what, brio_error_text(err));
    return err;
}

static int set_group(const brio_server_identity *id)
{
    bool named = id->set_user && !number(id->name, &(unsigned){0});
    if (named ? initgroups(id->name, id->gid) < 0 : setgroups(1, &id->gid) < 0)
        return refused("set the groups of a worker");
    return setresgid(id->gid, id->gid, id->gid) < 0 ? refused("become that group") : 0;
}

static int set_user(const brio_server_identity *id)
{
    if (setresuid(id->uid, id->uid, id->uid) < 0)
        return refused("become that user");
    if (id->uid != 0 && setuid(0) == 0) {
        brio_log(BRIO_LOG_ERROR, "a worker could become root again");
        return -EPERM;
    }
    return 0;
}

int brio_server_identity_become(const brio_server_identity *id, const brio_server_options *o)
{
    bool is_it = (!id->set_user || (geteuid() == id->uid && getuid() == id->uid)) &&
                 (!id->set_group || getegid() == id->gid);
    int rc = !is_it && id->set_group ? set_group(id) : 0;
    if (rc == 0 && !is_it && id->set_user)
        rc = set_user(id);
    if (rc == 0 && o->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        rc = refused("give up new privileges");
    if (rc == 0 && o->refuse_root && geteuid() == 0) {
        brio_log(BRIO_LOG_ERROR, "this worker would run as root; give it another user");
        rc = -EPERM;
    }
    return rc;
}

int brio_server_identity_own(const brio_server_identity *id, const char *path)
{
    if (!id->set_user && !id->set_group)
        return 0;
    uid_t uid = id->set_user ? id->uid : (uid_t)-1;
    gid_t gid = id->set_group ? id->gid : (gid_t)-1;
    return lchown(path, uid, gid) < 0 ? refused("give a socket to its user") : 0;
}
