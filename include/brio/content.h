/* SPDX-License-Identifier: MIT
 *
 * brio/content.h: what an answer's body is and how a client may have it:
 * cookies, dates, media types, file names, ranges, validators, codings. Part
 * of <brio/http.h>.
 *
 *     brio_range part[BRIO_RANGES_MAX];
 *     int n = brio_range_parse(header->value, size, part, BRIO_RANGES_MAX, &why);
 *
 * Text in, text out: no descriptor, no clock, no task. The one thing that has
 * memory of its own is a coder, and the arena it was opened in gives that back. */
#ifndef BRIO_CONTENT_H
#define BRIO_CONTENT_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_http_request;

/* ---- Cookies to set ------------------------------------------------------ */

/* A cookie for the client to keep (RFC 6265); zero means Starlette's defaults. */
typedef struct brio_cookie {
    const char *name;      /* a token that is no attribute's name */
    brio_str value;        /* UTF-8 of Latin-1 characters; quoted when needed */
    brio_time max_age;     /* Max-Age, cut to seconds; 0: none; negative: 0, forget it now */
    brio_time expires;     /* ns since 1970; 0: none */
    const char *path;      /* NULL means "/"; "" leaves it out */
    const char *domain;    /* NULL: none, the cookie is this host's */
    const char *same_site; /* "lax", "strict" or "none", written as given; NULL means "lax"; "" leaves it out */
    bool secure;           /* over TLS only */
    bool http_only;        /* not for scripts */
    bool partitioned;      /* a jar of its own for each top-level site (CHIPS) */
} brio_cookie;

/* Appends what stands behind "set-cookie: ", as Python's http.cookies writes
 * it: attributes in alphabetical order, a value in quotes unless it is a token.
 * 0; -EINVAL, and nothing written, for a name or attribute that would break
 * out of its place or a value beyond Latin-1; -ENOMEM when `out` has no room. */
BRIO_API int brio_cookie_format(brio_buf *out, const brio_cookie *cookie) BRIO_CHECKED;

/* ---- Dates --------------------------------------------------------------- */

enum { BRIO_HTTP_DATE = 29 }; /* bytes of "Sun, 06 Nov 1994 08:49:37 GMT" */

/* Writes `second` (since 1970) as an IMF-fixdate (RFC 9110, section 5.6.7),
 * without NUL; `out` has BRIO_HTTP_DATE bytes. Years beyond 9999 are cut to it. */
BRIO_API brio_str brio_http_date_text(char out[BRIO_HTTP_DATE], int64_t second);
/* Reads an IMF-fixdate, or one of the two older forms recipients must take. 0
 * or -EINVAL. A two-digit year is the one nearest to 2000..2068. */
BRIO_API int brio_http_date_parse(brio_str text, int64_t *ret_second) BRIO_CHECKED;

/* ---- Media types and file names ------------------------------------------ */

/* The media type of a file by its name's end, without parameters, as Python's
 * mimetypes answers (without the system's files); endings of compression are
 * passed over ("a.tar.gz" is a tar). Empty when unknown. Static. */
BRIO_API brio_str brio_media_of_name(brio_str name);
/* True for a type whose text is worth compressing: text/..., JSON, XML,
 * JavaScript, SVG, fonts without a compression of their own, WebAssembly. */
BRIO_API bool brio_media_compresses(brio_str content_type);
/* Appends a Content-Disposition: `kind` ("attachment", "inline") and the file's
 * name, in quotes, or percent-encoded as filename*=utf-8''... when it has more
 * than unreserved characters and slashes (Starlette's FileResponse). */
BRIO_API void brio_disposition_format(brio_buf *out, brio_str kind, brio_str filename);

/* ---- Ranges -------------------------------------------------------------- */

typedef struct brio_range {
    uint64_t from, to; /* bytes from..to-1 */
} brio_range;

enum { BRIO_RANGES_MAX = 32 }; /* ranges of one request that are honoured */

/* Reads a Range header for a body of `size` bytes by Starlette's rules: pieces
 * that are no range are passed over, several are sorted and merged. Returns
 * their number; 0 for more than `cap` of them (at least 1): send everything,
 * as RFC 9110 (section 14.2) allows; -EINVAL for a header with an error, with
 * the sentence for the client in *ret_why (static); -ERANGE when one of them
 * begins behind the end: answer 416, content-range "bytes", a star, "/size". */
BRIO_API int brio_range_parse(brio_str header, uint64_t size, brio_range *ret, size_t cap,
                              const char **ret_why) BRIO_CHECKED;

/* ---- Validators and conditional requests --------------------------------- */

enum { BRIO_ETAG = 40 }; /* bytes an etag of a file takes at most */

/* A strong entity tag, quotes included, from when a file was changed (ns since
 * 1970) and how long it is. Written to `out`, without NUL. */
BRIO_API brio_str brio_etag_of_file(char out[BRIO_ETAG], brio_time modified, uint64_t size);
/* Whether 304 may answer: If-None-Match names `etag` (weakly compared, or "*"),
 * or, without that header, `modified` (seconds since 1970) is not later than
 * If-Modified-Since. */
BRIO_API bool brio_http_not_modified(const struct brio_http_request *req, brio_str etag,
                                     int64_t modified);
/* Whether a Range header counts: without If-Range, or when that is exactly the
 * etag or the date of `modified`. */
BRIO_API bool brio_http_if_range(const struct brio_http_request *req, brio_str etag, int64_t modified);

/* ---- Content codings ----------------------------------------------------- */

typedef enum brio_coding { /* bits of a set; ORDER CODING */
    BRIO_IDENTITY = 0,
    BRIO_GZIP = 1,   /* RFC 1952 */
    BRIO_BROTLI = 2, /* RFC 7932 */
    BRIO_ZSTD = 4    /* RFC 8878 */
} brio_coding;

/* "gzip", "br", "zstd"; "identity" for what is none of them. Static. */
BRIO_API brio_str brio_coding_name(brio_coding coding);
/* The codings this build has: options BRIO_ZLIB, BRIO_BROTLI, BRIO_ZSTD. */
BRIO_API unsigned brio_codings(void);
/* The coding of `offered` (bits; what the build lacks is left out) that an
 * Accept-Encoding header (RFC 9110, section 12.5.3) likes best: by q, then zstd, br,
 * gzip. "*" stands for those it does not name. IDENTITY when none is acceptable. */
BRIO_API brio_coding brio_coding_accepted(brio_str accept_encoding, unsigned offered);
/* How much it likes one coding: from 0 (not at all) to 1000. */
BRIO_API int brio_coding_quality(brio_str accept_encoding, brio_coding coding);

/* A coder: bytes through a compression, piece by piece. */
typedef struct brio_coder brio_coder;

typedef enum brio_coder_flush {
    BRIO_CODER_MORE = 0, /* keep what compresses better later */
    BRIO_CODER_FLUSH,    /* write all that is needed to read what was given so far */
    BRIO_CODER_END       /* and the end of the stream */
} brio_coder_flush;

/* Compresses. `level` 0 means 9 for gzip, 4 for br, 3 for zstd, and is cut to
 * what the coding knows. Freed by the arena. 0, -ENOSYS when the build lacks
 * the coding, -ENOMEM. */
BRIO_API int brio_encoder_open(brio_coder **ret, brio_arena *arena, brio_coding coding,
                               int level) BRIO_CHECKED;
/* Decompresses one stream; as above. */
BRIO_API int brio_decoder_open(brio_coder **ret, brio_arena *arena, brio_coding coding) BRIO_CHECKED;
/* Takes all of `data` and appends what comes out. 0; 1 when a decoder met its
 * stream's end (further data is refused); BRIO_ESYNTAX for data that is no such
 * stream; BRIO_ELIMIT when `out` reached its limit (what a small body blows up
 * to ends there); -ENOMEM. After an error only close. */
BRIO_API int brio_coder_write(brio_coder *coder, brio_buf *out, brio_str data,
                              brio_coder_flush flush) BRIO_CHECKED;
/* Frees it before the arena would. NULL is fine. */
BRIO_API void brio_coder_close(brio_coder *coder);

#ifdef __cplusplus
}
#endif
#endif
