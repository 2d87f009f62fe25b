#include "google/object_download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include "google/crc32c.h"

namespace gnosis {
namespace {

constexpr int kMaxRounds = 4;  // of the object changing during an interrupted read

// Where the bytes go.
class Target {
 public:
  virtual ~Target() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Clear() = 0;
};

class StringTarget final : public Target {
 public:
  Status Append(std::string_view bytes) override {
    bytes_ += bytes;
    return Ok();
  }
  Status Clear() override {
    bytes_.clear();
    return Ok();
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class FileTarget final : public Target {
 public:
  Status Make(const std::filesystem::path& folder) {
    std::string path = (folder / "gnosis-object-XXXXXX").string();
    file_.Reset(::mkostemp(path.data(), O_CLOEXEC));
    if (!file_.valid()) return ErrnoError(errno, folder.string());
    auto reader = OpenForReading(path);
    ::unlink(path.c_str());
    ASSIGN_OR_RETURN(reader_, std::move(reader));
    return Ok();
  }
  Status Append(std::string_view bytes) override { return WriteAll(file_, bytes); }
  Status Clear() override {
    if (::ftruncate(file_.get(), 0) != 0 || ::lseek(file_.get(), 0, SEEK_SET) != 0) {
      return ErrnoError(errno, "cannot empty a temporary file");
    }
    return Ok();
  }
  FileDescriptor TakeReader() { return std::move(reader_); }

 private:
  FileDescriptor file_, reader_;
};

Generation ParseGeneration(const HttpHeaders& headers) {
  const std::string text = headers.Get("X-Goog-Generation").value_or("");
  Generation generation = kAbsent;
  std::from_chars(text.data(), text.data() + text.size(), generation);
  return generation;
}

// The crc32c of "X-Goog-Hash: crc32c=...,md5=...", which may also be two headers.
std::string ParseCrc32c(const HttpHeaders& headers) {
  for (const auto& [name, value] : headers.all()) {
    const size_t begin = value.find("crc32c=");
    if (begin == std::string::npos) continue;
    const size_t end = value.find(',', begin);
    return value.substr(begin + 7, end == std::string::npos ? end : end - begin - 7);
  }
  return "";
}

class Download {
 public:
  Download(StorageClient& client, const std::string& key, Target& target)
      : client_(client), key_(key), target_(target) {}

  Result<Generation> Run(uint64_t limit_bytes) {
    Status last = Ok();
    for (int round = 0; round < kMaxRounds; ++round) {
      RETURN_IF_ERROR(Restart());
      ASSIGN_OR_RETURN(const ApiReply reply, client_.api().Call(NewCall(limit_bytes)));
      const bool was_resumed = received_ > 0;
      if (!reply.ok()) {
        // Replaced or deleted between two parts: from the start.
        const int status = reply.http.status;
        if (was_resumed && (status == 412 || status == 404 || status == 416)) continue;
        return client_.ToError(reply.http, key_);
      }
      if (crc_.Base64() == expected_crc_ && generation_ != kAbsent) return generation_;
      last = Error{ErrorCode::kIo,
                   fmt::format("{} was damaged on its way from Cloud Storage (crc32c {}, not {})",
                               key_, crc_.Base64(), expected_crc_),
                   ""};
    }
    if (!last.ok()) return last.error();
    return Error{ErrorCode::kUnavailable, key_ + " changes faster than it can be read", ""};
  }

 private:
  Status Restart() {
    received_ = 0;
    crc_ = Crc32c();
    generation_ = kAbsent;
    expected_crc_.clear();
    return target_.Clear();
  }

  ApiCall NewCall(uint64_t limit_bytes) {
    const std::string url = client_.ObjectUrl(key_) + "?alt=media";
    ApiCall call = client_.NewCall(PriceClass::kB, "GET", url);
    call.http.max_body_bytes = limit_bytes;
    call.http.total_timeout = Seconds(600);  // low speed ends it sooner
    call.before_attempt = [this, url, count = call.before_attempt](HttpCall& http) {
      count(http);
      if (received_ == 0) return;
      http.headers.Set("Range", fmt::format("bytes={}-", received_));
      http.url = url + "&" + Precondition(generation_);
    };
    call.http.on_head = [this](const HttpReply& head) { return OnHead(head); };
    call.http.sink = [this](std::string_view bytes) {
      received_ += bytes.size();
      crc_.Update(bytes);
      return target_.Append(bytes);
    };
    return call;
  }

  Status OnHead(const HttpReply& head) {
    if (received_ > 0 && head.status != 206) {  // all of it, although a part was requested
      received_ = 0;
      crc_ = Crc32c();
      RETURN_IF_ERROR(target_.Clear());
    }
    generation_ = ParseGeneration(head.headers);
    expected_crc_ = ParseCrc32c(head.headers);
    return Ok();
  }

  StorageClient& client_;
  const std::string& key_;
  Target& target_;
  uint64_t received_ = 0;
  Crc32c crc_;
  Generation generation_ = kAbsent;
  std::string expected_crc_;
};

}  // namespace

Result<Object> DownloadObject(StorageClient& client, const std::string& key) {
  StringTarget target;
  Download download(client, key, target);
  ASSIGN_OR_RETURN(const Generation generation, download.Run(client.options().max_read_bytes));
  return Object{target.Take(), generation};
}

Result<FileDescriptor> DownloadToFile(StorageClient& client, const std::string& key) {
  FileTarget target;
  RETURN_IF_ERROR(target.Make(client.options().temporary_folder));
  Download download(client, key, target);
  const auto generation = download.Run(UINT64_MAX);
  if (!generation.ok()) return generation.error();
  return target.TakeReader();
}

}  // namespace gnosis
