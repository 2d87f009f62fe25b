#include "google/cloud_storage_store.h"

#include <algorithm>
#include <utility>

#include "base/id.h"
#include "google/object_download.h"
#include "google/object_insert.h"
#include "google/object_listing.h"
#include "google/resumable_upload.h"
#include "google/storage_client.h"

namespace gnosis {
namespace {

constexpr size_t kMaxKeyBytes = 1024;  // Cloud Storage's limit
constexpr int kMaxUploads = 3;         // of one object when sessions are lost
constexpr int kWriteIdDigits = 32;

bool IsGoodName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

bool IsGoodKey(std::string_view key) {
  if (key.size() > kMaxKeyBytes) return false;
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    if (!IsGoodName(key.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

bool IsGoodFolder(std::string_view folder) {
  return folder.empty() || (folder.back() == '/' && IsGoodKey(folder.substr(0, folder.size() - 1)));
}

// Small objects stay in the buffer until Commit; the first byte beyond it starts a session.
class CloudWriter final : public ObjectWriter {
 public:
  CloudWriter(StorageClient& client, std::string key, IfGeneration if_generation)
      : client_(client), key_(std::move(key)), if_generation_(if_generation) {}

  Status Append(std::string_view bytes) override {
    while (state_.ok() && !bytes.empty()) {
      if (buffer_.size() == client_.options().buffer_bytes) state_ = SendBuffer();
      const size_t room = client_.options().buffer_bytes - buffer_.size();
      buffer_ += bytes.substr(0, room);
      bytes.remove_prefix(std::min(room, bytes.size()));
    }
    return state_;
  }

  Result<Generation> Commit() override {
    GNOSIS_CHECK(!is_committed_);
    is_committed_ = true;
    RETURN_IF_ERROR(state_);
    if (!session_) return InsertObject(client_, key_, buffer_, if_generation_);
    WritePacer::Turn turn(client_.pacer(), key_);
    auto generation = session_->Finish(buffer_);
    if (generation.ok()) turn.Wrote();
    return generation;
  }

 private:
  Status SendBuffer() {
    if (!session_) {
      session_ = std::make_unique<ResumableUpload>(client_, key_, if_generation_);
      RETURN_IF_ERROR(session_->Start());
    }
    RETURN_IF_ERROR(session_->SendPiece(buffer_));
    buffer_.clear();
    return Ok();
  }

  StorageClient& client_;
  const std::string key_;
  const IfGeneration if_generation_;
  std::unique_ptr<ResumableUpload> session_;
  std::string buffer_;
  Status state_;
  bool is_committed_ = false;
};

class BucketStore final : public CloudStorageStore {
 public:
  BucketStore(CloudStorageOptions options, HttpClient& http, TokenSource& tokens)
      : client_(std::move(options), http, tokens) {}

  Result<Object> Read(const std::string& key) override {
    GNOSIS_CHECK(IsGoodKey(key));
    return DownloadObject(client_, key);
  }

  Result<ObjectInfo> Stat(const std::string& key) override {
    ASSIGN_OR_RETURN(const ObjectDetails details, Details(key));
    return ObjectInfo{details.size_bytes, details.generation};
  }

  Result<FileDescriptor> Open(const std::string& key) override {
    GNOSIS_CHECK(IsGoodKey(key));
    return DownloadToFile(client_, key);
  }

  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override {
    GNOSIS_CHECK(IsGoodKey(key));
    if (bytes.size() <= client_.options().buffer_bytes) {
      return InsertObject(client_, key, bytes, if_generation);
    }
    for (int upload = 1;; ++upload) {
      CloudWriter writer(client_, key, if_generation);
      const Status appended = writer.Append(bytes);
      auto generation = appended.ok() ? writer.Commit() : Result<Generation>(appended.error());
      const bool was_lost = !generation.ok() && generation.code() == ErrorCode::kUnavailable;
      if (!was_lost || upload == kMaxUploads) return generation;
    }
  }

  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override {
    GNOSIS_CHECK(IsGoodKey(key));
    return std::unique_ptr<ObjectWriter>(
        std::make_unique<CloudWriter>(client_, key, if_generation));
  }

  Result<std::vector<std::string>> List(const std::string& prefix) override {
    GNOSIS_CHECK(IsGoodFolder(prefix.substr(0, prefix.rfind('/') + 1)));
    ASSIGN_OR_RETURN(const Listing listing, ListObjects(client_, prefix, Depth::kOneLevel));
    std::vector<std::string> keys;
    for (const ListedObject& object : listing.objects) {
      // "folder/" is an object that consoles create to show an empty folder.
      if (!object.key.ends_with('/')) keys.push_back(object.key);
    }
    return keys;
  }

  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    GNOSIS_CHECK(IsGoodFolder(folder));
    ASSIGN_OR_RETURN(Listing listing, ListObjects(client_, folder, Depth::kOneLevel));
    return std::move(listing.folders);
  }

  Result<uint64_t> SizeOf(const std::string& folder) override {
    GNOSIS_CHECK(!folder.empty() && IsGoodFolder(folder));
    ASSIGN_OR_RETURN(const Listing listing, ListObjects(client_, folder, Depth::kAll));
    uint64_t size_bytes = 0;
    for (const ListedObject& object : listing.objects) size_bytes += object.size_bytes;
    return size_bytes;
  }

  Status Delete(const std::string& key, IfGeneration if_generation) override {
    GNOSIS_CHECK(IsGoodKey(key));
    return DeleteObject(client_, key, if_generation);
  }

  Status DeleteFolder(const std::string& folder) override {
    GNOSIS_CHECK(!folder.empty() && IsGoodFolder(folder));
    return DeleteEverythingUnder(client_, folder);
  }

  Result<std::string> StartResumableUpload(const DirectUpload& upload) override {
    GNOSIS_CHECK(IsGoodKey(upload.key));
    if (upload.size_bytes == 0) {
      return Error{ErrorCode::kInvalidArgument, "an upload by someone else needs its size", ""};
    }
    Json resource = *ParseJson(client_.NewResource(upload.key, RandomHex(kWriteIdDigits)));
    resource["contentType"] = upload.content_type;
    return StartSession(client_, upload, DumpJson(resource));
  }

  Result<ObjectDetails> Details(const std::string& key) override {
    GNOSIS_CHECK(IsGoodKey(key));
    return client_.Details(key);
  }

  CloudStorageCounts counts() const override { return client_.counts(); }

 private:
  StorageClient client_;
};

}  // namespace

std::unique_ptr<CloudStorageStore> NewCloudStorageStore(CloudStorageOptions options,
                                                        HttpClient& http, TokenSource& tokens) {
  return std::make_unique<BucketStore>(std::move(options), http, tokens);
}

}  // namespace gnosis
