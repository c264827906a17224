namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// The content type of an artifact, by its name alone: what the uploader said it is must not decide how a browser treats it.
/// </summary>
internal static class ContentTypes
{
    private const string Unknown = "application/octet-stream";

    /// <summary>Shown as text by the UI, whatever their registered type is. Case counts, as it does for MLflow.</summary>
    private static readonly HashSet<string> Text =
    [
        "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml", "xml", "json", "js", "py",
        "py3", "csv", "tsv", "md", "rst", "MLmodel", "mlproject",
    ];

    private static readonly string[] Compressions = [".gz", ".bz2", ".xz", ".br", ".z"];

    private static readonly Dictionary<string, string> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".7z"] = "application/x-7z-compressed",
        [".aac"] = "audio/aac",
        [".arrow"] = "application/vnd.apache.arrow.file",
        [".avi"] = "video/x-msvideo",
        [".avif"] = "image/avif",
        [".bmp"] = "image/bmp",
        [".c"] = "text/x-csrc",
        [".cpp"] = "text/x-c++src",
        [".css"] = "text/css",
        [".csv"] = "text/csv",
        [".doc"] = "application/msword",
        [".docx"] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        [".dot"] = "text/vnd.graphviz",
        [".eps"] = "application/postscript",
        [".epub"] = "application/epub+zip",
        [".flac"] = "audio/flac",
        [".geojson"] = "application/geo+json",
        [".gif"] = "image/gif",
        [".gv"] = "text/vnd.graphviz",
        [".h"] = "text/x-chdr",
        [".h5"] = "application/x-hdf5",
        [".heic"] = "image/heic",
        [".htm"] = "text/html",
        [".html"] = "text/html",
        [".ico"] = "image/vnd.microsoft.icon",
        [".jar"] = "application/java-archive",
        [".java"] = "text/x-java",
        [".jpeg"] = "image/jpeg",
        [".jpg"] = "image/jpeg",
        [".js"] = "text/javascript",
        [".json"] = "application/json",
        [".jsonld"] = "application/ld+json",
        [".m4a"] = "audio/mp4",
        [".md"] = "text/markdown",
        [".mjs"] = "text/javascript",
        [".mkv"] = "video/matroska",
        [".mov"] = "video/quicktime",
        [".mp3"] = "audio/mpeg",
        [".mp4"] = "video/mp4",
        [".mpeg"] = "video/mpeg",
        [".mpg"] = "video/mpeg",
        [".odt"] = "application/vnd.oasis.opendocument.text",
        [".ods"] = "application/vnd.oasis.opendocument.spreadsheet",
        [".ogg"] = "audio/ogg",
        [".otf"] = "font/otf",
        [".parquet"] = "application/vnd.apache.parquet",
        [".pdf"] = "application/pdf",
        [".png"] = "image/png",
        [".ppt"] = "application/vnd.ms-powerpoint",
        [".pptx"] = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        [".ps"] = "application/postscript",
        [".pt"] = "application/vnd.snesdev-page-table",
        [".py"] = "text/x-python",
        [".pyc"] = "application/x-python-code",
        [".rtf"] = "application/rtf",
        [".scala"] = "text/x-scala",
        [".sh"] = "application/x-sh",
        [".sql"] = "application/sql",
        [".sqlite"] = "application/vnd.sqlite3",
        [".svg"] = "image/svg+xml",
        [".tar"] = "application/x-tar",
        [".tex"] = "text/x-tex",
        [".tgz"] = "application/x-tar",
        [".tif"] = "image/tiff",
        [".tiff"] = "image/tiff",
        [".tsv"] = "text/tab-separated-values",
        [".ttf"] = "font/ttf",
        [".txt"] = "text/plain",
        [".wasm"] = "application/wasm",
        [".wav"] = "audio/x-wav",
        [".webm"] = "video/webm",
        [".webp"] = "image/webp",
        [".woff"] = "font/woff",
        [".woff2"] = "font/woff2",
        [".xhtml"] = "application/xhtml+xml",
        [".xls"] = "application/vnd.ms-excel",
        [".xlsx"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        [".xml"] = "application/xml",
        [".yaml"] = "application/yaml",
        [".yml"] = "application/yaml",
        [".zip"] = "application/zip",
    };

    public static string Of(string fileName)
    {
        var extension = Extension(fileName);
        if (Text.Contains(extension.Length > 0 ? extension[1..] : fileName))
            return "text/plain";
        // The type of a compressed file is that of its content.
        if (Compressions.Contains(extension, StringComparer.OrdinalIgnoreCase))
            extension = Extension(fileName[..^extension.Length]);
        return ByExtension.GetValueOrDefault(extension, Unknown);
    }

    /// <summary>With its dot; a name that only starts with dots has none.</summary>
    private static string Extension(string fileName)
    {
        var dot = fileName.LastIndexOf('.');
        return fileName.AsSpan(0, Math.Max(dot, 0)).ContainsAnyExcept('.') ? fileName[dot..] : "";
    }
}
