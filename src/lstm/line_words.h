// Builds the words of a line from the path through its columns.
#pragma once

#include <string>
#include <vector>

#include "lstm/beam_decoder.h"
#include "lstm/character_set.h"

namespace gnosis {

// Columns of pixels of the line's image as passed in, from its left edge. The characters of a line
// are adjacent, so these are the columns that a character lies between, not its exact width.
struct LineCharacter {
  int character = 0;
  int left = 0;
  int right = 0;
};

struct LineWord {
  std::string text;  // UTF-8
  std::vector<LineCharacter> characters;
  // Log probability, scaled: 0 is certain, -20 almost certainly wrong (Tesseract's certainty).
  float certainty = 0;
  WordKind kind = WordKind::kUnknown;
  // Minus the sum of the log probabilities of all its columns: greater for longer and for less
  // certain words (Tesseract's rating).
  float rating = 0;
};

// `pixels_per_column` refers to the line's image.
std::vector<LineWord> CollectWords(const std::vector<PathColumn>& path,
                                   const CharacterSet& characters, float pixels_per_column);

}  // namespace gnosis
