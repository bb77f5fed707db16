// SPDX-License-Identifier: MIT

// Package tools names the conformance suite that tests/interop/http2.py builds.
package tools

import _ "github.com/summerwind/h2spec/cmd/h2spec"
