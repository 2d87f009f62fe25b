// Words -> files. A writer gets the pages one by one, so that a 5,000-page result needs the memory
// of one page.
//
// The life of a writer: Begin once, Page for every page in order (failed ones too: never fewer
// pages out than in), End once. Everything goes to the sink; the same pages give the same bytes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "page/page_result.h"

namespace gnosis {

using Sink = std::function<Status(std::string_view bytes)>;

struct OutputHead {
  std::string job_id;
  std::string file_name;
  std::string sha256;  // of the original
  int total_pages = 0;
  std::string languages;
  std::string program_version;
  // How the file with a page's image is called in the session's folder. Empty: no image is named.
  std::function<std::string(int page)> image_name;
};

class OutputWriter {
 public:
  virtual ~OutputWriter() = default;
  virtual Status Begin(const OutputHead& head) = 0;
  virtual Status Page(const PageResult& page) = 0;
  virtual Status End() = 0;
};

// All results and the text of every page in one file, of a finished job (api/result_archive.h).
inline constexpr std::string_view kArchiveFormat = "zip";
inline constexpr std::string_view kArchiveType = "application/zip";

struct OutputFormat {
  std::string name;          // "txt": what callers ask for
  std::string file_ending;   // result.{file_ending}
  std::string content_type;  // "text/plain; charset=utf-8"
  std::string description;
};
// In the order in which they are offered: txt, json, hocr.
const std::vector<OutputFormat>& OutputFormats();
std::string OutputFormatNames(std::string_view separator);
// nullptr: this build does not have it.
const OutputFormat* FindOutputFormat(std::string_view name);
// kUnsupportedFormat names the formats there are.
Result<std::unique_ptr<OutputWriter>> NewOutputWriter(std::string_view format, Sink sink);

// The text that stands for a page: its text, or for a failed one a marker
// "[page 3 could not be read: reason]".
std::string TextOrMarker(const PageResult& page);
// One page as a whole hOCR document.
std::string PageHocr(const PageResult& page, const OutputHead& head);

}  // namespace gnosis
