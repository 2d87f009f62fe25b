#include "google/object_insert.h"

#include <fmt/format.h>

#include <utility>

#include "base/id.h"
#include "google/crc32c.h"

namespace gnosis {
namespace {

constexpr int kIdDigits = 32;
constexpr int kMaxRounds = 5;  // of others changing the object during an unconditional write

struct Insert {
  std::string_view bytes;
  std::string write_id = RandomHex(kIdDigits);
  std::string crc32c;
};

ApiCall NewInsertCall(StorageClient& client, const std::string& key, const Insert& insert,
                      IfGeneration if_generation) {
  ApiCall call =
      client.NewCall(PriceClass::kA, "POST", client.UploadUrl("multipart", key, if_generation));
  const std::string boundary = "gnosis-" + RandomHex(kIdDigits);
  auto resource = *ParseJson(client.NewResource(key, insert.write_id));
  resource["crc32c"] = insert.crc32c;
  call.http.headers.Set("Content-Type", "multipart/related; boundary=" + boundary);
  call.http.body = fmt::format(
      "--{0}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{1}\r\n"
      "--{0}\r\nContent-Type: {2}\r\n\r\n{3}\r\n--{0}--\r\n",
      boundary, DumpJson(resource), ContentTypeOf(key), insert.bytes);
  // Repeating an unconditional write could undo a write that another process made in between.
  call.repeat = if_generation ? ApiCall::Repeat::kAlways : ApiCall::Repeat::kUnlessAmbiguous;
  return call;
}

// One request and its repetitions under one precondition. Nothing: it is unknown whether an
// unconditional write took effect.
Result<std::optional<Generation>> TryInsert(StorageClient& client, const std::string& key,
                                            const Insert& insert, IfGeneration if_generation) {
  ASSIGN_OR_RETURN(const ApiReply reply,
                   client.api().Call(NewInsertCall(client, key, insert, if_generation)));
  if (reply.http.status == 0) return std::optional<Generation>();
  if (!reply.ok()) {
    Error error = client.ToError(reply.http, key);
    if (error.code != ErrorCode::kPreconditionFailed || !reply.was_ambiguous) return error;
    ASSIGN_OR_RETURN(const Generation ours, ResolveConflict(client, key, insert.write_id, error));
    return std::optional(ours);
  }
  ASSIGN_OR_RETURN(const ObjectDetails details, ParseDetails(reply.http.body));
  ASSIGN_OR_RETURN(const Generation written, CheckWritten(client, key, details, insert.crc32c));
  return std::optional(written);
}

// After a broken unconditional write: either it is there, or it is written with the current object
// as its precondition.
Result<Generation> InsertOverWhatIsThere(StorageClient& client, const std::string& key,
                                         const Insert& insert) {
  for (int round = 0; round < kMaxRounds; ++round) {
    ASSIGN_OR_RETURN(const auto there, DetailsIfAny(client, key));
    if (there && there->write_id == insert.write_id) return there->generation;
    const auto written = TryInsert(client, key, insert, there ? there->generation : kAbsent);
    if (written.ok()) return **written;
    if (written.code() != ErrorCode::kPreconditionFailed) return written.error();
  }
  return Error{ErrorCode::kUnavailable, key + " is being written by too many processes at once",
               ""};
}

}  // namespace

Result<std::optional<ObjectDetails>> DetailsIfAny(StorageClient& client, const std::string& key) {
  auto details = client.Details(key);
  if (details.ok()) return std::optional(*std::move(details));
  if (details.code() == ErrorCode::kNotFound) return std::optional<ObjectDetails>();
  return details.error();
}

Result<Generation> ResolveConflict(StorageClient& client, const std::string& key,
                                   std::string_view write_id, const Error& conflict) {
  ASSIGN_OR_RETURN(const auto there, DetailsIfAny(client, key));
  if (there && there->write_id == write_id) return there->generation;
  return conflict;
}

Result<Generation> CheckWritten(StorageClient& client, const std::string& key,
                                const ObjectDetails& details, const std::string& crc32c) {
  if (details.crc32c == crc32c) return details.generation;
  (void)client.api().Call(client.NewCall(
      PriceClass::kFree, "DELETE", client.ObjectUrl(key) + "?" + Precondition(details.generation)));
  return Error{ErrorCode::kIo,
               fmt::format("{} was damaged on its way to Cloud Storage (crc32c {}, not {})", key,
                           details.crc32c, crc32c),
               ""};
}

Result<Generation> InsertObject(StorageClient& client, const std::string& key,
                                std::string_view bytes, IfGeneration if_generation) {
  const Insert insert{.bytes = bytes, .crc32c = Crc32cBase64(bytes)};
  WritePacer::Turn turn(client.pacer(), key);
  auto written = TryInsert(client, key, insert, if_generation);
  if (!written.ok()) return written.error();
  auto generation =
      *written ? Result<Generation>(**written) : InsertOverWhatIsThere(client, key, insert);
  if (generation.ok()) turn.Wrote();
  return generation;
}

}  // namespace gnosis
