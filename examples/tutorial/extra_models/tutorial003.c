/* SPDX-License-Identifier: MIT
 *
 * One of two structs: which one, the data tells. */
#include <brio/brio.h>

static const char items[] =
    BRIO_JSON_TEXT({
    "item1": {"description": "All my friends drive a low rider", "type": "car"},
    "item2": {"description": "Music is my aeroplane, it's my aeroplane", "type": "plane", "size": 5}
});

typedef struct PlaneItem {
    brio_str description, type;
    int64_t size;
} PlaneItem;
BRIO_MODEL(PlaneItem, BRIO_FIELD(description),
           BRIO_FIELD(type, .def = BRIO_JSON_TEXT("plane")), BRIO_FIELD(size));

typedef struct CarItem {
    brio_str description, type;
} CarItem;
BRIO_MODEL(CarItem, BRIO_FIELD(description), BRIO_FIELD(type, .def = BRIO_JSON_TEXT("car")));

typedef struct Vehicle {
    int which;
    union {
        PlaneItem plane;
        CarItem car;
    };
} Vehicle;
BRIO_UNION(Vehicle, BRIO_CASE(plane, PlaneItem), BRIO_CASE(car, CarItem));

typedef struct ReadItem {
    brio_str item_id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id));

static int read_item(brio_request *req, const ReadItem *in, Vehicle *out)
{
    brio_arena *arena = brio_request_arena(req);
    brio_json all = brio_json_read(arena, brio_json_literal(items));
    return brio_from_json(arena, BRIO_TYPE(Vehicle), brio_json_get(&all, in->item_id), out);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Vehicle);
}
