#include "api/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <optional>
#include <utility>

namespace gnosis {
namespace {

class LibarchiveZip final : public ZipWriter {
 public:
  LibarchiveZip(Sink sink, Time moment) : sink_(std::move(sink)), moment_(moment) {
    GNOSIS_CHECK(archive_ != nullptr && entry_ != nullptr);
    opened_ = ::archive_write_set_format_zip(archive_) == ARCHIVE_OK &&
              ::archive_write_zip_set_compression_deflate(archive_) == ARCHIVE_OK &&
              ::archive_write_set_bytes_in_last_block(archive_, 1) == ARCHIVE_OK &&
              ::archive_write_open(archive_, this, nullptr, &Write, nullptr) == ARCHIVE_OK;
  }
  ~LibarchiveZip() override {
    // Freeing writes the remaining data, which is no longer needed.
    sink_ = [](std::string_view) { return Ok(); };
    ::archive_entry_free(entry_);
    ::archive_write_free(archive_);
  }

  Status Begin(const std::string& name, uint64_t size_bytes) override {
    if (!opened_) return Failure();
    ::archive_entry_clear(entry_);
    ::archive_entry_set_pathname(entry_, name.c_str());
    ::archive_entry_set_filetype(entry_, AE_IFREG);
    ::archive_entry_set_perm(entry_, 0644);
    ::archive_entry_set_size(entry_, int64_t(size_bytes));
    ::archive_entry_set_mtime(entry_,
                              std::chrono::floor<Seconds>(moment_).time_since_epoch().count(), 0);
    return ::archive_write_header(archive_, entry_) == ARCHIVE_OK ? Ok() : Failure();
  }
  Status Data(std::string_view bytes) override {
    while (!bytes.empty()) {
      const la_ssize_t written = ::archive_write_data(archive_, bytes.data(), bytes.size());
      if (written <= 0) return Failure();
      bytes.remove_prefix(size_t(written));
    }
    return Ok();
  }
  Status Finish() override {
    return opened_ && ::archive_write_close(archive_) == ARCHIVE_OK ? Ok() : Failure();
  }

 private:
  static la_ssize_t Write(archive* writer, void* self, const void* bytes, size_t size) {
    auto& zip = *static_cast<LibarchiveZip*>(self);
    Status taken = zip.sink_(std::string_view(static_cast<const char*>(bytes), size));
    if (taken.ok()) return la_ssize_t(size);
    if (!zip.error_) zip.error_ = taken.error();
    ::archive_set_error(writer, EIO, "the sink failed");
    return -1;
  }
  Status Failure() const {
    if (error_) return *error_;
    const char* why = ::archive_error_string(archive_);
    return Error{ErrorCode::kInternal, std::string("zip: ") + (why ? why : "unknown"), ""};
  }

  Sink sink_;
  const Time moment_;
  archive* const archive_ = ::archive_write_new();
  archive_entry* const entry_ = ::archive_entry_new();
  std::optional<Error> error_;
  bool opened_ = false;
};

}  // namespace

std::unique_ptr<ZipWriter> NewZipWriter(Sink sink, Time moment) {
  return std::make_unique<LibarchiveZip>(std::move(sink), moment);
}

}  // namespace gnosis
