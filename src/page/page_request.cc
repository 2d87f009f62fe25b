#include "page/page_request.h"

namespace gnosis {

bool IsRetryable(ErrorCode code) {
  return code == ErrorCode::kTimeout || code == ErrorCode::kChildDied ||
         code == ErrorCode::kInterrupted || code == ErrorCode::kIo;
}

std::string_view EngineName(EngineChoice engine) {
  return engine == EngineChoice::kFast ? "fast" : "tesseract";
}

std::optional<EngineChoice> ParseEngineName(std::string_view name) {
  for (const EngineChoice engine : kEngineChoices) {
    if (name == EngineName(engine)) return engine;
  }
  return std::nullopt;
}

}  // namespace gnosis
