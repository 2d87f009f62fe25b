// The folder that `ocr -o` writes to: one file per document and format, each complete or absent; no
// one else's file is ever replaced unless requested.
//
// Lifecycle of a document's results: Look is called before the document is processed and says
// whether they may be written; Write writes them afterwards. After Write has returned ok they are
// durable, and their session may be deleted.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/output_disk.h"
#include "app/written_results.h"
#include "base/file.h"
#include "base/result.h"

namespace gnosis {

// The names of a document's results: `name` below the folder, each with "." and an ending.
struct ResultNames {
  std::filesystem::path name;
  std::vector<std::string> endings;
  std::string document;  // as in WrittenResult
};

class OutputFolder {
 public:
  enum class Existing { kKeep, kOverwrite };  // --overwrite

  // `disk` and `written` must outlive it.
  OutputFolder(OutputDisk& disk, WrittenResults& written, std::filesystem::path folder,
               Existing existing)
      : disk_(disk), written_(written), folder_(std::move(folder)), existing_(existing) {}

  // Creates the folder. An error means that nothing can be written there. Call it once, first.
  Status Prepare();

  struct Found {
    std::optional<std::filesystem::path> foreign;  // in the way
    bool complete = false;  // all results exist, from this very document, with all pages
  };
  Result<Found> Look(const ResultNames& names) const;
  // "out/scan.txt exists already ..." kPreconditionFailed.
  static Error InTheWay(const std::filesystem::path& foreign);

  // kPreconditionFailed if something else is in the way; then nothing is written.
  using OpenResult = std::function<Result<FileDescriptor>(const std::string& ending)>;
  Status Write(const ResultNames& names, int failed_pages, const OpenResult& open);

 private:
  enum class State { kAbsent, kOurs, kSame, kForeign, kFolder };
  Result<State> StateOf(const ResultNames& names, const std::string& ending,
                        const std::optional<std::string>& wanted_sha256) const;
  bool IsInTheWay(State state) const;
  Result<bool> AllPagesRead(const ResultNames& names, const std::string& ending) const;
  // The SHA-256 of the result that may be written.
  Result<std::string> Examine(const ResultNames& names, const std::string& ending,
                              const OpenResult& open) const;
  Status Put(const ResultNames& names, const std::string& ending, const std::string& sha256,
             const OpenResult& open);
  Status PutUnsynced(const ResultNames& names, const std::string& ending, const std::string& sha256,
                     const OpenResult& open);
  Status Place(const std::filesystem::path& part, const std::filesystem::path& target, State state);
  static Status Copy(PartFile& part, const std::string& ending, const OpenResult& open);
  // Leaves `known` and the folders above it alone.
  Status MakeFolders(const std::filesystem::path& folder, const std::filesystem::path& known);
  std::filesystem::path PathOf(const ResultNames& names, const std::string& ending) const;
  std::filesystem::path NotedPath(const ResultNames& names, const std::string& ending) const;

  OutputDisk& disk_;
  WrittenResults& written_;
  const std::filesystem::path folder_;  // as given
  std::filesystem::path canonical_;     // independent of how it was given
  const Existing existing_;
};

}  // namespace gnosis
