// One-time initialisation in a template, inherited by its children: poppler's fonts and tables are
// built, and all files that they may request later are listed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "child/document.h"

namespace gnosis {

// Renders a one-page PDF with a font that is not embedded. As long as it is open, poppler and
// fontconfig stay initialised.
class WarmPoppler {
 public:
  static Result<std::unique_ptr<WarmPoppler>> Open();
  // The fonts that fontconfig knows, and poppler's character maps.
  std::vector<std::string> LateFiles() const;

 private:
  explicit WarmPoppler(std::unique_ptr<Document> document) : document_(std::move(document)) {}
  std::unique_ptr<Document> document_;
};

}  // namespace gnosis
