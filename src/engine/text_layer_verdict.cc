#include <fmt/format.h>

#include <cmath>

#include "engine/process_page.h"

namespace gnosis {
namespace {

// docs/text-layer.md explains these values.
constexpr int kMinCharacters = 40;
constexpr double kMaxBrokenShare = 0.1;
constexpr double kScannedCoverage = 0.5;
constexpr double kMostlyInvisible = 0.5;
constexpr int kMinInvisibleCharacters = 100;
constexpr int kMinCharactersOverImage = 500;

int Percent(double share) { return int(std::lround(share * 100)); }

TextLayerVerdict JudgeOverImage(const TextLayer& layer) {
  const bool earlier_ocr = layer.invisible_share >= kMostlyInvisible;
  const int wanted = earlier_ocr ? kMinInvisibleCharacters : kMinCharactersOverImage;
  if (layer.characters < wanted) {
    return {false,
            fmt::format("images cover {} % of the page, its text layer has only {} characters",
                        Percent(layer.image_coverage), layer.characters)};
  }
  if (earlier_ocr) return {true, "the text layer of an earlier recognition covers the page"};
  return {true, "text layer covers the page"};
}

}  // namespace

TextLayerVerdict JudgeTextLayer(const TextLayer& layer) {
  if (layer.characters <= 0 || WordCount(layer.words) == 0) return {false, "no text layer"};
  const double broken_share = double(layer.broken_characters) / layer.characters;
  if (broken_share > kMaxBrokenShare) {
    return {false,
            fmt::format("{} % of the text layer's characters are broken", Percent(broken_share))};
  }
  if (layer.characters < kMinCharacters) {
    return {false, fmt::format("text layer has only {} characters", layer.characters)};
  }
  if (layer.image_coverage >= kScannedCoverage) return JudgeOverImage(layer);
  return {true, "text layer covers the page"};
}

}  // namespace gnosis
