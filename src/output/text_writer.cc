#include <algorithm>
#include <utility>

#include "output/writers.h"

namespace gnosis {
namespace {

// Ensures one newline at the end, none for a page without text. Form feeds in the text are
// replaced, since they would look like page breaks.
std::string TidyText(std::string text) {
  std::replace(text.begin(), text.end(), '\f', '\n');
  const size_t last = text.find_last_not_of('\n');
  text.resize(last == std::string::npos ? 0 : last + 1);
  if (!text.empty()) text += '\n';
  return text;
}

class TextWriter : public OutputWriter {
 public:
  explicit TextWriter(Sink sink) : sink_(std::move(sink)) {}

  Status Begin(const OutputHead&) override { return Ok(); }

  Status Page(const PageResult& page) override {
    const std::string text = TidyText(TextOrMarker(page));
    const std::string feed = first_page_ ? "" : "\f";
    first_page_ = false;
    last_line_ended_ = !text.empty();
    return sink_(feed + text);
  }

  Status End() override { return last_line_ended_ ? Ok() : sink_("\n"); }

 private:
  const Sink sink_;
  bool first_page_ = true;
  bool last_line_ended_ = false;
};

}  // namespace

std::unique_ptr<OutputWriter> NewTextWriter(Sink sink) {
  return std::make_unique<TextWriter>(std::move(sink));
}

}  // namespace gnosis
