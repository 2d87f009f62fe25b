// A .traineddata file that somebody made to do harm: it is refused, or reads a line.
//
// Byte 0 says what the input is: 'M' a whole model; 'N' the network part of a small model, 'C' its
// characters, 'R' its recoder, 'W' its word list.
#include <cstddef>
#include <cstdint>
#include <string>

#include "lstm/line_recogniser.h"
#include "support/model_builder.h"

namespace {

// A network that is large and legal takes long, which is no fault.
constexpr size_t kLargest = 200'000;

std::string ModelFrom(char kind, std::string rest) {
  gnosis::ModelBuilder builder;
  switch (kind) {
    case 'N':
      builder.network = std::move(rest);
      break;
    case 'C':
      builder.characters = std::move(rest);
      break;
    case 'R':
      builder.recoder = std::move(rest);
      break;
    case 'W':
      builder.words = std::move(rest);
      break;
    default:
      return rest;
  }
  return builder.Build();
}

gnosis::GrayImage SomeLine() {
  gnosis::GrayImage line{45, 14, std::vector<uint8_t>(45 * 14, 230)};
  for (size_t i = 0; i < line.pixels.size(); i += 7) line.pixels[i] = uint8_t(i * 31);
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > kLargest) return 0;
  const std::string model =
      ModelFrom(char(data[0]), std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  const auto recogniser = gnosis::ReadLineRecogniser(model);
  if (!recogniser.ok()) return 0;
  const std::vector<gnosis::GrayImage> lines = {SomeLine()};
  const auto words = (*recogniser)->Recognise(lines);
  GNOSIS_CHECK(words.size() == 1);
  return 0;
}
