#include "task/disk_append.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/hash.h"

namespace gnosis {

struct Digest::Context {
  EVP_MD_CTX* context = ::EVP_MD_CTX_new();
  ~Context() { ::EVP_MD_CTX_free(context); }
};

Digest::Digest(Checksum::Algorithm algorithm) : context_(std::make_unique<Context>()) {
  const EVP_MD* type = algorithm == Checksum::Algorithm::kSha1 ? ::EVP_sha1() : ::EVP_sha256();
  GNOSIS_CHECK(::EVP_DigestInit_ex(context_->context, type, nullptr) == 1);
}
Digest::~Digest() = default;
void Digest::Update(std::string_view bytes) {
  GNOSIS_CHECK(::EVP_DigestUpdate(context_->context, bytes.data(), bytes.size()) == 1);
}
std::string Digest::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  GNOSIS_CHECK(::EVP_DigestFinal_ex(context_->context, digest.data(), &size) == 1);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

namespace {

Status SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid() || ::fsync(opened.get()) != 0) return ErrnoError(errno, folder);
  return Ok();
}

// Never creates a folder: a removed upload stays removed.
Result<FileDescriptor> OpenForAppend(const AppendPlace& place) {
  const bool is_new = place.offset_bytes == 0;
  FileDescriptor file(
      ::open(place.path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | (is_new ? O_CREAT : 0), 0600));
  if (!file.valid()) return ErrnoError(errno, place.path);
  if (is_new) RETURN_IF_ERROR(SyncFolderOf(place.path));
  return file;
}

class DiskAppend final : public UploadAppend {
 public:
  DiskAppend(ObjectStore& store, Clock& clock, AppendPlace place, std::optional<Checksum> checksum,
             std::shared_ptr<AppendState> state, FileDescriptor file)
      : store_(store),
        clock_(clock),
        place_(std::move(place)),
        checksum_(std::move(checksum)),
        state_(std::move(state)),
        file_(std::move(file)),
        offset_bytes_(place_.offset_bytes) {
    if (checksum_) digest_.emplace(checksum_->algorithm);
  }

  ~DiskAppend() override {
    std::lock_guard lock(state_->mutex);
    if (checksum_ && !committed_ && !state_->revoked) (void)Discard();
    state_->revoked = true;
  }

  Status Append(std::string_view bytes) override {
    std::lock_guard lock(state_->mutex);
    RETURN_IF_ERROR(CheckNotRevoked());
    state_->heard_at = clock_.Now();
    if (bytes.size() > place_.length_bytes - offset_bytes_) {
      return Error{
          ErrorCode::kTooLarge,
          fmt::format("more bytes arrived than the upload's length of {}", place_.length_bytes),
          "Upload-Length is the size of the whole file"};
    }
    RETURN_IF_ERROR(WriteAll(file_, bytes));
    if (digest_) digest_->Update(bytes);
    offset_bytes_ += bytes.size();
    return Ok();
  }

  Result<uint64_t> Commit() override {
    std::lock_guard lock(state_->mutex);
    RETURN_IF_ERROR(CheckNotRevoked());
    if (digest_ && !EqualsInConstantTime(digest_->Finish(), checksum_->digest)) {
      committed_ = true;  // nothing is left to discard
      RETURN_IF_ERROR(Discard());
      return Error{ErrorCode::kDamaged, "the bytes do not match Upload-Checksum",
                   "send them again"};
    }
    if (::fdatasync(file_.get()) != 0) return ErrnoError(errno, place_.path);
    if (checksum_) RETURN_IF_ERROR(store_.Delete(UploadUnverifiedKey(place_.key), kAnyGeneration));
    committed_ = true;
    return offset_bytes_;
  }

 private:
  Status CheckNotRevoked() const {
    if (!state_->revoked) return Ok();
    return Error{ErrorCode::kInterrupted,
                 "the upload was deleted, or another request has taken over", ""};
  }
  Status Discard() {
    if (::ftruncate(file_.get(), off_t(place_.offset_bytes)) != 0 || ::fsync(file_.get()) != 0) {
      return ErrnoError(errno, place_.path);
    }
    return store_.Delete(UploadUnverifiedKey(place_.key), kAnyGeneration);
  }

  ObjectStore& store_;
  Clock& clock_;
  const AppendPlace place_;
  const std::optional<Checksum> checksum_;
  const std::shared_ptr<AppendState> state_;
  const FileDescriptor file_;
  std::optional<Digest> digest_;
  uint64_t offset_bytes_ = 0;
  bool committed_ = false;
};

}  // namespace

Status TruncateFile(const std::string& path, uint64_t size_bytes) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoError(errno, path);
  if (::ftruncate(file.get(), off_t(size_bytes)) == 0 && ::fsync(file.get()) == 0) return Ok();
  return ErrnoError(errno, path);
}

Result<std::unique_ptr<UploadAppend>> StartDiskAppend(ObjectStore& store, Clock& clock,
                                                      AppendPlace place,
                                                      std::optional<Checksum> checksum,
                                                      std::shared_ptr<AppendState> state) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenForAppend(place));
  if (checksum) {
    const auto marked = store.Write(UploadUnverifiedKey(place.key),
                                    fmt::format("{}\n", place.offset_bytes), kAnyGeneration);
    if (!marked.ok()) return marked.error();
  }
  state->heard_at = clock.Now();
  return std::unique_ptr<UploadAppend>(std::make_unique<DiskAppend>(
      store, clock, std::move(place), std::move(checksum), std::move(state), std::move(file)));
}

}  // namespace gnosis
