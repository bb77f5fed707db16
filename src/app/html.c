/* SPDX-License-Identifier: MIT
 *
 * Text that becomes part of HTML. */
#include "app/docs_internal.h"

brio_str brio_app_html_reference(char c)
{
    switch (c) {
    case '&':
        return BRIO_S("&amp;");
    case '<':
        return BRIO_S("&lt;");
    case '>':
        return BRIO_S("&gt;");
    case '"':
        return BRIO_S("&quot;");
    case '\'':
        return BRIO_S("&#39;");
    default:
        return (brio_str){NULL, 0};
    }
}

static size_t escaped_size(brio_str text)
{
    size_t size = 0;
    for (size_t i = 0; i < text.len; i++) {
        brio_str reference = brio_app_html_reference(text.ptr[i]);
        size += reference.len ? reference.len : 1;
    }
    return size;
}

brio_str brio_html_escape(brio_arena *arena, brio_str text)
{
    size_t size = escaped_size(text);
    if (size == text.len)
        return text;
    char *out = brio_alloc_aligned(arena, size, 1), *at = out;
    for (size_t i = 0; i < text.len; i++) {
        brio_str reference = brio_app_html_reference(text.ptr[i]);
        if (!reference.len)
            *at++ = text.ptr[i];
        else
            at = (char *)memcpy(at, reference.ptr, reference.len) + reference.len;
    }
    return (brio_str){out, size};
}
