#include "page/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.h"
#include "page/utf8.h"

namespace gnosis {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace)

struct Signature {
  size_t offset;
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array kForeign = {
    Signature{0, "GIF87a"sv, "a GIF image"},
    Signature{0, "GIF89a"sv, "a GIF image"},
    Signature{0, "PK\x03\x04"sv, "a ZIP archive (or a Word, Excel, ODF or EPUB file)"},
    Signature{0, "PK\x05\x06"sv, "an empty ZIP archive"},
    Signature{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "an old Microsoft Office file"},
    Signature{0, "{\\rtf"sv, "an RTF document"},
    Signature{0, "\xc5\xd0\xd3\xc6"sv, "an EPS file"},
    Signature{0, "AT&TFORM"sv, "a DjVu document"},
    Signature{0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "a JPEG 2000 image"},
    Signature{0, "\xff\x4f\xff\x51"sv, "a JPEG 2000 image"},
    Signature{0, "\0\0\0\x0cJXL \r\n\x87\n"sv, "a JPEG XL image"},
    Signature{0, "\xff\x0a"sv, "a JPEG XL image"},
    Signature{0, "8BPS"sv, "a Photoshop image"},
    Signature{4, "ftypheic"sv, "a HEIC image"},
    Signature{4, "ftypheix"sv, "a HEIC image"},
    Signature{4, "ftypmif1"sv, "a HEIF image"},
    Signature{4, "ftypavif"sv, "an AVIF image"},
    Signature{4, "ftyp"sv, "a video"},
    Signature{0, "\x1f\x8b\x08"sv, "a gzip archive"},
    Signature{0, "BZh"sv, "a bzip2 archive"},
    Signature{0,
              "\xfd"
              "7zXZ\0"sv,
              "an xz archive"},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive"},
    Signature{0, "Rar!\x1a\x07"sv, "a RAR archive"},
    Signature{257, "ustar"sv, "a tar archive"},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "a program"},
};

// So short, or so similar to text, that they may also be junk before a PDF.
constexpr std::array kForeignUnlessPdf = {
    Signature{0, "%!PS"sv, "a PostScript file"},
    Signature{0, "MZ"sv, "a Windows program"},
    Signature{0, "From "sv, "a mailbox"},
};

std::string_view Match(std::string_view bytes, const Signature& signature) {
  if (bytes.size() < signature.offset) return {};
  return bytes.substr(signature.offset).starts_with(signature.bytes) ? signature.name
                                                                     : std::string_view{};
}

template <size_t kCount>
std::string_view FirstMatch(std::string_view bytes, const std::array<Signature, kCount>& table) {
  for (const Signature& signature : table) {
    if (const std::string_view name = Match(bytes, signature); !name.empty()) return name;
  }
  return {};
}

bool IsPng(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

bool IsJpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }

bool IsTiff(std::string_view bytes) {
  for (const std::string_view start : {"II*\0"sv, "MM\0*"sv,
                                       // BigTIFF
                                       "II+\0\x08\0\0\0"sv, "MM\0+\0\x08\0\0"sv}) {
    if (bytes.starts_with(start)) return true;
  }
  return false;
}

bool IsWebp(std::string_view bytes) {
  return bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
}

// "%PDF-1.7", or "%!PS-Adobe-3.0 PDF-1.4", which PDF readers accept as well.
bool HasPdfHeader(std::string_view bytes) {
  if (bytes.find("%PDF-") != std::string_view::npos) return true;
  const std::string_view first_line = bytes.substr(0, bytes.find_first_of("\r\n"));
  return first_line.starts_with("%!PS-Adobe-") &&
         first_line.find(" PDF-") != std::string_view::npos;
}

// PDF readers open a file that has lost its first line by its objects: "1 0 obj".
bool HasPdfObject(std::string_view bytes) {
  const size_t at = bytes.find(" obj");
  return at != std::string_view::npos && at >= 3 && std::isdigit(uint8_t(bytes[at - 1])) &&
         bytes[at - 2] == ' ' && std::isdigit(uint8_t(bytes[at - 3]));
}

bool IsBmp(std::string_view bytes) {
  return bytes.size() >= 10 && bytes.starts_with("BM") && bytes.substr(6, 4) == "\0\0\0\0"sv;
}

std::string_view SkipBlanks(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t begin = text.find_first_not_of(" \t\r\n\f");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

bool IsText(std::string_view bytes) {
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return true;  // UTF-16
  std::string_view body = bytes;
  // The sniffed bytes may end inside a character.
  for (int i = 0; i < 3 && !body.empty() && !IsUtf8(body); ++i) body.remove_suffix(1);
  return IsUtf8(body) && std::none_of(body.begin(), body.end(), [](char c) {
           return uint8_t(c) < 0x20 && !std::isspace(uint8_t(c));
         });
}

std::string_view TextKind(std::string_view bytes) {
  const std::string start = LowerCase(SkipBlanks(bytes));
  if (start.starts_with("<!doctype html") || start.starts_with("<html")) return "an HTML page";
  if (start.find("<svg") != std::string::npos) return "an SVG drawing";
  if (start.find("<html") != std::string::npos) return "an HTML page";
  if (start.starts_with("<?xml")) return "an XML file";
  if (start.starts_with("{") || start.starts_with("[")) return "a JSON file";
  return "plain text";
}

std::string_view LooksLike(std::string_view bytes) {
  if (bytes.empty()) return "an empty file";
  if (IsBmp(bytes)) return "a BMP image";
  if (const std::string_view name = FirstMatch(bytes, kForeign); !name.empty()) return name;
  if (const auto name = FirstMatch(bytes, kForeignUnlessPdf); !name.empty()) return name;
  if (IsText(bytes)) return TextKind(bytes);
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return "nothing but zero bytes";
  return "data of an unknown kind";
}

// Only for files of no other kind. A file that merely contains a PDF is not one: an archive may
// begin with one, an image may carry one in a comment.
bool IsPdf(std::string_view bytes) {
  if (IsBmp(bytes) || !FirstMatch(bytes, kForeign).empty()) return false;
  return HasPdfHeader(bytes) ||
         (FirstMatch(bytes, kForeignUnlessPdf).empty() && HasPdfObject(bytes));
}

}  // namespace

std::span<const MediaType> MediaTypes() {
  static const std::vector<MediaType> table = {
      {kPdf, "PDF", "pdf", {".pdf"}, &IsPdf},
      {"image/png", "PNG", "png", {".png"}, &IsPng},
      {"image/jpeg", "JPEG", "jpg", {".jpg", ".jpeg"}, &IsJpeg},
      {"image/tiff", "TIFF", "tif", {".tif", ".tiff"}, &IsTiff},
      {"image/webp", "WebP", "webp", {".webp"}, &IsWebp},
  };
  return table;
}

const MediaType* FindMediaType(std::string_view name) {
  for (const MediaType& type : MediaTypes()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

Result<std::string> SniffMediaType(std::string_view first_bytes) {
  const std::string_view bytes = first_bytes.substr(0, kSniffBytes);
  // PDF comes first in the table, but matches only if nothing else does.
  const auto types = MediaTypes();
  for (auto type = types.rbegin(); type != types.rend(); ++type) {
    if (type->matches(bytes)) return std::string(type->name);
  }
  std::vector<std::string_view> labels;
  for (const MediaType& type : types) labels.push_back(type.label);
  return Error{ErrorCode::kUnsupportedMediaType,
               fmt::format("this is {}, not a supported document", LooksLike(bytes)),
               fmt::format("Send a {} file.", OneOf(labels))};
}

}  // namespace gnosis
