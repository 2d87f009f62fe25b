// For tests: documents are texts, which say how many pages they have.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "page/page_text.h"
#include "reader/page_reader.h"

namespace gnosis {

// "%PDF-1.7 pages=3 bad=2": three pages, the second cannot be read. "encrypted" wants the password
// "open sesame"; "torn" is damaged; "bomb" kills the reader.
class FakeReader : public PageReader {
 public:
  Result<DocumentInfo> Open(const FileDescriptor& document, const std::string& password) override {
    ASSIGN_OR_RETURN(document_, ReadDescriptor(document, 1 << 20));
    if (document_.find("bomb") != std::string::npos) {
      return Error{ErrorCode::kChildDied, "the page child died", ""};
    }
    if (document_.find("torn") != std::string::npos) {
      return Error{ErrorCode::kDamaged, "the document has no page tree", "print it anew"};
    }
    if (document_.find("encrypted") != std::string::npos && password != "open sesame") {
      return Error{ErrorCode::kPasswordRequired, "the document is encrypted", "send its password"};
    }
    return DocumentInfo{"application/pdf", std::max(1, NumberAfter("pages="))};
  }

  Result<PageArtefacts> Read(const PageRequest& request) override {
    if (request.page == NumberAfter("bad=") && !request.options.rotate) {
      return Error{ErrorCode::kDamaged, "the page is empty", "look at it"};
    }
    PageArtefacts artefacts;
    artefacts.image_png = fmt::format("png of page {}", request.page);
    artefacts.preview_jpeg = fmt::format("jpg of page {}", request.page);
    PageResult& result = artefacts.result;
    result.page = request.page;
    result.completed = true;
    result.words = OneLine({"words", "of", "page", fmt::to_string(request.page)});
    result.text = PlainText(result.words);
    result.width = 100;
    result.height = 100;
    result.dpi = request.options.dpi;
    result.language = request.options.languages.front();
    result.source = "fake 1.0";
    result.source_reason = "asked for";
    result.thresholding = "otsu";
    result.confidence = 90;
    result.image_sha256 = Sha256Hex(artefacts.image_png);
    result.preview_sha256 = Sha256Hex(artefacts.preview_jpeg);
    result.duration_ms = 7;
    return artefacts;
  }

  void Interrupt() override {}

 private:
  // 0: it is not there.
  int NumberAfter(std::string_view name) const {
    const size_t at = document_.find(name);
    return at == std::string::npos ? 0 : std::atoi(document_.c_str() + at + name.size());
  }

  static PageText OneLine(const std::vector<std::string>& words) {
    Line line{Box{0, 0, 90, 10}, {}, {}};
    int left = 0;
    for (const std::string& word : words) {
      line.words.push_back(Word{word, Box{left, 0, left + 10, 10}, 90});
      left += 20;
    }
    const Paragraph paragraph{line.box, {line}};
    return PageText{{Block{line.box, {paragraph}}}};
  }

  std::string document_;
};

}  // namespace gnosis
