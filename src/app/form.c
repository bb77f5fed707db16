/* SPDX-License-Identifier: MIT
 *
 * The request's form, read before anything is judged, as in FastAPI: its fields
 * as texts, its files as stores. What cannot be read is a 400 in Starlette's
 * words, and then nothing else is said of the request. */
#include "app/binding.h"
#include "app/upload.h"

#include <errno.h>
#include <stdlib.h>

enum { FIELD_KEEP = 4096 }; /* bytes of a field's buffer that the next one uses again */

/* A form on its way in. */
typedef struct reading {
    brio_app_spool spool;
    brio_app_form *form;
    brio_multipart parser;
    brio_app_item *item; /* the part at hand */
    brio_buf text;       /* of a field */
} reading;

static void add_item(brio_app_form *form, brio_app_item *item)
{
    item->order = form->n++;
    *form->end = item;
    form->end = &item->next;
}

static int refuse(brio_request *req, brio_str reason)
{
    if (!reason.len)
        reason = BRIO_S("There was an error parsing the body");
    return brio_fail(req, 400, "%.*s", BRIO_ARG(reason));
}

/* ---- application/x-www-form-urlencoded -------------------------------------- */

static int read_urlencoded(brio_request *req, brio_app_form *form)
{
    brio_pair *pairs;
    size_t n;
    brio_str body, reason;
    int rc = brio_request_read_all(req, 0, &body);
    if (rc < 0)
        return rc;
    if (brio_form_parse(req->arena, body, NULL, &pairs, &n, &reason) < 0)
        return refuse(req, reason);
    brio_app_item *items = BRIO_NEW_ARRAY(req->arena, brio_app_item, n);
    for (size_t i = 0; i < n; i++) {
        items[i].name = pairs[i].name;
        items[i].text = pairs[i].value;
        add_item(form, &items[i]);
    }
    return 0;
}

/* ---- multipart/form-data ------------------------------------------------------ */

static void begin_part(reading *r)
{
    const brio_part *part = &r->parser.part;
    brio_arena *arena = r->spool.req->arena;
    r->item = BRIO_NEW(arena, brio_app_item);
    r->item->name = part->name;
    if (!part->is_file)
        return;
    r->item->upload = BRIO_NEW(arena, brio_upload);
    *r->item->upload = (brio_upload){.filename = part->filename,
                                     .content_type = part->content_type,
                                     .headers = part->headers,
                                     .n_headers = part->n_headers,
                                     .store = brio_app_store_new(arena)};
}

static int add_data(reading *r, brio_str data)
{
    brio_upload *upload = r->item->upload;
    if (upload) {
        upload->size += data.len;
        return brio_app_store_add(&r->spool, upload->store, data);
    }
    brio_buf_add(&r->text, data);
    return r->text.failed ? -ENOMEM : 0;
}

/* A part without an end is left out, so it is added here. */
static int end_part(reading *r)
{
    int rc = 0;
    if (r->item->upload)
        rc = brio_app_store_end(&r->spool, r->item->upload->store);
    else
        r->item->text = brio_multipart_text(&r->parser, brio_buf_str(&r->text));
    if (r->text.cap > FIELD_KEEP)
        brio_buf_fini(&r->text);
    brio_buf_clear(&r->text);
    add_item(r->form, r->item);
    return rc;
}

static int take_piece(reading *r, brio_str piece)
{
    for (;;) {
        int rc = 0;
        switch (brio_multipart_next(&r->parser, &piece)) {
        case BRIO_MULTIPART_MORE:
            return 0;
        case BRIO_MULTIPART_PART:
            begin_part(r);
            break;
        case BRIO_MULTIPART_DATA:
            rc = add_data(r, r->parser.data);
            break;
        case BRIO_MULTIPART_PART_END:
            rc = end_part(r);
            break;
        case BRIO_MULTIPART_REFUSED:
            return refuse(r->spool.req, r->parser.reason);
        }
        if (rc < 0)
            return rc;
    }
}

static void drop_text(void *text)
{
    brio_buf_fini(text);
}

static int read_multipart(brio_request *req, brio_app_form *form)
{
    reading *r = BRIO_NEW(req->arena, reading);
    *r = (reading){.spool.req = req, .form = form};
    if (brio_multipart_init(&r->parser, req->arena, req->http->content_type, NULL) < 0)
        return refuse(req, r->parser.reason);
    brio_defer_push(req->arena, drop_text, &r->text);
    brio_str piece;
    int rc;
    while ((rc = brio_app_body_read(req, &piece)) > 0)
        if ((rc = take_piece(r, piece)) < 0)
            break;
    (void)brio_defer_pop(req->arena, drop_text, &r->text, true);
    return rc;
}

/* ---- Names ------------------------------------------------------------------- */

/* Sorted, not hashed: no choice of names makes it slow. */
static int by_name(const void *a, const void *b)
{
    const brio_app_item *x = *(const brio_app_item *const *)a,
                        *y = *(const brio_app_item *const *)b;
    int order = brio_str_compare(x->name, y->name);
    return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

static void sort_names(brio_arena *arena, brio_app_form *form)
{
    size_t at = 0;
    form->by_name = BRIO_NEW_ARRAY(arena, const brio_app_item *, form->n);
    for (const brio_app_item *item = form->first; item; item = item->next)
        form->by_name[at++] = item;
    if (form->n > 1)
        qsort(form->by_name, form->n, sizeof(brio_app_item *), by_name);
}

brio_app_named brio_app_form_find(const brio_app_form *form, brio_str name)
{
    size_t low = 0, high = form->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (brio_str_compare(form->by_name[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    brio_app_named found = {form->by_name + low, 0};
    while (low + found.n < form->n && brio_str_eq(form->by_name[low + found.n]->name, name))
        found.n++;
    return found;
}

/* ---- The form ------------------------------------------------------------------ */

static int read_form(brio_request *req, brio_app_form *form)
{
    switch (brio_form_kind_of(req->http->content_type)) {
    case BRIO_FORM_MULTIPART:
        return read_multipart(req, form);
    case BRIO_FORM_URLENCODED:
        return read_urlencoded(req, form);
    case BRIO_FORM_NONE:
        break;
    }
    return 0;
}

int brio_app_form_read(brio_request *req)
{
    brio_app_form *form = BRIO_NEW(req->arena, brio_app_form);
    form->end = &form->first;
    int rc = read_form(req, form);
    if (rc < 0)
        return rc;
    sort_names(req->arena, form);
    req->form = form;
    return 0;
}
