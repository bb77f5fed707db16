/* SPDX-License-Identifier: MIT
 *
 * brio/settings.h: what a program is told by its surroundings, by a model. A
 * part of <brio/app.h>, which includes it.
 *
 *     typedef struct Settings { brio_str app_name, admin_email; int64_t items; } Settings;
 *     BRIO_MODEL(Settings, BRIO_FIELD(app_name, .def = "\"Awesome API\""),
 *                BRIO_FIELD(admin_email), BRIO_FIELD(items, .def = "50"))
 *
 *     static Settings settings;                       // ADMIN_EMAIL=... ITEMS=10 ./shop
 *     brio_problems problems = {.arena = &arena};
 *     if (brio_settings_load(&arena, BRIO_TYPE(Settings), &settings, NULL, &problems) < 0) {
 *         brio_settings_complain(BRIO_TYPE(Settings), &problems);
 *         return 1;
 *     }
 *
 * As pydantic-settings reads them. Nothing here suspends. */
#ifndef BRIO_SETTINGS_H
#define BRIO_SETTINGS_H

#include <brio/base.h>
#include <brio/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_settings_options {
    const char *env_file; /* ".env"; NULL: none; one that is not there is as an empty one */
    const char *prefix;   /* "SHOP_": of names in environment and file; not of aliases */
    int argc;             /* main's, to read flags as well: --admin-email=x, --admin-email x, */
    char **argv;          /* --debug; flags that no field has are left to others; NULL: none */
} brio_settings_options;

/* Fills `ret`, of the model's size. A field's name (or alias) is looked for in
 * any case, first among the flags, then in the environment, then in the file;
 * else it has its default. Numbers and the like are read from text; of lists,
 * structs and the like the text is JSON. A struct with BRIO_EXTRA_FORBID refuses
 * names of the file that no field has (only those with the prefix, if there is
 * one). What `ret` points to is `arena`'s.
 *
 * Returns 0; BRIO_EINVALID with all problems in `problems`, at [field]; -errno
 * if the file is there but cannot be read, BRIO_ELIMIT beyond 1 MiB of it. */
BRIO_API int brio_settings_load(brio_arena *arena, const brio_model *model, void *ret,
                                const brio_settings_options *options,
                                brio_problems *problems) BRIO_CHECKED;

/* The problems as pydantic lists them, "2 validation errors for Settings" and
 * two lines each, on standard error. */
BRIO_API void brio_settings_complain(const brio_model *model, const brio_problems *problems);

/* One "NAME=value" of a .env file. */
typedef struct brio_env_entry {
    brio_str name, value;
} brio_env_entry;

/* The entries of a .env text, in order: comments, `export`, quotes ('as it is',
 * "with \n escapes", over several lines) and ${NAME} or ${NAME:-default} of
 * entries before it and of the environment, as python-dotenv reads them. A line
 * that is none of this is skipped. At most 10,000 entries and 1 MiB of values,
 * for names may be used again and again: BRIO_ELIMIT. Values are the arena's. */
BRIO_API int brio_env_parse(brio_arena *arena, brio_str text, brio_env_entry **ret,
                            size_t *ret_n) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
