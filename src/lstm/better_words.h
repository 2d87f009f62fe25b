// Several languages at once: every line is recognised with the first model, and also with the
// others if that result is uncertain; of two results the better words are kept. Follows Tesseract
// (control.cpp, classify_word_and_language and SelectBestWords).
#pragma once

#include <vector>

#include "lstm/line_words.h"

namespace gnosis {

// Certain enough that no other language needs to be tried. False without words.
bool IsReadSurely(const std::vector<LineWord>& words);

// Merges two results for one line, each in order. They are compared section by section, between
// gaps that both have; if neither is clearly better, the first one wins.
std::vector<LineWord> BetterWords(std::vector<LineWord> first, std::vector<LineWord> second);

}  // namespace gnosis
