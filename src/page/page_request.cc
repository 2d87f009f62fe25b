#include "page/page_request.h"

namespace gnosis {

bool IsRetryable(ErrorCode code) {
  return code == ErrorCode::kTimeout || code == ErrorCode::kChildDied ||
         code == ErrorCode::kInterrupted || code == ErrorCode::kIo;
}

}  // namespace gnosis
