// The characters a model knows (Tesseract's unicharset), by number; and which outputs of its
// network stand for them (its recoder).
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
  // Whether words are parted by blanks: no script is in it that does without.
  bool is_space_delimited = true;
};
Result<CharacterSet> ReadCharacterSet(std::string_view text);

// Output of the network -> character; kNoCharacter for outputs that stand for none.
struct OutputCharacters {
  std::vector<int> character;
  // The outputs that stand for a character, in the order of the characters, the blank ("null")
  // output among them: the order in which the decoder tries them.
  std::vector<int> outputs;
};
// `null_output` is the output that says "nothing here". kUnsupportedFormat where a character takes
// several outputs in a row, as in Chinese or Korean models.
Result<OutputCharacters> ReadRecoder(std::string_view bytes, const CharacterSet& characters,
                                     int null_output);

}  // namespace gnosis
