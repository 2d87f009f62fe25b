// A session's files as values: typed reads and writes over the object store, no caching.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "page/page_result.h"
#include "session/keys.h"
#include "session/metadata.h"
#include "session/object_store.h"
#include "session/processing.h"
#include "session/rules.h"
#include "session/status.h"

namespace gnosis {

// kNotFound "no such job" when there is none; kDamaged when it is damaged, or another session's.
Result<Metadata> ReadMetadataFile(ObjectStore& store, const SessionKey& session);
// False only when metadata.json certainly does not exist: then the session was deleted, or never
// existed.
bool SessionExists(ObjectStore& store, const SessionKey& session);

// processing.json as stored. `record` is nothing when the file is lost, damaged or not of this
// session and incarnation: then it has to be rebuilt.
struct StoredRecord {
  std::optional<Processing> record;
  Generation generation = kAbsent;
};
Result<StoredRecord> ReadRecordFile(ObjectStore& store, const SessionKey& session,
                                    const std::string& incarnation);
// The contents of status.json; nothing when it is lost or damaged.
std::optional<LastPublished> ReadLastPublished(ObjectStore& store, const SessionKey& session);

// Kept in secret.json until the session is final; "" when there is none.
Result<std::string> ReadPassword(ObjectStore& store, const SessionKey& session);
Status WritePassword(ObjectStore& store, const SessionKey& session, const std::string& password);

// Reads and decodes one page's result. kNotFound: not processed yet; kDamaged: damaged from
// outside, or of another page or incarnation.
Result<PageResult> ReadPageResult(ObjectStore& store, const SessionKey& session,
                                  const Metadata& metadata, int page);
// A summary of a result, for the record.
PageOutcome OutcomeOf(const PageResult& result, int document_pages);

// What the record itself says about finished pages.
Outcomes FinishedPages(const Processing& record);

// Opens every result of `pages` and deletes damaged ones: their pages are to be processed again.
Status DeleteTornResults(ObjectStore& store, const SessionKey& session, const Metadata& metadata,
                         const std::vector<int>& pages);

// Every page result that exists, from one listing; reads only the files that neither `record` (may
// be nullptr) nor `known` already covers. A damaged result proves nothing: it is deleted.
Result<Outcomes> CollectOutcomes(ObjectStore& store, const SessionKey& session,
                                 const Metadata& metadata, const Processing* record,
                                 const Outcomes& known);

}  // namespace gnosis
