/* SPDX-License-Identifier: MIT
 *
 * The guide: the async tutorial's server, one file per chapter. */
#ifndef GUIDE_H
#define GUIDE_H

#include <brio/brio.h>

/* What the handlers share; brio_request_state() gives it back. */
typedef struct guide {
    brio_db *db;
} guide;

/* Most answers of the tutorial are one sentence, or a list and a duration. */
typedef struct Message {
    brio_str message;
} Message;
BRIO_MODEL(Message, BRIO_FIELD(message));

/* What brio_fail answers, for the document. */
typedef struct Problem {
    brio_str detail;
} Problem;
BRIO_MODEL(Problem, BRIO_FIELD(detail));

typedef struct Results {
    brio_str_list results;
    brio_str duration;
} Results;
BRIO_MODEL(Results, BRIO_FIELD(results), BRIO_FIELD(duration));

static inline guide *guide_of(brio_request *req)
{
    return brio_request_state(req);
}

void guide_add_slow(brio_app *app);
void guide_add_users(brio_app *app);
void guide_add_money(brio_app *app);
void guide_add_background(brio_app *app);
void guide_add_patterns(brio_app *app);
void guide_add_performance(brio_app *app);
void guide_add_uploads(brio_app *app);
void guide_add_dependencies(brio_app *app);
void guide_add_sockets(brio_app *app);

#endif
