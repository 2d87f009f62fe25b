// A value, or the reason why there is none.
//
// Everything that can fail for a reason outside the code returns Result<T> (or Status when there is
// no value). An error code exists only because some caller branches on it; the context (session,
// page, path) is added once, where the name is known, with Error::Context.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gnosis {

enum class ErrorCode {
  kInvalidArgument,       // invalid input from the caller: an option, a page range, a header
  kNotFound,              // no such object, session, page, file
  kPreconditionFailed,    // another writer changed it first
  kGone,                  // existed, but expired or was deleted
  kIdempotencyKeyReused,  // the same key for different bytes
  kConflict,              // the state of the job does not allow this (already final, still running)
  kUnsupportedMediaType,  // not a PDF or a supported image
  kPasswordRequired,      // encrypted, and no password or a wrong one was given
  kDamaged,               // too broken to be read: no retry will help
  kNoPages,               // a document without pages, or none of them was requested
  kTooLarge,              // over a limit; the message names the limit, its value and its setting
  kMissingLanguage,       // a language whose model is not installed
  kUnsupportedFormat,     // an output format, engine or mode this build does not have
  kDiskFull,              // disk full; work resumes when there is space
  kPermission,            // refused by the operating system
  kTimeout,               // took longer than its limit
  kChildDied,             // the page child crashed, broke the protocol or was killed
  kUnavailable,           // try again later
  kTooManyRequests,       // one caller requests too much at once; the message names the limit
  kInterrupted,           // asked to stop
  kIo,                    // any other failure of disk, pipe or socket
  kInternal,              // a bug that was detected
};

// The `code()` of a result that is ok: none of the above, so that it can be compared without
// checking ok() first.
inline constexpr ErrorCode kNoErrorCode = ErrorCode(-1);

// "password_required" and so on: the `code` of problem+json, of log lines and of failed pages.
std::string_view ErrorCodeName(ErrorCode code);
std::optional<ErrorCode> ParseErrorCode(std::string_view name);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // what was wrong and where, one line, without a final full stop
  std::string hint;     // what to do about it; may be empty

  // "page 3: " in front of the message.
  Error Context(std::string_view where) const {
    return Error{code, std::string(where) + ": " + message, hint};
  }
};

// From errno: ENOSPC and EDQUOT are kDiskFull, EACCES and EPERM kPermission, ENOENT kNotFound.
Error ErrnoError(int error_number, std::string_view what);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }
  ErrorCode code() const { return ok() ? kNoErrorCode : error().code; }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }
  ErrorCode code() const { return ok() ? kNoErrorCode : error().code; }

 private:
  std::optional<Error> error_;
};
using Status = Result<void>;
inline Status Ok() { return {}; }

// Stops the program: `condition` false is a bug, never bad input. Stays on in release.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace gnosis

#define GNOSIS_CHECK(condition) \
  ((condition) ? void() : ::gnosis::CheckFailed(__FILE__, __LINE__, #condition))

#define RETURN_IF_ERROR(expression)                   \
  do {                                                \
    if (auto status_ = (expression); !status_.ok()) { \
      return status_.error();                         \
    }                                                 \
  } while (false)

#define GNOSIS_CONCAT_(a, b) a##b
#define GNOSIS_CONCAT(a, b) GNOSIS_CONCAT_(a, b)
#define ASSIGN_OR_RETURN(declaration, expression)       \
  auto GNOSIS_CONCAT(result_, __LINE__) = (expression); \
  if (!GNOSIS_CONCAT(result_, __LINE__).ok()) {         \
    return GNOSIS_CONCAT(result_, __LINE__).error();    \
  }                                                     \
  declaration = *std::move(GNOSIS_CONCAT(result_, __LINE__))
