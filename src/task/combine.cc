#include "task/combine.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "languages/languages.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

// One output being written: bytes flow from the writer into an object that is not visible yet.
struct Output {
  std::unique_ptr<ObjectWriter> object;
  std::unique_ptr<OutputWriter> writer;
};

Result<Output> StartOutput(ObjectStore& store, const SessionKey& session,
                           const std::string& format_name) {
  const OutputFormat* format = FindOutputFormat(format_name);
  if (format == nullptr) {
    return Error{ErrorCode::kUnsupportedFormat, "unknown output format " + format_name, ""};
  }
  Output output;
  ASSIGN_OR_RETURN(output.object,
                   store.StartWrite(ResultKey(session, format->file_ending), kAnyGeneration));
  ObjectWriter* object = output.object.get();
  ASSIGN_OR_RETURN(output.writer, NewOutputWriter(format_name, [object](std::string_view bytes) {
                     return object->Append(bytes);
                   }));
  return output;
}

}  // namespace

OutputHead HeadOf(const Metadata& metadata, int total_pages, const std::string& program_version) {
  OutputHead head;
  head.job_id = metadata.session_id;
  head.file_name = metadata.file_name;
  head.sha256 = metadata.sha256;
  head.total_pages = total_pages;
  head.languages = JoinLanguages(metadata.options.reading.languages);
  head.program_version = program_version;
  head.image_name = [pages = metadata.document_pages](int page) {
    return PageFileName(PageFile::kImage, page, pages);
  };
  return head;
}

Status RemoveOtherResults(ObjectStore& store, const SessionKey& session,
                          const std::vector<std::string>& formats) {
  for (const OutputFormat& format : OutputFormats()) {
    if (std::find(formats.begin(), formats.end(), format.name) != formats.end()) continue;
    RETURN_IF_ERROR(store.Delete(ResultKey(session, format.file_ending), kAnyGeneration));
  }
  return Ok();
}

Status CombineResults(ObjectStore& store, const SessionKey& session, const Metadata& metadata,
                      const std::vector<int>& pages, const std::vector<std::string>& formats,
                      const std::string& program_version) {
  std::vector<Output> outputs;
  const OutputHead head = HeadOf(metadata, int(pages.size()), program_version);
  for (const std::string& format : formats) {
    ASSIGN_OR_RETURN(Output output, StartOutput(store, session, format));
    RETURN_IF_ERROR(output.writer->Begin(head));
    outputs.push_back(std::move(output));
  }
  for (const int page : pages) {
    ASSIGN_OR_RETURN(const PageResult result, ReadPageResult(store, session, metadata, page));
    for (Output& output : outputs) RETURN_IF_ERROR(output.writer->Page(result));
  }
  for (Output& output : outputs) RETURN_IF_ERROR(output.writer->End());
  for (Output& output : outputs) {
    const auto committed = output.object->Commit();
    if (!committed.ok()) return committed.error();
  }
  return Ok();
}

}  // namespace gnosis
