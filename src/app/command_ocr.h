// `gnosis-ocr ocr FILE...`: read on this machine, in this process.
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
  std::optional<std::filesystem::path> output_folder;  // nothing: text on standard output
  OutputFolder::Existing existing = OutputFolder::Existing::kKeep;  // --overwrite
  JobOptions options;
  std::string password;
  enum class EarlierRun { kGoOn, kForget } earlier_run = EarlierRun::kGoOn;  // --force forgets
  enum class Session { kDelete, kKeep } session = Session::kDelete;          // when all is read
};
// Each document costs only itself; the exit code is the worst of all. A broken world (no room, a
// data folder or standard output that cannot be written to) and an interruption end the run at
// once.
ExitCode RunOcr(const Settings& settings, const OcrArguments& arguments,
                const HomeMaker& make_home = MakeHome);

}  // namespace gnosis
