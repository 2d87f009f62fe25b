// Corrects small errors of an honest child before sending: a recogniser's box that extends a pixel
// too far, a control character in a text layer. The parent rejects these, since it cannot
// distinguish them from an attack, and a small error must not cost the page.
#pragma once

#include "base/result.h"
#include "page/page_text.h"

namespace gnosis {

// Clamps boxes to the image, confidences to 0..100, baselines to possible values (NaN becomes 0);
// cleans words, and removes those that become empty.
PageText TidyWords(PageText text, int width, int height);
// Truncates messages to kMaxReasonBytes and cleans them. Codes that a child must not use (timeouts,
// its own death, those of the store) become kIo: another attempt may help.
Error TidyError(const Error& error);
// Whether a child may report `code`.
bool IsChildErrorCode(ErrorCode code);

}  // namespace gnosis
