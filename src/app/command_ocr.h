// `gnosis-ocr ocr FILE...`: processes files on this machine, in this process.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/exit_code.h"
#include "app/home.h"
#include "app/input_files.h"
#include "app/output_folder.h"
#include "app/settings.h"
#include "session/metadata.h"

namespace gnosis {

struct OcrArguments {
  std::vector<std::filesystem::path> files;
  Folders folders = Folders::kRefuse;                  // --recursive walks them
  std::optional<std::filesystem::path> output_folder;  // nothing: text goes to standard output
  OutputFolder::Existing existing = OutputFolder::Existing::kKeep;  // --overwrite
  JobOptions options;
  std::string password;
  enum class EarlierRun { kGoOn, kForget } earlier_run = EarlierRun::kGoOn;  // --force forgets
  enum class Session { kDelete, kKeep } session = Session::kDelete;          // if all went well
};
// A failed document does not affect the others; the exit code is that of the worst. Problems of the
// environment (no space, a data folder or standard output that cannot be written to) and an
// interruption end the run immediately.
ExitCode RunOcr(const Settings& settings, const OcrArguments& arguments,
                const HomeMaker& make_home = MakeHome);

}  // namespace gnosis
