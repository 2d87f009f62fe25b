// `gnosis-ocr ocr FILE...`: read on this machine, in this process.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/exit_code.h"
#include "app/settings.h"
#include "session/metadata.h"

namespace gnosis {

struct OcrArguments {
  std::vector<std::filesystem::path> files;
  std::optional<std::filesystem::path> output_folder;  // nothing: text on standard output
  JobOptions options;
  std::string password;
  enum class EarlierRun { kGoOn, kForget } earlier_run = EarlierRun::kGoOn;  // --force forgets
  enum class Session { kDelete, kKeep } session = Session::kDelete;          // when all is read
};
ExitCode RunOcr(const Settings& settings, const OcrArguments& arguments);

}  // namespace gnosis
