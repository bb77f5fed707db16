/* SPDX-License-Identifier: MIT
 *
 * What the document says of a body: whose rows it is made of, and its media
 * type. A form with a file is multipart/form-data, one without is urlencoded,
 * though both are read either way. */
#include "app/docs_internal.h"

const brio_app_params *brio_app_body_rows(const brio_app_route *route)
{
    const brio_app_params *form = &route->from[BRIO_IN_FORM];
    return form->n ? form : &route->from[BRIO_IN_BODY];
}

brio_str brio_app_body_media_type(const brio_app_route *route)
{
    const brio_app_params *form = &route->from[BRIO_IN_FORM];
    for (size_t i = 0; i < form->n; i++)
        if (form->rows[i].field->in == BRIO_IN_FILE)
            return BRIO_S("multipart/form-data");
    if (form->n)
        return BRIO_S("application/x-www-form-urlencoded");
    const brio_app_params *body = &route->from[BRIO_IN_BODY];
    const char *given = body->n == 1 ? body->rows[0].field->media_type : NULL;
    return given ? brio_str_from(given) : BRIO_S("application/json");
}
