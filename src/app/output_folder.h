// The folder that `ocr -o` writes to: one file a document and format, each complete or not there,
// and no file of anybody else's is ever replaced unless that was asked for.
//
// The life of a document's results: Look says before the document is read whether they may be
// written at all; Write puts them there when it is read. When Write has returned ok they are
// durable, and the session they come from may go.
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

// What a document's results are called: `name` below the folder, "." and an ending each.
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

  // Makes the folder. An error means that nothing can be written there. Call it once, first.
  Status Prepare();

  struct Found {
    std::optional<std::filesystem::path> foreign;  // is in the way
    bool complete = false;  // all is there, from this very document, with every page read
  };
  Result<Found> Look(const ResultNames& names) const;
  // "out/scan.txt exists already ..." kPreconditionFailed.
  static Error InTheWay(const std::filesystem::path& foreign);

  // kPreconditionFailed when there is something else in the way; then nothing is written.
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
  // Nothing is done about `known` and what is above it.
  Status MakeFolders(const std::filesystem::path& folder, const std::filesystem::path& known);
  std::filesystem::path PathOf(const ResultNames& names, const std::string& ending) const;
  std::filesystem::path NotedPath(const ResultNames& names, const std::string& ending) const;

  OutputDisk& disk_;
  WrittenResults& written_;
  const std::filesystem::path folder_;  // as it was named
  std::filesystem::path canonical_;     // the same however it is named
  const Existing existing_;
};

}  // namespace gnosis
