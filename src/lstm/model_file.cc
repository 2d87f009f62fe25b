#include "lstm/model_file.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "lstm/byte_reader.h"

namespace gnosis {
namespace {

// Part numbers, as listed by Tesseract's combine_tessdata.
enum Part : size_t {
  kSettings = 0,
  kNetwork = 17,
  kPunctuationDawg = 18,
  kWordDawg = 19,
  kNumberDawg = 20,
  kCharacters = 21,
  kRecoder = 22,
};
constexpr int32_t kMaxParts = 1000;
constexpr int64_t kAbsent = -1;

Result<std::vector<int64_t>> ReadOffsets(std::string_view file) {
  ByteReader reader(file, "table of parts");
  ASSIGN_OR_RETURN(const int32_t count, reader.Read<int32_t>());
  if (count < 0 || count > kMaxParts) {
    return UnsupportedModel("has the wrong byte order, or is not a model");
  }
  std::vector<int64_t> offsets;
  for (int32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(const int64_t offset, reader.Read<int64_t>());
    if (offset != kAbsent && (offset < 0 || uint64_t(offset) > file.size())) {
      return DamagedModel("one of its parts is outside the file");
    }
    offsets.push_back(offset);
  }
  return offsets;
}

// A part ends where the next one begins.
std::string_view PartAt(std::string_view file, const std::vector<int64_t>& offsets, Part part) {
  if (part >= offsets.size() || offsets[part] == kAbsent) return {};
  int64_t end = int64_t(file.size());
  for (size_t i = part + 1; i < offsets.size(); ++i) {
    if (offsets[i] == kAbsent) continue;
    end = std::max(offsets[i], offsets[part]);
    break;
  }
  return file.substr(size_t(offsets[part]), size_t(end - offsets[part]));
}

}  // namespace

Result<ModelParts> SplitModelFile(std::string_view file) {
  ASSIGN_OR_RETURN(const std::vector<int64_t> offsets, ReadOffsets(file));
  const auto at = [&](Part part) { return PartAt(file, offsets, part); };
  const ModelParts parts{.settings = at(kSettings),
                         .network = at(kNetwork),
                         .punctuation_dawg = at(kPunctuationDawg),
                         .word_dawg = at(kWordDawg),
                         .number_dawg = at(kNumberDawg),
                         .characters = at(kCharacters),
                         .recoder = at(kRecoder)};
  if (parts.network.empty()) return UnsupportedModel("has no LSTM network");
  if (parts.characters.empty() || parts.recoder.empty()) {
    return UnsupportedModel("stores its characters inside the network, an old format");
  }
  return parts;
}

}  // namespace gnosis
