#include "lstm/character_set.h"

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "lstm/byte_reader.h"

namespace gnosis {
namespace {

constexpr unsigned kDigitBit = 8;
constexpr int kMaxCharacters = 100'000;
constexpr int kMaxCodeLength = 9;
constexpr int kMaxOutputs = 65'536;
constexpr int kDirectionRightToLeft = 1;  // ICU's numbers
constexpr int kDirectionArabic = 13;

// Stops at the comment; the character itself may be a '#'.
std::vector<std::string> Fields(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> fields;
  for (std::string field; stream >> field && (fields.empty() || field != "#");) {
    fields.push_back(field);
  }
  return fields;
}

bool WritesWithoutBlanks(std::string_view script) {
  return script == "Han" || script == "Thai" || script == "Hangul" || script == "Hiragana" ||
         script == "Katakana";
}

Result<int> ParseNumber(const std::string& field, int base) {
  size_t used = 0;
  long value = -1;
  // Digits only, and few enough for any number in this file.
  if (field.size() < 9) {
    char* end = nullptr;
    value = std::strtol(field.c_str(), &end, base);
    used = size_t(end - field.c_str());
  }
  if (used != field.size() || value < 0) return DamagedModel("its character set is invalid");
  return int(value);
}

// "text properties [measures] [script other_case direction mirror normed]"; older files have fewer
// of the later fields. Measures are numbers separated by commas.
Result<Character> ParseCharacter(const std::string& line) {
  const std::vector<std::string> fields = Fields(line);
  if (fields.size() < 2) return DamagedModel("an entry of its character set is incomplete");
  Character character;
  character.text = fields[0] == "NULL" ? " " : fields[0];
  ASSIGN_OR_RETURN(const int properties, ParseNumber(fields[1], 16));
  character.is_digit = (unsigned(properties) & kDigitBit) != 0;
  const bool has_measures = fields.size() > 2 && fields[2].find(',') != std::string::npos;
  const size_t script = has_measures ? 3 : 2;
  if (script < fields.size()) character.is_space_delimited = !WritesWithoutBlanks(fields[script]);
  if (script + 2 < fields.size()) {
    const std::string& direction = fields[script + 2];
    character.is_right_to_left = direction == std::to_string(kDirectionRightToLeft) ||
                                 direction == std::to_string(kDirectionArabic);
  }
  return character;
}

// The code of one character: usually a single number.
Result<int> ReadCode(ByteReader& reader) {
  ASSIGN_OR_RETURN([[maybe_unused]] const int8_t self_normalized, reader.Read<int8_t>());
  ASSIGN_OR_RETURN(const uint32_t length, reader.ReadCount(sizeof(int32_t)));
  if (length == 0 || length > kMaxCodeLength) return DamagedModel("a character has no code");
  if (length > 1) return UnsupportedModel("encodes a character as several outputs");
  ASSIGN_OR_RETURN(const int32_t code, reader.Read<int32_t>());
  if (code < 0 || code >= kMaxOutputs) return DamagedModel("a character's code is out of range");
  return int(code);
}

}  // namespace

Result<CharacterSet> ReadCharacterSet(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::string line;
  std::getline(stream, line);
  ASSIGN_OR_RETURN(const int count, ParseNumber(line, 10));
  if (count == 0 || count > kMaxCharacters) return DamagedModel("it has no characters");
  CharacterSet set;
  for (int i = 0; i < count; ++i) {
    if (!std::getline(stream, line)) return DamagedModel("its character set is truncated");
    ASSIGN_OR_RETURN(Character character, ParseCharacter(line));
    set.is_space_delimited = set.is_space_delimited && character.is_space_delimited;
    set.characters.push_back(std::move(character));
  }
  if (set.characters[kSpaceCharacter].text != " ") {
    return DamagedModel("its first character is not the space");
  }
  return set;
}

Result<OutputCharacters> ReadRecoder(std::string_view bytes, const CharacterSet& characters,
                                     int null_output) {
  ByteReader reader(bytes, "recoder");
  ASSIGN_OR_RETURN(const uint32_t count, reader.ReadCount(sizeof(int8_t) + sizeof(uint32_t)));
  if (count != characters.characters.size()) {
    return DamagedModel("its recoder has the wrong number of characters");
  }
  OutputCharacters outputs;
  for (uint32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(const int code, ReadCode(reader));
    if (size_t(code) >= outputs.character.size()) {
      outputs.character.resize(size_t(code) + 1, kNoCharacter);
    }
    if (std::find(outputs.outputs.begin(), outputs.outputs.end(), code) == outputs.outputs.end()) {
      outputs.outputs.push_back(code);
    }
    outputs.character[code] = int(i);
  }
  if (null_output < 0 || size_t(null_output) >= outputs.character.size()) {
    return DamagedModel("its blank output does not exist");
  }
  outputs.character[null_output] = kNoCharacter;
  return outputs;
}

}  // namespace gnosis
