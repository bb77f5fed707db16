/* SPDX-License-Identifier: MIT
 *
 * What the files of this application share: two dependencies, and the routers.
 * Not in here: who is served where. */
#ifndef BIGGER_APPLICATIONS_H
#define BIGGER_APPLICATIONS_H

#include <brio/brio.h>

typedef struct TokenHeader {
    brio_str x_token;
} TokenHeader;
BRIO_MODEL(TokenHeader, BRIO_HEADER(x_token));

typedef struct QueryToken {
    brio_str token;
} QueryToken;
BRIO_MODEL(QueryToken, BRIO_QUERY(token));

int get_token_header(brio_request *req, const TokenHeader *in, brio_none *out);
int get_query_token(brio_request *req, const QueryToken *in, brio_none *out);
BRIO_PROVIDER(get_token_header, TokenHeader, brio_none);
BRIO_PROVIDER(get_query_token, QueryToken, brio_none);

brio_router *items_router(brio_app *app);
brio_router *users_router(brio_app *app);
brio_router *admin_router(brio_app *app);

#endif
