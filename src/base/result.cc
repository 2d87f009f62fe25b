#include "base/result.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gnosis {
namespace {

struct NamedCode {
  ErrorCode code;
  std::string_view name;
};
constexpr std::array kNames{
    NamedCode{ErrorCode::kInvalidArgument, "invalid_argument"},
    NamedCode{ErrorCode::kNotFound, "not_found"},
    NamedCode{ErrorCode::kPreconditionFailed, "precondition_failed"},
    NamedCode{ErrorCode::kGone, "gone"},
    NamedCode{ErrorCode::kIdempotencyKeyReused, "idempotency_key_reused"},
    NamedCode{ErrorCode::kConflict, "conflict"},
    NamedCode{ErrorCode::kUnsupportedMediaType, "unsupported_media_type"},
    NamedCode{ErrorCode::kPasswordRequired, "password_required"},
    NamedCode{ErrorCode::kDamaged, "damaged"},
    NamedCode{ErrorCode::kNoPages, "no_pages"},
    NamedCode{ErrorCode::kTooLarge, "too_large"},
    NamedCode{ErrorCode::kMissingLanguage, "missing_language"},
    NamedCode{ErrorCode::kUnsupportedFormat, "unsupported_format"},
    NamedCode{ErrorCode::kDiskFull, "disk_full"},
    NamedCode{ErrorCode::kPermission, "permission"},
    NamedCode{ErrorCode::kTimeout, "timeout"},
    NamedCode{ErrorCode::kChildDied, "child_died"},
    NamedCode{ErrorCode::kUnavailable, "unavailable"},
    NamedCode{ErrorCode::kTooManyRequests, "too_many_requests"},
    NamedCode{ErrorCode::kInterrupted, "interrupted"},
    NamedCode{ErrorCode::kIo, "io"},
    NamedCode{ErrorCode::kInternal, "internal"},
};

}  // namespace

std::string_view ErrorCodeName(ErrorCode code) {
  for (const NamedCode& named : kNames) {
    if (named.code == code) return named.name;
  }
  return "internal";
}

std::optional<ErrorCode> ParseErrorCode(std::string_view name) {
  for (const NamedCode& named : kNames) {
    if (named.name == name) return named.code;
  }
  return std::nullopt;
}

Error ErrnoError(int error_number, std::string_view what) {
  ErrorCode code = ErrorCode::kIo;
  std::string hint;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      break;
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::kDiskFull;
      hint = "free some disk space; work resumes after the last finished page";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = ErrorCode::kPermission;
      break;
    default:
      break;
  }
  return Error{code, std::string(what) + ": " + std::strerror(error_number), std::move(hint)};
}

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: bug: this must hold: %s\n", file, line, condition);
  std::abort();
}

}  // namespace gnosis
