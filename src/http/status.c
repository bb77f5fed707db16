/* SPDX-License-Identifier: MIT
 *
 * Methods and statuses. A status line is one ready string, of which the reason
 * phrase is a part, so both come from one row. The phrases are those of Python
 * 3.11 (http.HTTPStatus): clients of a FastAPI service see them in {"detail"}.
 * Where RFC 9110 renamed a status since (413, 414, 416, 422), the old name
 * stays. */
#include "http/http_internal.h"

#define STATUSES(X)                                                                                \
    X(100, "Continue")                                                                             \
    X(101, "Switching Protocols")                                                                  \
    X(102, "Processing")                                                                           \
    X(103, "Early Hints")                                                                          \
    X(200, "OK")                                                                                   \
    X(201, "Created")                                                                              \
    X(202, "Accepted")                                                                             \
    X(203, "Non-Authoritative Information")                                                        \
    X(204, "No Content")                                                                           \
    X(205, "Reset Content")                                                                        \
    X(206, "Partial Content")                                                                      \
    X(207, "Multi-Status")                                                                         \
    X(208, "Already Reported")                                                                     \
    X(226, "IM Used")                                                                              \
    X(300, "Multiple Choices")                                                                     \
    X(301, "Moved Permanently")                                                                    \
    X(302, "Found")                                                                                \
    X(303, "See Other")                                                                            \
    X(304, "Not Modified")                                                                         \
    X(305, "Use Proxy")                                                                            \
    X(307, "Temporary Redirect")                                                                   \
    X(308, "Permanent Redirect")                                                                   \
    X(400, "Bad Request")                                                                          \
    X(401, "Unauthorized")                                                                         \
    X(402, "Payment Required")                                                                     \
    X(403, "Forbidden")                                                                            \
    X(404, "Not Found")                                                                            \
    X(405, "Method Not Allowed")                                                                   \
    X(406, "Not Acceptable")                                                                       \
    X(407, "Proxy Authentication Required")                                                        \
    X(408, "Request Timeout")                                                                      \
    X(409, "Conflict")                                                                             \
    X(410, "Gone")                                                                                 \
    X(411, "Length Required")                                                                      \
    X(412, "Precondition Failed")                                                                  \
    X(413, "Request Entity Too Large")                                                             \
    X(414, "Request-URI Too Long")                                                                 \
    X(415, "Unsupported Media Type")                                                               \
    X(416, "Requested Range Not Satisfiable")                                                      \
    X(417, "Expectation Failed")                                                                   \
    X(418, "I'm a Teapot")                                                                         \
    X(421, "Misdirected Request")                                                                  \
    X(422, "Unprocessable Entity")                                                                 \
    X(423, "Locked")                                                                               \
    X(424, "Failed Dependency")                                                                    \
    X(425, "Too Early")                                                                            \
    X(426, "Upgrade Required")                                                                     \
    X(428, "Precondition Required")                                                                \
    X(429, "Too Many Requests")                                                                    \
    X(431, "Request Header Fields Too Large")                                                      \
    X(451, "Unavailable For Legal Reasons")                                                        \
    X(500, "Internal Server Error")                                                                \
    X(501, "Not Implemented")                                                                      \
    X(502, "Bad Gateway")                                                                          \
    X(503, "Service Unavailable")                                                                  \
    X(504, "Gateway Timeout")                                                                      \
    X(505, "HTTP Version Not Supported")                                                           \
    X(506, "Variant Also Negotiates")                                                              \
    X(507, "Insufficient Storage")                                                                 \
    X(508, "Loop Detected")                                                                        \
    X(510, "Not Extended")                                                                         \
    X(511, "Network Authentication Required")

/* A switch rather than a sparse table: the compiler builds a denser one. */
brio_str brio_http_status_line(int status)
{
    switch (status) {
#define STATUS_CASE(code, reason)                                                                  \
    case code:                                                                                     \
        return BRIO_S("HTTP/1.1 " #code " " reason "\r\n");
        STATUSES(STATUS_CASE)
#undef STATUS_CASE
    default:
        return (brio_str){NULL, 0};
    }
}

brio_str brio_status_reason(int status)
{
    brio_str line = brio_http_status_line(status);
    size_t before = sizeof("HTTP/1.1 200 ") - 1, around = before + sizeof("\r\n") - 1;
    return line.len ? (brio_str){line.ptr + before, line.len - around} : BRIO_S("");
}

brio_str brio_method_name(brio_method method)
{
    static const brio_str names[BRIO_METHOD_OTHER] = {/* ORDER METHOD */
#define METHOD_NAME(name) [BRIO_METHOD_##name] = BRIO_S_INIT(#name),
                                                      BRIO_HTTP_METHODS(METHOD_NAME)
#undef METHOD_NAME
    };
    return (unsigned)method < BRIO_METHOD_OTHER ? names[method] : BRIO_S("");
}

brio_str brio_http_continue(void)
{
    return BRIO_S("HTTP/1.1 100 Continue\r\n\r\n");
}
