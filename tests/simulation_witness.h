// Sees every change of the store and every answer to a caller, and knows what must not be.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "session/keys.h"
#include "session/processing.h"
#include "simulation_nature.h"

namespace gnosis {

// The one owner, and the one Idempotency-Key of all documents.
inline constexpr char kOwner[] = "sim@example.org";
inline constexpr char kKey[] = "simulated";

class Witness {
 public:
  explicit Witness(Nature& world);

  // What callers heard.
  void Accepted(const SessionKey& session, char document);
  void Refused(const Error& error, char document);
  void ToldOfADeletion();
  // From now on it may be gone; and then it is.
  void AsksToDelete(const SessionKey& session) { seen_[session].may_go = true; }
  void Deleted(const SessionKey& session);

  // A session that a caller was told of, and that nobody deletes.
  std::optional<SessionKey> AnAcceptedSession() const;
  // Nothing is left to be done.
  bool AtRest() const { return pending_.empty() && !SomebodyIsUnfinished(); }
  void LoseRecord(const std::string& key);
  // At the end.
  void Judge(Outcome& outcome);

  void Violation(std::string what) { violations_.push_back(std::move(what)); }

 private:
  struct Seen {
    char document = 0;
    bool exists = false;     // metadata.json is there
    bool was_there = false;  // or has been
    bool may_go = false;
    char accepted = 0;  // for this document
    bool record_vanished = false;
    std::set<std::string> results;
    std::optional<Processing> last_record;
  };
  void CheckChange(const std::string& key, const std::string* bytes);
  void CheckFile(const SessionKey& session, const std::string& key, const std::string* bytes);
  void CheckMetadata(Seen& seen, const std::string* bytes);
  void CheckRecord(Seen& seen, const std::string& bytes);
  bool SomebodyIsUnfinished() const;
  void JudgeJob(const SessionKey& session, Outcome& outcome);

  Nature& world_;
  std::map<SessionKey, Seen> seen_;
  std::set<std::string> pending_;  // markers and tombstones
  std::vector<std::string> violations_;
};

}  // namespace gnosis
