// Delivers the sessions of a run to its output folder: decides the names of results and whether
// they may be written, and writes them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/command_ocr.h"
#include "app/home.h"
#include "app/input_files.h"
#include "app/ocr_session.h"
#include "app/output_disk.h"
#include "app/output_folder.h"
#include "app/written_results.h"
#include "base/result.h"

namespace gnosis {

class Delivery {
 public:
  // Requires arguments.output_folder. `home` and `arguments` must outlive it.
  Delivery(Home& home, const OcrArguments& arguments, const std::vector<InputFile>& files);

  // Call before anything is processed. An error: nothing can be written there.
  Status Prepare() { return folder_.Prepare(); }

  // Call before the document is processed; `file` is its index. kPreconditionFailed: a file is in
  // the way.
  Result<SessionOpener::Decision> Decide(size_t file, const std::string& document,
                                         SessionOpener::Earlier earlier) const;

  // Writes the results of a final session. After ok they are durable.
  Status Write(size_t file, const HeldSession& session, int failed_pages);

 private:
  ResultNames NamesOf(size_t file, const std::string& document) const;

  Home& home_;
  const OcrArguments& arguments_;
  const std::unique_ptr<OutputDisk> disk_;
  WrittenResults written_;
  OutputFolder folder_;
  std::vector<std::filesystem::path> names_;  // one per file
};

}  // namespace gnosis
