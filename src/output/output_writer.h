// Writers convert words to files. A writer receives the pages one by one, so that a 5,000-page
// result needs the memory of one page.
//
// Usage: Begin once, Page for every page in order (including failed ones: the output always has all
// pages), End once. All output goes to the sink; the same pages always give the same bytes.
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
  // The name of a page's image file in the session's folder. Empty: images are not named.
  std::function<std::string(int page)> image_name;
};

class OutputWriter {
 public:
  virtual ~OutputWriter() = default;
  virtual Status Begin(const OutputHead& head) = 0;
  virtual Status Page(const PageResult& page) = 0;
  virtual Status End() = 0;
};

// All results and the text of every page of a finished job in one file (api/result_archive.h).
inline constexpr std::string_view kArchiveFormat = "zip";
inline constexpr std::string_view kArchiveType = "application/zip";

struct OutputFormat {
  std::string name;          // "txt": the name in requests
  std::string file_ending;   // result.{file_ending}
  std::string content_type;  // "text/plain; charset=utf-8"
  std::string description;
};
// In the order in which they are offered: txt, json, hocr.
const std::vector<OutputFormat>& OutputFormats();
std::string OutputFormatNames(std::string_view separator);
// nullptr: not available in this build.
const OutputFormat* FindOutputFormat(std::string_view name);
// kUnsupportedFormat lists the available formats.
Result<std::unique_ptr<OutputWriter>> NewOutputWriter(std::string_view format, Sink sink);

// The text of a page, or for a failed one a marker: "[page 3 could not be read: reason]".
std::string TextOrMarker(const PageResult& page);
// One page as a complete hOCR document.
std::string PageHocr(const PageResult& page, const OutputHead& head);

}  // namespace gnosis
