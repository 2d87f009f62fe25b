// The words of a line, from the path through its columns.
#pragma once

#include <string>
#include <vector>

#include "lstm/beam_decoder.h"
#include "lstm/character_set.h"

namespace gnosis {

// Columns of pixels of the line's image as it was handed in, from its left edge; the characters of
// a line touch one another, so these say between which columns a character lies, not how wide it
// is.
struct LineCharacter {
  int character = 0;
  int left = 0;
  int right = 0;
};

struct LineWord {
  std::string text;  // UTF-8
  std::vector<LineCharacter> characters;
  // Logarithm of a probability, scaled: 0 is certain, -20 as good as wrong (Tesseract's certainty).
  float certainty = 0;
  WordKind kind = WordKind::kUnknown;
  // Minus the sum of the logarithms of all its columns' probabilities: the longer and the less
  // certain, the greater (Tesseract's rating).
  float rating = 0;
};

// `pixels_per_column` of the line's image.
std::vector<LineWord> CollectWords(const std::vector<PathColumn>& path,
                                   const CharacterSet& characters, float pixels_per_column);

}  // namespace gnosis
