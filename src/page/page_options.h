// The options for processing pages: one struct, and one table of its fields.
//
// Everything that carries options iterates over the table: the query, form and retry body, the
// command line, metadata.json, processing.json, the message to a child, the API description. A new
// option needs a member, a row, and the code that uses it.
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
  kAuto,   // keep embedded text where it covers the page, recognise all other pages
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
  std::optional<int> rotate;  // degrees clockwise; nothing: detected by the engine
  int dpi = 300;              // for the image of a PDF page; an image has its own
  TextMode mode = TextMode::kAuto;
  EngineChoice engine = EngineChoice::kFast;
  bool operator==(const PageOptions&) const = default;
};

// One field of PageOptions. Every value has a text form: "eng+deu", "300", "auto".
struct PageOption {
  enum class Kind { kLanguages, kInteger, kChoice };

  std::string_view key;   // in files and messages
  std::string_view name;  // in the query, form and retry body; --name on the command line
  std::string_view flags;
  Kind kind;
  std::vector<std::string_view> choices;  // kChoice: the first is the default
  std::vector<int> numbers;               // kInteger with a list of values
  int low = 0, high = 0;                  // kInteger with a range
  std::string what;                       // allowed values: "a whole number from 72 to 600"
  std::string help;
  bool at_submission;
  bool at_retry;
  ErrorCode unknown;  // the error for an invalid value
  // Files from older versions may lack it: it then has its default.
  bool may_be_missing = false;

  std::string (*get)(const PageOptions& options);  // "": not set
  // False: invalid value.
  bool (*set)(PageOptions& options, const PageOption& option, std::string_view text);
};

// In the order of the fields in files.
std::span<const PageOption> PageOptionTable();
const PageOption& PageOptionOf(std::string_view key);

// Sets one field; an invalid value is PageOption::unknown, with the allowed values.
Status SetPageOption(const PageOption& option, std::string_view text, PageOptions& options);

// The options that a retry changes from those of the job: texts by PageOption::key.
using PageOverride = std::map<std::string_view, std::string>;
// kInvalidArgument: not allowed in a retry, or an invalid value.
Status CheckPageOverride(const PageOverride& changes);
// `options` with the changes applied.
PageOptions Overridden(PageOptions options, const PageOverride& changes);

// "languages=eng+deu\nrotate=\ndpi=300\n..." and back; kDamaged for anything else.
std::string EncodePageOptions(const PageOptions& options);
Result<PageOptions> DecodePageOptions(std::string_view text);

// "eng+deu" -> {"eng", "deu"}. Letters, digits, '_' and '/' ("script/Latin"), 1 to kMaxLanguages
// names of at most 64 bytes; anything else is kInvalidArgument.
Result<std::vector<std::string>> ParseLanguages(std::string_view text);
std::string JoinLanguages(const std::vector<std::string>& languages);

}  // namespace gnosis
