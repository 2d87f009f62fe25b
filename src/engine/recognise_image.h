// Recognises one grey page image as well as the engine can: first as it is; turned, if the first
// result suggests that the page is sideways or upside down; with adaptive thresholding, if much ink
// gave almost no words. Each further attempt costs as much as the first, so it needs a reason, and
// its result is used only if it is better. At reduced effort there is only the first attempt.
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
  std::optional<int> rotate;  // degrees clockwise; nothing: detected by the engine
  Effort effort = Effort::kFull;
};

struct RecognisedImage {
  Raster image;  // what the engine saw, upright
  PageText words;
  int angle = 0;                             // degrees clockwise by which the image was turned
  std::optional<Thresholding> thresholding;  // nothing: blank, the engine was not called
};

Result<RecognisedImage> RecogniseImage(Raster gray, OcrEngine& engine,
                                       const ReadingRequest& request);

}  // namespace gnosis
