#include "task/session_files.h"

#include <fmt/format.h>

#include <utility>

#include "base/json.h"
#include "base/log.h"

namespace gnosis {
namespace {

PageOutcome OutcomeFromEntry(int page, const PageEntry& entry) {
  PageOutcome outcome;
  outcome.page = page;
  outcome.edition = entry.edition;
  outcome.completed = entry.status == PageStatus::kCompleted;
  outcome.error = entry.error;
  outcome.completed_at = entry.completed_at.value_or(Time{});
  outcome.result_file = entry.result_file.value_or("");
  outcome.confidence = entry.confidence;
  outcome.source = entry.source;
  outcome.duration_ms = entry.duration_ms.value_or(0);
  return outcome;
}

// What is known about a page's result without opening the file.
std::optional<PageOutcome> ToldAlready(int page, const Processing* record, const Outcomes& known) {
  const int edition =
      record != nullptr && record->pages.contains(page) ? record->pages.at(page).edition : 0;
  if (const auto found = known.find(page);
      found != known.end() && found->second.edition >= edition) {
    return found->second;
  }
  if (record == nullptr || !record->pages.contains(page)) return std::nullopt;
  const PageEntry& entry = record->pages.at(page);
  return IsFinished(entry.status) ? std::optional(OutcomeFromEntry(page, entry)) : std::nullopt;
}

Status DeleteTornResult(ObjectStore& store, const SessionKey& session, const std::string& key,
                        const Error& why) {
  Log(LogLevel::kWarning, "a damaged page result was removed; the page will be processed again",
      {{"session", session.session_id}, {"key", key}, {"reason", why.message}});
  return store.Delete(key, kAnyGeneration);
}

}  // namespace

Result<Metadata> ReadMetadataFile(ObjectStore& store, const SessionKey& session) {
  auto object = store.Read(MetadataKey(session));
  if (!object.ok()) {
    if (object.code() != ErrorCode::kNotFound) return object.error();
    return Error{ErrorCode::kNotFound, "no such job", ""};
  }
  auto metadata = DecodeMetadata(object->bytes);
  if (!metadata.ok()) return metadata.error().Context("metadata.json");
  if (metadata->user_hash != session.user_hash || metadata->session_id != session.session_id) {
    return Error{ErrorCode::kDamaged, "metadata.json: belongs to another job", ""};
  }
  return metadata;
}

bool SessionExists(ObjectStore& store, const SessionKey& session) {
  const auto info = store.Stat(MetadataKey(session));
  return info.ok() || info.code() != ErrorCode::kNotFound;
}

Result<StoredRecord> ReadRecordFile(ObjectStore& store, const SessionKey& session,
                                    const std::string& incarnation) {
  StoredRecord stored;
  auto object = store.Read(ProcessingKey(session));
  if (!object.ok()) {
    if (object.code() != ErrorCode::kNotFound) return object.error();
    return stored;
  }
  stored.generation = object->generation;
  auto record = DecodeProcessing(object->bytes);
  if (record.ok() && record->session_id == session.session_id &&
      record->incarnation == incarnation) {
    stored.record = *std::move(record);
  }
  return stored;
}

std::optional<LastPublished> ReadLastPublished(ObjectStore& store, const SessionKey& session) {
  const auto object = store.Read(StatusKey(session));
  if (!object.ok()) return std::nullopt;
  auto last = DecodeLastPublished(object->bytes);
  return last.ok() ? std::optional(*last) : std::nullopt;
}

Result<std::string> ReadPassword(ObjectStore& store, const SessionKey& session) {
  const auto object = store.Read(SecretKey(session));
  if (!object.ok()) {
    if (object.code() == ErrorCode::kNotFound) return std::string();
    return object.error();
  }
  const auto json = ParseJson(object->bytes);
  if (!json.ok()) return json.error().Context("secret.json");
  return JsonString(*json, "password").value_or("");
}

Status WritePassword(ObjectStore& store, const SessionKey& session, const std::string& password) {
  const Json json = {{"password", password}};
  const auto written = store.Write(SecretKey(session), DumpJson(json) + "\n", kAnyGeneration);
  return written.ok() ? Ok() : Status(written.error());
}

Result<PageResult> ReadPageResult(ObjectStore& store, const SessionKey& session,
                                  const Metadata& metadata, int page) {
  ASSIGN_OR_RETURN(const Object object,
                   store.Read(PageKey(session, PageFile::kResult, page, metadata.document_pages)));
  auto result = DecodePageResult(object.bytes);
  if (!result.ok()) return result.error().Context(fmt::format("result of page {}", page));
  if (result->page != page) {
    return Error{ErrorCode::kDamaged,
                 fmt::format("the result of page {} belongs to another page", page), ""};
  }
  if (result->incarnation != metadata.incarnation) {
    return Error{ErrorCode::kDamaged,
                 fmt::format("the result of page {} belongs to another job", page), ""};
  }
  return result;
}

PageOutcome OutcomeOf(const PageResult& result, int document_pages) {
  PageOutcome outcome;
  outcome.page = result.page;
  outcome.edition = result.edition;
  outcome.completed = result.completed;
  if (result.error) outcome.error = ErrorText(*result.error);
  outcome.completed_at = result.completed_at;
  outcome.result_file = PageFileName(PageFile::kResult, result.page, document_pages);
  outcome.confidence = result.confidence;
  outcome.source = result.source;
  outcome.duration_ms = result.duration_ms;
  return outcome;
}

Outcomes FinishedPages(const Processing& record) {
  Outcomes finished;
  for (const auto& [page, entry] : record.pages) {
    if (IsFinished(entry.status)) finished[page] = OutcomeFromEntry(page, entry);
  }
  return finished;
}

Status DeleteTornResults(ObjectStore& store, const SessionKey& session, const Metadata& metadata,
                         const std::vector<int>& pages) {
  for (const int page : pages) {
    const auto result = ReadPageResult(store, session, metadata, page);
    if (result.ok() || result.code() == ErrorCode::kNotFound) continue;
    if (result.code() != ErrorCode::kDamaged) return result.error();
    RETURN_IF_ERROR(DeleteTornResult(
        store, session, PageKey(session, PageFile::kResult, page, metadata.document_pages),
        result.error()));
  }
  return Ok();
}

Result<Outcomes> CollectOutcomes(ObjectStore& store, const SessionKey& session,
                                 const Metadata& metadata, const Processing* record,
                                 const Outcomes& known) {
  ASSIGN_OR_RETURN(const std::vector<std::string> keys,
                   store.List(SessionFolder(session) + "page_"));
  Outcomes found;
  for (const std::string& key : keys) {
    const std::optional<int> page = ParsePageResultName(key);
    if (!page) continue;
    if (auto told = ToldAlready(*page, record, known)) {
      found[*page] = *std::move(told);
      continue;
    }
    auto result = ReadPageResult(store, session, metadata, *page);
    if (result.ok()) {
      found[*page] = OutcomeOf(*result, metadata.document_pages);
    } else if (result.code() == ErrorCode::kDamaged) {
      RETURN_IF_ERROR(DeleteTornResult(store, session, key, result.error()));
    } else if (result.code() != ErrorCode::kNotFound) {
      return result.error();
    }
  }
  return found;
}

}  // namespace gnosis
