// Page options in the files of a session, by the table of page/page_options.h: a list of names, a
// number or a text for each.
#pragma once

#include "base/json.h"
#include "page/page_options.h"
#include "session/json_fields.h"

namespace gnosis {

// What a job is submitted with; an option that is not chosen is left out.
Json PageOptionsJson(const PageOptions& options);
// A value that there is not, or one missing that must be there, fails `fields`.
PageOptions ReadPageOptions(FieldReader& fields);

// What a retry asked for, and back: nothing when that is not possible.
Json PageOverrideJson(const PageOverride& changes);
std::optional<PageOverride> ReadPageOverride(const Json& json);

}  // namespace gnosis
