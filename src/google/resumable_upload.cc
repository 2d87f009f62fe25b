#include "google/resumable_upload.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/id.h"
#include "google/object_insert.h"

namespace gnosis {
namespace {

constexpr int kWriteIdDigits = 32;

// How many bytes the session has: "Range: bytes=0-N", absent if it has none.
Result<uint64_t> HeldBytes(const HttpReply& reply) {
  const auto range = reply.headers.Get("Range");
  if (!range) return uint64_t{0};
  constexpr std::string_view kBegin = "bytes=0-";
  uint64_t last = 0;
  if (range->starts_with(kBegin)) {
    const char* end = range->data() + range->size();
    const auto [stop, error] = std::from_chars(range->data() + kBegin.size(), end, last);
    if (error == std::errc() && stop == end) return last + 1;
  }
  return Error{ErrorCode::kIo, "Cloud Storage returned an unreadable Range", ""};
}

bool IsSuccess(const HttpReply& reply) { return reply.status >= 200 && reply.status < 300; }

// The URI must lead to the host that we asked, or we would send the document elsewhere.
bool IsGoodSessionUri(const std::string& uri, const std::string& endpoint) {
  const std::string origin = OriginOf(uri);
  if (origin == OriginOf(endpoint)) return true;
  return origin.starts_with("https://") && origin.ends_with(".googleapis.com") &&
         origin.find('@') == std::string::npos;
}

}  // namespace

Result<std::string> StartSession(StorageClient& client, const DirectUpload& upload,
                                 const std::string& resource) {
  ApiCall call = client.NewCall(PriceClass::kA, "POST",
                                client.UploadUrl("resumable", upload.key, upload.if_generation));
  call.http.headers.Set("Content-Type", "application/json; charset=UTF-8");
  call.http.headers.Set("X-Upload-Content-Type", upload.content_type);
  if (upload.size_bytes > 0) {
    call.http.headers.Set("X-Upload-Content-Length", std::to_string(upload.size_bytes));
  }
  if (!upload.origin.empty()) call.http.headers.Set("Origin", upload.origin);
  call.http.body = resource;
  // An unused session costs nothing: repeating is safe.
  ASSIGN_OR_RETURN(const ApiReply reply, client.api().Call(std::move(call)));
  if (!reply.ok()) return client.ToError(reply.http, upload.key);
  const auto uri = reply.http.headers.Get("Location");
  if (!uri || !IsGoodSessionUri(*uri, client.options().endpoint)) {
    return Error{ErrorCode::kIo, upload.key + ": Cloud Storage returned no upload session", ""};
  }
  return *uri;
}

ResumableUpload::ResumableUpload(StorageClient& client, std::string key, IfGeneration if_generation)
    : client_(client),
      key_(std::move(key)),
      if_generation_(if_generation),
      write_id_(RandomHex(kWriteIdDigits)) {}

ResumableUpload::~ResumableUpload() {
  if (!is_open_) return;
  ApiCall call = client_.NewCall(PriceClass::kFree, "DELETE", uri_);
  call.token = ApiCall::Token::kNone;
  (void)client_.api().Call(std::move(call));  // otherwise it expires after a week
}

Status ResumableUpload::Start() {
  const DirectUpload upload{.key = key_,
                            .content_type = std::string(ContentTypeOf(key_)),
                            .if_generation = if_generation_};
  ASSIGN_OR_RETURN(uri_, StartSession(client_, upload, client_.NewResource(key_, write_id_)));
  is_open_ = true;
  return Ok();
}

Status ResumableUpload::SendPiece(std::string_view bytes) {
  GNOSIS_CHECK(!bytes.empty() && bytes.size() % kResumableUnit == 0);
  crc_.Update(bytes);
  ASSIGN_OR_RETURN(const HttpReply reply, SendAll({.bytes = bytes}));
  if (reply.status != 308) return client_.ToError(reply, key_);
  sent_ += bytes.size();
  return Ok();
}

Result<Generation> ResumableUpload::Finish(std::string_view last_bytes) {
  GNOSIS_CHECK(!last_bytes.empty());
  crc_.Update(last_bytes);
  ASSIGN_OR_RETURN(const HttpReply reply, SendAll({.bytes = last_bytes, .is_last = true}));
  return ToGeneration(reply);
}

Result<Generation> ResumableUpload::ToGeneration(const HttpReply& reply) {
  is_open_ = false;
  if (IsSuccess(reply)) {
    ASSIGN_OR_RETURN(const ObjectDetails details, ParseDetails(reply.body));
    return CheckWritten(client_, key_, details, crc_.Base64());
  }
  Error error = client_.ToError(reply, key_);
  if (reply.status == 404 || reply.status == 410) {
    error = {ErrorCode::kUnavailable, key_ + ": Cloud Storage lost the upload session", ""};
  }
  // The session may have finished and been deleted before we learnt of it.
  return was_ambiguous_ ? ResolveConflict(client_, key_, write_id_, error) : error;
}

// Sends a piece until the session has all of it, or answers anything but "continue".
Result<HttpReply> ResumableUpload::SendAll(const Piece& piece) {
  Retry retry(client_.options().retry, client_.options().timing, client_.options().stop);
  uint64_t done = 0;  // of this piece
  while (true) {
    auto reply = Put(piece.bytes.substr(done), sent_ + done, piece.is_last);
    if (!reply.ok() && !IsBroken(reply.error())) return reply.error();
    if (!reply.ok() || IsRetryableStatus(reply->status)) {
      was_ambiguous_ = true;
      const auto wait = reply.ok() ? RetryAfter(reply->headers) : std::nullopt;
      if (!retry.Again(wait)) {
        return Error{ErrorCode::kUnavailable, key_ + ": the upload was interrupted too often", ""};
      }
      reply = AskStatus(piece);
      if (!reply.ok()) return reply.error();
    }
    if (reply->status != 308) return reply;
    ASSIGN_OR_RETURN(const uint64_t held, HeldBytes(*reply));
    if (held < sent_ || held > sent_ + piece.bytes.size()) {
      return Error{ErrorCode::kUnavailable,
                   fmt::format("{}: the upload session has {} bytes, not {}", key_, held, sent_),
                   ""};
    }
    if (held == sent_ + done && !retry.Again()) {
      return Error{ErrorCode::kUnavailable, key_ + ": the upload session accepts no more bytes",
                   ""};
    }
    done = held - sent_;
    if (done == piece.bytes.size()) {
      if (!piece.is_last) return reply;
      // It has every byte and waits to be told that these are all: an empty last piece.
    }
  }
}

Result<HttpReply> ResumableUpload::Put(std::string_view bytes, uint64_t offset, bool is_last) {
  const std::string total = is_last ? std::to_string(offset + bytes.size()) : "*";
  ApiCall call = NewPut(
      bytes.empty() ? "bytes */" + total
                    : fmt::format("bytes {}-{}/{}", offset, offset + bytes.size() - 1, total));
  if (is_last) call.http.headers.Set("X-Goog-Hash", "crc32c=" + crc_.Base64());
  call.http.body = std::string(bytes);
  // Not through GoogleApi: after an interruption the next request queries the status instead of
  // repeating.
  call.before_attempt(call.http);
  return client_.http().Send(call.http);
}

Result<HttpReply> ResumableUpload::AskStatus(const Piece& piece) {
  const uint64_t size = sent_ + piece.bytes.size();
  ApiCall call = NewPut("bytes */" + (piece.is_last ? std::to_string(size) : std::string("*")));
  ASSIGN_OR_RETURN(ApiReply reply, client_.api().Call(std::move(call)));
  return std::move(reply.http);
}

ApiCall ResumableUpload::NewPut(const std::string& range) {
  ApiCall call = client_.NewCall(PriceClass::kFree, "PUT", uri_);
  call.token = ApiCall::Token::kNone;  // the URI itself grants the right to write
  call.http.headers.Set("Content-Range", range);
  return call;
}

}  // namespace gnosis
