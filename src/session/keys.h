// The only place that builds object keys and parses them.
//
// A session lives under `users/{user_hash}/{session_id}/`; `unfinished/{user_hash}/{session_id}`
// marks it from before its first file until it is final; `deleted/{user_hash}/{session_id}` exists
// while it is being deleted. Every key is built from parsed ids: text from outside never becomes
// part of a key.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

// Names one session. Both parts are validated on input (Parse...), never later.
struct SessionKey {
  std::string user_hash;   // UserHash of the owner; of older sessions LegacyUserHash
  std::string session_id;  // UUID, lower case; the job's id is the session's id
  auto operator<=>(const SessionKey&) const = default;
};

inline constexpr std::string_view kLocalUserEmail = "local@localhost";

// The first 32 hex digits of SHA-256 of the e-mail in lower case: 128 bits, so that nobody can find
// another address with the same hash.
std::string UserHash(std::string_view email);
// 12 digits, as the first versions named the folders. Sessions from then are still found; no new
// ones use it.
std::string LegacyUserHash(std::string_view email);
// Where an owner's sessions may be: the two above.
std::vector<std::string> UserHashes(std::string_view email);
// kInvalidArgument unless user_hash is 32 (or 12) lower-case hex digits and session_id a UUID.
Result<SessionKey> ParseSessionKey(std::string_view user_hash, std::string_view session_id);

std::string UserFolder(std::string_view user_hash);    // "users/{hash}/"
std::string SessionFolder(const SessionKey& session);  // "users/{hash}/{id}/"
std::string MetadataKey(const SessionKey& session);    // ".../metadata.json"
std::string ProcessingKey(const SessionKey& session);  // ".../processing.json"
std::string StatusKey(const SessionKey& session);      // ".../status.json"
std::string SecretKey(const SessionKey& session);      // ".../secret.json", until final
// `extension` has no dot: one of pdf png jpg tif webp.
std::string OriginalKey(const SessionKey& session, std::string_view extension);
// `format` is a result's file ending: "txt", "json", "hocr", "alto.xml", "pdf", "md".
std::string ResultKey(const SessionKey& session, std::string_view format);

enum class PageFile { kImage, kPreview, kText, kResult };
// "page_007.png", "page_007_preview.jpg", "page_007_result.txt", "page_007_result.json": the number
// is padded to the width of `document_pages`, at least 3 digits.
std::string PageFileName(PageFile file, int page, int document_pages);
std::string PageKey(const SessionKey& session, PageFile file, int page, int document_pages);
// The page number of a "page_NNN_result.json" key or file name; nothing for any other name.
std::optional<int> ParsePageResultName(std::string_view key);

inline constexpr std::string_view kUnfinishedFolder = "unfinished/";
std::string UnfinishedKey(const SessionKey& session);
std::optional<SessionKey> ParseUnfinishedKey(std::string_view key);
// Left for a while when an expired session is deleted, so that requests get 410, not 404.
inline constexpr std::string_view kExpiredFolder = "expired/";
std::string ExpiredKey(const SessionKey& session);  // "expired/{user_hash}/{session_id}"

// Says that the session is to be deleted, until it is.
inline constexpr std::string_view kDeletedFolder = "deleted/";
std::string DeletedKey(const SessionKey& session);  // "deleted/{user_hash}/{session_id}"
std::optional<SessionKey> ParseDeletedKey(std::string_view key);

// Says which session an Idempotency-Key stands for. `submission_id` is a UUID derived from the key.
std::string SubmissionId(std::string_view user_hash, std::string_view idempotency_key);
// "submissions/{user_hash}/{submission_id}"
std::string SubmissionKey(std::string_view user_hash, std::string_view submission_id);

// Names one resumable upload (task/partial_uploads.h): a folder of its own, outside the sessions.
struct UploadKey {
  std::string user_hash;
  std::string upload_id;  // UUID
  auto operator<=>(const UploadKey&) const = default;
};
// kInvalidArgument, as ParseSessionKey.
Result<UploadKey> ParseUploadKey(std::string_view user_hash, std::string_view upload_id);
inline constexpr std::string_view kUploadsFolder = "uploads/";
std::string UserUploadsFolder(std::string_view user_hash);  // "uploads/{hash}/"
std::string UploadFolder(const UploadKey& upload);          // "uploads/{hash}/{id}/"
std::string UploadRecordKey(const UploadKey& upload);       // ".../upload.json"
std::string UploadDataKey(const UploadKey& upload);         // ".../data"
std::string UploadUnverifiedKey(const UploadKey& upload);   // ".../unverified"
// "uploads/{hash}/{id}/" -> the upload.
std::optional<UploadKey> ParseUploadFolder(std::string_view folder);

// The API keys. In a folder of their own: the running service holds the root's lock, and a write
// would wait for it.
inline constexpr std::string_view kApiKeysKey = "access/keys.json";
// "users/{hash}/{id}/anything" -> the session.
std::optional<SessionKey> ParseSessionFolder(std::string_view key);

}  // namespace gnosis
