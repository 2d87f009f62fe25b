#include "task/verify.h"

#include <fmt/format.h>

#include <utility>

#include "base/hash.h"
#include "output/output_writer.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

class Verifier {
 public:
  Verifier(ObjectStore& store, const SessionKey& session, Metadata metadata)
      : store_(store), session_(session), metadata_(std::move(metadata)) {}

  Result<VerifyReport> Run() {
    ASSIGN_OR_RETURN(const std::vector<int> pages,
                     SelectPages(metadata_.options.pages, metadata_.document_pages));
    report_.pages = int(pages.size());
    CheckOriginal();
    ASSIGN_OR_RETURN(const StoredRecord stored,
                     ReadRecordFile(store_, session_, metadata_.incarnation));
    if (!stored.record) Note("processing.json", "is lost or damaged; it will be rebuilt");
    for (const int page : pages) CheckPage(page, stored.record);
    if (stored.record && IsFinal(stored.record->state)) CheckFinal(*stored.record);
    return report_;
  }

 private:
  void Note(const std::string& file, std::string what) {
    report_.findings.push_back({Finding::Kind::kNote, file, std::move(what)});
  }
  void Problem(const std::string& file, std::string what) {
    report_.findings.push_back({Finding::Kind::kProblem, file, std::move(what)});
  }

  void CheckOriginal() {
    const std::string name = "original." + metadata_.extension;
    const auto file = store_.Open(OriginalKey(session_, metadata_.extension));
    if (!file.ok()) return Problem(name, file.error().message);
    const auto size_bytes = FileSize(*file);
    const auto hash = Sha256OfFile(*file);
    if (!size_bytes.ok() || !hash.ok()) return Problem(name, "cannot be read");
    if (*size_bytes != metadata_.size_bytes || *hash != metadata_.sha256) {
      Problem(name, "is not the uploaded document: size or SHA-256 differs");
    }
  }

  void CheckPage(int page, const std::optional<Processing>& record) {
    const std::string name = PageFileName(PageFile::kResult, page, metadata_.document_pages);
    const auto result = ReadPageResult(store_, session_, metadata_, page);
    if (!result.ok()) {
      const bool told =
          record && record->pages.contains(page) && IsFinished(record->pages.at(page).status);
      if (result.code() != ErrorCode::kNotFound || told) Problem(name, result.error().message);
      return;
    }
    if (!result->completed) {
      ++report_.failed;
      return;
    }
    ++report_.completed;
    CheckHash(PageFile::kImage, page, result->image_sha256);
    CheckHash(PageFile::kPreview, page, result->preview_sha256);
    CheckHash(PageFile::kText, page, Sha256Hex(result->text));
  }

  void CheckHash(PageFile file, int page, const std::string& sha256) {
    const std::string name = PageFileName(file, page, metadata_.document_pages);
    const auto object = store_.Read(PageKey(session_, file, page, metadata_.document_pages));
    if (!object.ok()) return Problem(name, object.error().message);
    if (Sha256Hex(object->bytes) != sha256) Problem(name, "does not match its result file");
  }

  void CheckFinal(const Processing& record) {
    if (record.state == SessionState::kCancelled) return;
    if (report_.completed + report_.failed != report_.pages) {
      Problem("processing.json",
              fmt::format("says {} although pages are missing", SessionStateName(record.state)));
    }
    for (const std::string& format : metadata_.options.formats) {
      const OutputFormat* known = FindOutputFormat(format);
      if (known == nullptr) continue;
      const auto info = store_.Stat(ResultKey(session_, known->file_ending));
      if (!info.ok()) Problem("result." + known->file_ending, info.error().message);
    }
  }

  ObjectStore& store_;
  const SessionKey& session_;
  const Metadata metadata_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> VerifySession(ObjectStore& store, const SessionKey& session) {
  ASSIGN_OR_RETURN(Metadata metadata, ReadMetadataFile(store, session));
  return Verifier(store, session, std::move(metadata)).Run();
}

}  // namespace gnosis
