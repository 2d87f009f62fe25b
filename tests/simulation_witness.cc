#include "simulation_witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulation_document.h"
#include "task/session_files.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

// What result.txt says when nothing goes wrong (poison and killer pages have their marker).
std::string ExpectedText(const Scenario& scenario, char document, const std::string& got) {
  std::string expected;
  size_t start = 0;
  for (int page = 1; page <= scenario.pages; ++page) {
    const size_t end = std::min(got.find('\f', start), got.size());
    std::string text = PageTextOf(document, page);
    // A marker's reason tells how often it was tried: taken as it is, if it is a marker at all.
    if (scenario.poison.contains(page) || scenario.killers.contains(page)) {
      text = start <= got.size() ? got.substr(start, end - start) : "";
      while (!text.empty() && text.back() == '\n') text.pop_back();
      if (!text.starts_with(fmt::format("[page {} could not be read", page))) text = "no marker";
    }
    expected += (page > 1 ? "\f" : "") + text + "\n";
    start = end + 1;
  }
  return expected;
}

bool IsUnder(std::string_view folder, const std::string& key) { return key.starts_with(folder); }

}  // namespace

Witness::Witness(Nature& world) : world_(world) {
  world.store.on_change = [this](const std::string& key, const std::string* bytes) {
    CheckChange(key, bytes);
  };
  world.lose_record = [this](const std::string& key) { LoseRecord(key); };
}

void Witness::Accepted(const SessionKey& session, char document) {
  Seen& seen = seen_[session];
  if (!seen.exists && !seen.may_go) Violation("a job was accepted that is not there");
  if (seen.document != document) Violation("accepted as a job of another document");
  if (document == kRefusedDocument) Violation("a document was accepted that cannot be opened");
  for (const auto& [other, earlier] : seen_) {
    if (other != session && earlier.accepted != 0 && earlier.exists && !earlier.may_go) {
      Violation("two jobs were accepted for one key");
    }
  }
  seen.accepted = document;
}

void Witness::Refused(const Error& error, char document) {
  const bool reused = error.code == ErrorCode::kIdempotencyKeyReused;
  if (!reused && document != kRefusedDocument) {
    return Violation("a good document was refused: " + error.message);
  }
  const bool another = std::any_of(seen_.begin(), seen_.end(), [&](const auto& session) {
    return session.second.was_there && session.second.document != document;
  });
  if (reused && !another) Violation("the key was used for no other document");
}

void Witness::ToldOfADeletion() {
  const bool deleted = std::any_of(seen_.begin(), seen_.end(),
                                   [](const auto& session) { return session.second.may_go; });
  if (!deleted) Violation("a caller was told of a deletion that there was not");
}

void Witness::Deleted(const SessionKey& session) {
  if (seen_[session].exists) Violation("a deleted job can still be read");
}

std::optional<SessionKey> Witness::AnAcceptedSession() const {
  for (const auto& [session, seen] : seen_) {
    if (seen.accepted != 0 && !seen.may_go) return session;
  }
  return std::nullopt;
}

void Witness::CheckChange(const std::string& key, const std::string* bytes) {
  if (IsUnder(kUnfinishedFolder, key) || IsUnder(kDeletedFolder, key)) {
    bytes == nullptr ? void(pending_.erase(key)) : void(pending_.insert(key));
  } else if (const auto session = ParseSessionFolder(key)) {
    CheckFile(*session, key, bytes);
  }
}

void Witness::CheckFile(const SessionKey& session, const std::string& key,
                        const std::string* bytes) {
  Seen& seen = seen_[session];
  if (key == MetadataKey(session)) return CheckMetadata(seen, bytes);
  if (bytes != nullptr) {
    const char document = DocumentIn(*bytes);
    if (document != 0 && seen.document == 0) seen.document = document;  // the original
    for (const char other : std::string_view(kDocuments)) {
      if (other == seen.document || bytes->find(MarkOf(other)) == std::string::npos) continue;
      Violation(fmt::format("{} of document {} has something of {}", key, seen.document, other));
    }
  }
  // What late workers leave behind goes again: looked for at the end.
  if (!seen.exists) return;
  if (ParsePageResultName(key)) {
    if (bytes == nullptr) Violation("a page result was deleted: " + key);
    if (!seen.results.insert(key).second) Violation("a page result was replaced: " + key);
  }
  if (key == ProcessingKey(session) && bytes != nullptr) CheckRecord(seen, *bytes);
}

void Witness::CheckMetadata(Seen& seen, const std::string* bytes) {
  if (bytes == nullptr) {
    if (seen.accepted != 0 && !seen.may_go) Violation("an accepted job was deleted");
    seen.exists = false;
    return;
  }
  if (seen.was_there) Violation("metadata.json was written twice");
  if (DocumentIn(*bytes) != seen.document) Violation("a job has another one's original");
  seen.exists = seen.was_there = true;
}

void Witness::CheckRecord(Seen& seen, const std::string& bytes) {
  auto record = DecodeProcessing(bytes);
  if (!record.ok()) return Violation("processing.json is damaged: " + record.error().message);
  if (int(record->pages.size()) != world_.scenario.pages) Violation("pages were lost or made up");
  if (const auto& last = seen.last_record) {
    if (record->revision < last->revision) Violation("the revision went back");
    if (record->epoch < last->epoch) Violation("the epoch went back");
    if (IsFinal(last->state) && record->state != last->state) Violation("a final state was left");
    for (const auto& [page, entry] : last->pages) {
      if (entry.status == PageStatus::kCompleted &&
          record->pages.at(page).status != PageStatus::kCompleted) {
        Violation(fmt::format("page {} was completed and is not any more", page));
      }
    }
  }
  if (IsFinal(record->state) && seen.results.size() != size_t(world_.scenario.pages)) {
    Violation("final without a result for every page");
  }
  seen.last_record = *std::move(record);
}

// Once in a life; what was counted in it, revision and epoch, may then start lower.
void Witness::LoseRecord(const std::string& key) {
  const auto session = ParseSessionFolder(key);
  if (!session) return;
  Seen& seen = seen_[*session];
  if (!seen.exists || !seen.last_record || IsFinal(seen.last_record->state)) return;
  if (std::exchange(seen.record_vanished, true)) return;
  (void)world_.store.Delete(ProcessingKey(*session), kAnyGeneration);
  seen.last_record.reset();
}

bool Witness::SomebodyIsUnfinished() const {
  return std::any_of(seen_.begin(), seen_.end(), [](const auto& session) {
    const Seen& seen = session.second;
    return seen.exists && !(seen.last_record && IsFinal(seen.last_record->state));
  });
}

void Witness::Judge(Outcome& outcome) {
  outcome.finished = AtRest();
  const auto named = FindSubmitted(world_.store, kOwner, kKey);
  for (const auto& [session, seen] : seen_) {
    if (seen.exists) {
      if (!named.ok() || *named != session) Violation("a job that the key does not stand for");
    } else if (!world_.store.List(SessionFolder(session))->empty()) {
      Violation(seen.was_there ? "something is left of a deleted job" : "a folder of no job");
    }
    if (seen.accepted != 0 && !seen.may_go && !seen.exists) Violation("an accepted job is gone");
  }
  if (named.ok() && *named) JudgeJob(**named, outcome);
  outcome.pages_read = world_.pages_read;
  outcome.violations = violations_;
}

void Witness::JudgeJob(const SessionKey& session, Outcome& outcome) {
  const Scenario& scenario = world_.scenario;
  const auto metadata = ReadMetadataFile(world_.store, session);
  if (!metadata.ok()) return Violation("the key stands for no job");
  for (int page = 1; page <= scenario.pages; ++page) {
    const auto result = ReadPageResult(world_.store, session, *metadata, page);
    if (!result.ok()) continue;
    const bool sick = scenario.poison.contains(page) || scenario.killers.contains(page);
    if (!result->completed && !sick) ++outcome.given_up;
    if (result->completed && sick) Violation("a poison page was read");
  }
  const auto text = world_.store.Read(ResultKey(session, "txt"));
  if (text.ok()) outcome.text = text->bytes;
  outcome.expected_text = ExpectedText(scenario, seen_[session].document, outcome.text);
}

}  // namespace gnosis
