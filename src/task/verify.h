// Checks a session's files against each other: what `gnosis-ocr verify DIR` prints.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"

namespace gnosis {

struct Finding {
  enum class Kind {
    kNote,     // unusual, but nothing is lost: a record that will be rebuilt
    kProblem,  // something is lost or inconsistent
  };
  Kind kind = Kind::kProblem;
  std::string file;
  std::string what;
};

struct VerifyReport {
  int pages = 0;
  int completed = 0;
  int failed = 0;
  std::vector<Finding> findings;
};
// Reads every file of the session and changes none. kNotFound: no metadata.json.
Result<VerifyReport> VerifySession(ObjectStore& store, const SessionKey& session);

}  // namespace gnosis
