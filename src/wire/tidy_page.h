// Mends what an honest child may get slightly wrong, before it is sent: a recogniser's box that
// sticks out by a pixel, a text layer's control character. The parent refuses such things, as it
// cannot tell a slip from an attack, and a page must not be lost to a slip.
#pragma once

#include "base/result.h"
#include "page/page_text.h"

namespace gnosis {

// Boxes clamped to the image, confidences to 0..100, baselines to what is possible (NaN is 0);
// words cleaned, and left out when nothing remains.
PageText TidyWords(PageText text, int width, int height);
// Messages cut to kMaxReasonBytes and cleaned. Codes that a child has no business with (timeouts,
// its own death, the store's) become kIo: another attempt may help.
Error TidyError(const Error& error);
// Whether a child may fail with `code`.
bool IsChildErrorCode(ErrorCode code);

}  // namespace gnosis
