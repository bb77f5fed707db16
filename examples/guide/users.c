/* SPDX-License-Identifier: MIT
 *
 * An async database: rows land straight in the model, and three queries of one
 * request run in parallel. */
#include "guide.h"

typedef struct User {
    int64_t id;
    brio_str name, email;
} User;
BRIO_MODEL(User, BRIO_FIELD(id), BRIO_FIELD(name), BRIO_FIELD(email));
BRIO_LIST_OF(User);

typedef struct Post {
    int64_t id, user_id;
    brio_str title;
} Post;
BRIO_MODEL(Post, BRIO_FIELD(id), BRIO_FIELD(user_id), BRIO_FIELD(title));
BRIO_LIST_OF(Post);

static int get_users(brio_request *req, const brio_none *in, User_list *out)
{
    (void)in;
    return brio_db_fetch_all(guide_of(req)->db, NULL, brio_request_arena(req), BRIO_TYPE(User), out,
                             "SELECT id, name, email FROM users ORDER BY id", BRIO_NO_PARAMS);
}

typedef struct CreateUser {
    brio_str name, email;
} CreateUser;
BRIO_MODEL(CreateUser, BRIO_QUERY(name, .min_length = 1), BRIO_QUERY(email, .min_length = 3));

static int create_user(brio_request *req, const CreateUser *in, User *out)
{
    brio_done done;
    int rc = brio_db_execute(
        guide_of(req)->db, NULL, "INSERT INTO users (name, email) VALUES (:name, :email)",
        BRIO_PARAMS(BRIO_TEXT("name", in->name), BRIO_TEXT("email", in->email)), &done);
    if (rc < 0)
        return rc;
    *out = (User){done.last_id, in->name, in->email};
    return 0;
}

typedef struct ProfileOf {
    int64_t user_id;
} ProfileOf;
BRIO_MODEL(ProfileOf, BRIO_PATH(user_id));

typedef struct Profile {
    User user;
    Post_list posts;
    int64_t followers;
} Profile;
BRIO_MODEL(Profile, BRIO_FIELD_AS(user, User), BRIO_FIELD_AS(posts, Post_list),
           BRIO_FIELD(followers));

/* What the three queries share; each fills its own part of the profile. */
typedef struct profile_job {
    brio_db *db;
    brio_arena *arena;
    int64_t user_id;
    Profile *out;
    bool found;
} profile_job;

#define USER_ID(job) BRIO_PARAMS(BRIO_I64("user_id", (job)->user_id))

static int fetch_user(void *arg)
{
    profile_job *job = arg;
    int rc =
        brio_db_fetch_one(job->db, NULL, job->arena, BRIO_TYPE(User), &job->out->user,
                          "SELECT id, name, email FROM users WHERE id = :user_id", USER_ID(job));
    job->found = rc == 1;
    return rc;
}

static int fetch_posts(void *arg)
{
    profile_job *job = arg;
    return brio_db_fetch_all(job->db, NULL, job->arena, BRIO_TYPE(Post), &job->out->posts,
                             "SELECT * FROM posts WHERE user_id = :user_id", USER_ID(job));
}

static int count_followers(void *arg)
{
    profile_job *job = arg;
    brio_json count = {0};
    int rc = brio_db_fetch_val(job->db, NULL, job->arena, &count,
                               "SELECT COUNT(*) FROM followers WHERE followed_id = :user_id",
                               USER_ID(job));
    job->out->followers = count.integer;
    return rc;
}

static int get_complete_profile(brio_request *req, const ProfileOf *in, Profile *out)
{
    profile_job job = {guide_of(req)->db, brio_request_arena(req), in->user_id, out, false};
    int rc = brio_gather(BRIO_CALL(fetch_user, &job), BRIO_CALL(fetch_posts, &job),
                         BRIO_CALL(count_followers, &job));
    if (rc < 0)
        return rc;
    return job.found ? 0 : brio_fail(req, 404, "User not found");
}

void guide_add_users(brio_app *app)
{
    BRIO_GET(app, "/users/", get_users, brio_none, User_list);
    BRIO_POST(app, "/users/", create_user, CreateUser, User);
    BRIO_GET(app, "/users/{user_id}/complete-profile", get_complete_profile, ProfileOf, Profile,
             .description = "Three queries in parallel.",
             .responses = BRIO_RESPONSES({404, .model = Problem_model}));
}
