/* SPDX-License-Identifier: MIT
 *
 * HTTP/2 in a build without nghttp2: there is none. A session cannot be opened,
 * so nothing else can be called; a client that begins with HTTP/2's preface is
 * refused by the parser of HTTP/1.1, with 505. */
#include <brio/h2.h>

#include <errno.h>

#define NEVER() brio_assert_failed("this build has no HTTP/2", __FILE__, __LINE__)

brio_h2_limits brio_h2_limits_resolve(const brio_h2_limits *limits)
{
    return limits ? *limits : (brio_h2_limits){0};
}

brio_str brio_h2_preface(void)
{
    return BRIO_S("");
}

int brio_h2_open(brio_h2 **ret, const brio_h2_options *options)
{
    (void)ret, (void)options;
    return -ENOTSUP;
}

/* clang-format off */
int brio_h2_stream_init(brio_h2_stream *s, size_t n) { (void)s, (void)n; NEVER(); }
void brio_h2_stream_done(brio_h2_stream *s) { (void)s; NEVER(); }
void brio_h2_stream_fini(brio_h2_stream *s) { (void)s; NEVER(); }
void brio_h2_close(brio_h2 *h2) { (void)h2; NEVER(); }
void *brio_h2_owner(const brio_h2 *h2) { (void)h2; NEVER(); }
int brio_h2_receive(brio_h2 *h2, brio_str b, brio_time t) { (void)h2, (void)b, (void)t; NEVER(); }
const char *brio_h2_reason(const brio_h2 *h2) { (void)h2; NEVER(); }
int brio_h2_compose(brio_h2 *h2, brio_buf *o, size_t n) { (void)h2, (void)o, (void)n; NEVER(); }
brio_str brio_h2_turned_away(void) { NEVER(); }
size_t brio_h2_memory(const brio_h2 *h2) { (void)h2; NEVER(); }
bool brio_h2_over(const brio_h2 *h2) { (void)h2; NEVER(); }
bool brio_h2_in_head(const brio_h2 *h2) { (void)h2; NEVER(); }
void brio_h2_goodbye(brio_h2 *h2, bool final) { (void)h2, (void)final; NEVER(); }
int brio_h2_respond(brio_h2_stream *s, const brio_http_stamp *t, const brio_http_response *r)
{ (void)s, (void)t, (void)r; NEVER(); }
int brio_h2_write(brio_h2_stream *s, brio_str d, bool l) { (void)s, (void)d, (void)l; NEVER(); }
void brio_h2_revoke(brio_h2_stream *s) { (void)s; NEVER(); }
int brio_h2_continue(brio_h2_stream *s) { (void)s; NEVER(); }
int brio_h2_refuse(brio_h2_stream *s, const brio_http_stamp *t) { (void)s, (void)t; NEVER(); }
void brio_h2_took(brio_h2_stream *s, size_t n) { (void)s, (void)n; NEVER(); }
void brio_h2_reset(brio_h2_stream *s, uint32_t code) { (void)s, (void)code; NEVER(); }
