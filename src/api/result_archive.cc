#include "api/result_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "api/zip_writer.h"
#include "base/file.h"
#include "output/output_writer.h"
#include "task/deletion.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

// "result.e2.zip": for the second epoch.
std::string ArchiveKey(const SessionKey& session, int epoch) {
  return ResultKey(session, fmt::format("e{}.zip", epoch));
}

Status AddFile(ZipWriter& zip, const std::string& name, const FileDescriptor& file) {
  ASSIGN_OR_RETURN(const uint64_t size_bytes, FileSize(file));
  RETURN_IF_ERROR(zip.Begin(name, size_bytes));
  return ForEachPiece(file, [&](std::string_view piece) { return zip.Data(piece); });
}

Status AddResults(ZipWriter& zip, const ActionContext& actions, const SessionKey& session,
                  const Metadata& metadata) {
  for (const std::string& name : metadata.options.formats) {
    const OutputFormat* format = FindOutputFormat(name);
    if (format == nullptr) continue;  // added by a newer version of this program
    ASSIGN_OR_RETURN(const std::string key, EnsureResult(actions, session, name));
    ASSIGN_OR_RETURN(const FileDescriptor file, actions.store.Open(key));
    RETURN_IF_ERROR(AddFile(zip, "result." + format->file_ending, file));
  }
  return Ok();
}

// "page_007_result.txt" is "pages/page_007.txt".
std::string PageName(int page, int document_pages) {
  const std::string image = PageFileName(PageFile::kImage, page, document_pages);
  return fmt::format("pages/{}.txt", image.substr(0, image.find('.')));
}

Status AddPages(ZipWriter& zip, const ActionContext& actions, const SessionKey& session,
                const Metadata& metadata) {
  std::vector<int> pages;
  RETURN_IF_ERROR(actions.book.Look(session, [&](const Processing& record) {
    for (const auto& [page, entry] : record.pages) pages.push_back(page);
  }));
  for (const int page : pages) {
    ASSIGN_OR_RETURN(const PageResult result,
                     ReadPageResult(actions.store, session, metadata, page));
    const std::string text = TextOrMarker(result);
    RETURN_IF_ERROR(zip.Begin(PageName(page, metadata.document_pages), text.size()));
    RETURN_IF_ERROR(zip.Data(text));
  }
  return Ok();
}

void RemoveOthers(ObjectStore& store, const SessionKey& session, const std::string& current) {
  const auto archives = store.List(ResultKey(session, "e"));
  if (!archives.ok()) return;
  for (const std::string& key : *archives) {
    if (key.ends_with(".zip") && key != current) (void)store.Delete(key, kAnyGeneration);
  }
}

}  // namespace

Result<std::string> EnsureArchive(const ActionContext& actions, const SessionKey& session,
                                  const JobStatus& job) {
  const std::string key = ArchiveKey(session, job.epoch);
  if (actions.store.Stat(key).ok()) return key;
  ASSIGN_OR_RETURN(const auto metadata, actions.book.ReadMetadata(session));
  ASSIGN_OR_RETURN(const std::unique_ptr<ObjectWriter> object,
                   actions.store.StartWrite(key, kAnyGeneration));
  const auto zip = NewZipWriter([&](std::string_view bytes) { return object->Append(bytes); },
                                metadata->created_at);
  RETURN_IF_ERROR(AddResults(*zip, actions, session, *metadata));
  RETURN_IF_ERROR(AddPages(*zip, actions, session, *metadata));
  RETURN_IF_ERROR(zip->Finish());
  const auto committed = object->Commit();
  if (!committed.ok()) return committed.error();
  RETURN_IF_ERROR(KeepNothingOfTheGone(actions.store, session));
  RemoveOthers(actions.store, session, key);
  return key;
}

}  // namespace gnosis
