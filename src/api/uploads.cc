// /uploads: resumable uploads with tus 1.0.0: core, creation, creation-with-upload, termination,
// expiration, checksum.
#include "api/uploads.h"

#include <fmt/format.h>

#include <utility>

#include "api/handlers.h"
#include "api/overload.h"
#include "api/reply.h"
#include "api/tus_headers.h"
#include "api/upload_append.h"
#include "door/problem.h"
#include "page/utf8.h"

namespace gnosis {
namespace {

std::optional<HttpResponse> CheckVersion(const HttpRequest& request) {
  if (request.headers.Get("Tus-Resumable") == kTusVersion) return std::nullopt;
  HttpResponse response = ProblemResponse({412,
                                           "tus_version",
                                           "unsupported tus version",
                                           fmt::format("send \"Tus-Resumable: {}\"", kTusVersion),
                                           {},
                                           {}});
  response.headers.Set("Tus-Version", std::string(kTusVersion));
  return response;
}

std::string UploadPath(const PartialUpload& upload) {
  return fmt::format("{}/{}", kUploadsPath, upload.key.upload_id);
}

void AddExpiry(const PartialUpload& upload, HttpResponse& response) {
  response.headers.Set("Upload-Expires", HttpDate(upload.expires_at));
}

// kNotFound, kGone (also if it has become a job).
Result<PartialUpload> UploadOf(const Call& call) {
  ASSIGN_OR_RETURN(PartialUploads * uploads, UploadsOf(call.core));
  const auto id = call.parameters.find("id");
  GNOSIS_CHECK(id != call.parameters.end());
  auto upload = uploads->Find(call.caller.owner, id->second);
  if (!upload.ok() || !upload->job_id) return upload;
  return Error{ErrorCode::kGone, "the upload has already become a job",
               "see " + JobPath(*upload->job_id)};
}

Result<UploadWish> ReadWish(const Call& call) {
  const HttpRequest& request = call.request;
  if (request.headers.Get("Upload-Defer-Length") || request.headers.Get("Upload-Concat")) {
    return Error{ErrorCode::kInvalidArgument,
                 "Upload-Defer-Length and Upload-Concat are not supported",
                 "OPTIONS lists the extensions; send Upload-Length"};
  }
  const auto length = ParseUploadSize(request.headers.Get("Upload-Length").value_or(""));
  if (!length) {
    return Error{ErrorCode::kInvalidArgument, "Upload-Length is not a number of bytes",
                 "send the size of the whole file"};
  }
  const uint64_t limit = call.core.options.max_upload_bytes;
  if (*length > limit) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the document is larger than the limit of {} bytes", limit),
                 "raise MAX_UPLOAD_BYTES, or split the document"};
  }
  const std::string metadata = request.headers.Get("Upload-Metadata").value_or("");
  ASSIGN_OR_RETURN(const UploadMetadata pairs, ParseUploadMetadata(metadata));
  return UploadWish{call.caller.owner, *length, CleanText(FileNameIn(pairs)), metadata,
                    request.headers.Get("Origin").value_or("")};
}

// The bytes go directly to a resumable session of Cloud Storage, whose URI grants access like a
// key.
HttpResponse DirectUploadResponse(const PartialUpload& upload) {
  HttpResponse response = JsonResponse(201, {{"upload_id", upload.key.upload_id},
                                             {"protocol", "gcs-resumable"},
                                             {"url", upload.direct_url},
                                             {"length_bytes", upload.length_bytes},
                                             {"expires_at", FormatTime(upload.expires_at)}});
  response.headers.Set("Location", UploadPath(upload));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

}  // namespace

Result<PartialUploads*> UploadsOf(const ApiCore& core) {
  if (core.world.uploads != nullptr) return core.world.uploads;
  return Error{ErrorCode::kNotFound, "this server does not accept resumable uploads",
               "send the document in one request with POST /api/v1/jobs"};
}

bool IsUploadPath(const HttpRequest& request) {
  const std::string_view path = request.path;
  return path.starts_with(kUploadsPath) &&
         (path.size() == kUploadsPath.size() || path[kUploadsPath.size()] == '/');
}

void AddTusOptions(const ApiOptions& options, HttpResponse& response) {
  response.headers.Set("Tus-Version", std::string(kTusVersion));
  response.headers.Set("Tus-Extension",
                       "creation,creation-with-upload,termination,expiration,checksum");
  response.headers.Set("Tus-Max-Size", fmt::to_string(options.max_upload_bytes));
  response.headers.Set("Tus-Checksum-Algorithm", "sha1,sha256");
}

void ApplyMethodOverride(HttpRequest& request) {
  if (request.method != "POST" || !IsUploadPath(request)) return;
  const std::string method = request.headers.Get("X-HTTP-Method-Override").value_or("");
  if (method == "PATCH" || method == "DELETE") request.method = method;
}

std::unique_ptr<Exchange> StartUpload(Call call) {
  const auto refuse = [&](const Error& error) {
    return RefuseWith(ErrorResponse(error, call.request_id));
  };
  const auto uploads = UploadsOf(call.core);
  if (!uploads.ok()) return refuse(uploads.error());
  if (!(*uploads)->IsDirect()) {
    if (auto refused = CheckVersion(call.request)) return RefuseWith(*std::move(refused));
  }
  const auto wish = ReadWish(call);
  if (!wish.ok()) return refuse(wish.error());
  if (const auto problem = CheckRoom(call.core, wish->length_bytes)) {
    return RefuseWith(ProblemResponse(*problem));
  }
  const Status may_keep = call.core.world.admission.MayKeep(wish->owner, wish->length_bytes);
  if (!may_keep.ok()) return refuse(may_keep.error());
  const auto upload = (*uploads)->Create(*wish);
  if (!upload.ok()) return refuse(upload.error());
  if (!upload->direct_url.empty()) return RefuseWith(DirectUploadResponse(*upload));
  HttpResponse created{201, {}, std::string()};
  created.headers.Set("Location", UploadPath(*upload));
  AddExpiry(*upload, created);
  if (!call.request.has_body) {
    created.headers.Set("Upload-Offset", "0");
    return RefuseWith(std::move(created));
  }
  return StartAppending(std::move(call), **uploads, *upload, 0, std::move(created));
}

std::unique_ptr<Exchange> ContinueUpload(Call call) {
  if (auto refused = CheckVersion(call.request)) return RefuseWith(*std::move(refused));
  const auto refuse = [&](const Error& error) {
    return RefuseWith(ErrorResponse(error, call.request_id));
  };
  const auto offset = ParseUploadSize(call.request.headers.Get("Upload-Offset").value_or(""));
  if (!offset) {
    return refuse({ErrorCode::kInvalidArgument, "Upload-Offset is not a number of bytes",
                   "use HEAD to get the current offset"});
  }
  const auto upload = UploadOf(call);
  if (!upload.ok()) return refuse(upload.error());
  HttpResponse answer{204, {}, std::string()};
  AddExpiry(*upload, answer);
  PartialUploads& uploads = *call.core.world.uploads;
  return StartAppending(std::move(call), uploads, *upload, *offset, std::move(answer));
}

// GET is our own; tus clients use HEAD to learn where to continue.
Result<HttpResponse> ShowUpload(Call& call) {
  if (call.request.method == "HEAD") {
    if (auto refused = CheckVersion(call.request)) return *std::move(refused);
  }
  ASSIGN_OR_RETURN(const PartialUpload upload, UploadOf(call));
  HttpResponse response = JsonResponse(200, {{"upload_id", upload.key.upload_id},
                                             {"file_name", upload.file_name},
                                             {"length_bytes", upload.length_bytes},
                                             {"offset_bytes", upload.offset_bytes},
                                             {"created_at", FormatTime(upload.created_at)},
                                             {"expires_at", FormatTime(upload.expires_at)}});
  response.headers.Set("Upload-Offset", fmt::to_string(upload.offset_bytes));
  response.headers.Set("Upload-Length", fmt::to_string(upload.length_bytes));
  if (!upload.metadata.empty()) response.headers.Set("Upload-Metadata", upload.metadata);
  AddExpiry(upload, response);
  return response;
}

Result<HttpResponse> DeleteUpload(Call& call) {
  if (auto refused = CheckVersion(call.request)) return *std::move(refused);
  ASSIGN_OR_RETURN(const PartialUpload upload, UploadOf(call));
  RETURN_IF_ERROR(call.core.world.uploads->Remove(upload));
  return HttpResponse{204, {}, std::string()};
}

}  // namespace gnosis
