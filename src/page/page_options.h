// What a caller may choose about how pages are read: one value, and one table of its fields.
//
// Whatever carries such choices walks through the table: query, form and retry's body, the command
// line, metadata.json, processing.json, the message to a child, the description of the API. A new
// option is a member, a row, and the code that obeys it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

enum class TextMode {
  kAuto,   // keep the embedded text of a page that it covers, recognise any other page
  kForce,  // recognise every page
  kSkip,   // recognise none: embedded text or nothing
};

enum class EngineChoice { kFast, kTesseract };
std::string_view EngineName(EngineChoice engine);

inline constexpr int kMinDpi = 72;
inline constexpr int kMaxDpi = 600;
inline constexpr int kMaxLanguages = 8;

struct PageOptions {
  std::vector<std::string> languages = {"eng"};
  std::optional<int> rotate;  // degrees clockwise; nothing: found by the engine
  int dpi = 300;              // of a PDF page's image; an image has its own
  TextMode mode = TextMode::kAuto;
  EngineChoice engine = EngineChoice::kFast;
  bool operator==(const PageOptions&) const = default;
};

// One field of PageOptions. All values have a form as text: "eng+deu", "300", "auto".
struct PageOption {
  enum class Kind { kLanguages, kInteger, kChoice };

  std::string_view key;   // in files and messages
  std::string_view name;  // in query, form and retry's body; --name on the command line
  std::string_view flags;
  Kind kind;
  std::vector<std::string_view> choices;  // kChoice: the first is the default
  std::vector<int> numbers;               // kInteger of a closed list
  int low = 0, high = 0;                  // kInteger of a range
  std::string what;                       // it may be, for people: "a whole number from 72 to 600"
  std::string help;
  bool at_submission;
  bool at_retry;
  ErrorCode unknown;  // the error when it has no such value
  // Files of versions that did not have it are there: without it, it has its default.
  bool may_be_missing = false;

  std::string (*get)(const PageOptions& options);  // "": not chosen
  // False: no such value.
  bool (*set)(PageOptions& options, const PageOption& option, std::string_view text);
};

// In the order in which files have them.
std::span<const PageOption> PageOptionTable();
const PageOption& PageOptionOf(std::string_view key);

// Sets one field; PageOption::unknown says which values there are.
Status SetPageOption(const PageOption& option, std::string_view text, PageOptions& options);

// What a retry asks for instead of the job's options: texts by PageOption::key.
using PageOverride = std::map<std::string_view, std::string>;
// kInvalidArgument: not at retry, or no such value.
Status CheckPageOverride(const PageOverride& changes);
// What the changes make of `options`.
PageOptions Overridden(PageOptions options, const PageOverride& changes);

// "languages=eng+deu\nrotate=\ndpi=300\n..." and back; kDamaged for anything else.
std::string EncodePageOptions(const PageOptions& options);
Result<PageOptions> DecodePageOptions(std::string_view text);

// "eng+deu" -> {"eng", "deu"}. Letters, digits, '_' and '/' ("script/Latin"), 1 to kMaxLanguages
// names of at most 64 bytes; anything else is kInvalidArgument.
Result<std::vector<std::string>> ParseLanguages(std::string_view text);
std::string JoinLanguages(const std::vector<std::string>& languages);

}  // namespace gnosis
