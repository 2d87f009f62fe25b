#include "child/document.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "child/codecs.h"
#include "page/media_types.h"

namespace gnosis {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{4} << 30;

// A file's bytes: mapped, or read if it cannot be mapped (a pipe, an unusual file system).
class FileBytes {
 public:
  static Result<std::unique_ptr<FileBytes>> Of(const FileDescriptor& file) {
    ASSIGN_OR_RETURN(const uint64_t size, FileSize(file));
    auto bytes = std::make_unique<FileBytes>();
    if (size == 0) return bytes;
    if (size > kMaxBytes) return Error{ErrorCode::kTooLarge, "the file is larger than 4 GiB", ""};
    void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (mapped != MAP_FAILED) {
      bytes->mapped_ = {static_cast<const char*>(mapped), size};
      return bytes;
    }
    ASSIGN_OR_RETURN(bytes->read_, ReadDescriptor(file, kMaxBytes));
    return bytes;
  }

  FileBytes() = default;
  ~FileBytes() {
    if (!mapped_.empty()) munmap(const_cast<char*>(mapped_.data()), mapped_.size());
  }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::string_view view() const { return mapped_.empty() ? std::string_view(read_) : mapped_; }

 private:
  std::string_view mapped_;
  std::string read_;
};

// Owns the bytes that a document uses.
class OwningDocument : public Document {
 public:
  OwningDocument(std::unique_ptr<FileBytes> bytes, std::unique_ptr<Document> document)
      : bytes_(std::move(bytes)), document_(std::move(document)) {}

  const DocumentInfo& info() const override { return document_->info(); }
  Result<RenderedPage> Render(int page, int dpi) override { return document_->Render(page, dpi); }
  Result<TextLayer> ReadTextLayer(int page, const Raster& raster) override {
    return document_->ReadTextLayer(page, raster);
  }

 private:
  std::unique_ptr<FileBytes> bytes_;
  std::unique_ptr<Document> document_;  // destroyed first
};

}  // namespace

Error NoSuchPage(int page, int page_count) {
  return Error{ErrorCode::kInvalidArgument,
               "there is no page " + std::to_string(page) + " in a document of " +
                   std::to_string(page_count),
               ""};
}

Result<std::unique_ptr<Document>> OpenDocument(const FileDescriptor& file,
                                               const std::string& password,
                                               const RenderLimits& limits) {
  ASSIGN_OR_RETURN(std::unique_ptr<FileBytes> bytes, FileBytes::Of(file));
  ASSIGN_OR_RETURN(const std::string media_type, SniffMediaType(bytes->view()));
  auto opened = media_type == kPdf ? OpenPdf(bytes->view(), password, limits)
                                   : OpenImage(bytes->view(), media_type, limits);
  if (!opened.ok()) return opened.error();
  return {std::make_unique<OwningDocument>(std::move(bytes), *std::move(opened))};
}

}  // namespace gnosis
