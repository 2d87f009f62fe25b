#include "task/admission.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/hash.h"
#include "base/id.h"
#include "output/output_writer.h"
#include "page/media_types.h"
#include "page/utf8.h"
#include "session/page_ranges.h"
#include "task/deletion.h"
#include "task/markers.h"
#include "task/session_files.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

constexpr size_t kMaxFileNameBytes = 255;

// The outcome of inspecting a document. Shared with the pool's thread, which may still be reporting
// it when the upload is gone.
struct Opening {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Result<DocumentInfo>> info;

  void Set(Result<DocumentInfo> found) {
    std::lock_guard lock(mutex);
    info = std::move(found);
    changed.notify_all();
  }
  bool IsSet() {
    std::lock_guard lock(mutex);
    return info.has_value();
  }
  Result<DocumentInfo> Wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return info.has_value(); });
    return *info;
  }
};

struct AdmissionWorld {
  ActionContext context;
  AdmissionOptions options;
  InspectionPool& inspections;
  std::unique_ptr<AdmissionQuota> quota;  // nullptr: no limits
};

// Limited in length, and never empty.
std::string ShownFileName(std::string_view name) {
  const std::string bare = BareFileName(name);
  return bare.empty() ? "document" : std::string(CutText(bare, kMaxFileNameBytes));
}

bool MayHaveLanded(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kIo;
}

// One document on its way to becoming a session.
class StreamedUpload final : public Upload {
 public:
  StreamedUpload(AdmissionWorld& world, SessionKey session, std::string user_email)
      : world_(world), session_(std::move(session)), user_email_(std::move(user_email)) {}

  // `key`: the caller's, if there is one. If it names an existing session, the bytes are only
  // compared.
  Status Start(const std::optional<std::string>& key) {
    if (key) {
      submission_id_ = SubmissionId(session_.user_hash, *key);
      ASSIGN_OR_RETURN(const auto submitted,
                       FindSubmitted(world_.context.store, user_email_, *key));
      if (submitted && !IsOver(*submitted)) {
        const Status compares = StartComparing(*submitted);
        // Deleted since the key was looked up: the key names nothing now.
        if (compares.ok() || compares.code() != ErrorCode::kNotFound) return compares;
      }
    }
    if (!world_.quota) return Ok();
    ASSIGN_OR_RETURN(reservation_, world_.quota->Reserve(session_));
    return Ok();
  }

  ~StreamedUpload() override { Withdraw(); }

  Status Append(std::string_view bytes) override {
    size_bytes_ += bytes.size();
    if (size_bytes_ > world_.options.max_upload_bytes) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("the document is larger than the limit of {} bytes",
                               world_.options.max_upload_bytes),
                   "raise MAX_UPLOAD_BYTES, or split the document"};
    }
    hash_.Update(bytes);
    if (there_already_) return Ok();
    if (writer_) return writer_->Append(bytes);
    head_ += bytes;
    return head_.size() < kSniffBytes ? Ok() : StartWriting();
  }

  Status Prepare(const Submission& submission, std::function<void()> ready) override {
    sha256_ = hash_.FinishHex();
    opening_ = std::make_shared<Opening>();
    if (there_already_) {
      opening_->Set(DocumentInfo{});
      ready();
      return Ok();
    }
    if (!writer_) RETURN_IF_ERROR(StartWriting());
    if (world_.quota) RETURN_IF_ERROR(world_.quota->MayKeep(session_.user_hash, size_bytes_));
    const auto committed = writer_->Commit();
    if (!committed.ok()) return committed.error();
    RETURN_IF_ERROR(CheckJobOptions(submission.options, world_.options.models));
    ASSIGN_OR_RETURN(FileDescriptor original,
                     world_.context.store.Open(OriginalKey(session_, extension_)));
    auto done = [opening = opening_, ready = std::move(ready)](Result<DocumentInfo> info) {
      opening->Set(std::move(info));
      ready();
    };
    ASSIGN_OR_RETURN(inspection_, world_.inspections.Start(session_.user_hash, std::move(original),
                                                           submission.password, std::move(done)));
    return Ok();
  }
  bool prepared() const override { return opening_ && opening_->IsSet(); }

  Result<Admitted> Admit(const Submission& submission) override {
    auto admitted = TryToAdmit(submission);
    if (admitted.ok() || admitted.code() != ErrorCode::kNotFound) return admitted;
    // "No such job" would not make sense to a client that submits a document.
    return Error{ErrorCode::kConflict, "the job was deleted while this request was in progress",
                 "repeat the request to process the document anyway"};
  }

 private:
  Result<Admitted> TryToAdmit(const Submission& submission) {
    if (!opening_) RETURN_IF_ERROR(Prepare(submission, [] {}));
    if (there_already_) return Replay(submission);
    ASSIGN_OR_RETURN(const DocumentInfo info, Opened());
    const Metadata metadata = Describe(submission, info);
    ASSIGN_OR_RETURN(const std::vector<int> pages,
                     SelectPages(metadata.options.pages, metadata.document_pages));
    if (reservation_) RETURN_IF_ERROR(reservation_->AddPages(int(pages.size())));
    RETURN_IF_ERROR(WriteSession(metadata, pages, submission.password));
    if (!submission_id_.empty()) {
      ASSIGN_OR_RETURN(const SessionKey winner, Claim());
      // The same request came twice at once, and the other one won.
      if (winner != session_) {
        Withdraw();
        RETURN_IF_ERROR(StartComparing(winner));
        return Replay(submission);
      }
    }
    // From here on the session stays; recovery enqueues a missing task.
    marked_ = false;
    reservation_.reset();
    const Status started = StartSession(world_.context, session_, user_email_);
    RETURN_IF_ERROR(CheckNotDeleted());
    if (!started.ok()) return started.error();
    return Admitted{session_, /*created=*/true};
  }

  // If it is unknown whether the key names this session now, the session stays: the same request
  // may have been answered with it. Recovery will decide.
  Result<SessionKey> Claim() {
    auto winner = ClaimSubmission(world_.context.store, submission_id_, session_);
    if (!winner.ok() && MayHaveLanded(winner.code())) marked_ = false;
    return winner;
  }

  Status StartComparing(const SessionKey& there) {
    ASSIGN_OR_RETURN(there_already_, world_.context.book.ReadMetadata(there));
    return Ok();
  }

  // An expired job does not keep its key.
  bool IsOver(const SessionKey& session) {
    const auto deleted = DeleteIfExpired(world_.context, session);
    return deleted.ok() ? *deleted : deleted.code() == ErrorCode::kNotFound;
  }

  // A session is in its owner's list as soon as it has metadata.json, so its owner may delete it.
  Status CheckNotDeleted() {
    ObjectStore& store = world_.context.store;
    const Status there = KeepNothingOfTheGone(store, session_);
    if (!there.ok() && !submission_id_.empty()) {
      RETURN_IF_ERROR(ReleaseSubmission(store, submission_id_, session_));
    }
    return there;
  }

  Status StartWriting() {
    ASSIGN_OR_RETURN(media_type_, SniffMediaType(head_));
    extension_ = FindMediaType(media_type_)->extension;
    ObjectStore& store = world_.context.store;
    marked_ = true;  // also when the write fails: it may have taken effect
    RETURN_IF_ERROR(WriteMarker(store, session_, user_email_, world_.context.clock.Now()));
    ASSIGN_OR_RETURN(writer_, store.StartWrite(OriginalKey(session_, extension_), kAbsent));
    const Status appended = writer_->Append(head_);
    head_ = std::string();  // not clear(): it would keep its 64 KB for as long as the upload takes
    return appended;
  }

  void Withdraw() {
    inspection_.reset();
    writer_.reset();
    reservation_.reset();
    if (!std::exchange(marked_, false)) return;
    (void)world_.context.store.Delete(MetadataKey(session_), kAnyGeneration);
    world_.context.book.Forget(session_);
    RemoveRemains(world_.context.store, session_);
  }

  static Error KeyReused(std::string_view for_what) {
    return Error{ErrorCode::kIdempotencyKeyReused,
                 fmt::format("the idempotency key was used for {}", for_what),
                 "use a new key for every document and for other options"};
  }

  // The first request may have failed between the session's files and its tasks.
  Result<Admitted> Replay(const Submission& submission) {
    if (there_already_->sha256 != sha256_) return KeyReused("another document");
    if (there_already_->options != submission.options) {
      return KeyReused("the same document with other options");
    }
    const SessionKey there{there_already_->user_hash, there_already_->session_id};
    RETURN_IF_ERROR(CompleteAdmission(world_.context, there, user_email_));
    return Admitted{there, /*created=*/false};
  }

  Result<DocumentInfo> Opened() {
    auto info = opening_->Wait();
    if (info.ok()) return info;
    if (info.code() != ErrorCode::kTimeout && info.code() != ErrorCode::kChildDied) return info;
    // A document that kills or stalls the opener at admission will do so for every page.
    return Error{ErrorCode::kDamaged, "the document could not be opened: " + info.error().message,
                 "repair the document, for example by printing it to a new PDF"};
  }

  Metadata Describe(const Submission& submission, const DocumentInfo& info) const {
    Metadata metadata;
    metadata.session_id = session_.session_id;
    metadata.user_hash = session_.user_hash;
    metadata.incarnation = NewIncarnation();
    metadata.submission_id = submission_id_;
    metadata.file_name = ShownFileName(submission.file_name);
    metadata.extension = extension_;
    metadata.media_type = media_type_;
    metadata.size_bytes = size_bytes_;
    metadata.sha256 = sha256_;
    metadata.document_pages = info.page_count;
    metadata.password_given = !submission.password.empty();
    metadata.options = submission.options;
    metadata.created_at = world_.context.clock.Now();
    if (world_.options.session_ttl) {
      metadata.expires_at = metadata.created_at + *world_.options.session_ttl;
    }
    return metadata;
  }

  Status WriteSession(const Metadata& metadata, const std::vector<int>& pages,
                      const std::string& password) {
    ObjectStore& store = world_.context.store;
    if (!password.empty()) RETURN_IF_ERROR(WritePassword(store, session_, password));
    const auto created = store.Write(MetadataKey(session_), EncodeMetadata(metadata), kAbsent);
    if (!created.ok()) return created.error();
    const auto record = store.Write(
        ProcessingKey(session_),
        EncodeProcessing(NewProcessing(metadata, pages, world_.options.batch_size)), kAbsent);
    // "Exists": a recovery was faster.
    if (!record.ok() && record.code() != ErrorCode::kPreconditionFailed) return record.error();
    return Ok();
  }

  AdmissionWorld& world_;
  const SessionKey session_;
  const std::string user_email_;
  std::string submission_id_;  // "": the caller gave no key
  std::shared_ptr<const Metadata> there_already_;
  std::unique_ptr<AdmissionQuota::Reservation> reservation_;
  std::string head_;  // until the type is known
  std::unique_ptr<ObjectWriter> writer_;
  Sha256 hash_;
  std::string sha256_;
  std::string media_type_;
  std::string extension_;
  uint64_t size_bytes_ = 0;
  std::shared_ptr<Opening> opening_;
  std::unique_ptr<Inspection> inspection_;
  bool marked_ = false;  // something is in the store that must be removed if this fails
};

class StoreAdmission final : public Admission {
 public:
  StoreAdmission(ActionContext context, InspectionPool& inspections, AdmissionOptions options)
      : world_{context, std::move(options), inspections, nullptr} {
    if (const auto& limits = world_.options.owner_limits) {
      world_.quota =
          std::make_unique<AdmissionQuota>(context.store, context.book, context.clock, *limits);
    }
  }

  Result<std::unique_ptr<Upload>> Start(
      const std::string& user_email, const std::optional<std::string>& idempotency_key) override {
    ASSIGN_OR_RETURN(SessionKey session, ParseSessionKey(UserHash(user_email), RandomUuid()));
    auto upload = std::make_unique<StreamedUpload>(world_, std::move(session), user_email);
    RETURN_IF_ERROR(upload->Start(idempotency_key));
    return std::unique_ptr<Upload>(std::move(upload));
  }

  Status MayKeep(const std::string& user_email, uint64_t size_bytes) override {
    return world_.quota ? world_.quota->MayKeep(UserHash(user_email), size_bytes) : Ok();
  }

  Status MayReadAgain(const SessionKey& session, const std::vector<int>& pages) override {
    if (!world_.quota) return Ok();
    int count = int(pages.size());
    RETURN_IF_ERROR(world_.context.book.Look(session, [&](const Processing& record) {
      if (!pages.empty()) return;
      count = int(std::count_if(record.pages.begin(), record.pages.end(), [](const auto& page) {
        return page.second.status != PageStatus::kCompleted;
      }));
    }));
    return world_.quota->MayAddJob(session, count);
  }

  Result<std::unique_ptr<Inspection>> StartOpening(const SessionKey& session,
                                                   const std::string& password,
                                                   InspectionPool::Done done) override {
    ASSIGN_OR_RETURN(const auto metadata, world_.context.book.ReadMetadata(session));
    if (!metadata->password_given) return std::unique_ptr<Inspection>();
    ASSIGN_OR_RETURN(FileDescriptor original,
                     world_.context.store.Open(OriginalKey(session, metadata->extension)));
    return world_.inspections.Start(session.user_hash, std::move(original), password,
                                    std::move(done));
  }

 private:
  AdmissionWorld world_;
};

}  // namespace

Status CheckJobOptions(const JobOptions& options, const ModelFolders& models) {
  if (options.formats.empty()) {
    return Error{ErrorCode::kInvalidArgument, "no output format was requested", ""};
  }
  for (const std::string& name : options.formats) {
    if (FindOutputFormat(name) != nullptr) continue;
    return Error{ErrorCode::kUnsupportedFormat, "unknown output format " + name,
                 "formats: " + OutputFormatNames(", ")};
  }
  const auto folder = FolderWithLanguages(models, options.reading.languages);
  return folder.ok() ? Ok() : Status(folder.error());
}

std::unique_ptr<Admission> NewAdmission(ActionContext context, InspectionPool& inspections,
                                        AdmissionOptions options) {
  return std::make_unique<StoreAdmission>(std::move(context), inspections, std::move(options));
}

}  // namespace gnosis
