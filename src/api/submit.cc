// POST /jobs: a document as multipart form data, as the raw body, or as a resumable upload named by
// a JSON object; streamed to admission.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "api/handlers.h"
#include "api/job_wait.h"
#include "api/metrics.h"
#include "api/overload.h"
#include "api/reply.h"
#include "api/submit_fields.h"
#include "api/submit_upload.h"
#include "api/uploads.h"
#include "base/log.h"
#include "base/text.h"
#include "door/header_values.h"
#include "door/problem.h"
#include "net/multipart.h"
#include "task/owner_sessions.h"

namespace gnosis {
namespace {

// Maximum size of a form in addition to its document.
constexpr uint64_t kFormOverheadBytes = 1 << 20;
constexpr size_t kMaxJsonBytes = 64 << 10;
// Free disk space is checked again after this many bytes of an upload.
constexpr uint64_t kLookAtRoomBytes = 8 << 20;

// Passes the bytes of the document to admission, however the request encodes them.
class DocumentIntake {
 public:
  DocumentIntake(Admission& admission, std::string owner, std::optional<std::string> key)
      : admission_(admission), owner_(std::move(owner)), key_(std::move(key)) {}

  SubmitFields& fields() { return fields_; }
  // Call before the document; used if the caller gave no key.
  void UseKey(const std::string& key) {
    if (!key_) key_ = key;
  }
  bool has_document() const { return upload_ != nullptr; }

  Status StartDocument() {
    if (upload_) {
      return Error{ErrorCode::kInvalidArgument, "the request contains more than one file",
                   "submit one document per request"};
    }
    auto upload = admission_.Start(owner_, key_);
    if (upload.ok()) {
      upload_ = *std::move(upload);
      return Ok();
    }
    // No byte of the document has been seen: kDamaged refers to the existing job with this key.
    Error error = upload.error();
    if (error.code == ErrorCode::kDamaged) error.code = ErrorCode::kInternal;
    return error;
  }
  Status Append(std::string_view bytes) { return upload_->Append(bytes); }
  // Discards the upload before the caller learns that it was refused, so that an immediate retry
  // does not encounter its remains.
  void GiveUp() { upload_.reset(); }
  Status Prepare(const Submission& submission, std::function<void()> ready) {
    return upload_->Prepare(submission, std::move(ready));
  }
  bool prepared() const { return upload_->prepared(); }
  Result<Admitted> Admit(const Submission& submission) { return upload_->Admit(submission); }

 private:
  Admission& admission_;
  const std::string owner_;
  std::optional<std::string> key_;
  SubmitFields fields_;
  std::unique_ptr<Upload> upload_;
};

// The parts of a form: the one named "file" is the document, the others are fields.
class FormParts {
 public:
  FormParts(DocumentIntake& intake, const ApiOptions& options)
      : intake_(intake), options_(options) {}

  MultipartReader::Callbacks callbacks() {
    return {[this](const PartHead& head) { return StartPart(head); },
            [this](std::string_view bytes) { return Data(bytes); }, [this] { return EndPart(); }};
  }

 private:
  Status StartPart(const PartHead& head) {
    name_ = head.name;
    value_.clear();
    if (name_ != "file") return SubmitFields::CheckName(name_);
    // Reports errors in the fields so far before the document is sent.
    ASSIGN_OR_RETURN(const Submission so_far, intake_.fields().Read());
    RETURN_IF_ERROR(CheckJobOptions(so_far.options, options_.models));
    intake_.fields().NameFile(head.file_name.value_or(""));
    RETURN_IF_ERROR(intake_.fields().CheckFileName(options_.limits.max_file_name_bytes));
    return intake_.StartDocument();
  }
  Status Data(std::string_view bytes) {
    if (name_ == "file") return intake_.Append(bytes);
    if (value_.size() + bytes.size() > kMaxFieldBytes) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("the field \"{}\" is longer than {} bytes", name_, kMaxFieldBytes),
                   ""};
    }
    value_ += bytes;
    return Ok();
  }
  Status EndPart() {
    return name_ == "file" ? Ok() : intake_.fields().TakeFromForm(name_, std::move(value_));
  }

  DocumentIntake& intake_;
  const ApiOptions& options_;
  std::string name_;
  std::string value_;
};

struct SubmitHead {
  std::optional<std::string> idempotency_key;
  std::optional<Seconds> wait;
};

class SubmitExchange final : public Exchange {
 public:
  SubmitExchange(Call call, SubmitHead head)
      : call_(std::move(call)),
        head_(std::move(head)),
        intake_(call_.core.world.admission, call_.caller.owner, head_.idempotency_key),
        parts_(intake_, call_.core.options) {}

  // Everything that can be rejected before the first byte of the body.
  Status Prepare() {
    RETURN_IF_ERROR(intake_.fields().TakeFromQuery(call_.request.query));
    RETURN_IF_ERROR(CheckOptions());
    const std::string type = call_.request.headers.Get("Content-Type").value_or("");
    constexpr std::string_view kMultipart = "multipart/";
    const bool form = EqualsIgnoreCase(Trim(type).substr(0, kMultipart.size()), kMultipart);
    RETURN_IF_ERROR(CheckLength(form ? kFormOverheadBytes : 0));
    if (EqualsIgnoreCase(Trim(std::string_view(type).substr(0, type.find(';'))),
                         "application/json")) {
      json_.emplace();
      return Ok();
    }
    if (!form) return intake_.StartDocument();
    ASSIGN_OR_RETURN(form_, MultipartReader::Make(type, parts_.callbacks()));
    return Ok();
  }

  Status OnBody(std::string_view bytes) override {
    since_look_bytes_ += bytes.size();
    if (since_look_bytes_ >= kLookAtRoomBytes) {
      since_look_bytes_ = 0;
      no_room_ = CheckRoom(call_.core, 0);
      if (no_room_) return Error{ErrorCode::kDiskFull, no_room_->detail, ""};
    }
    Status taken = Take(bytes);
    if (!taken.ok()) error_ = taken.error();
    return taken;
  }

  Answer End(Why why) override {
    if (admitted_) return Look(why);
    if (no_room_) {
      intake_.GiveUp();
      return ProblemResponse(*no_room_);
    }
    if (!error_ && why == Why::kBodyFailed) {
      error_ = Error{ErrorCode::kInterrupted, "the upload was cut off", ""};
    }
    if (!error_) Keep(GoOn());
    if (!error_ && !admitted_) return WaitFor{opened_.subscribe(), kAskAgainAfter};
    if (!error_) return Look(why);
    intake_.GiveUp();
    return no_room_ ? ProblemResponse(*no_room_) : ErrorResponse(*error_, call_.request_id);
  }

 private:
  Status Take(std::string_view bytes) {
    if (form_) return form_->Feed(bytes);
    if (!json_) return intake_.Append(bytes);
    if (json_->size() + bytes.size() > kMaxJsonBytes) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("the JSON object is larger than {} bytes", kMaxJsonBytes),
                   "send a document in a form, as the raw body, or to /api/v1/uploads"};
    }
    *json_ += bytes;
    return Ok();
  }

  Status CheckOptions() {
    ASSIGN_OR_RETURN(submission_, intake_.fields().Read());
    RETURN_IF_ERROR(intake_.fields().CheckFileName(call_.core.options.limits.max_file_name_bytes));
    return CheckJobOptions(submission_.options, call_.core.options.models);
  }

  Status CheckLength(uint64_t overhead_bytes) const {
    const uint64_t limit = call_.core.options.max_upload_bytes;
    if (call_.request.content_length.value_or(0) <= limit + overhead_bytes) return Ok();
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the document is larger than the limit of {} bytes", limit),
                 "raise MAX_UPLOAD_BYTES, or split the document"};
  }

  void Keep(const Status& status) {
    if (!status.ok()) error_ = status.error();
  }

  // From the last byte to the job, as far as possible without waiting.
  Status GoOn() {
    if (!preparing_) RETURN_IF_ERROR(json_ ? TakeUpload() : StartOpening());
    if (admitted_ || !intake_.prepared()) return Ok();
    ASSIGN_OR_RETURN(Admitted admitted, intake_.Admit(submission_));
    Note(std::move(admitted));
    if (upload_) FinishUpload();
    return Ok();
  }

  // The upload is kept until it has become a job: after a rejection (a missing password) the
  // request can be repeated without uploading again.
  Status TakeUpload() {
    ASSIGN_OR_RETURN(const std::string upload_id, ReadUploadBody(*json_, intake_.fields()));
    RETURN_IF_ERROR(CheckOptions());
    ASSIGN_OR_RETURN(PartialUploads * uploads, UploadsOf(call_.core));
    ASSIGN_OR_RETURN(const PartialUpload upload, uploads->Find(call_.caller.owner, upload_id));
    if (upload.job_id) {
      ASSIGN_OR_RETURN(SessionKey session, FindOwnersSession(call_.core.world.actions.book,
                                                             call_.caller.owner, *upload.job_id));
      Note({std::move(session), /*created=*/false});
      return Ok();
    }
    RETURN_IF_ERROR(CheckUploadIsComplete(upload));
    no_room_ = CheckRoom(call_.core, upload.length_bytes);
    if (no_room_) return Error{ErrorCode::kDiskFull, no_room_->detail, ""};
    intake_.fields().NameFile(upload.file_name);
    intake_.UseKey(upload_id);
    RETURN_IF_ERROR(intake_.StartDocument());
    if (upload.length_bytes > 0) {
      ASSIGN_OR_RETURN(const FileDescriptor bytes, uploads->Open(upload));
      RETURN_IF_ERROR(
          ForEachPiece(bytes, [this](std::string_view piece) { return intake_.Append(piece); }));
    }
    upload_ = upload;
    return StartOpening();
  }

  void FinishUpload() {
    PartialUploads& uploads = *call_.core.world.uploads;
    const Status finished = uploads.Finish(*upload_, admitted_->session.session_id);
    if (finished.ok()) return;
    Log(LogLevel::kWarning, "an upload could not be deleted after its job was created",
        {{"upload", upload_->key.upload_id}, {"reason", finished.error().message}});
  }

  Status StartOpening() {
    if (form_) RETURN_IF_ERROR(form_->Finish());
    if (!intake_.has_document()) {
      return Error{ErrorCode::kInvalidArgument, "the form has no file",
                   "send the document as the field \"file\": curl -F file=@scan.pdf"};
    }
    RETURN_IF_ERROR(CheckOptions());
    preparing_ = true;
    return intake_.Prepare(submission_, [bell = opened_] { bell.Ring(); });
  }

  void Note(Admitted admitted) {
    admitted_ = std::move(admitted);
    if (admitted_->created) call_.core.metrics.NoteSubmission();
    if (head_.wait) wait_.emplace(call_.core, admitted_->session, *head_.wait);
  }

  Answer Look(Why why) {
    const auto status = ReadJob(call_, admitted_->session);
    if (!status.ok()) return ErrorResponse(status.error(), call_.request_id);
    if (wait_ && why != Why::kTimeout && !IsFinal(status->state)) {
      if (auto not_yet = wait_->NotYet()) return *std::move(not_yet);
    }
    HttpResponse response = JobResponse(*status);
    if (!admitted_->created) response.headers.Set("Idempotency-Replayed", "true");
    if (head_.wait) {
      response.headers.Set("Preference-Applied", fmt::format("wait={}", head_.wait->count()));
    }
    return response;
  }

  Call call_;
  const SubmitHead head_;
  DocumentIntake intake_;
  FormParts parts_;
  std::unique_ptr<MultipartReader> form_;
  std::optional<std::string> json_;
  Submission submission_;
  std::optional<PartialUpload> upload_;  // the source of the document
  bool preparing_ = false;
  const Bell opened_;  // rings when the document has been inspected
  uint64_t since_look_bytes_ = 0;
  std::optional<Problem> no_room_;
  std::optional<Error> error_;
  std::optional<Admitted> admitted_;
  std::optional<JobWait> wait_;
};

Result<SubmitHead> ReadHead(const HttpRequest& request, const ApiLimits& limits) {
  SubmitHead head;
  head.idempotency_key = request.headers.Get("Idempotency-Key");
  if (const auto& key = head.idempotency_key) {
    RETURN_IF_ERROR(CheckIdempotencyKey(*key, limits.max_idempotency_key_bytes));
  }
  if (const auto wait = PreferredWait(request.headers.Get("Prefer").value_or(""))) {
    head.wait = std::min<Seconds>(Seconds(*wait), kMaxWait);
  }
  return head;
}

}  // namespace

std::unique_ptr<Exchange> StartSubmit(Call call) {
  const std::string request_id = call.request_id;
  const uint64_t wanted_bytes = call.request.content_length.value_or(0);
  if (const auto problem = CheckRoom(call.core, wanted_bytes)) {
    return RefuseWith(ProblemResponse(*problem));
  }
  auto head = ReadHead(call.request, call.core.options.limits);
  if (!head.ok()) return RefuseWith(ErrorResponse(head.error(), request_id));
  auto exchange = std::make_unique<SubmitExchange>(std::move(call), *std::move(head));
  const Status prepared = exchange->Prepare();
  if (!prepared.ok()) return RefuseWith(ErrorResponse(prepared.error(), request_id));
  return exchange;
}

}  // namespace gnosis
