// What a template does once, so that each of its children finds it done: poppler's fonts and tables
// built, and every file that they may ask for later known by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "child/document.h"

namespace gnosis {

// A PDF of one page with a font that it does not hold, read once. As long as it is open, poppler
// and fontconfig stay initialised.
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
