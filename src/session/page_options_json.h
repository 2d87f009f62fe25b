// Page options in the files of a session, by the table of page/page_options.h: each is a list of
// names, a number or a string.
#pragma once

#include "base/json.h"
#include "page/page_options.h"
#include "session/json_fields.h"

namespace gnosis {

// What a job is submitted with; an option that is not chosen is left out.
Json PageOptionsJson(const PageOptions& options);
// An impossible value, or a required one that is missing, fails `fields`.
PageOptions ReadPageOptions(FieldReader& fields);

// The options of a retry, and back: nothing when they are not possible.
Json PageOverrideJson(const PageOverride& changes);
std::optional<PageOverride> ReadPageOverride(const Json& json);

}  // namespace gnosis
