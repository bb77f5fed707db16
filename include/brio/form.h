/* SPDX-License-Identifier: MIT
 *
 * brio/form.h: HTML forms as they are sent, without I/O. A part of
 * <brio/http.h>, which includes it.
 *
 *     brio_multipart_init(&m, arena, http->content_type, NULL);
 *     while (the body goes on)                        // `piece`: some more of it
 *         while ((event = brio_multipart_next(&m, &piece)) != BRIO_MULTIPART_MORE)
 *             ...m.part, m.data...
 *
 * The judge is what FastAPI does (Starlette over python-multipart): what it
 * reads is read, what it refuses is refused, with its words. */
#ifndef BRIO_FORM_H
#define BRIO_FORM_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_header brio_header;
typedef struct brio_pair brio_pair;

/* Zero means the default in brackets. */
typedef struct brio_form_limits {
    size_t files;        /* parts with a file name [1,000] */
    size_t fields;       /* parts without, or pairs [1,000] */
    size_t field_bytes;  /* of a part without a file name; of a pair, undecoded [1 MiB] */
    size_t headers;      /* of a part [8] */
    size_t header_bytes; /* of one of them, without its CRLF [4,224] */
} brio_form_limits;

typedef enum brio_form_kind { /* ORDER FORM_KIND */
    BRIO_FORM_NONE = 0,       /* no form */
    BRIO_FORM_URLENCODED,     /* application/x-www-form-urlencoded */
    BRIO_FORM_MULTIPART       /* multipart/form-data */
} brio_form_kind;

/* What a Content-Type announces. */
BRIO_API brio_form_kind brio_form_kind_of(brio_str content_type);

/* The parameter `name` (lower case) of a header such as Content-Type or
 * Content-Disposition: false if it has none. Of several the last counts; quoted
 * values are unquoted; extended ones (name*=, RFC 8187) are passed over, as RFC
 * 7578, section 4.2, wants it. *ret is a view of the header, or the arena's. */
BRIO_API bool brio_header_option(brio_arena *arena, brio_str header, brio_str name, brio_str *ret);

/* Splits a urlencoded body into decoded pairs, in order, as brio_query_parse
 * does, but bytes that are no ASCII are Latin-1. 0; BRIO_ELIMIT, and *ret_reason
 * says which limit in FastAPI's words (the arena's). `limits` may be NULL. */
BRIO_API int brio_form_parse(brio_arena *arena, brio_str body, const brio_form_limits *limits,
                             brio_pair **ret, size_t *ret_n, brio_str *ret_reason) BRIO_CHECKED;

/* ---- multipart/form-data (RFC 7578, RFC 2046) ---------------------------- */

/* The head of a part; the arena's. */
typedef struct brio_part {
    brio_str name;              /* decoded; may be empty */
    bool is_file;               /* it has a file name: */
    brio_str filename;          /* decoded; may be empty, as browsers send it for no file */
    brio_str content_type;      /* of a file; empty: none given */
    const brio_header *headers; /* of a file, names in lower case */
    size_t n_headers;
} brio_part;

typedef enum brio_multipart_event { /* ORDER MULTIPART_EVENT */
    BRIO_MULTIPART_MORE = 0,        /* the input is used up */
    BRIO_MULTIPART_PART,            /* a part begins: `part` */
    BRIO_MULTIPART_DATA,            /* some of its bytes: `data`, never empty */
    BRIO_MULTIPART_PART_END,
    BRIO_MULTIPART_REFUSED          /* `reason`; and then always */
} brio_multipart_event;

/* A parser. Open struct over storage of yours; nothing to give back. */
typedef struct brio_multipart {
    brio_part part; /* until the next part's head; its texts stay */
    brio_str data;  /* a view of the input just consumed, or of the parser's own; until the next call */
    brio_str reason; /* FastAPI's words; empty: it has none but that the body cannot be parsed */
    brio_arena *arena; /* the parser's own from here */
    brio_form_limits limits;
    char *delimiter; /* "\r\n--boundary", and room for one byte more */
    size_t delimiter_len;
    size_t matched; /* bytes of the delimiter that were seen and are held back */
    char *head;     /* the headers of the part at hand, one behind the other */
    size_t head_len;
    uint32_t *name_end, *value_end; /* of each, in `head` */
    size_t n_headers;
    size_t line_len; /* bytes of the header at hand, blanks included */
    size_t n_files, n_fields, field_len;
    bool latin1; /* the form is not in UTF-8 */
    uint8_t state;
} brio_multipart;

/* `content_type` is the request's; `limits` may be NULL. The arena holds what
 * parts tell, and some 40 KiB of the parser's. 0; BRIO_ESYNTAX with m->reason if
 * there is no boundary, or one of more than 256 bytes. */
BRIO_API int brio_multipart_init(brio_multipart *m, brio_arena *arena, brio_str content_type,
                                 const brio_form_limits *limits) BRIO_CHECKED;
/* Reads from the front of *input and moves it past what was consumed. All events
 * but how DATA is cut are a function of the bytes. What follows the last
 * delimiter is dropped; a body that ends before it has no error, but its last
 * part no end (Starlette leaves such a part out). */
BRIO_API brio_multipart_event brio_multipart_next(brio_multipart *m, brio_str *input) BRIO_CHECKED;
/* The text of a part's bytes, as its name was decoded: UTF-8, or Latin-1 if that
 * fails or the form says so. A copy. */
BRIO_API brio_str brio_multipart_text(const brio_multipart *m, brio_str bytes);

#ifdef __cplusplus
}
#endif
#endif
