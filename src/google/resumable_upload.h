// An object that is uploaded piece by piece in a resumable session.
//
// The life of a session: started (preconditions are checked here and at the end) -> pieces of n x
// 256 KiB; after an interruption the session reports how much it has, and the rest is sent -> the
// last piece gives the size and the CRC-32C of the whole: only now does the object appear -> or
// cancelled. The session's URI is enough to write the object: it is never logged.
#pragma once

#include <string>
#include <string_view>

#include "google/crc32c.h"
#include "google/storage_client.h"

namespace gnosis {

class ResumableUpload {
 public:
  ResumableUpload(StorageClient& client, std::string key, IfGeneration if_generation);
  ~ResumableUpload();  // cancels it unless finished
  ResumableUpload(const ResumableUpload&) = delete;
  ResumableUpload& operator=(const ResumableUpload&) = delete;

  Status Start();
  // All but the last piece; `bytes` is a multiple of kResumableUnit.
  Status SendPiece(std::string_view bytes);
  // Not empty. Errors: kPreconditionFailed, kUnavailable (the session was lost: start again).
  Result<Generation> Finish(std::string_view last_bytes);

 private:
  struct Piece {
    std::string_view bytes;
    bool is_last = false;
  };
  Result<HttpReply> SendAll(const Piece& piece);
  Result<HttpReply> Put(std::string_view bytes, uint64_t offset, bool is_last);
  Result<HttpReply> AskStatus(const Piece& piece);
  Result<Generation> ToGeneration(const HttpReply& reply);
  ApiCall NewPut(const std::string& range);

  StorageClient& client_;
  const std::string key_;
  const IfGeneration if_generation_;
  const std::string write_id_;
  std::string uri_;
  uint64_t sent_ = 0;  // by the completed pieces
  Crc32c crc_;
  bool is_open_ = false;
  bool was_ambiguous_ = false;
};

// The session's URI. `resource` is the object's metadata as JSON.
Result<std::string> StartSession(StorageClient& client, const DirectUpload& upload,
                                 const std::string& resource);

}  // namespace gnosis
