// From page results to result.txt, result.json, ...: page by page, holding one page in memory.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "output/output_writer.h"
#include "session/keys.h"
#include "session/metadata.h"
#include "session/object_store.h"

namespace gnosis {

OutputHead HeadOf(const Metadata& metadata, int total_pages, const std::string& program_version);

// Writes result.{ending} for each of `formats` from the results of `pages`, which must all exist.
// kNotFound or kDamaged name a page whose result is missing or damaged; nothing is replaced then.
// The same results always give the same bytes.
Status CombineResults(ObjectStore& store, const SessionKey& session, const Metadata& metadata,
                      const std::vector<int>& pages, const std::vector<std::string>& formats,
                      const std::string& program_version);

// Deletes results made on demand in formats that were not requested at submission: after a redo
// they are out of date. They are made again on request.
Status RemoveOtherResults(ObjectStore& store, const SessionKey& session,
                          const std::vector<std::string>& formats);

}  // namespace gnosis
