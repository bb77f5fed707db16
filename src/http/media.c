/* SPDX-License-Identifier: MIT
 *
 * Media types by the end of a file's name, and how a file's name is told. The
 * table has what Python's mimetypes answers, less what nobody serves, and more of
 * what the web has since; it is sorted, and searched by halves. */
#include <brio/content.h>

#include <brio/http.h>

typedef struct media {
    brio_str ending, type;
} media;

/* Sorted by bytes. */
static const media table[] = {
    {BRIO_S_INIT("3g2"), BRIO_S_INIT("audio/3gpp2")},
    {BRIO_S_INIT("3gp"), BRIO_S_INIT("audio/3gpp")},
    {BRIO_S_INIT("7z"), BRIO_S_INIT("application/x-7z-compressed")},
    {BRIO_S_INIT("aac"), BRIO_S_INIT("audio/aac")},
    {BRIO_S_INIT("ai"), BRIO_S_INIT("application/postscript")},
    {BRIO_S_INIT("aif"), BRIO_S_INIT("audio/x-aiff")},
    {BRIO_S_INIT("aiff"), BRIO_S_INIT("audio/x-aiff")},
    {BRIO_S_INIT("apk"), BRIO_S_INIT("application/vnd.android.package-archive")},
    {BRIO_S_INIT("atom"), BRIO_S_INIT("application/atom+xml")},
    {BRIO_S_INIT("avi"), BRIO_S_INIT("video/x-msvideo")},
    {BRIO_S_INIT("avif"), BRIO_S_INIT("image/avif")},
    {BRIO_S_INIT("bat"), BRIO_S_INIT("text/plain")},
    {BRIO_S_INIT("bin"), BRIO_S_INIT("application/octet-stream")},
    {BRIO_S_INIT("bmp"), BRIO_S_INIT("image/bmp")},
    {BRIO_S_INIT("c"), BRIO_S_INIT("text/plain")},
    {BRIO_S_INIT("css"), BRIO_S_INIT("text/css")},
    {BRIO_S_INIT("csv"), BRIO_S_INIT("text/csv")},
    {BRIO_S_INIT("dll"), BRIO_S_INIT("application/octet-stream")},
    {BRIO_S_INIT("doc"), BRIO_S_INIT("application/msword")},
    {BRIO_S_INIT("docx"),
     BRIO_S_INIT("application/vnd.openxmlformats-officedocument.wordprocessingml.document")},
    {BRIO_S_INIT("eml"), BRIO_S_INIT("message/rfc822")},
    {BRIO_S_INIT("eps"), BRIO_S_INIT("application/postscript")},
    {BRIO_S_INIT("epub"), BRIO_S_INIT("application/epub+zip")},
    {BRIO_S_INIT("exe"), BRIO_S_INIT("application/octet-stream")},
    {BRIO_S_INIT("flac"), BRIO_S_INIT("audio/flac")},
    {BRIO_S_INIT("gif"), BRIO_S_INIT("image/gif")},
    {BRIO_S_INIT("h"), BRIO_S_INIT("text/plain")},
    {BRIO_S_INIT("heic"), BRIO_S_INIT("image/heic")},
    {BRIO_S_INIT("heif"), BRIO_S_INIT("image/heif")},
    {BRIO_S_INIT("htm"), BRIO_S_INIT("text/html")},
    {BRIO_S_INIT("html"), BRIO_S_INIT("text/html")},
    {BRIO_S_INIT("ico"), BRIO_S_INIT("image/vnd.microsoft.icon")},
    {BRIO_S_INIT("jar"), BRIO_S_INIT("application/java-archive")},
    {BRIO_S_INIT("jpe"), BRIO_S_INIT("image/jpeg")},
    {BRIO_S_INIT("jpeg"), BRIO_S_INIT("image/jpeg")},
    {BRIO_S_INIT("jpg"), BRIO_S_INIT("image/jpeg")},
    {BRIO_S_INIT("js"), BRIO_S_INIT("text/javascript")},
    {BRIO_S_INIT("json"), BRIO_S_INIT("application/json")},
    {BRIO_S_INIT("jsonl"), BRIO_S_INIT("application/jsonl")},
    {BRIO_S_INIT("m3u"), BRIO_S_INIT("application/vnd.apple.mpegurl")},
    {BRIO_S_INIT("m3u8"), BRIO_S_INIT("application/vnd.apple.mpegurl")},
    {BRIO_S_INIT("m4a"), BRIO_S_INIT("audio/mp4")},
    {BRIO_S_INIT("map"), BRIO_S_INIT("application/json")},
    {BRIO_S_INIT("md"), BRIO_S_INIT("text/markdown")},
    {BRIO_S_INIT("mjs"), BRIO_S_INIT("text/javascript")},
    {BRIO_S_INIT("mkv"), BRIO_S_INIT("video/matroska")},
    {BRIO_S_INIT("mov"), BRIO_S_INIT("video/quicktime")},
    {BRIO_S_INIT("mp2"), BRIO_S_INIT("audio/mpeg")},
    {BRIO_S_INIT("mp3"), BRIO_S_INIT("audio/mpeg")},
    {BRIO_S_INIT("mp4"), BRIO_S_INIT("video/mp4")},
    {BRIO_S_INIT("mpe"), BRIO_S_INIT("video/mpeg")},
    {BRIO_S_INIT("mpeg"), BRIO_S_INIT("video/mpeg")},
    {BRIO_S_INIT("mpg"), BRIO_S_INIT("video/mpeg")},
    {BRIO_S_INIT("o"), BRIO_S_INIT("application/octet-stream")},
    {BRIO_S_INIT("oga"), BRIO_S_INIT("audio/ogg")},
    {BRIO_S_INIT("ogg"), BRIO_S_INIT("audio/ogg")},
    {BRIO_S_INIT("ogv"), BRIO_S_INIT("video/ogg")},
    {BRIO_S_INIT("opus"), BRIO_S_INIT("audio/opus")},
    {BRIO_S_INIT("otf"), BRIO_S_INIT("font/otf")},
    {BRIO_S_INIT("p12"), BRIO_S_INIT("application/x-pkcs12")},
    {BRIO_S_INIT("pdf"), BRIO_S_INIT("application/pdf")},
    {BRIO_S_INIT("pfx"), BRIO_S_INIT("application/x-pkcs12")},
    {BRIO_S_INIT("pl"), BRIO_S_INIT("text/plain")},
    {BRIO_S_INIT("png"), BRIO_S_INIT("image/png")},
    {BRIO_S_INIT("ppt"), BRIO_S_INIT("application/vnd.ms-powerpoint")},
    {BRIO_S_INIT("pptx"),
     BRIO_S_INIT("application/vnd.openxmlformats-officedocument.presentationml.presentation")},
    {BRIO_S_INIT("ps"), BRIO_S_INIT("application/postscript")},
    {BRIO_S_INIT("py"), BRIO_S_INIT("text/x-python")},
    {BRIO_S_INIT("pyc"), BRIO_S_INIT("application/x-python-code")},
    {BRIO_S_INIT("qt"), BRIO_S_INIT("video/quicktime")},
    {BRIO_S_INIT("rdf"), BRIO_S_INIT("application/xml")},
    {BRIO_S_INIT("rss"), BRIO_S_INIT("application/rss+xml")},
    {BRIO_S_INIT("rtf"), BRIO_S_INIT("text/rtf")},
    {BRIO_S_INIT("sgm"), BRIO_S_INIT("text/x-sgml")},
    {BRIO_S_INIT("sgml"), BRIO_S_INIT("text/x-sgml")},
    {BRIO_S_INIT("sh"), BRIO_S_INIT("application/x-sh")},
    {BRIO_S_INIT("so"), BRIO_S_INIT("application/octet-stream")},
    {BRIO_S_INIT("sqlite"), BRIO_S_INIT("application/vnd.sqlite3")},
    {BRIO_S_INIT("srt"), BRIO_S_INIT("text/plain")},
    {BRIO_S_INIT("svg"), BRIO_S_INIT("image/svg+xml")},
    {BRIO_S_INIT("tar"), BRIO_S_INIT("application/x-tar")},
    {BRIO_S_INIT("tex"), BRIO_S_INIT("application/x-tex")},
    {BRIO_S_INIT("texinfo"), BRIO_S_INIT("application/x-texinfo")},
    {BRIO_S_INIT("tif"), BRIO_S_INIT("image/tiff")},
    {BRIO_S_INIT("tiff"), BRIO_S_INIT("image/tiff")},
    {BRIO_S_INIT("toml"), BRIO_S_INIT("application/toml")},
    {BRIO_S_INIT("tsv"), BRIO_S_INIT("text/tab-separated-values")},
    {BRIO_S_INIT("ttf"), BRIO_S_INIT("font/ttf")},
    {BRIO_S_INIT("txt"), BRIO_S_INIT("text/plain")},
    {BRIO_S_INIT("vcf"), BRIO_S_INIT("text/x-vcard")},
    {BRIO_S_INIT("vtt"), BRIO_S_INIT("text/vtt")},
    {BRIO_S_INIT("wasm"), BRIO_S_INIT("application/wasm")},
    {BRIO_S_INIT("wav"), BRIO_S_INIT("audio/x-wav")},
    {BRIO_S_INIT("webm"), BRIO_S_INIT("video/webm")},
    {BRIO_S_INIT("webmanifest"), BRIO_S_INIT("application/manifest+json")},
    {BRIO_S_INIT("webp"), BRIO_S_INIT("image/webp")},
    {BRIO_S_INIT("woff"), BRIO_S_INIT("font/woff")},
    {BRIO_S_INIT("woff2"), BRIO_S_INIT("font/woff2")},
    {BRIO_S_INIT("wsdl"), BRIO_S_INIT("application/xml")},
    {BRIO_S_INIT("xhtml"), BRIO_S_INIT("application/xhtml+xml")},
    {BRIO_S_INIT("xls"), BRIO_S_INIT("application/vnd.ms-excel")},
    {BRIO_S_INIT("xlsx"),
     BRIO_S_INIT("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")},
    {BRIO_S_INIT("xml"), BRIO_S_INIT("text/xml")},
    {BRIO_S_INIT("xsl"), BRIO_S_INIT("application/xml")},
    {BRIO_S_INIT("yaml"), BRIO_S_INIT("application/yaml")},
    {BRIO_S_INIT("yml"), BRIO_S_INIT("application/yaml")},
    {BRIO_S_INIT("zip"), BRIO_S_INIT("application/zip")},
};

enum { ENDING_MAX = 16 };

/* `ending` is lower-case. */
static brio_str find(brio_str ending)
{
    size_t low = 0, high = sizeof table / sizeof *table;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = brio_str_compare(ending, table[middle].ending);
        if (order == 0)
            return table[middle].type;
        *(order < 0 ? &high : &low) = order < 0 ? middle : middle + 1;
    }
    return (brio_str){0};
}

/* Cuts the ending off `name`; false if there is none. A name that only begins
 * with dots has none. Endings too long for the table come as "". */
static bool take_ending(brio_str *name, char lower[ENDING_MAX], brio_str *ret)
{
    size_t at = name->len, first = 0;
    while (first < name->len && name->ptr[first] == '.')
        first++;
    while (at > first && name->ptr[at - 1] != '.')
        at--;
    if (at <= first)
        return false;
    size_t len = name->len - at;
    name->len = at - 1;
    *ret = (brio_str){lower, len < ENDING_MAX ? len : 0};
    for (size_t i = 0; i < ret->len; i++)
        lower[i] = brio_lower(name->ptr[at + i]);
    return true;
}

static bool is_compression(brio_str ending)
{
    static const brio_str endings[] = {BRIO_S_INIT("gz"), BRIO_S_INIT("br"), BRIO_S_INIT("bz2"),
                                       BRIO_S_INIT("xz"), BRIO_S_INIT("z"),  BRIO_S_INIT("zst")};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (brio_str_eq(ending, endings[i]))
            return true;
    return false;
}

static brio_str last_part(brio_str path)
{
    size_t at = path.len;
    while (at && path.ptr[at - 1] != '/')
        at--;
    return brio_str_slice(path, at, SIZE_MAX);
}

brio_str brio_media_of_name(brio_str name)
{
    char lower[ENDING_MAX];
    brio_str ending;
    name = last_part(name);
    if (!take_ending(&name, lower, &ending))
        return (brio_str){0};
    if (brio_str_eq(ending, BRIO_S("tgz")) || brio_str_eq(ending, BRIO_S("txz")) ||
        brio_str_eq(ending, BRIO_S("tbz2")))
        return find(BRIO_S("tar"));
    if (brio_str_eq(ending, BRIO_S("svgz")))
        return find(BRIO_S("svg"));
    if (is_compression(ending) && !take_ending(&name, lower, &ending))
        return (brio_str){0};
    return find(ending);
}

bool brio_media_compresses(brio_str content_type)
{
    static const brio_str types[] = {BRIO_S_INIT("application/javascript"),
                                     BRIO_S_INIT("application/xml"),
                                     BRIO_S_INIT("application/wasm"),
                                     BRIO_S_INIT("application/yaml"),
                                     BRIO_S_INIT("application/jsonl"),
                                     BRIO_S_INIT("font/ttf"),
                                     BRIO_S_INIT("font/otf"),
                                     BRIO_S_INIT("image/bmp"),
                                     BRIO_S_INIT("image/vnd.microsoft.icon")};
    brio_str type = brio_str_trim(brio_str_cut(content_type, ';').head);
    if (brio_str_eq_nocase(brio_str_slice(type, 0, 5), BRIO_S("text/")) ||
        brio_media_is_json(type) || brio_str_ends(type, BRIO_S("+xml")))
        return true;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (brio_str_eq_nocase(type, types[i]))
            return true;
    return false;
}

static bool is_plain(char c)
{
    char l = brio_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
}

void brio_disposition_format(brio_buf *out, brio_str kind, brio_str filename)
{
    bool plain = true;
    for (size_t i = 0; i < filename.len; i++)
        plain = plain && is_plain(filename.ptr[i]);
    brio_buf_add(out, kind);
    brio_buf_add(out, plain ? BRIO_S("; filename=\"") : BRIO_S("; filename*=utf-8''"));
    for (size_t i = 0; i < filename.len; i++)
        if (is_plain(filename.ptr[i]))
            brio_buf_char(out, filename.ptr[i]);
        else
            brio_buf_printf(out, "%%%02X", (unsigned char)filename.ptr[i]);
    if (plain)
        brio_buf_char(out, '"');
}
