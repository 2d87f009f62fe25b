// The folder that `ocr -o` writes to: one file a document and format, each complete or not there.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "app/home.h"
#include "base/result.h"
#include "session/keys.h"

namespace gnosis {

class OutputFolder {
 public:
  OutputFolder(Home& home, std::filesystem::path folder, std::vector<std::string> formats);
  // The results of a final session, named after `file`; two files of one stem do not overwrite each
  // other.
  Status Write(const std::filesystem::path& file, const SessionKey& session);

 private:
  Status CopyOut(const std::string& key, const std::filesystem::path& target);

  Home& home_;
  const std::filesystem::path folder_;
  const std::vector<std::string> formats_;
  std::set<std::string> written_;
};

}  // namespace gnosis
