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
#include "page/sniff.h"
#include "session/page_ranges.h"
#include "task/markers.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr int kMinDpi = 72;
constexpr int kMaxDpi = 600;
constexpr size_t kMaxFileNameBytes = 255;

// Opens documents to count their pages. Callers wait for a free one.
class Inspectors {
 public:
  explicit Inspectors(std::vector<std::unique_ptr<PageReader>> readers)
      : readers_(std::move(readers)) {
    for (const auto& reader : readers_) free_.push_back(reader.get());
  }

  Result<DocumentInfo> Inspect(const FileDescriptor& document, const std::string& password) {
    PageReader* reader = Take();
    auto info = reader->Open(document, password);
    reader->Close();
    GiveBack(reader);
    return info;
  }

 private:
  PageReader* Take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return !free_.empty(); });
    PageReader* reader = free_.back();
    free_.pop_back();
    return reader;
  }
  void GiveBack(PageReader* reader) {
    {
      std::lock_guard lock(mutex_);
      free_.push_back(reader);
    }
    returned_.notify_one();
  }

  const std::vector<std::unique_ptr<PageReader>> readers_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<PageReader*> free_;
};

struct AdmissionWorld {
  ActionContext context;
  AdmissionOptions options;
  Inspectors inspectors;
  std::unique_ptr<AdmissionQuota> quota;  // nullptr: no limits
};

// The name is only ever shown: no path, no control characters, bounded.
std::string ShownFileName(std::string_view name) {
  if (const size_t slash = name.find_last_of("/\\"); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  std::string shown;
  for (const char c : name.substr(0, kMaxFileNameBytes)) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) shown += c;
  }
  return shown.empty() ? "document" : shown;
}

class StreamedUpload final : public Upload {
 public:
  enum class SessionId { kRandom, kFromKey };
  StreamedUpload(AdmissionWorld& world, SessionKey session, SessionId id, std::string user_email)
      : world_(world), session_(std::move(session)), id_(id), user_email_(std::move(user_email)) {}

  // `there_already`: the idempotency key names a session that exists; the bytes are only compared.
  Status Start(std::shared_ptr<const Metadata> there_already) {
    there_already_ = std::move(there_already);
    if (there_already_ || !world_.quota) return Ok();
    ASSIGN_OR_RETURN(reservation_, world_.quota->Reserve(session_));
    return Ok();
  }

  ~StreamedUpload() override {
    writer_.reset();
    // Another request with the same key may be writing into the folder.
    const bool folder_is_ours = stored_original_ || id_ == SessionId::kRandom;
    if (!folder_is_ours || admitted_) return;
    // Another request with the same key may have become the session meanwhile.
    const auto metadata = world_.context.store.Stat(MetadataKey(session_));
    if (metadata.ok() || metadata.code() != ErrorCode::kNotFound) return;
    (void)world_.context.store.DeleteFolder(SessionFolder(session_));
  }

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

  Result<Admitted> Admit(const Submission& submission) override {
    sha256_ = hash_.FinishHex();
    if (there_already_) return Replayed();
    if (!writer_) RETURN_IF_ERROR(StartWriting());
    RETURN_IF_ERROR(CommitOriginal());
    RETURN_IF_ERROR(CheckJobOptions(submission.options, world_.options.models));
    ASSIGN_OR_RETURN(const DocumentInfo info, Inspect(submission.password));
    const Metadata metadata = Describe(submission, info);
    ASSIGN_OR_RETURN(const std::vector<int> pages,
                     SelectPages(metadata.options.pages, metadata.document_pages));
    if (reservation_) RETURN_IF_ERROR(reservation_->AddPages(int(pages.size())));
    RETURN_IF_ERROR(WriteSession(metadata, pages, submission.password));
    // From here on the session exists; a task that is missing is found by recovery.
    admitted_ = true;
    reservation_.reset();
    RETURN_IF_ERROR(StartSession(world_.context, session_, user_email_));
    return Admitted{session_, /*created=*/true};
  }

 private:
  Status StartWriting() {
    ASSIGN_OR_RETURN(media_type_, SniffMediaType(head_));
    extension_ = ExtensionFor(media_type_);
    ASSIGN_OR_RETURN(writer_,
                     world_.context.store.StartWrite(OriginalKey(session_, extension_), kAbsent));
    const Status appended = writer_->Append(head_);
    head_.clear();
    return appended;
  }

  // Created once: of two requests with one key at the same moment the second finds the first one's
  // bytes, which are its own, or it is refused.
  Status CommitOriginal() {
    const auto committed = writer_->Commit();
    stored_original_ = committed.ok();
    if (committed.ok()) return Ok();
    if (committed.code() != ErrorCode::kPreconditionFailed) return committed.error();
    const auto there = world_.context.store.Open(OriginalKey(session_, extension_));
    if (!there.ok()) return there.error();
    const auto hash = Sha256OfFile(*there);
    if (!hash.ok()) return hash.error();
    return *hash == sha256_ ? Ok() : Status(KeyReused());
  }

  static Error KeyReused() {
    return Error{ErrorCode::kIdempotencyKeyReused,
                 "the idempotency key was used for another document",
                 "use a new key for every document"};
  }

  Result<Admitted> Replayed() {
    if (there_already_->sha256 != sha256_) return KeyReused();
    // The first request may have failed between the session's files and its task.
    const auto recovered = RecoverSession(world_.context, session_, Leases::kRespect);
    if (!recovered.ok() && recovered.code() == ErrorCode::kUnavailable) return recovered.error();
    return Admitted{session_, /*created=*/false};
  }

  Result<DocumentInfo> Inspect(const std::string& password) {
    ASSIGN_OR_RETURN(const FileDescriptor original,
                     world_.context.store.Open(OriginalKey(session_, extension_)));
    auto info = world_.inspectors.Inspect(original, password);
    if (info.ok()) return info;
    if (info.code() != ErrorCode::kTimeout && info.code() != ErrorCode::kChildDied) return info;
    // What kills or stalls the opener at admission will do so for every page.
    return Error{ErrorCode::kDamaged, "the document could not be opened: " + info.error().message,
                 "repair it, for example by printing it to a new PDF"};
  }

  Metadata Describe(const Submission& submission, const DocumentInfo& info) const {
    Metadata metadata;
    metadata.session_id = session_.session_id;
    metadata.user_hash = session_.user_hash;
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

  // metadata.json, marker, processing.json, in this order (DESIGN section 2).
  Status WriteSession(const Metadata& metadata, const std::vector<int>& pages,
                      const std::string& password) {
    ObjectStore& store = world_.context.store;
    if (!password.empty()) RETURN_IF_ERROR(WritePassword(store, session_, password));
    const auto created = store.Write(MetadataKey(session_), EncodeMetadata(metadata), kAbsent);
    // "Exists": the same request came twice at once, and the other one is as good.
    if (!created.ok() && created.code() != ErrorCode::kPreconditionFailed) return created.error();
    RETURN_IF_ERROR(WriteMarker(store, session_, user_email_, metadata.created_at));
    const auto record = store.Write(
        ProcessingKey(session_),
        EncodeProcessing(NewProcessing(metadata, pages, world_.options.batch_size)), kAbsent);
    if (!record.ok() && record.code() != ErrorCode::kPreconditionFailed) return record.error();
    return Ok();
  }

  AdmissionWorld& world_;
  const SessionKey session_;
  const SessionId id_;
  const std::string user_email_;
  std::shared_ptr<const Metadata> there_already_;
  std::unique_ptr<AdmissionQuota::Reservation> reservation_;
  std::string head_;  // until the type is known
  std::unique_ptr<ObjectWriter> writer_;
  Sha256 hash_;
  std::string sha256_;
  std::string media_type_;
  std::string extension_;
  uint64_t size_bytes_ = 0;
  bool stored_original_ = false;
  bool admitted_ = false;
};

class StoreAdmission final : public Admission {
 public:
  StoreAdmission(ActionContext context, std::vector<std::unique_ptr<PageReader>> inspectors,
                 AdmissionOptions options)
      : world_{context, std::move(options), Inspectors(std::move(inspectors)), nullptr} {
    if (const auto& limits = world_.options.owner_limits) {
      world_.quota = std::make_unique<AdmissionQuota>(context.store, context.book, *limits);
    }
  }

  Result<std::unique_ptr<Upload>> Start(
      const std::string& user_email, const std::optional<std::string>& idempotency_key) override {
    ASSIGN_OR_RETURN(SessionKey session, idempotency_key
                                             ? SessionKeyFor(user_email, *idempotency_key)
                                             : ParseSessionKey(UserHash(user_email), RandomUuid()));
    std::shared_ptr<const Metadata> there;
    if (idempotency_key) {
      auto metadata = world_.context.book.ReadMetadata(session);
      if (!metadata.ok() && metadata.code() != ErrorCode::kNotFound) return metadata.error();
      if (metadata.ok()) there = *std::move(metadata);
    }
    using Id = StreamedUpload::SessionId;
    auto upload = std::make_unique<StreamedUpload>(
        world_, std::move(session), idempotency_key ? Id::kFromKey : Id::kRandom, user_email);
    RETURN_IF_ERROR(upload->Start(std::move(there)));
    return std::unique_ptr<Upload>(std::move(upload));
  }

  Status MayReadAgain(const std::string& user_email, const SessionKey& session,
                      const std::string& password) override {
    if (world_.quota) RETURN_IF_ERROR(world_.quota->MayAddJob(UserHash(user_email)));
    ASSIGN_OR_RETURN(const auto metadata, world_.context.book.ReadMetadata(session));
    if (!metadata->password_given) return Ok();
    ASSIGN_OR_RETURN(const FileDescriptor original,
                     world_.context.store.Open(OriginalKey(session, metadata->extension)));
    const auto info = world_.inspectors.Inspect(original, password);
    return info.ok() ? Ok() : Status(info.error());
  }

 private:
  AdmissionWorld world_;
};

}  // namespace

Result<SessionKey> SessionKeyFor(const std::string& user_email,
                                 const std::string& idempotency_key) {
  const std::string user_hash = UserHash(user_email);
  return ParseSessionKey(user_hash, UuidFromText(user_hash + "\n" + idempotency_key));
}

Status CheckJobOptions(const JobOptions& options, const ModelFolders& models) {
  if (options.dpi < kMinDpi || options.dpi > kMaxDpi) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("dpi is {}, it must be {} to {}", options.dpi, kMinDpi, kMaxDpi), ""};
  }
  if (!ParseEngineName(options.engine)) {
    std::vector<std::string_view> names;
    for (const EngineChoice engine : kEngineChoices) names.push_back(EngineName(engine));
    return Error{ErrorCode::kUnsupportedFormat, "no engine " + options.engine,
                 fmt::format("engines: {}", fmt::join(names, ", "))};
  }
  if (options.formats.empty()) {
    return Error{ErrorCode::kInvalidArgument, "no output format was asked for", ""};
  }
  for (const std::string& name : options.formats) {
    if (FindOutputFormat(name) != nullptr) continue;
    std::vector<std::string> names;
    for (const OutputFormat& format : OutputFormats()) names.push_back(format.name);
    return Error{ErrorCode::kUnsupportedFormat, "no output format " + name,
                 fmt::format("formats: {}", fmt::join(names, ", "))};
  }
  const auto folder = FolderWithLanguages(models, options.languages);
  return folder.ok() ? Ok() : Status(folder.error());
}

std::unique_ptr<Admission> NewAdmission(ActionContext context,
                                        std::vector<std::unique_ptr<PageReader>> inspectors,
                                        AdmissionOptions options) {
  return std::make_unique<StoreAdmission>(std::move(context), std::move(inspectors),
                                          std::move(options));
}

}  // namespace gnosis
