/* SPDX-License-Identifier: MIT
 *
 * A body that is a list. */
#include <brio/brio.h>

typedef struct Image {
    brio_http_url url;
    brio_str name;
} Image;
BRIO_MODEL(Image, BRIO_FIELD(url), BRIO_FIELD(name));
BRIO_LIST(Images, Image);

static int create_multiple_images(brio_request *req, const Images *images, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Images), images);
}

BRIO_MAIN()
{
    BRIO_POST(app, "/images/multiple/", create_multiple_images, Images, brio_json);
}
