#include "page/page_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "page/utf8.h"

namespace gnosis {
namespace {

constexpr size_t kMaxLanguageNameBytes = 64;
constexpr size_t kMaxShownBytes = 64;  // of a rejected value

bool IsLanguageName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxLanguageNameBytes && name.front() != '/' &&
         name.back() != '/' && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '/';
         });
}

std::optional<int> Number(const PageOption& option, std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const auto& numbers = option.numbers;
  const bool known = numbers.empty()
                         ? number >= option.low && number <= option.high
                         : std::find(numbers.begin(), numbers.end(), number) != numbers.end();
  return known ? std::optional(number) : std::nullopt;
}

// The values of an enumeration are in the order of their names.
template <typename Enum>
std::optional<Enum> Choice(const PageOption& option, std::string_view text) {
  const auto& choices = option.choices;
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found == choices.end()) return std::nullopt;
  return Enum(found - choices.begin());
}

template <auto kMember, typename Value>
bool Put(PageOptions& options, std::optional<Value> value) {
  if (value) options.*kMember = *value;
  return value.has_value();
}

const std::vector<std::string_view> kModes = {"auto", "force", "skip"};
const std::vector<std::string_view> kEngines = {"fast", "tesseract"};

std::vector<PageOption> MakeTable() {
  using Kind = PageOption::Kind;
  return {
      {.key = "languages",
       .name = "lang",
       .flags = "-l,--lang",
       .kind = Kind::kLanguages,
       .what = "installed languages joined by +, like eng+deu",
       .help = "Document languages, like eng+deu",
       .at_submission = true,
       .at_retry = true,
       .unknown = ErrorCode::kInvalidArgument,
       .get = [](const PageOptions& options) { return JoinLanguages(options.languages); },
       .set =
           [](PageOptions& options, const PageOption&, std::string_view text) {
             auto languages = ParseLanguages(text);
             if (!languages.ok()) return false;
             options.languages = *std::move(languages);
             return true;
           }},
      {.key = "rotate",
       .name = "rotate",
       .kind = Kind::kInteger,
       .numbers = {0, 90, 180, 270},
       .what = "degrees clockwise: 0, 90, 180 or 270",
       .at_submission = false,
       .at_retry = true,
       .unknown = ErrorCode::kInvalidArgument,
       .get =
           [](const PageOptions& options) {
             return options.rotate ? fmt::to_string(*options.rotate) : std::string();
           },
       .set =
           [](PageOptions& options, const PageOption& option, std::string_view text) {
             if (text.empty()) options.rotate.reset();
             return text.empty() || Put<&PageOptions::rotate>(options, Number(option, text));
           }},
      {.key = "dpi",
       .name = "dpi",
       .flags = "--dpi",
       .kind = Kind::kInteger,
       .low = kMinDpi,
       .high = kMaxDpi,
       .what = fmt::format("a whole number from {} to {}", kMinDpi, kMaxDpi),
       .help = fmt::format("Resolution for rendering PDF pages, {} to {}", kMinDpi, kMaxDpi),
       .at_submission = true,
       .at_retry = true,
       .unknown = ErrorCode::kInvalidArgument,
       .get = [](const PageOptions& options) { return fmt::to_string(options.dpi); },
       .set =
           [](PageOptions& options, const PageOption& option, std::string_view text) {
             return Put<&PageOptions::dpi>(options, Number(option, text));
           }},
      {.key = "mode",
       .name = "mode",
       .flags = "--mode",
       .kind = Kind::kChoice,
       .choices = kModes,
       .what = OneOf(kModes),
       .help = "auto: keep embedded text, recognise other pages; force: recognise all pages; "
               "skip: embedded text only",
       .at_submission = true,
       .at_retry = false,
       .unknown = ErrorCode::kInvalidArgument,
       .get = [](const PageOptions& options) { return std::string(kModes[size_t(options.mode)]); },
       .set =
           [](PageOptions& options, const PageOption& option, std::string_view text) {
             return Put<&PageOptions::mode>(options, Choice<TextMode>(option, text));
           }},
      {.key = "engine",
       .name = "engine",
       .flags = "--engine",
       .kind = Kind::kChoice,
       .choices = kEngines,
       .what = OneOf(kEngines),
       .help = "Recogniser: " + OneOf(kEngines),
       .at_submission = true,
       .at_retry = false,
       .unknown = ErrorCode::kUnsupportedFormat,
       .get = [](const PageOptions& options) { return std::string(EngineName(options.engine)); },
       .set =
           [](PageOptions& options, const PageOption& option, std::string_view text) {
             return Put<&PageOptions::engine>(options, Choice<EngineChoice>(option, text));
           }},
  };
}

Error NotOptions(std::string_view line) {
  return Error{ErrorCode::kDamaged,
               fmt::format("\"{}\" is not a page option", CutText(CleanText(line), kMaxShownBytes)),
               ""};
}

}  // namespace

std::string_view EngineName(EngineChoice engine) { return kEngines[size_t(engine)]; }

std::span<const PageOption> PageOptionTable() {
  static const std::vector<PageOption> table = MakeTable();
  return table;
}

const PageOption& PageOptionOf(std::string_view key) {
  const auto table = PageOptionTable();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const PageOption& option) { return option.key == key; });
  GNOSIS_CHECK(found != table.end());
  return *found;
}

Status SetPageOption(const PageOption& option, std::string_view text, PageOptions& options) {
  if (option.set(options, option, text)) return Ok();
  return Error{
      option.unknown,
      fmt::format("{} cannot be \"{}\"", option.name, CutText(CleanText(text), kMaxShownBytes)),
      fmt::format("{} is {}", option.name, option.what)};
}

Status CheckPageOverride(const PageOverride& changes) {
  PageOptions scratch;
  for (const auto& [key, text] : changes) {
    const PageOption& option = PageOptionOf(key);
    GNOSIS_CHECK(option.at_retry);
    RETURN_IF_ERROR(SetPageOption(option, text, scratch));
  }
  return Ok();
}

PageOptions Overridden(PageOptions options, const PageOverride& changes) {
  for (const auto& [key, text] : changes) {
    const PageOption& option = PageOptionOf(key);
    (void)option.set(options, option, text);  // validated when it was requested
  }
  return options;
}

std::string EncodePageOptions(const PageOptions& options) {
  std::string text;
  for (const PageOption& option : PageOptionTable()) {
    text += fmt::format("{}={}\n", option.key, option.get(options));
  }
  return text;
}

Result<PageOptions> DecodePageOptions(std::string_view text) {
  PageOptions options;
  for (const PageOption& option : PageOptionTable()) {
    const size_t end = text.find('\n');
    if (end == text.npos) return NotOptions(text);
    const std::string_view line = text.substr(0, end);
    const size_t equals = line.find('=');
    if (equals == line.npos || line.substr(0, equals) != option.key ||
        !option.set(options, option, line.substr(equals + 1))) {
      return NotOptions(line);
    }
    text.remove_prefix(end + 1);
  }
  if (!text.empty()) return NotOptions(text);
  return options;
}

Result<std::vector<std::string>> ParseLanguages(std::string_view text) {
  std::vector<std::string> languages(1);
  for (const char c : text) {
    if (c == '+') {
      languages.emplace_back();
    } else {
      languages.back() += c;
    }
  }
  if (languages.size() > kMaxLanguages ||
      !std::all_of(languages.begin(), languages.end(), IsLanguageName)) {
    return Error{ErrorCode::kInvalidArgument, "languages must be given like eng+deu",
                 fmt::format("1 to {} names of installed languages, joined by +", kMaxLanguages)};
  }
  return languages;
}

std::string JoinLanguages(const std::vector<std::string>& languages) {
  return fmt::format("{}", fmt::join(languages, "+"));
}

}  // namespace gnosis
