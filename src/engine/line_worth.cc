#include "engine/line_worth.h"

#include <cctype>
#include <string_view>

namespace gnosis {
namespace {

constexpr int kTellingLetters = 3;
constexpr float kWorthCounting = 50;

}  // namespace

int LettersAndDigits(std::string_view utf8) {
  int count = 0;
  for (const unsigned char byte : utf8) {
    if (byte < 0x80 ? std::isalnum(byte) != 0 : byte >= 0xC0) ++count;
  }
  return count;
}

int LettersOf(const Line& line) {
  int letters = 0;
  for (const Word& word : line.words) letters += LettersAndDigits(word.text);
  return letters;
}

bool RunsAcross(const Line& line) {
  return LettersOf(line) < kTellingLetters || Width(line.box) >= Height(line.box);
}

float MeanConfidence(const Line& line) {
  if (line.words.empty()) return 0;
  float sum = 0;
  for (const Word& word : line.words) sum += word.confidence;
  return sum / float(line.words.size());
}

double Worth(const Word& word) {
  if (word.confidence < kWorthCounting) return 0;
  return LettersAndDigits(word.text) * double(word.confidence) / 100;
}

double Worth(const Line& line) {
  double worth = 0;
  for (const Word& word : line.words) worth += Worth(word);
  return worth;
}

double Worth(const PageText& text) {
  double worth = 0;
  ForEachLine(text, [&](const Line& line) { worth += Worth(line); });
  return worth;
}

}  // namespace gnosis
