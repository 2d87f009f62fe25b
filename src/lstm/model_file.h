// A .traineddata file: a table of offsets and the parts behind it. Only the parts that the line
// recogniser needs have names here.
#pragma once

#include <string_view>

#include "base/result.h"

namespace gnosis {

// Views into the bytes of the file; an empty part is absent.
struct ModelParts {
  std::string_view settings;  // "name value" lines for Tesseract
  std::string_view network;
  std::string_view punctuation_dawg;
  std::string_view word_dawg;
  std::string_view number_dawg;
  std::string_view characters;
  std::string_view recoder;
};

// kDamaged; kUnsupportedFormat when there is no network in it, or the file is of a big-endian
// machine.
Result<ModelParts> SplitModelFile(std::string_view file);

}  // namespace gnosis
