/* SPDX-License-Identifier: MIT
 *
 * A log call as bytes. The caller's arguments are rendered at once, since they
 * may be gone when the line is written; escaping and layout are left to the
 * writer thread. Message and fields share RECORD_MAX bytes; a part of it is
 * kept from the message where there are fields, so that a long message does
 * not push out the request's id. What is cut is marked, and never inside a
 * code point. Nothing here allocates. */
#include "base/base_internal.h"

#include <stddef.h>
#include <stdio.h>

enum { FIELDS_MAX = 64, FIELDS_SHARE = 1024, KEY_MAX = 64, TEXT_MIN = 24 };

_Static_assert(BRIO_BASE_RECORD_MAX <= UINT16_MAX, "lengths are 16 bits wide");

/* The longest prefix of at most `max` bytes that ends between code points. A
 * code point has three continuation bytes at most; more of them are garbage. */
static size_t prefix_length(const char *ptr, size_t len, size_t max)
{
    size_t at = max;
    if (len <= max)
        return len;
    while (at && max - at < 3 && ((unsigned char)ptr[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static void add_message(brio_buf *out, brio_base_record_head *head, size_t max, const char *fmt,
                        va_list args) BRIO_PRINTF(4, 0);

static void add_message(brio_buf *out, brio_base_record_head *head, size_t max, const char *fmt,
                        va_list args)
{
    char *at = out->ptr + out->len;
    int n = vsnprintf(at, max, fmt, args);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= max) {
        head->cut = true;
        len = prefix_length(at, max - 1, max - 2);
    }
    head->message_len = (uint16_t)len;
    out->len += len;
}

static void add_field(brio_buf *out, brio_base_record_head *head, const brio_log_field *field)
{
    char digits[TEXT_MIN];
    brio_buf number = brio_buf_over(digits, sizeof(digits));
    if (field->number)
        brio_buf_i64(&number, *field->number);
    brio_str key = brio_str_slice(brio_str_from(field->key), 0, KEY_MAX);
    brio_str text = field->number ? brio_buf_str(&number) : field->text;
    size_t fixed = sizeof(brio_base_field_head) + key.len;
    size_t room = out->cap - out->len;
    if (room < fixed + TEXT_MIN)
        return;
    size_t len = prefix_length(text.ptr, text.len, room - fixed);
    brio_base_field_head info = {
        .key_len = (uint16_t)key.len,
        .text_len = (uint16_t)len,
        .is_number = field->number != NULL,
        .cut = len < text.len,
    };
    brio_buf_add(out, (brio_str){(const char *)&info, sizeof(info)});
    brio_buf_add(out, key);
    brio_buf_add(out, brio_str_slice(text, 0, len));
    head->n_fields++;
}

brio_str brio_base_record(char storage[BRIO_BASE_RECORD_MAX], brio_log_level level,
                          const brio_log_field *fields, size_t n, const char *fmt, va_list args)
{
    brio_buf out = brio_buf_over(storage, BRIO_BASE_RECORD_MAX);
    brio_base_record_head head = {.when = brio_clock_realtime(), .level = (uint8_t)level};
    out.len = sizeof(head);
    add_message(&out, &head, out.cap - out.len - (n ? FIELDS_SHARE : 0), fmt, args);
    for (size_t i = 0; i < n && i < FIELDS_MAX; i++)
        add_field(&out, &head, &fields[i]);
    BRIO_ASSERT(!out.failed);
    memcpy(storage, &head, sizeof(head));
    return brio_buf_str(&out);
}

void brio_base_record_set_raw(char record[BRIO_BASE_RECORD_MAX])
{
    record[offsetof(brio_base_record_head, raw)] = 1;
}

bool brio_base_record_is_raw(brio_str record)
{
    return record.ptr[offsetof(brio_base_record_head, raw)] != 0;
}
