// Pages for the tests of the writers.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "output/output_writer.h"

namespace gnosis {

inline OutputHead SampleHead(int total_pages) {
  return OutputHead{.job_id = "4b1c0a52-7c11-4a53-9a3b-6f6b3a0d9e11",
                    .file_name = "letter.pdf",
                    .sha256 = std::string(64, 'a'),
                    .total_pages = total_pages,
                    .languages = "eng",
                    .program_version = "0.1.0",
                    .image_name = [](int page) { return fmt::format("page_{:03}.png", page); }};
}

// One block, one paragraph, one line: "Dear Ada,".
inline PageResult SamplePage(int page) {
  const Box box{100, 200, 400, 240};
  const Line line{box,
                  {0.0125F, -4},
                  {{"Dear", {100, 200, 220, 240}, 96.5F}, {"Ada,", {250, 200, 400, 238}, 91.25F}}};
  PageResult result;
  result.page = page;
  result.completed = true;
  result.words.blocks = {Block{box, {Paragraph{box, {line}}}}};
  result.text = PlainText(result.words);
  result.width = 2480;
  result.height = 3508;
  result.dpi = 300;
  result.language = "eng";
  result.source = "tesseract 5.3.0";
  result.source_reason = "no text layer";
  result.confidence = 93.88;
  result.image_sha256 = std::string(64, 'b');
  result.duration_ms = 812;
  result.completed_at = Time(Milliseconds(1'752'256'800'000));
  return result;
}

inline PageResult PageSaying(int page, const std::string& word) {
  PageResult result = SamplePage(page);
  result.words.blocks[0].paragraphs[0].lines[0].words = {{word, {100, 200, 220, 240}, 96}};
  result.text = PlainText(result.words);
  return result;
}

inline PageResult EmptyPage(int page) {
  PageResult result = SamplePage(page);
  result.words = {};
  result.text = "";
  result.confidence = std::nullopt;
  return result;
}

inline PageResult FailedPage(int page) {
  PageResult result;
  result.page = page;
  result.error = Error{ErrorCode::kDamaged, "the page's content stream is broken",
                       "ask the sender for a new copy"};
  return result;
}

// Everything that the writer of `format` gives for `pages`.
inline std::string Written(std::string_view format, const OutputHead& head,
                           const std::vector<PageResult>& pages) {
  std::string bytes;
  auto writer = NewOutputWriter(format, [&](std::string_view more) {
    bytes += more;
    return Ok();
  });
  if (!writer.ok()) return writer.error().message;
  if (const Status status = (*writer)->Begin(head); !status.ok()) return status.error().message;
  for (const PageResult& page : pages) {
    if (const Status status = (*writer)->Page(page); !status.ok()) return status.error().message;
  }
  if (const Status status = (*writer)->End(); !status.ok()) return status.error().message;
  return bytes;
}
inline std::string Written(std::string_view format, const std::vector<PageResult>& pages) {
  return Written(format, SampleHead(int(pages.size())), pages);
}

}  // namespace gnosis
