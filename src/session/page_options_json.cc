#include "session/page_options_json.h"

#include <charconv>

namespace gnosis {
namespace {

std::vector<std::string> Names(std::string_view joined) {
  auto names = ParseLanguages(joined);
  return names.ok() ? *std::move(names) : std::vector<std::string>();
}

Json PageOptionJson(const PageOption& option, std::string_view text) {
  switch (option.kind) {
    case PageOption::Kind::kLanguages:
      return Names(text);
    case PageOption::Kind::kInteger: {
      int number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return number;
    }
    case PageOption::Kind::kChoice:
      break;
  }
  return text;
}

// Its inverse, as text: nothing when the value has another type.
std::optional<std::string> PageOptionText(const PageOption& option, const Json& value) {
  switch (option.kind) {
    case PageOption::Kind::kLanguages: {
      std::vector<std::string> names;
      if (!value.is_array()) return std::nullopt;
      for (const Json& name : value) {
        if (!name.is_string()) return std::nullopt;
        names.push_back(name.get<std::string>());
      }
      return JoinLanguages(names);
    }
    case PageOption::Kind::kInteger:
      if (!value.is_number_integer()) return std::nullopt;
      return DumpJson(value);
    case PageOption::Kind::kChoice:
      break;
  }
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

}  // namespace

Json PageOptionsJson(const PageOptions& options) {
  Json json = Json::object();
  for (const PageOption& option : PageOptionTable()) {
    const std::string text = option.get(options);
    if (!text.empty()) json[std::string(option.key)] = PageOptionJson(option, text);
  }
  return json;
}

PageOptions ReadPageOptions(FieldReader& fields) {
  PageOptions options;
  for (const PageOption& option : PageOptionTable()) {
    const Json* value = fields.Find(option.key);
    if (value == nullptr) {
      fields.Require(!option.at_submission || option.may_be_missing, option.key, "is missing");
      continue;
    }
    const auto text = PageOptionText(option, *value);
    fields.Require(text && option.set(options, option, *text), option.key, "is not possible");
  }
  return options;
}

Json PageOverrideJson(const PageOverride& changes) {
  Json json = Json::object();
  for (const PageOption& option : PageOptionTable()) {
    const auto change = changes.find(option.key);
    if (change == changes.end()) continue;
    json[std::string(option.key)] = PageOptionJson(option, change->second);
  }
  return json;
}

std::optional<PageOverride> ReadPageOverride(const Json& json) {
  PageOverride changes;
  for (const PageOption& option : PageOptionTable()) {
    const auto value = json.find(option.key);
    // Earlier versions named every option.
    if (value == json.end() || value->is_null() || value->empty()) continue;
    const auto text = PageOptionText(option, *value);
    if (!text || !option.at_retry) return std::nullopt;
    changes.emplace(option.key, *text);
  }
  if (!CheckPageOverride(changes).ok()) return std::nullopt;
  return changes;
}

}  // namespace gnosis
