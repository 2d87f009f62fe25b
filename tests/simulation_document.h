// The documents of the simulation: each has a letter, which is in everything that is made of it.
#pragma once

#include <fmt/format.h>

#include <string>

namespace gnosis {

inline constexpr char kDocuments[] = "ABCR";
inline constexpr char kRefusedDocument = 'R';  // nobody can open it

inline std::string MarkOf(char document) { return fmt::format("document_{}_", document); }
inline std::string BytesOf(char document) { return "%PDF-1.4 " + MarkOf(document); }
inline std::string FileNameOf(char document) { return MarkOf(document) + ".pdf"; }
inline std::string PageTextOf(char document, int page) {
  return fmt::format("{}page_{}", MarkOf(document), page);
}
// Whose these bytes are; nothing of a document in them: 0.
inline char DocumentIn(const std::string& bytes) {
  const size_t found = bytes.find("document_");
  return found == std::string::npos || found + 9 >= bytes.size() ? '\0' : bytes[found + 9];
}

}  // namespace gnosis
