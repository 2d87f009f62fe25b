// A .traineddata file: a table of offsets, followed by the parts. Only the parts that the line
// recogniser needs are listed here.
#pragma once

#include <string_view>

#include "base/result.h"

namespace gnosis {

// Views of the file's bytes; an empty view means that the part is absent.
struct ModelParts {
  std::string_view settings;  // "name value" lines for Tesseract
  std::string_view network;
  std::string_view punctuation_dawg;
  std::string_view word_dawg;
  std::string_view number_dawg;
  std::string_view characters;
  std::string_view recoder;
};

// kDamaged; kUnsupportedFormat if it has no network or was written on a big-endian machine.
Result<ModelParts> SplitModelFile(std::string_view file);

}  // namespace gnosis
