#include "session/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/id.h"

namespace gnosis {
namespace {

constexpr std::string_view kUsersFolder = "users/";
constexpr std::string_view kSubmissionsFolder = "submissions/";
constexpr size_t kUserHashDigits = 32;
constexpr size_t kLegacyUserHashDigits = 12;
constexpr size_t kUuidLength = 36;
constexpr size_t kMaxPageDigits = 9;

bool IsUserHash(std::string_view text) {
  return (text.size() == kUserHashDigits || text.size() == kLegacyUserHashDigits) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

struct HashAndId {
  SessionKey key;
  std::string_view rest;
};

// "{user_hash}/{session_id}" at the beginning of `text`, and what comes after it.
std::optional<HashAndId> ParseHashAndId(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.size() < slash + 1 + kUuidLength) return std::nullopt;
  const auto key = ParseSessionKey(text.substr(0, slash), text.substr(slash + 1, kUuidLength));
  if (!key.ok()) return std::nullopt;
  return HashAndId{*key, text.substr(slash + 1 + kUuidLength)};
}

std::string_view PageFileEnding(PageFile file) {
  switch (file) {
    case PageFile::kImage:
      return ".png";
    case PageFile::kPreview:
      return "_preview.jpg";
    case PageFile::kText:
      return "_result.txt";
    case PageFile::kResult:
      break;
  }
  return "_result.json";
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// "{folder}{user_hash}/{session_id}" and nothing else.
std::optional<SessionKey> ParseWhole(std::string_view key, std::string_view folder) {
  if (!TakePrefix(key, folder)) return std::nullopt;
  auto parts = ParseHashAndId(key);
  if (!parts || !parts->rest.empty()) return std::nullopt;
  return std::move(parts->key);
}

// E-mail addresses are compared without regard to case, as mail servers do in practice.
std::string LowerCaseAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace

std::string UserHash(std::string_view email) {
  return Sha256Hex(LowerCaseAscii(email)).substr(0, kUserHashDigits);
}

std::string LegacyUserHash(std::string_view email) {
  return Sha256Hex(LowerCaseAscii(email)).substr(0, kLegacyUserHashDigits);
}

std::vector<std::string> UserHashes(std::string_view email) {
  return {UserHash(email), LegacyUserHash(email)};
}

Result<SessionKey> ParseSessionKey(std::string_view user_hash, std::string_view session_id) {
  if (!IsUserHash(user_hash)) {
    return Error{ErrorCode::kInvalidArgument, "a user's hash is 32 lower-case hexadecimal digits",
                 ""};
  }
  if (!IsUuid(session_id)) {
    return Error{ErrorCode::kInvalidArgument, "a job's id is a UUID in lower case",
                 "use the job_id returned for the upload"};
  }
  return SessionKey{std::string(user_hash), std::string(session_id)};
}

std::string UserFolder(std::string_view user_hash) {
  return fmt::format("{}{}/", kUsersFolder, user_hash);
}

std::string SessionFolder(const SessionKey& session) {
  return fmt::format("{}{}/{}/", kUsersFolder, session.user_hash, session.session_id);
}

std::string MetadataKey(const SessionKey& session) {
  return SessionFolder(session) + "metadata.json";
}

std::string ProcessingKey(const SessionKey& session) {
  return SessionFolder(session) + "processing.json";
}

std::string StatusKey(const SessionKey& session) { return SessionFolder(session) + "status.json"; }

std::string SecretKey(const SessionKey& session) { return SessionFolder(session) + "secret.json"; }

std::string OriginalKey(const SessionKey& session, std::string_view extension) {
  return fmt::format("{}original.{}", SessionFolder(session), extension);
}

std::string ResultKey(const SessionKey& session, std::string_view format) {
  return fmt::format("{}result.{}", SessionFolder(session), format);
}

std::string PageFileName(PageFile file, int page, int document_pages) {
  const size_t digits = std::max<size_t>(3, fmt::formatted_size("{}", document_pages));
  return fmt::format("page_{:0{}}{}", page, digits, PageFileEnding(file));
}

std::string PageKey(const SessionKey& session, PageFile file, int page, int document_pages) {
  return SessionFolder(session) + PageFileName(file, page, document_pages);
}

std::optional<int> ParsePageResultName(std::string_view key) {
  std::string_view digits = key.substr(key.rfind('/') + 1);  // npos + 1 is 0
  if (!TakePrefix(digits, "page_") || !TakeSuffix(digits, PageFileEnding(PageFile::kResult))) {
    return std::nullopt;
  }
  if (digits.size() < 3 || digits.size() > kMaxPageDigits) return std::nullopt;
  int page = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    page = page * 10 + (digit - '0');
  }
  return page > 0 ? std::optional(page) : std::nullopt;
}

std::string UnfinishedKey(const SessionKey& session) {
  return fmt::format("{}{}/{}", kUnfinishedFolder, session.user_hash, session.session_id);
}

Result<UploadKey> ParseUploadKey(std::string_view user_hash, std::string_view upload_id) {
  ASSIGN_OR_RETURN(SessionKey parts, ParseSessionKey(user_hash, upload_id));
  return UploadKey{std::move(parts.user_hash), std::move(parts.session_id)};
}

std::string UserUploadsFolder(std::string_view user_hash) {
  return fmt::format("{}{}/", kUploadsFolder, user_hash);
}

std::string UploadFolder(const UploadKey& upload) {
  return fmt::format("{}{}/{}/", kUploadsFolder, upload.user_hash, upload.upload_id);
}

std::string UploadRecordKey(const UploadKey& upload) {
  return UploadFolder(upload) + "upload.json";
}

std::string UploadDataKey(const UploadKey& upload) { return UploadFolder(upload) + "data"; }

std::string UploadUnverifiedKey(const UploadKey& upload) {
  return UploadFolder(upload) + "unverified";
}

std::optional<UploadKey> ParseUploadFolder(std::string_view folder) {
  if (!TakePrefix(folder, kUploadsFolder)) return std::nullopt;
  auto parts = ParseHashAndId(folder);
  if (!parts || parts->rest != "/") return std::nullopt;
  return UploadKey{std::move(parts->key.user_hash), std::move(parts->key.session_id)};
}

std::optional<SessionKey> ParseUnfinishedKey(std::string_view key) {
  return ParseWhole(key, kUnfinishedFolder);
}

std::string ExpiredKey(const SessionKey& session) {
  return fmt::format("{}{}/{}", kExpiredFolder, session.user_hash, session.session_id);
}

std::string DeletedKey(const SessionKey& session) {
  return fmt::format("{}{}/{}", kDeletedFolder, session.user_hash, session.session_id);
}

std::optional<SessionKey> ParseDeletedKey(std::string_view key) {
  return ParseWhole(key, kDeletedFolder);
}

std::string SubmissionId(std::string_view user_hash, std::string_view idempotency_key) {
  return UuidFromText(fmt::format("{}\n{}", user_hash, idempotency_key));
}

std::string SubmissionKey(std::string_view user_hash, std::string_view submission_id) {
  return fmt::format("{}{}/{}", kSubmissionsFolder, user_hash, submission_id);
}

std::optional<SessionKey> ParseSessionFolder(std::string_view key) {
  if (!TakePrefix(key, kUsersFolder)) return std::nullopt;
  auto parts = ParseHashAndId(key);
  if (!parts || !parts->rest.starts_with('/')) return std::nullopt;
  return std::move(parts->key);
}

}  // namespace gnosis
