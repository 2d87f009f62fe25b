#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/json.h"
#include "output/writers.h"

namespace gnosis {
namespace {

constexpr int kSchemaVersion = 1;

// Removes the excess digits of a float in decimal form. NaN becomes null.
double Rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

Json BoxJson(const Box& box) { return Json::array({box.left, box.top, box.right, box.bottom}); }

Json BaselineJson(const Baseline& baseline) {
  return Json::array({Rounded(double(baseline.slope), 5), Rounded(double(baseline.offset), 2)});
}

Json WordJson(const Word& word) {
  return {{"text", word.text},
          {"box", BoxJson(word.box)},
          {"confidence", Rounded(double(word.confidence), 2)}};
}

template <typename Part, typename ToJson>
Json ListJson(const std::vector<Part>& parts, ToJson to_json) {
  Json list = Json::array();
  for (const Part& part : parts) list.push_back(to_json(part));
  return list;
}

Json LineJson(const Line& line) {
  return {{"box", BoxJson(line.box)},
          {"baseline", BaselineJson(line.baseline)},
          {"words", ListJson(line.words, WordJson)}};
}

Json ParagraphJson(const Paragraph& paragraph) {
  return {{"box", BoxJson(paragraph.box)}, {"lines", ListJson(paragraph.lines, LineJson)}};
}

Json BlockJson(const Block& block) {
  return {{"box", BoxJson(block.box)}, {"paragraphs", ListJson(block.paragraphs, ParagraphJson)}};
}

Json ErrorJson(const std::optional<Error>& error) {
  if (!error) return nullptr;
  return {{"code", ErrorCodeName(error->code)}, {"message", error->message}, {"hint", error->hint}};
}

Json PageJson(const PageResult& page) {
  return {{"page", page.page},
          {"status", page.completed ? "completed" : "failed"},
          {"error", ErrorJson(page.error)},
          {"text", page.text},
          {"width", page.width},
          {"height", page.height},
          {"dpi", page.dpi},
          {"angle", page.angle},
          {"language", page.language},
          {"source", page.source},
          {"source_reason", page.source_reason},
          {"confidence", page.confidence ? Json(Rounded(*page.confidence, 2)) : Json()},
          {"blocks", ListJson(page.words.blocks, BlockJson)}};
}

Json HeadJson(const OutputHead& head) {
  return {{"schema_version", kSchemaVersion},
          {"file_name", head.file_name},
          {"sha256", head.sha256},
          {"total_pages", head.total_pages},
          {"languages", head.languages},
          {"program", "gnosis-ocr " + head.program_version}};
}

class JsonWriter : public OutputWriter {
 public:
  explicit JsonWriter(Sink sink) : sink_(std::move(sink)) {}

  // The head's object remains open until End, so that the pages can be added to it.
  Status Begin(const OutputHead& head) override {
    std::string json = DumpJson(HeadJson(head), 2);
    json.resize(json.size() - std::string_view("\n}").size());
    return sink_(json + ",\n  \"pages\": [");
  }

  Status Page(const PageResult& page) override {
    const std::string comma = first_page_ ? "" : ",";
    first_page_ = false;
    return sink_(comma + "\n    " + DumpJson(PageJson(page)));
  }

  Status End() override { return sink_("\n  ]\n}\n"); }

 private:
  const Sink sink_;
  bool first_page_ = true;
};

}  // namespace

std::unique_ptr<OutputWriter> NewJsonWriter(Sink sink) {
  return std::make_unique<JsonWriter>(std::move(sink));
}

}  // namespace gnosis
