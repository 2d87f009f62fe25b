#include "engine/layout_words.h"

#include <algorithm>
#include <cctype>
#include <climits>
#include <string>
#include <utility>

namespace gnosis {
namespace {

constexpr size_t kFewBlobs = 4;
constexpr int kFewCharacters = 4;
constexpr float kHardlyBelieved = 60;
constexpr double kBelowBaseline = 0.08;  // of a stroke's height

// Tesseract's confidence of a word.
float ConfidenceOf(float certainty) { return std::clamp(100 + 5 * certainty, 0.0F, 100.0F); }

int Middle(const Box& box) { return (box.left + box.right) / 2; }
int Overlap(const Box& a, const Box& b) {
  return std::max(0, std::min(a.right, b.right) - std::max(a.left, b.left));
}

bool IsOnlyBlanks(const LineWord& word) {
  return word.text.find_first_not_of(' ') == std::string::npos;
}

Box Clip(const Box& box, const Box& to) {
  const int left = std::clamp(box.left, to.left, to.right);
  const int top = std::clamp(box.top, to.top, to.bottom);
  return {left, top, std::clamp(box.right, left, to.right), std::clamp(box.bottom, top, to.bottom)};
}

// The result is never empty.
Box ClipBlob(const Box& blob, const Box& to) {
  return {std::clamp(blob.left, to.left, std::max(to.left, to.right - 1)),
          std::clamp(blob.top, to.top, std::max(to.top, to.bottom - 1)),
          std::clamp(blob.right, to.left + 1, std::max(to.left + 1, to.right)),
          std::clamp(blob.bottom, to.top + 1, std::max(to.top + 1, to.bottom))};
}

// Assigns boxes to the words of a region, as Tesseract does (PAGE_RES_IT::ReplaceCurrentWord): the
// network only knows the columns between which a character lies, so a word is limited to the words
// that the layout found there, and its box surrounds the blobs whose middle is in it.
class RegionPlacer {
 public:
  RegionPlacer(const TextRegion& region, const std::vector<LineWord>& words)
      : region_(region), words_(words), blobs_(region.blobs) {
    std::stable_sort(blobs_.begin(), blobs_.end(),
                     [](const Box& a, const Box& b) { return Middle(a) < Middle(b); });
  }

  std::vector<Box> Place() {
    std::vector<Box> boxes;
    Box bounds;
    for (size_t i = 0; i < words_.size(); ++i) {
      bounds = BoundsOf(i, bounds);
      boxes.push_back(BoxOf(i, bounds));
    }
    return boxes;
  }

 private:
  Box CharacterBox(const LineCharacter& character) const {
    return {region_.crop.left + character.left, region_.crop.top,
            region_.crop.left + character.right, region_.crop.bottom};
  }
  Box NetworkBox(size_t word) const {
    if (word >= words_.size()) return {};
    return Union(CharacterBox(words_[word].characters.front()),
                 CharacterBox(words_[word].characters.back()));
  }

  Box BoundsOf(size_t word, const Box& last_bounds) const {
    const Box seen = NetworkBox(word);
    const Box next = NetworkBox(word + 1);
    Box bounds = {INT_MAX, INT_MAX, INT_MIN, INT_MIN};
    // A region of one word has no other words to limit it.
    const bool merged = region_.words.size() > 1;
    for (const Box& found : region_.words) {
      const int significant = std::max(std::min(Height(found), Width(found) / 2), Width(found) / 4);
      if (!merged || Overlap(found, seen) <= significant) continue;
      if (Overlap(found, last_bounds) > significant) {
        bounds.left = seen.left;
      } else if (Overlap(found, next) > significant) {
        bounds.right = seen.right;
      } else {
        bounds = {std::min(bounds.left, found.left), std::min(bounds.top, found.top),
                  std::max(bounds.right, found.right), std::max(bounds.bottom, found.bottom)};
      }
    }
    if (bounds.top >= bounds.bottom) {
      bounds.top = seen.top;
      bounds.bottom = seen.bottom;
    }
    return bounds.left >= bounds.right ? seen : bounds;
  }

  // The end of a character: halfway between its box and the next one.
  int EndOf(size_t word, size_t character, const Box& bounds) const {
    const auto& characters = words_[word].characters;
    if (character + 1 == characters.size()) return bounds.right;
    const int end =
        (CharacterBox(characters[character]).right + CharacterBox(characters[character + 1]).left) /
        2;
    return std::clamp(end, bounds.left, bounds.right);
  }

  // For a character without a blob, uses the position that the network reported.
  Box BoxOf(size_t word, const Box& bounds) {
    const auto& characters = words_[word].characters;
    Box box;
    for (size_t i = 0; i < characters.size(); ++i) {
      const int end = EndOf(word, i, bounds);
      const size_t first = next_;
      while (next_ < blobs_.size() && Middle(blobs_[next_]) < end) {
        box = Union(box, ClipBlob(blobs_[next_++], bounds));
      }
      if (next_ == first) box = Union(box, ClipBlob(CharacterBox(characters[i]), bounds));
    }
    return box;
  }

  const TextRegion& region_;
  const std::vector<LineWord>& words_;
  std::vector<Box> blobs_;
  size_t next_ = 0;
};

// In some typefaces the letter I is a plain stroke, which the models take for a bar; but a bar
// reaches below the baseline.
std::string TextOf(const LineWord& word, const Box& box, const Line& line) {
  if (word.text != "|") return word.text;
  const double baseline = line.box.bottom + double(line.baseline.offset) +
                          double(line.baseline.slope) * (Middle(box) - line.box.left);
  return box.bottom <= baseline + kBelowBaseline * Height(box) ? "I" : word.text;
}

void PlaceRegion(const PageLayout& layout, const TextRegion& region,
                 const std::vector<LineWord>& words, Line& line) {
  const std::vector<Box> boxes = RegionPlacer(region, words).Place();
  for (size_t i = 0; i < words.size(); ++i) {
    if (IsOnlyBlanks(words[i])) continue;
    const Box box = Clip(TurnBack(boxes[i], region.quarter_turns, layout), line.box);
    line.words.push_back({TextOf(words[i], box, line), box, ConfidenceOf(words[i].certainty)});
  }
}

Box Around(const std::vector<LayoutLine>& lines) {
  Box box = lines.front().box;
  for (const LayoutLine& line : lines) box = Union(box, line.box);
  return box;
}

bool IsLetterOrDigit(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 ||
         static_cast<unsigned char>(byte) >= 0xC0;
}

bool LooksLikeDirt(const std::vector<LineWord>& words) {
  int characters = 0;
  float believed = 0;
  for (const LineWord& word : words) {
    characters += int(std::count_if(word.text.begin(), word.text.end(), IsLetterOrDigit));
    believed = std::max(believed, ConfidenceOf(word.certainty));
  }
  return characters == 0 || (characters < kFewCharacters && believed < kHardlyBelieved);
}

}  // namespace

void ForgetSpecks(const PageLayout& layout, std::vector<std::vector<LineWord>>& words) {
  auto read = words.begin();
  ForEachRegion(layout, [&](const TextRegion& region) {
    if (region.blobs.size() <= kFewBlobs && LooksLikeDirt(*read)) read->clear();
    ++read;
  });
}

PageText PlaceWords(const PageLayout& layout, const std::vector<std::vector<LineWord>>& words) {
  PageText text;
  auto next = words.begin();
  for (const LayoutBlock& from_block : layout.blocks) {
    Block block{from_block.box, {}};
    for (const LayoutParagraph& from_paragraph : from_block.paragraphs) {
      Paragraph paragraph{Around(from_paragraph.lines), {}};
      for (const LayoutLine& from_line : from_paragraph.lines) {
        Line line{from_line.box, from_line.baseline, {}};
        for (const TextRegion& region : from_line.regions)
          PlaceRegion(layout, region, *next++, line);
        if (!line.words.empty()) paragraph.lines.push_back(std::move(line));
      }
      if (!paragraph.lines.empty()) block.paragraphs.push_back(std::move(paragraph));
    }
    if (!block.paragraphs.empty()) text.blocks.push_back(std::move(block));
  }
  return text;
}

}  // namespace gnosis
