#include "task/owner_sessions.h"

#include <utility>

namespace gnosis {

Result<SessionKey> FindOwnersSession(SessionBook& book, const std::string& user_email,
                                     std::string_view session_id) {
  ASSIGN_OR_RETURN(SessionKey session, ParseSessionKey(UserHash(user_email), session_id));
  const auto metadata = book.ReadMetadata(session);
  if (metadata.ok() || metadata.code() != ErrorCode::kNotFound) return session;
  ASSIGN_OR_RETURN(SessionKey legacy, ParseSessionKey(LegacyUserHash(user_email), session_id));
  // If it is in neither place, the key is the one that it would have today.
  return book.ReadMetadata(legacy).ok() ? std::move(legacy) : std::move(session);
}

Result<std::vector<std::string>> ListOwnersSessions(ObjectStore& store,
                                                    const std::string& user_email) {
  std::vector<std::string> folders;
  for (const std::string& user_hash : UserHashes(user_email)) {
    ASSIGN_OR_RETURN(const auto some, store.ListFolders(UserFolder(user_hash)));
    folders.insert(folders.end(), some.begin(), some.end());
  }
  return folders;
}

}  // namespace gnosis
