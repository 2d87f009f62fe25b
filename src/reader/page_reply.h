// The parent's zero-trust check: every byte of a child's answer is validated.
//
// Errors: a protocol violation is kChildDied ("the page child broke the protocol: ..."); a failure
// that the child reported keeps its own code, if IsChildErrorCode allows it.
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

// The first answer to kOpen number `sequence`. kChildDied if the child is not sealed.
Result<SealReport> DecodeSealReply(std::string_view message, uint32_t sequence);
// The second one.
Result<DocumentInfo> DecodeOpenReply(std::string_view message, uint32_t sequence,
                                     const ReplyLimits& limits);
// The answer to kRead number `sequence`. The parts are copied out of `arena` before they are
// examined. Text, confidence and checksums are computed here; the caller fills in edition, times
// and duration.
Result<PageArtefacts> DecodePageReply(std::string_view message, uint32_t sequence,
                                      std::string_view arena, const PageRequest& request,
                                      const ReplyLimits& limits);

}  // namespace gnosis
