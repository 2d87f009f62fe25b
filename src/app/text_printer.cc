#include "app/text_printer.h"

#include <utility>
#include <vector>

#include "output/output_writer.h"
#include "task/session_files.h"

namespace gnosis {

TextPrinter::TextPrinter(Home& home, StandardOutput& output, SessionKey session, Position position)
    : home_(home),
      output_(output),
      session_(std::move(session)),
      first_page_(position == Position::kFirstFile) {}

Status TextPrinter::PrintNew() {
  std::vector<int> ready;
  RETURN_IF_ERROR(home_.book().Look(session_, [&](const Processing& record) {
    for (const auto& [page, entry] : record.pages) {
      if (entry.status != PageStatus::kCompleted && entry.status != PageStatus::kFailed) break;
      if (page > last_page_) ready.push_back(page);
    }
  }));
  if (ready.empty()) return Ok();
  ASSIGN_OR_RETURN(const auto metadata, home_.book().ReadMetadata(session_));
  for (const int page : ready) {
    ASSIGN_OR_RETURN(const PageResult result,
                     ReadPageResult(home_.store(), session_, *metadata, page));
    RETURN_IF_ERROR(Print(TextOrMarker(result)));
    last_page_ = page;
  }
  return Ok();
}

Status TextPrinter::Print(std::string text) {
  if (!first_page_) text = "\f" + text;
  first_page_ = false;
  if (!text.ends_with('\n')) text += '\n';
  return output_.Write(text);
}

}  // namespace gnosis
