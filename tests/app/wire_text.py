# SPDX-License-Identifier: MIT
#
# Bytes as a C string literal, for the scripts beside it.


def c_text(data):
    out = ""
    for b in data:
        if b in b'"\\':
            out += "\\" + chr(b)
        elif 32 <= b < 127 and not (b == ord("?") and out.endswith("?")):  # no trigraphs
            out += chr(b)
        else:
            out += "\\%03o" % b
    return '"' + out + '"'
