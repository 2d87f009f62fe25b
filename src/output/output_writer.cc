#include "output/output_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "output/writers.h"
#include "page/utf8.h"

namespace gnosis {
namespace {

std::string OnOneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; }, ' ');
  return CleanText(text);
}

}  // namespace

const std::vector<OutputFormat>& OutputFormats() {
  static const std::vector<OutputFormat> formats = {
      {"txt", "txt", "text/plain; charset=utf-8", "Plain text, pages separated by form feeds"},
      {"json", "json", "application/json", "Text, boxes and confidence of every word"},
      {"hocr", "hocr", "application/xhtml+xml; charset=utf-8",
       "hOCR 1.2: XHTML with boxes and confidence"},
  };
  return formats;
}

std::string OutputFormatNames(std::string_view separator) {
  std::string names;
  for (const OutputFormat& format : OutputFormats()) {
    if (!names.empty()) names += separator;
    names += format.name;
  }
  return names;
}

const OutputFormat* FindOutputFormat(std::string_view name) {
  const auto& formats = OutputFormats();
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const OutputFormat& format) { return format.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

Result<std::unique_ptr<OutputWriter>> NewOutputWriter(std::string_view format, Sink sink) {
  if (format == "txt") return NewTextWriter(std::move(sink));
  if (format == "json") return NewJsonWriter(std::move(sink));
  if (format == "hocr") return NewHocrWriter(std::move(sink));
  return Error{ErrorCode::kUnsupportedFormat,
               fmt::format("unknown output format \"{}\"", OnOneLine(std::string(format))),
               fmt::format("use one of: {}", OutputFormatNames(", "))};
}

std::string TextOrMarker(const PageResult& page) {
  if (page.completed) return page.text;
  const std::string reason = page.error ? OnOneLine(page.error->message) : "reason unknown";
  return fmt::format("[page {} could not be read: {}]", page.page, reason);
}

}  // namespace gnosis
