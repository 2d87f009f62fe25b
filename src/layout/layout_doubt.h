// Why a page is not one for us. Not a fault of the page: somebody slower and surer is asked.
#pragma once

#include <string>

#include "base/result.h"

namespace gnosis {

inline Error LayoutDoubt(std::string reason) {
  return {ErrorCode::kUnsupportedFormat, std::move(reason), ""};
}

}  // namespace gnosis
