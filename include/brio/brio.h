/* SPDX-License-Identifier: MIT
 *
 * brio/brio.h: everything, for programs. The rooms of brio itself never
 * include it. */
#ifndef BRIO_H
#define BRIO_H

#include <brio/app.h>
#include <brio/base.h>
#include <brio/bus.h>
#include <brio/cli.h>
#include <brio/crypt.h>
#include <brio/db.h>
#include <brio/exec.h>
#include <brio/http.h>
#include <brio/inspect.h>
#include <brio/io.h>
#include <brio/loop.h>
#include <brio/model.h>
#include <brio/object.h>
#include <brio/template.h>
#include <brio/server.h>
#include <brio/task.h>
#include <brio/trace.h>
#include <brio/ws.h>

#endif
