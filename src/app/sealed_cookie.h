/* SPDX-License-Identifier: MIT
 *
 * A cookie whose value is sealed: what sessions and tokens against forged
 * requests have in common. */
#ifndef BRIO_APP_SEALED_COOKIE_H
#define BRIO_APP_SEALED_COOKIE_H

#include <brio/app.h>
#include <brio/http.h>
#include <brio/seal.h>

typedef struct brio_app_sealed {
    brio_seal seal;
    bool encrypted;
    brio_cookie cookie; /* all but its value */
} brio_app_sealed;

/* Copies texts and secrets to the app's arena, and tries the seal: what does not
 * work ends the program with a sentence about `who`. */
void brio_app_sealed_check(brio_app *app, const char *who, brio_app_sealed *cookie);
/* The opened value of the request's cookie; false if there is none that is
 * whole. *ret_sent (may be NULL): the client sent one. */
bool brio_app_sealed_get(brio_request *req, const brio_app_sealed *cookie, brio_str *ret,
                         bool *ret_sent);
/* Bytes of the sealed text of `len` bytes. */
size_t brio_app_sealed_size(const brio_app_sealed *cookie, size_t len);
/* Sets the cookie: with a value that is sealed here, as it is, or to be forgotten. */
int brio_app_sealed_set(brio_request *req, const brio_app_sealed *cookie,
                        brio_str value) BRIO_CHECKED;
int brio_app_sealed_put(brio_request *req, const brio_app_sealed *cookie,
                        brio_str text) BRIO_CHECKED;
void brio_app_sealed_forget(brio_request *req, const brio_app_sealed *cookie);

#endif
