/* SPDX-License-Identifier: MIT
 *
 * Dependencies, in their three commonest uses: who is asking, whether what is
 * asked makes sense, and whether it is asked too often. A router asks the first
 * of all its routes; the others are members of who needs them. */
#include "guide.h"

/* ---- Authentication: who is asking? ----------------------------------------------- */

typedef struct Credentials {
    brio_str x_api_key;
} Credentials;
BRIO_MODEL(Credentials, BRIO_HEADER(x_api_key, .description = "one of: ada, bob"));

typedef struct Reader {
    brio_str name;
    bool admin;
} Reader;
BRIO_MODEL(Reader, BRIO_FIELD(name), BRIO_FIELD(admin));

static int current_reader(brio_request *req, const Credentials *in, Reader *out)
{
    *out = (Reader){.name = in->x_api_key, .admin = brio_str_eq(in->x_api_key, BRIO_S("ada"))};
    if (out->admin || brio_str_eq(in->x_api_key, BRIO_S("bob")))
        return 0;
    return brio_fail(req, 401, "No such key");
}
BRIO_PROVIDER(current_reader, Credentials, Reader);

/* ---- Validation: does it make sense? ------------------------------------------------ */

typedef struct PageQuery {
    int64_t skip, limit;
} PageQuery;
BRIO_MODEL(PageQuery, BRIO_QUERY(skip, .def = "0", .ge = BRIO_NUM(0)),
           BRIO_QUERY(limit, .def = "10", .ge = BRIO_NUM(1), .le = BRIO_NUM(100)));

static int page(brio_request *req, const PageQuery *in, PageQuery *out)
{
    *out = *in;
    return in->skip % in->limit ? brio_fail(req, 400, "skip is no multiple of limit") : 0;
}
BRIO_PROVIDER(page, PageQuery, PageQuery);

/* ---- Rate limit: too often? ------------------------------------------------------------ */

enum { READERS = 2, PER_MINUTE = 5 };

typedef struct Counts {
    brio_time since[READERS];
    int used[READERS];
} Counts;

/* Made once, at startup; handlers of a worker never run at the same time. */
static int counts(brio_request *req, const brio_none *in, Counts *out)
{
    (void)req, (void)in;
    *out = (Counts){.used = {0}};
    return 0;
}
BRIO_PROVIDER(counts, brio_none, Counts, .scope = BRIO_PER_APP);

typedef struct LimitInput {
    Reader reader; /* the one of the route: it is asked once */
    Counts *counts;
} LimitInput;
BRIO_MODEL(LimitInput, BRIO_DEPENDS(reader, current_reader), BRIO_DEPENDS(counts, counts));

static int rate_limit(brio_request *req, const LimitInput *in, brio_none *out)
{
    (void)out;
    size_t who = in->reader.admin ? 0 : 1;
    if (brio_now() - in->counts->since[who] > BRIO_SEC(60)) {
        in->counts->since[who] = brio_now();
        in->counts->used[who] = 0;
    }
    if (++in->counts->used[who] <= PER_MINUTE)
        return 0;
    brio_fail_header(req, "retry-after", "60");
    return brio_fail(req, 429, "At most %d a minute", PER_MINUTE);
}
BRIO_PROVIDER(rate_limit, LimitInput, brio_none);

/* ---- Routes --------------------------------------------------------------------------------- */

typedef struct ReadNotes {
    Reader reader;
    PageQuery page;
} ReadNotes;
BRIO_MODEL(ReadNotes, BRIO_DEPENDS(reader, current_reader), BRIO_DEPENDS(page, page));

static int read_notes(brio_request *req, const ReadNotes *in, brio_json *out)
{
    *out =
        BRIO_OBJECT(req, "reader", in->reader.name, "skip", in->page.skip, "limit", in->page.limit);
    return 0;
}

typedef struct WhoAmI {
    Reader reader;
} WhoAmI;
BRIO_MODEL(WhoAmI, BRIO_DEPENDS(reader, current_reader));

static int who_am_i(brio_request *req, const WhoAmI *in, Reader *out)
{
    (void)req;
    *out = in->reader;
    return 0;
}

void guide_add_dependencies(brio_app *app)
{
    brio_router *notes =
        brio_router_new(app, &(brio_router_options){.prefix = "/notes",
                                                    .tags = "dependencies",
                                                    .depends = BRIO_NEEDS(current_reader)});
    BRIO_GET(notes, "/me", who_am_i, WhoAmI, Reader);
    BRIO_GET(notes, "", read_notes, ReadNotes, brio_json, .depends = BRIO_NEEDS(rate_limit));
    brio_include(app, notes, NULL);
}
