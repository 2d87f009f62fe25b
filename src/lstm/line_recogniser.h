// Recognises images of text lines with a Tesseract model (.traineddata), several times as fast as
// libtesseract and, apart from rounding, with the same result.
//
// Usage: Load once for a language, then call Recognise() any number of times, each with all lines
// of a page. Not thread-safe; the model file is mapped, so that the workers of one machine share
// its memory.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lstm/kernels.h"
#include "lstm/line_image.h"
#include "lstm/line_words.h"

namespace gnosis {

class LineRecogniser {
 public:
  virtual ~LineRecogniser() = default;
  // The words of each line; none for a line that is too small to be text.
  virtual std::vector<std::vector<LineWord>> Recognise(std::span<const GrayImage> lines) = 0;
  virtual std::string_view settings() const = 0;  // for Tesseract: "name value" lines
};

// kDamaged; kUnsupportedFormat names what we cannot run in this model (it is valid, and
// libtesseract can use it).
Result<std::unique_ptr<LineRecogniser>> LoadLineRecogniser(const std::filesystem::path& model,
                                                           const Kernels& kernels = BestKernels());
// From bytes, which must outlive the recogniser.
Result<std::unique_ptr<LineRecogniser>> ReadLineRecogniser(std::string_view model,
                                                           const Kernels& kernels = BestKernels());

}  // namespace gnosis
