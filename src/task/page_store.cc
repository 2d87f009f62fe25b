#include "task/page_store.h"

#include <string>
#include <utility>

#include "task/session_files.h"

namespace gnosis {
namespace {

// The object has these bytes afterwards. Readers are deterministic, so a second attempt usually
// finds its own bytes; different ones (from another program version) are replaced.
Status EnsureObject(ObjectStore& store, const std::string& key, const std::string& bytes) {
  const auto created = store.Write(key, bytes, kAbsent);
  if (created.ok()) return Ok();
  if (created.code() != ErrorCode::kPreconditionFailed) return created.error();
  const auto there = store.Read(key);
  if (!there.ok()) return there.error();
  if (there->bytes == bytes) return Ok();
  const auto replaced = store.Write(key, bytes, there->generation);
  return replaced.ok() ? Ok() : Status(replaced.error());
}

Result<bool> SomebodyWasFirst(ObjectStore& store, const std::string& result_key,
                              Generation replaces) {
  const auto info = store.Stat(result_key);
  if (info.ok()) return info->generation != replaces;
  if (info.code() == ErrorCode::kNotFound) return false;
  return info.error();
}

Result<StoredPage> ReadTheirs(ObjectStore& store, const SessionKey& session, const PageSlot& slot) {
  ASSIGN_OR_RETURN(const PageResult theirs,
                   ReadPageResult(store, session, *slot.metadata, slot.page));
  return StoredPage{OutcomeOf(theirs, slot.metadata->document_pages), /*created=*/false};
}

Result<StoredPage> CreateResult(ObjectStore& store, const SessionKey& session, const PageSlot& slot,
                                const PageResult& result) {
  const int document_pages = slot.metadata->document_pages;
  const std::string key = PageKey(session, PageFile::kResult, slot.page, document_pages);
  const auto created = store.Write(key, EncodePageResult(result), slot.replaces);
  if (created.ok()) return StoredPage{OutcomeOf(result, document_pages), /*created=*/true};
  if (created.code() != ErrorCode::kPreconditionFailed) return created.error();
  return ReadTheirs(store, session, slot);
}

}  // namespace

Result<PageSlot> OpenPageSlot(ObjectStore& store, const SessionKey& session,
                              std::shared_ptr<const Metadata> metadata, int page, int edition) {
  PageSlot slot{page, edition, std::move(metadata), kAbsent};
  if (edition == 0) return slot;
  const auto info =
      store.Stat(PageKey(session, PageFile::kResult, page, slot.metadata->document_pages));
  if (info.ok()) {
    slot.replaces = info->generation;
  } else if (info.code() != ErrorCode::kNotFound) {
    return info.error();
  }
  return slot;
}

Result<StoredPage> StorePage(ObjectStore& store, const SessionKey& session, const PageSlot& slot,
                             PageArtefacts artefacts, Time now) {
  const auto key = [&](PageFile file) {
    return PageKey(session, file, slot.page, slot.metadata->document_pages);
  };
  ASSIGN_OR_RETURN(const bool late, SomebodyWasFirst(store, key(PageFile::kResult), slot.replaces));
  if (late) return ReadTheirs(store, session, slot);
  PageResult& result = artefacts.result;
  result.page = slot.page;
  result.edition = slot.edition;
  result.incarnation = slot.metadata->incarnation;
  result.completed_at = now;
  RETURN_IF_ERROR(EnsureObject(store, key(PageFile::kImage), artefacts.image_png));
  RETURN_IF_ERROR(EnsureObject(store, key(PageFile::kPreview), artefacts.preview_jpeg));
  RETURN_IF_ERROR(EnsureObject(store, key(PageFile::kText), result.text));
  return CreateResult(store, session, slot, result);
}

Result<StoredPage> StoreFailure(ObjectStore& store, const SessionKey& session, const PageSlot& slot,
                                const Error& error, Time now) {
  PageResult result;
  result.page = slot.page;
  result.edition = slot.edition;
  result.incarnation = slot.metadata->incarnation;
  result.completed = false;
  result.error = error;
  result.completed_at = now;
  return CreateResult(store, session, slot, result);
}

}  // namespace gnosis
