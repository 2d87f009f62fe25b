#include "task/copy_session.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/hash.h"
#include "session/processing.h"
#include "session/rules.h"
#include "task/markers.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

Result<std::string> HashOf(ObjectStore& store, const std::string& key) {
  ASSIGN_OR_RETURN(const FileDescriptor file, store.Open(key));
  return Sha256OfFile(file);
}

Error Differs(const std::string& key) {
  return {ErrorCode::kConflict, key + " already exists there and differs",
          "delete the session there first, if it is not the one to keep"};
}

// "Already exists" is fine if the bytes are the same.
Status SameThere(ObjectStore& from, ObjectStore& to, const std::string& key) {
  ASSIGN_OR_RETURN(const std::string here, HashOf(from, key));
  ASSIGN_OR_RETURN(const std::string there, HashOf(to, key));
  return here == there ? Ok() : Status(Differs(key));
}

Result<uint64_t> CopyObject(ObjectStore& from, ObjectStore& to, const std::string& key) {
  ASSIGN_OR_RETURN(const FileDescriptor file, from.Open(key));
  ASSIGN_OR_RETURN(const auto writer, to.StartWrite(key, kAbsent));
  std::string piece(kPieceBytes, '\0');
  uint64_t copied = 0;
  while (true) {
    const ssize_t size = ::pread(file.get(), piece.data(), piece.size(), off_t(copied));
    if (size < 0) return ErrnoError(errno, key);
    if (size == 0) break;
    RETURN_IF_ERROR(writer->Append(std::string_view(piece).substr(0, size_t(size))));
    copied += uint64_t(size);
  }
  const auto committed = writer->Commit();
  if (!committed.ok() && committed.code() == ErrorCode::kPreconditionFailed) {
    RETURN_IF_ERROR(SameThere(from, to, key));
  } else if (!committed.ok()) {
    return committed.error();
  }
  return copied;
}

class SessionCopy {
 public:
  SessionCopy(ObjectStore& from, ObjectStore& to, const SessionKey& session, Clock& clock)
      : from_(from), to_(to), session_(session), clock_(clock) {}

  Result<CopyReport> Run() {
    ASSIGN_OR_RETURN(const Metadata metadata, ReadMetadataFile(from_, session_));
    ASSIGN_OR_RETURN(const StoredRecord record,
                     ReadRecordFile(from_, session_, metadata.incarnation));
    report_.unfinished = !record.record || !IsFinal(record.record->state);
    // Here the order matters.
    const std::vector<std::string> last = {MetadataKey(session_), ProcessingKey(session_),
                                           StatusKey(session_)};
    ASSIGN_OR_RETURN(const auto keys, from_.List(SessionFolder(session_)));
    // Before the first file, as at admission: a folder without a marker may be swept.
    RETURN_IF_ERROR(Mark());
    for (const std::string& key : keys) {
      if (std::find(last.begin(), last.end(), key) == last.end()) RETURN_IF_ERROR(Copy(key));
    }
    RETURN_IF_ERROR(Copy(MetadataKey(session_)));
    if (!report_.unfinished) {
      RETURN_IF_ERROR(Copy(ProcessingKey(session_)));
    } else if (record.record) {
      RETURN_IF_ERROR(WriteReleased(metadata, *record.record));
    }
    if (std::find(keys.begin(), keys.end(), StatusKey(session_)) != keys.end()) {
      RETURN_IF_ERROR(Copy(StatusKey(session_)));
    }
    if (!report_.unfinished) RETURN_IF_ERROR(to_.Delete(UnfinishedKey(session_), kAnyGeneration));
    return report_;
  }

 private:
  Status Copy(const std::string& key) {
    ASSIGN_OR_RETURN(const uint64_t size_bytes, CopyObject(from_, to_, key));
    ++report_.files;
    report_.size_bytes += size_bytes;
    return Ok();
  }

  // Workers that held leases in the old home do not work in the new one; and the record says that
  // nothing has happened for a long time, so that recovery resumes the session at once.
  Status WriteReleased(const Metadata& metadata, Processing record) {
    RecoverRecord(record, clock_.Now(), Leases::kBreak);
    record.updated_at = metadata.created_at;
    const std::string key = ProcessingKey(session_);
    const std::string bytes = EncodeProcessing(record);
    const auto written = to_.Write(key, bytes, kAbsent);
    if (!written.ok() && written.code() != ErrorCode::kPreconditionFailed) return written.error();
    ASSIGN_OR_RETURN(const Object there, to_.Read(key));
    if (there.bytes != bytes) return Differs(key);
    ++report_.files;
    report_.size_bytes += bytes.size();
    return Ok();
  }

  // The owner's name may be lost; the session is still found by its hash.
  Status Mark() {
    const auto marker = ReadMarker(from_, session_);
    return WriteMarker(to_, session_, marker.ok() ? marker->user_email : std::string(),
                       clock_.Now());
  }

  ObjectStore& from_;
  ObjectStore& to_;
  const SessionKey& session_;
  Clock& clock_;
  CopyReport report_;
};

}  // namespace

Result<CopyReport> CopySession(ObjectStore& from, ObjectStore& to, const SessionKey& session,
                               Clock& clock) {
  return SessionCopy(from, to, session, clock).Run();
}

}  // namespace gnosis
