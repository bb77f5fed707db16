/* SPDX-License-Identifier: MIT
 *
 * The files of Swagger UI and ReDoc, which the build puts into the binary's
 * read-only data. They go from there to the socket: no copy, no heap.
 *
 * Their URLs say nothing of their version, so a browser may keep them but asks
 * each time (no-cache) and hears 304: the entity tag is a hash of the bytes,
 * made when a file is first asked for. */
#include "app/docs_internal.h"

/* Also what a 304 repeats (RFC 9110, section 15.4.5). */
enum { TAG_BYTES = 18, N_HEADERS = 3 };

typedef struct asset {
    brio_str name;
    brio_str content_type;
    const char *begin, *end;
    brio_app_asset_set set; /* bits */
} asset;

#ifdef BRIO_WITH_DOCS_PAGES

#define EMBEDDED(symbol)                                                                           \
    extern __attribute__((visibility("hidden"))) const char symbol[], symbol##_end[]
EMBEDDED(brio_asset_swagger_js);
EMBEDDED(brio_asset_swagger_css);
EMBEDDED(brio_asset_favicon);
EMBEDDED(brio_asset_redoc_js);
#undef EMBEDDED

static const asset assets[] = {
    {BRIO_S_INIT("swagger-ui-bundle.js"), BRIO_S_INIT("text/javascript; charset=utf-8"),
     brio_asset_swagger_js, brio_asset_swagger_js_end, BRIO_APP_SWAGGER},
    {BRIO_S_INIT("swagger-ui.css"), BRIO_S_INIT("text/css; charset=utf-8"), brio_asset_swagger_css,
     brio_asset_swagger_css_end, BRIO_APP_SWAGGER},
    {BRIO_S_INIT("redoc.standalone.js"), BRIO_S_INIT("text/javascript; charset=utf-8"),
     brio_asset_redoc_js, brio_asset_redoc_js_end, BRIO_APP_REDOC},
    {BRIO_S_INIT("favicon-32x32.png"), BRIO_S_INIT("image/png"), brio_asset_favicon,
     brio_asset_favicon_end, (brio_app_asset_set)(BRIO_APP_SWAGGER | BRIO_APP_REDOC)},
    {.name = {NULL, 0}}, /* the end */
};

#else

static const asset assets[] = {{.name = {NULL, 0}}};

#endif

static uint64_t hashes[sizeof assets / sizeof *assets]; /* 0: not made yet */

/* FNV-1a in steps of eight bytes, folded so that high bits come back down. */
static uint64_t hash_of(brio_str bytes)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t at = 0; at < bytes.len; at += sizeof hash) {
        uint64_t word = 0;
        size_t rest = bytes.len - at;
        memcpy(&word, bytes.ptr + at, rest < sizeof word ? rest : sizeof word);
        hash = (hash ^ word) * UINT64_C(1099511628211);
        hash ^= hash >> 32;
    }
    return hash ? hash : 1;
}

static uint64_t hash_once(size_t i)
{
    uint64_t hash = __atomic_load_n(&hashes[i], __ATOMIC_RELAXED);
    if (!hash) {
        hash = hash_of(brio_str_span(assets[i].begin, assets[i].end));
        __atomic_store_n(&hashes[i], hash, __ATOMIC_RELAXED);
    }
    return hash;
}

/* "*" or a list of tags, weak or not. A tag is quoted and contains no quote, so
 * it is in the list if its text is. */
static bool is_known(const brio_http_request *http, brio_str tag)
{
    const brio_header *given = brio_http_header(http, BRIO_S("if-none-match"));
    return given &&
           (brio_str_eq(given->value, BRIO_S("*")) || brio_str_find(given->value, tag) >= 0);
}

static int send_asset(brio_request *req, size_t i, brio_http_response *answer)
{
    brio_str tag = brio_printf(req->arena, "\"%016llx\"", (unsigned long long)hash_once(i));
    BRIO_ASSERT(tag.len == TAG_BYTES);
    brio_header *headers = BRIO_NEW_ARRAY(req->arena, brio_header, N_HEADERS);
    headers[0] = (brio_header){BRIO_S("etag"), tag};
    headers[1] = (brio_header){BRIO_S("cache-control"), BRIO_S("no-cache")};
    headers[2] = (brio_header){BRIO_S("x-content-type-options"), BRIO_S("nosniff")};
    answer->headers = headers;
    answer->n_headers = N_HEADERS;
    if (is_known(req->http, tag)) {
        answer->status = 304;
        return 0;
    }
    answer->content_type = assets[i].content_type;
    answer->body = brio_str_span(assets[i].begin, assets[i].end);
    return 0;
}

static int asset_page(brio_request *req, brio_http_response *answer)
{
    for (size_t i = 0; assets[i].name.len; i++)
        if (brio_str_ends(req->route->path.text, assets[i].name))
            return send_asset(req, i, answer);
    brio_assert_failed("a page of an asset", __FILE__, __LINE__);
}

bool brio_app_docs_add_assets(brio_app *app, const char *url, brio_app_asset_set set)
{
    for (size_t i = 0; assets[i].name.len; i++)
        if (assets[i].set & set)
            brio_app_add_page(app, brio_app_page_path(app, url, assets[i].name.ptr), asset_page);
    return assets[0].name.len > 0;
}
