// A result of the pages finished so far, with a marker for every other page: generated page by page
// while it is sent, in the memory of one page.
#pragma once

#include <memory>
#include <string>

#include "api/call.h"
#include "net/http.h"
#include "session/keys.h"

namespace gnosis {

// `format` is one of OutputFormats().
Result<std::unique_ptr<LiveBody>> NewPartialResult(const Call& call, const SessionKey& session,
                                                   const std::string& format);

}  // namespace gnosis
