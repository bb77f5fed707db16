/* SPDX-License-Identifier: MIT
 *
 * Entity tags and the requests that ask "only if" (RFC 9110, section 13). A tag
 * is made of when the file was changed and how long it is: both are at hand
 * without reading it, and every honest change alters one of them. */
#include <brio/content.h>

#include <brio/http.h>

static char *put_hex(char *out, uint64_t value)
{
    int digits = value ? (67 - __builtin_clzll(value)) / 4 : 1;
    for (int i = digits; i-- > 0; value >>= 4)
        out[i] = "0123456789abcdef"[value & 15];
    return out + digits;
}

brio_str brio_etag_of_file(char out[BRIO_ETAG], brio_time modified, uint64_t size)
{
    char *at = out;
    *at++ = '"';
    at = put_hex(at, (uint64_t)modified);
    *at++ = '-';
    at = put_hex(at, size);
    *at++ = '"';
    return brio_str_span(out, at);
}

/* Tags of files hold no comma, so a comma always separates. */
static bool names_tag(brio_str list, brio_str etag)
{
    while (list.len) {
        brio_str_pair cut = brio_str_cut(list, ',');
        brio_str tag = brio_str_trim(cut.head);
        if (brio_str_starts(tag, BRIO_S("W/")))
            tag = brio_str_slice(tag, 2, SIZE_MAX);
        if (brio_str_eq(tag, etag) || brio_str_eq(tag, BRIO_S("*")))
            return true;
        list = cut.tail;
    }
    return false;
}

bool brio_http_not_modified(const brio_http_request *req, brio_str etag, int64_t modified)
{
    const brio_header *match = brio_http_header(req, BRIO_S("if-none-match"));
    if (match && match->value.len)
        return names_tag(match->value, etag);
    const brio_header *since = brio_http_header(req, BRIO_S("if-modified-since"));
    int64_t second;
    return since && brio_http_date_parse(since->value, &second) == 0 && modified <= second;
}

bool brio_http_if_range(const brio_http_request *req, brio_str etag, int64_t modified)
{
    char date[BRIO_HTTP_DATE];
    const brio_header *condition = brio_http_header(req, BRIO_S("if-range"));
    return !condition || brio_str_eq(condition->value, etag) ||
           brio_str_eq(condition->value, brio_http_date_text(date, modified));
}
