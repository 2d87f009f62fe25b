// From bytes of a stranger to a session with pending pages (DESIGN section 2, steps 1 to 3).
//
// The life of an upload: Start -> Append... -> Admit. Until Admit returned ok nothing is visible to
// anybody; an upload destroyed before removes what it wrote. Every step of Admit is create-once, so
// the same request with the same idempotency key may be repeated after any failure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/languages.h"
#include "page/page_reader.h"
#include "session/keys.h"
#include "session/metadata.h"
#include "session/object_store.h"
#include "task/admission_quota.h"
#include "task/job_actions.h"

namespace gnosis {

struct AdmissionOptions {
  uint64_t max_upload_bytes = 500'000'000;                      // MAX_UPLOAD_BYTES
  int batch_size = 10;                                          // OCR_BATCH_SIZE
  std::optional<Seconds> session_ttl = Seconds{7 * 24 * 3600};  // nothing: kept for ever
  std::optional<OwnerLimits> owner_limits;                      // nothing: one person's own machine
  ModelFolders models;
};

// What the caller says about the document; any of it may come after the bytes.
struct Submission {
  std::string file_name;
  JobOptions options;
  std::string password;  // "" = none
};

struct Admitted {
  SessionKey session;
  bool created = true;  // false: the idempotency key named a session that is there already
};

// The checks that need no document: languages installed, formats and engine known, dpi in range.
// kMissingLanguage, kUnsupportedFormat, kInvalidArgument.
Status CheckJobOptions(const JobOptions& options, const ModelFolders& models);

// The session that an idempotency key of this user names, whether it exists or not.
Result<SessionKey> SessionKeyFor(const std::string& user_email, const std::string& idempotency_key);

class Upload {
 public:
  virtual ~Upload() = default;
  // kUnsupportedMediaType as soon as the first bytes tell; kTooLarge; kDiskFull.
  virtual Status Append(std::string_view bytes) = 0;
  // Also: kPasswordRequired, kDamaged, kNoPages; kIdempotencyKeyReused when the key was used
  // for other bytes; kUnavailable when the task could not be enqueued (repeat the request);
  // kTooManyRequests when the owner has too many pages waiting.
  virtual Result<Admitted> Admit(const Submission& submission) = 0;
};

class Admission {
 public:
  virtual ~Admission() = default;
  // Without a key a random session id is made. kTooManyRequests when the owner has too many jobs.
  virtual Result<std::unique_ptr<Upload>> Start(
      const std::string& user_email, const std::optional<std::string>& idempotency_key) = 0;
  // Whether pages of a job that is finished may be read again. kTooManyRequests; kPasswordRequired
  // when the document does not open with `password`: said here, before the pages that were read are
  // given up for ones that cannot be.
  virtual Status MayReadAgain(const std::string& user_email, const SessionKey& session,
                              const std::string& password) = 0;
};

// `inspectors` open documents to count their pages, one upload each at a time.
std::unique_ptr<Admission> NewAdmission(ActionContext context,
                                        std::vector<std::unique_ptr<PageReader>> inspectors,
                                        AdmissionOptions options);

}  // namespace gnosis
