// How much of what was read can be believed.
#pragma once

#include <string_view>

#include "page/page_text.h"

namespace gnosis {

int LettersAndDigits(std::string_view utf8);
int LettersOf(const Line& line);
// Not sideways. Of a line of one or two letters its shape does not tell.
bool RunsAcross(const Line& line);
float MeanConfidence(const Line& line);  // 0 without words

// Letters and digits, each weighted by its word's confidence (0 to 1); words below 50 count
// nothing.
double Worth(const Word& word);
double Worth(const Line& line);
double Worth(const PageText& text);

}  // namespace gnosis
