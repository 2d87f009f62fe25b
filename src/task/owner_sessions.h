// Where the sessions of one owner are, including those of the first versions: their folders are
// named by a shorter hash (session/keys.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "task/session_book.h"

namespace gnosis {

// The key of the owner's session with this id, whether it exists or not. kInvalidArgument when
// `session_id` is not an id: such text never reaches the store.
Result<SessionKey> FindOwnersSession(SessionBook& book, const std::string& user_email,
                                     std::string_view session_id);
// The folders of all of them, including those without metadata.json.
Result<std::vector<std::string>> ListOwnersSessions(ObjectStore& store,
                                                    const std::string& user_email);

}  // namespace gnosis
