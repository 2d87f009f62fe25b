// From the sessions of a run to its output folder: which document's results are called what,
// whether they may be written, and the writing.
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
  // Wants arguments.output_folder. `home` and `arguments` must outlive it.
  Delivery(Home& home, const OcrArguments& arguments, const std::vector<InputFile>& files);

  // Before anything is read. An error: nothing can be written there.
  Status Prepare() { return folder_.Prepare(); }

  // Before the document is read; `file` is its index. kPreconditionFailed: something is in the way.
  Result<SessionOpener::Decision> Decide(size_t file, const std::string& document,
                                         SessionOpener::Earlier earlier) const;

  // The results of a final session. Durable when this returned ok.
  Status Write(size_t file, const HeldSession& session, int failed_pages);

 private:
  ResultNames NamesOf(size_t file, const std::string& document) const;

  Home& home_;
  const OcrArguments& arguments_;
  const std::unique_ptr<OutputDisk> disk_;
  WrittenResults written_;
  OutputFolder folder_;
  std::vector<std::filesystem::path> names_;  // of the files
};

}  // namespace gnosis
