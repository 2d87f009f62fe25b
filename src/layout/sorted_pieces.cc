#include "layout/sorted_pieces.h"

#include <algorithm>
#include <cstdint>

#include "layout/find_layout.h"

namespace gnosis {
namespace {

constexpr double kSmallestLetterHeight = 9;  // pixels; below, every pixel matters
constexpr double kLargestLetterHeight = 120;
constexpr int kFewestLetters = 20;  // of a page
// In heights of the usual letter:
constexpr double kLowestLetter = 0.45;
constexpr double kTallestLetter = 4;
constexpr double kSmallestMark = 0.13;
constexpr double kWidestMark = 4;
constexpr double kShortestRule = 4;  // anything shorter may be a dash
constexpr double kThickestRule = 0.4;
constexpr double kRuleProportion = 5;  // length to thickness
constexpr double kBorder = 2.5;        // anything longer at the edge of the page
// Proportions:
constexpr double kMargin = 0.01;           // of the page: ink reaching into it is from outside
constexpr double kNoLetterIsSoFull = 0.9;  // of its box, if wider than high

// The weighted median height: half of the ink in pieces that may be letters is in pieces of at most
// this height.
double UsualLetterHeight(const std::vector<InkPiece>& pieces, int width, int height,
                         Extent extent) {
  std::vector<int64_t> ink(size_t(height) + 1);
  int64_t all = 0;
  for (const InkPiece& piece : pieces) {
    // Of a rest there is no page to compare with.
    const bool is_large = Width(piece.box) > width / 4 || Height(piece.box) > height / 10;
    if (is_large && extent == Extent::kPage) continue;
    ink[size_t(Height(piece.box))] += piece.pixels;
    all += piece.pixels;
  }
  int64_t so_far = 0;
  for (size_t i = 0; i < ink.size(); ++i) {
    so_far += ink[i];
    if (2 * so_far >= all) return double(i);
  }
  return 0;
}

class PieceSorter {
 public:
  PieceSorter(double letter_height, int width, int height, Extent extent)
      : width_(width),
        height_(height),
        fewest_letters_(extent == Extent::kPage ? kFewestLetters : 1),
        sorted_{letter_height, {}, {}} {}

  void Sort(const InkPiece& piece) {
    const double high = Height(piece.box) / sorted_.letter_height;
    const double wide = Width(piece.box) / sorted_.letter_height;
    if (IsRule(piece) || IsBorder(piece)) return;
    if (high >= kLowestLetter && high <= kTallestLetter) {
      sorted_.letters.push_back(piece.box);
    } else if (high < kLowestLetter && wide <= kWidestMark) {
      if (std::max(high, wide) >= kSmallestMark) sorted_.marks.push_back(piece.box);
    } else {
      has_picture_ = true;
    }
  }

  Result<SortedPieces> Take() {
    std::sort(sorted_.letters.begin(), sorted_.letters.end(),
              [](const Box& a, const Box& b) { return a.left < b.left; });
    if (int(sorted_.letters.size()) < fewest_letters_)
      return LayoutDoubt("there are hardly any letters");
    if (has_picture_) return LayoutDoubt("there is a picture, or a letter of unusual size");
    return std::move(sorted_);
  }

 private:
  // Also matches a rule that is not quite straight, a frame, or a pen stroke.
  bool IsRule(const InkPiece& piece) const {
    const int thin = std::min(Width(piece.box), Height(piece.box));
    const int length = std::max(Width(piece.box), Height(piece.box));
    if (length < kShortestRule * sorted_.letter_height) return false;
    if (piece.pixels <= kThickestRule * sorted_.letter_height * length) return true;
    return length >= kRuleProportion * thin &&
           piece.pixels > kNoLetterIsSoFull * Width(piece.box) * Height(piece.box);
  }
  // Dark scan borders from outside the page.
  bool IsBorder(const InkPiece& piece) const {
    const Box& box = piece.box;
    const int margin = int(kMargin * std::min(width_, height_));
    const bool at_edge = box.left <= margin || box.top <= margin || box.right >= width_ - margin ||
                         box.bottom >= height_ - margin;
    return at_edge && std::max(Width(box), Height(box)) > kBorder * sorted_.letter_height;
  }
  const int width_;
  const int height_;
  const int fewest_letters_;
  SortedPieces sorted_;
  bool has_picture_ = false;
};

}  // namespace

Result<SortedPieces> SortPieces(const std::vector<InkPiece>& pieces, int width, int height,
                                Extent extent) {
  const double letter_height = UsualLetterHeight(pieces, width, height, extent);
  if (letter_height < kSmallestLetterHeight || letter_height > kLargestLetterHeight) {
    return LayoutDoubt("the usual letter is very small or very large");
  }
  PieceSorter sorter(letter_height, width, height, extent);
  for (const InkPiece& piece : pieces) sorter.Sort(piece);
  return sorter.Take();
}

}  // namespace gnosis
