// The characters of a model by number (Tesseract's unicharset), and the network outputs that
// represent them (its recoder).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

constexpr int kSpaceCharacter = 0;
constexpr int kNoCharacter = -1;

struct Character {
  std::string text;  // UTF-8
  bool is_digit = false;
  bool is_space_delimited = true;  // false for scripts that write words without blanks
  bool is_right_to_left = false;
};

struct CharacterSet {
  std::vector<Character> characters;
  // Words are separated by blanks: it contains no script without them.
  bool is_space_delimited = true;
};
Result<CharacterSet> ReadCharacterSet(std::string_view text);

// Network output -> character; kNoCharacter for outputs that represent none.
struct OutputCharacters {
  std::vector<int> character;
  // The outputs that represent a character, in the order of the characters, including the blank
  // ("null") output: the order in which the decoder tries them.
  std::vector<int> outputs;
};
// `null_output` is the output that means "nothing here". kUnsupportedFormat if a character takes
// several outputs in a row, as in Chinese or Korean models.
Result<OutputCharacters> ReadRecoder(std::string_view bytes, const CharacterSet& characters,
                                     int null_output);

}  // namespace gnosis
