// The parent's side of believing nothing: a child's answer, checked to the last byte.
//
// Errors: a lie is kChildDied ("the page child broke the protocol: ..."); a failure that the child
// reported is its own error, with a code that IsChildErrorCode allows.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "page/page_request.h"
#include "wire/seal_report.h"

namespace gnosis {

struct ReplyLimits {
  int64_t max_page_pixels = 100'000'000;
  int max_side_pixels = 30'000;
  int max_pages = 5000;
};

Error BrokenProtocol(std::string_view what);

// The first answer to kOpen number `sequence`. What is not sealed is kChildDied.
Result<SealReport> DecodeSealReply(std::string_view message, uint32_t sequence);
// The second one.
Result<DocumentInfo> DecodeOpenReply(std::string_view message, uint32_t sequence,
                                     const ReplyLimits& limits);
// The answer to kRead number `sequence`. The parts are copied out of `arena` before anything in
// them is looked at. Text, confidence and checksums are computed here; edition, times and duration
// are the caller's.
Result<PageArtefacts> DecodePageReply(std::string_view message, uint32_t sequence,
                                      std::string_view arena, const PageRequest& request,
                                      const ReplyLimits& limits);

}  // namespace gnosis
