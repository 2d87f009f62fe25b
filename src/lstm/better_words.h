// Several languages at once: every line is read with the first model, and with the others where
// that one is not sure; of two readings the better words are kept. By the rules of Tesseract
// (control.cpp, classify_word_and_language and SelectBestWords).
#pragma once

#include <vector>

#include "lstm/line_words.h"

namespace gnosis {

// So sure that no other language need be asked. Without words: no.
bool IsReadSurely(const std::vector<LineWord>& words);

// Two readings of one line, each in order. They are compared from one gap between words that both
// have to the next; where neither is clearly better the first stays.
std::vector<LineWord> BetterWords(std::vector<LineWord> first, std::vector<LineWord> second);

}  // namespace gnosis
