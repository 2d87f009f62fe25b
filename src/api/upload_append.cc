#include "api/upload_append.h"

#include <fmt/format.h>

#include <utility>

#include "api/overload.h"
#include "api/tus_headers.h"
#include "base/text.h"
#include "door/header_values.h"
#include "door/problem.h"

namespace gnosis {
namespace {

// Free disk space is checked again after this many bytes.
constexpr uint64_t kLookAtRoomBytes = 8 << 20;

HttpResponse WrongOffset(uint64_t asked_bytes, const PartialUpload& upload) {
  return ProblemResponse({409,
                          "wrong_offset",
                          fmt::format("byte {} of {} is not the next byte of the upload",
                                      asked_bytes, upload.length_bytes),
                          "use HEAD to get the current offset",
                          {},
                          {}});
}

HttpResponse Locked() {
  return ProblemResponse({423,
                          "upload_locked",
                          "another request is writing to this upload",
                          "repeat the request when that one has finished",
                          {},
                          1});
}

HttpResponse ChecksumMismatch(const Error& error) {
  return ProblemResponse({460, "checksum_mismatch", error.message, error.hint, {}, {}});
}

class AppendExchange final : public Exchange {
 public:
  AppendExchange(Call call, std::unique_ptr<UploadAppend> append, bool has_checksum,
                 HttpResponse answer)
      : call_(std::move(call)),
        append_(std::move(append)),
        has_checksum_(has_checksum),
        answer_(std::move(answer)) {}

  Status OnBody(std::string_view bytes) override {
    since_look_bytes_ += bytes.size();
    if (since_look_bytes_ >= kLookAtRoomBytes) {
      since_look_bytes_ = 0;
      no_room_ = CheckRoom(call_.core, 0);
      if (no_room_) return Error{ErrorCode::kDiskFull, no_room_->detail, ""};
    }
    Status taken = append_->Append(bytes);
    if (!taken.ok()) error_ = taken.error();
    return taken;
  }

  // Received bytes are kept, however the body ended: the next request continues there. Except with
  // a checksum, since then a partial body cannot be verified.
  Answer End(Why why) override {
    const bool whole = why == Why::kBodyDone && !error_ && !no_room_;
    if (!whole && has_checksum_) append_.reset();
    const auto offset_bytes = append_ ? append_->Commit() : Result<uint64_t>(uint64_t{0});
    append_.reset();
    if (no_room_) return ProblemResponse(*no_room_);
    if (error_) return ErrorResponse(*error_, call_.request_id);
    if (!offset_bytes.ok() && offset_bytes.code() == ErrorCode::kDamaged) {
      return ChecksumMismatch(offset_bytes.error());
    }
    if (!offset_bytes.ok()) return ErrorResponse(offset_bytes.error(), call_.request_id);
    if (!whole) {
      return ErrorResponse({ErrorCode::kInterrupted, "the request body was cut off", ""},
                           call_.request_id);
    }
    answer_.headers.Set("Upload-Offset", fmt::to_string(*offset_bytes));
    return std::move(answer_);
  }

 private:
  const Call call_;
  std::unique_ptr<UploadAppend> append_;
  const bool has_checksum_;
  HttpResponse answer_;
  uint64_t since_look_bytes_ = 0;
  std::optional<Problem> no_room_;
  std::optional<Error> error_;
};

Result<std::optional<Checksum>> ReadChecksum(const HttpRequest& request) {
  const auto header = request.headers.Get("Upload-Checksum");
  if (!header) return std::optional<Checksum>();
  ASSIGN_OR_RETURN(Checksum checksum, ParseUploadChecksum(*header));
  return std::optional(std::move(checksum));
}

Status CheckFits(const HttpRequest& request, const PartialUpload& upload, uint64_t offset_bytes) {
  const uint64_t left_bytes = upload.length_bytes - offset_bytes;
  if (request.content_length.value_or(0) <= left_bytes) return Ok();
  return Error{
      ErrorCode::kTooLarge,
      fmt::format("only {} of the upload's {} bytes are missing", left_bytes, upload.length_bytes),
      "Upload-Length is the size of the whole file"};
}

}  // namespace

std::unique_ptr<Exchange> StartAppending(Call call, PartialUploads& uploads,
                                         const PartialUpload& upload, uint64_t offset_bytes,
                                         HttpResponse answer) {
  const auto refuse = [&](const Error& error) {
    return RefuseWith(ErrorResponse(error, call.request_id));
  };
  const std::string type = call.request.headers.Get("Content-Type").value_or("");
  if (!EqualsIgnoreCase(Trim(type), kTusContentType)) {
    return refuse({ErrorCode::kUnsupportedMediaType, "wrong content type for a tus upload",
                   fmt::format("send Content-Type: {}", kTusContentType)});
  }
  const auto checksum = ReadChecksum(call.request);
  if (!checksum.ok()) return refuse(checksum.error());
  if (offset_bytes != upload.offset_bytes) return RefuseWith(WrongOffset(offset_bytes, upload));
  const Status fits = CheckFits(call.request, upload, offset_bytes);
  if (!fits.ok()) return refuse(fits.error());
  const uint64_t coming_bytes = call.request.content_length.value_or(0);
  if (const auto problem = CheckRoom(call.core, coming_bytes)) {
    return RefuseWith(ProblemResponse(*problem));
  }
  auto started = uploads.StartAppend(upload, offset_bytes, *checksum);
  if (!started.ok()) return refuse(started.error());
  if (const auto* refusal = std::get_if<PartialUploads::Refusal>(&*started)) {
    const bool busy = *refusal == PartialUploads::Refusal::kBusy;
    return RefuseWith(busy ? Locked() : WrongOffset(offset_bytes, upload));
  }
  return std::make_unique<AppendExchange>(
      std::move(call), std::get<std::unique_ptr<UploadAppend>>(*std::move(started)),
      checksum->has_value(), std::move(answer));
}

}  // namespace gnosis
