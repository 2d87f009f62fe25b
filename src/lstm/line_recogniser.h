// Reads images of lines of text with a model of Tesseract's (.traineddata), several times as fast
// as libtesseract and, but for rounding, to the same result.
//
// The life of one: Load() once for a language; then Recognise() any number of times, each for all
// lines of a page at once. Not thread-safe; the model file is mapped, so that the workers of one
// machine share it.
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
  // The words of each line; none for a line too small to be text.
  virtual std::vector<std::vector<LineWord>> Recognise(std::span<const GrayImage> lines) = 0;
  virtual std::string_view settings() const = 0;  // of the model, for Tesseract: "name value" lines
};

// kDamaged; kUnsupportedFormat says what this model has that we cannot run (nothing is wrong with
// it, libtesseract reads with it).
Result<std::unique_ptr<LineRecogniser>> LoadLineRecogniser(const std::filesystem::path& model,
                                                           const Kernels& kernels = BestKernels());
// From bytes, which must outlive it.
Result<std::unique_ptr<LineRecogniser>> ReadLineRecogniser(std::string_view model,
                                                           const Kernels& kernels = BestKernels());

}  // namespace gnosis
