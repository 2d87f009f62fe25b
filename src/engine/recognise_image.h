// One grey page image read as well as the engine can: once as it is; turned, when the first reading
// looks as if the page lay on its side or head; with adaptive thresholding, when much ink gave
// nearly no words. Each further reading costs as much as the first, so it must be called for, and
// it counts only when it found more. At a reduced effort there is only the first one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/ocr_engine.h"
#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

struct ReadingRequest {
  std::vector<std::string> languages = {"eng"};
  std::optional<int> rotate;  // degrees clockwise; nothing: found by the engine
  Effort effort = Effort::kFull;
};

struct RecognisedImage {
  Raster image;  // what the engine saw, upright
  PageText words;
  int angle = 0;                             // degrees clockwise by which the image was turned
  std::optional<Thresholding> thresholding;  // nothing: blank, the engine was not asked
};

Result<RecognisedImage> RecogniseImage(Raster gray, OcrEngine& engine,
                                       const ReadingRequest& request);

// How much of the words is to be believed: their letters and digits, each counting as much as its
// word's confidence (0 to 1); words below 50 count nothing.
double Worth(const PageText& text);

}  // namespace gnosis
