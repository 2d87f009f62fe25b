#include "engine/second_look.h"

#include <algorithm>
#include <utility>

#include "engine/line_worth.h"
#include "engine/painting.h"
#include "layout/letter_chains.h"
#include "layout/rules.h"
#include "layout/straight_line.h"

namespace gnosis {
namespace {

// Letters:
constexpr size_t kShortestRow = 3, kShortestColumn = 5;
constexpr int kShort = 3;
constexpr int kMuchText = 12;
constexpr int kManyBadLetters = 30;
constexpr float kBadlyRead = 65;  // mean confidence of a line
constexpr float kBadlyReadShort = 80;
// Pixels:
constexpr int kSmallestLetter = 7, kThinnestLetter = 2;
constexpr int kLowestUsual = 8, kTallestUsual = 100;
constexpr int kThinnestRule = 3;
// Heights of the page's usual letter:
constexpr double kLongPiece = 4;  // longer than letters, even some that touch
constexpr double kShortestRule = 3, kThickestRule = 0.35;
constexpr double kThinHolder = 0.5;  // thinner is only a rule
constexpr double kPanelWidth = 3, kPanelHeight = 1.2;
constexpr double kLowestAlone = 0.8;
constexpr double kMargin = 1;
// Shares:
constexpr double kEdge = 0.01;  // of the page's shorter side: what reaches into it is from outside
constexpr double kPanelFill = 0.55;    // of its box
constexpr double kInRow = 0.5;         // of a piece's height
constexpr double kWordGap = 1.2;       // of a line's height
constexpr double kLeastAlone = 0.5;    // of a line's height
constexpr double kNextTo = 0.8;        // of a line's height
constexpr double kLeastOfLine = 0.33;  // of a line's height: less is a mark, or dirt

// Which parts of the page words cover.
class Coverage {
 public:
  Coverage(int width, int height)
      : columns_(width / kTile + 1),
        rows_(height / kTile + 1),
        is_covered_(size_t(columns_) * size_t(rows_)) {}
  void Cover(const Box& box) {
    for (int row = RowOf(box.top); row <= RowOf(box.bottom - 1); ++row) {
      for (int column = ColumnOf(box.left); column <= ColumnOf(box.right - 1); ++column) {
        is_covered_[At(row, column)] = true;
      }
    }
  }
  bool CoversMiddleOf(const Box& box) const {
    return is_covered_[At(RowOf((box.top + box.bottom) / 2), ColumnOf((box.left + box.right) / 2))];
  }

 private:
  static constexpr int kTile = 4;
  int RowOf(int y) const { return std::clamp(y / kTile, 0, rows_ - 1); }
  int ColumnOf(int x) const { return std::clamp(x / kTile, 0, columns_ - 1); }
  size_t At(int row, int column) const { return size_t(row) * size_t(columns_) + size_t(column); }
  const int columns_;
  const int rows_;
  std::vector<bool> is_covered_;
};

std::vector<Box> Transposed(const std::vector<Box>& boxes) {
  std::vector<Box> transposed;
  for (const Box& box : boxes) transposed.push_back({box.top, box.left, box.bottom, box.right});
  return transposed;
}

// What was seen when a line was read: its words and, since the box of a word may miss one of its
// letters, the gaps between them that are no wider than usual.
std::vector<Box> SeenIn(const Line& line) {
  std::vector<Box> seen;
  for (const Word& word : line.words) {
    const bool is_near =
        !seen.empty() && word.box.left - seen.back().right <= kWordGap * Height(line.box);
    if (is_near && RunsAcross(line)) {
      seen.back() = Union(seen.back(), word.box);
    } else {
      seen.push_back(word.box);
    }
  }
  return seen;
}

bool OverlapsRow(const Box& piece, const Box& line) {
  const int overlap = std::min(piece.bottom, line.bottom) - std::max(piece.top, line.top);
  return overlap >= kInRow * Height(piece);
}

// The piece belongs to the line by its place.
bool StandsIn(const Box& piece, const Box& line) {
  const double reach = kNextTo * Height(line);
  return OverlapsRow(piece, line) && piece.left <= line.right + reach &&
         piece.right >= line.left - reach;
}

class RestFinder {
 public:
  RestFinder(const Raster& gray, const PageInk& ink, const PageText& words)
      : gray_(gray), ink_(ink), coverage_(gray.width, gray.height) {
    int good_letters = 0, bad_letters = 0;
    ForEachLine(words, [&](const Line& line) {
      const int letters = LettersOf(line);
      const bool is_bad = MeanConfidence(line) < (letters < kShort ? kBadlyReadShort : kBadlyRead);
      (is_bad ? bad_ : good_).push_back(&line);
      (is_bad ? bad_letters : good_letters) += letters;
    });
    // Of a page that is read badly as a whole, no part is worth another look.
    has_bad_lines_ = bad_letters >= kManyBadLetters && bad_letters < good_letters;
    if (has_bad_lines_) return;
    const auto is_short = [](const Line* line) { return LettersOf(*line) < kShort; };
    const auto others = std::stable_partition(bad_.begin(), bad_.end(), is_short);
    good_.insert(good_.end(), others, bad_.end());
    bad_.erase(others, bad_.end());
  }

  std::optional<RestOfPage> Find() {
    if (!ink_.pieces || ink_.threshold >= 255) return std::nullopt;
    MeasureLetters();
    for (const Line* line : good_) {
      for (const Box& seen : SeenIn(*line)) coverage_.Cover(seen);
    }
    const bool holds_letters = std::any_of(ink_.pieces->begin(), ink_.pieces->end(),
                                           [this](const InkPiece& p) { return MayHoldLetters(p); });
    if (holds_letters) {
      FindLeftOnCleanPage();
    } else {
      FindLeft();
    }
    const Findings found = Judge();
    if (!holds_letters && !has_bad_lines_ && !found.is_worth_a_look) return std::nullopt;
    if (!holds_letters) paper_ = PaperOf(gray_, ink_.threshold);
    auto rest = Paint(holds_letters ? clean_ : gray_);
    if (rest) rest->is_little = !has_bad_lines_ && found.letters_in_rows < kMuchText;
    return rest;
  }

 private:
  void MeasureLetters() {
    std::vector<int> heights;
    for (const InkPiece& piece : *ink_.pieces) {
      const int high = Height(piece.box);
      if (high >= kLowestUsual && high <= kTallestUsual && Width(piece.box) <= 3 * high) {
        heights.push_back(high);
      }
    }
    if (!heights.empty()) letter_height_ = Median(std::move(heights));
  }

  bool IsAtEdge(const Box& box) const {
    const int margin = int(kEdge * std::min(gray_.width, gray_.height));
    return box.left <= margin || box.top <= margin || box.right >= gray_.width - margin ||
           box.bottom >= gray_.height - margin;
  }
  bool IsSmall(const Box& box) const {
    return std::max(Width(box), Height(box)) <= kLongPiece * letter_height_;
  }
  bool MayBeLetter(const Box& box) const {
    return IsSmall(box) && Height(box) >= kSmallestLetter &&
           std::min(Width(box), Height(box)) >= kThinnestLetter && !IsAtEdge(box);
  }
  // Not a rule, which is thin from end to end.
  bool MayHoldLetters(const InkPiece& piece) const {
    if (IsSmall(piece.box)) return false;
    if (IsPanel(piece)) return true;
    return std::min(Width(piece.box), Height(piece.box)) > kThinHolder * letter_height_ &&
           !IsAtEdge(piece.box);
  }
  bool IsPanel(const InkPiece& piece) const {
    return Width(piece.box) >= kPanelWidth * letter_height_ &&
           Height(piece.box) >= kPanelHeight * letter_height_ &&
           piece.pixels >= kPanelFill * Width(piece.box) * Height(piece.box);
  }

  // Of letters and digits that stand in a row or, sideways, in a column, and of those that a line
  // misses.
  struct Findings {
    int letters_in_rows = 0;
    bool is_worth_a_look = false;
  };
  Findings Judge() const {
    std::vector<Box> letters;
    for (const InkPiece& piece : left_) {
      if (MayBeLetter(piece.box) && !IsOfIncompleteLine(piece.box)) letters.push_back(piece.box);
    }
    Findings found;
    found.letters_in_rows = std::max(LettersInRows(letters, kShortestRow),
                                     LettersInRows(Transposed(letters), kShortestColumn));
    found.is_worth_a_look = found.letters_in_rows > 0 || lines_again_.size() > bad_.size() ||
                            std::any_of(letters.begin(), letters.end(),
                                        [this](const Box& box) { return IsInRowOfLine(box); });
    return found;
  }
  bool IsOfIncompleteLine(const Box& letter) const {
    return std::any_of(incomplete_.begin(), incomplete_.end(),
                       [&](const Box& line) { return Overlaps(letter, line); });
  }
  // Such as a page number far from its entry.
  bool IsInRowOfLine(const Box& letter) const {
    if (Height(letter) < kLowestAlone * letter_height_) return false;
    return std::any_of(good_.begin(), good_.end(), [&](const Line* line) {
      return OverlapsRow(letter, line->box) && kLeastAlone * Height(line->box) < Height(letter);
    });
  }
  int LettersInRows(std::vector<Box> letters, size_t shortest) const {
    std::sort(letters.begin(), letters.end(),
              [](const Box& a, const Box& b) { return a.left < b.left; });
    int in_rows = 0;
    for (const std::vector<Box>& row : ChainLetters(letters, letter_height_)) {
      if (row.size() >= shortest) in_rows += int(row.size());
    }
    return in_rows;
  }

  // The page without rules, its dark panels inverted.
  void CleanPage() {
    clean_ = gray_;
    for (const InkPiece& piece : *ink_.pieces) {
      if (IsPanel(piece)) panels_.push_back(piece.box);
    }
    for (const Box& panel : panels_) Invert(clean_, panel);
    EraseRules(clean_, ink_.threshold,
               {int(kShortestRule * letter_height_),
                std::max(kThinnestRule, int(kThickestRule * letter_height_))},
               paper_);
  }

  bool LiesInPanel(const Box& line) const {
    const int y = (line.top + line.bottom) / 2;
    return std::any_of(panels_.begin(), panels_.end(), [&](const Box& panel) {
      return panel.top <= y && panel.bottom > y && panel.left < line.right &&
             panel.right > line.left;
    });
  }

  // The pieces that no complete line covers.
  void FindLeft() {
    for (const Line* line : bad_) lines_again_.push_back(line->box);
    Coverage again(gray_.width, gray_.height);
    for (const InkPiece& piece : *ink_.pieces) {
      if (!coverage_.CoversMiddleOf(piece.box)) left_.push_back(piece);
    }
    for (const Line* line : good_) {
      if (!MissesLetters(*line)) continue;
      lines_again_.push_back(line->box);
      incomplete_.push_back(line->box);
      for (const Box& seen : SeenIn(*line)) again.Cover(seen);
    }
    for (const InkPiece& piece : *ink_.pieces) {
      if (again.CoversMiddleOf(piece.box)) left_.push_back(piece);
    }
  }

  // Takes what was read from the page, except for lines that miss some of their letters.
  void FindLeftOnCleanPage() {
    paper_ = PaperOf(gray_, ink_.threshold);
    CleanPage();
    std::vector<const Line*> complete;
    for (const Line* line : bad_) lines_again_.push_back(line->box);
    for (const Line* line : good_) {
      if (LiesInPanel(line->box)) {
        lines_again_.push_back(line->box);
      } else {
        complete.push_back(line);
      }
    }
    Raster rest = clean_;
    for (const Line* line : complete) {
      for (const Box& seen : SeenIn(*line)) Fill(rest, seen, paper_);
    }
    left_ = PiecesOf(rest);
    const size_t so_far = lines_again_.size();
    for (const Line* line : complete) {
      if (!MissesLetters(*line)) continue;
      lines_again_.push_back(line->box);
      incomplete_.push_back(line->box);
      for (const Box& seen : SeenIn(*line)) Copy(clean_, seen, rest);
    }
    if (lines_again_.size() > so_far) left_ = PiecesOf(rest);
  }
  std::vector<InkPiece> PiecesOf(const Raster& page) const {
    return FindInkPieces(page, ink_.threshold, kMostInkPieces).value_or(std::vector<InkPiece>{});
  }
  bool MissesLetters(const Line& line) const {
    return std::any_of(left_.begin(), left_.end(), [&](const InkPiece& piece) {
      return MayBeLetter(piece.box) && StandsIn(piece.box, line.box) &&
             kLeastOfLine * Height(line.box) < Height(piece.box);
    });
  }

  // Only what may be letters and marks.
  std::optional<RestOfPage> Paint(const Raster& page) const {
    Box all;
    for (const InkPiece& piece : left_) {
      if (MayBeLetter(piece.box)) all = Union(all, piece.box);
    }
    if (Width(all) <= 0) return std::nullopt;
    RestOfPage rest;
    rest.lines_again = lines_again_;
    const int margin = int(kMargin * letter_height_);
    rest.box = Intersection(Grown(all, margin), {0, 0, gray_.width, gray_.height});
    rest.image.width = Width(rest.box);
    rest.image.height = Height(rest.box);
    rest.image.dpi = gray_.dpi;
    rest.image.pixels.assign(size_t(rest.image.width) * size_t(rest.image.height), paper_);
    rest.ink.threshold = ink_.threshold;
    rest.ink.pieces.emplace();
    for (const InkPiece& piece : left_) {
      if (!IsSmall(piece.box)) continue;
      const Box box = Intersection(piece.box, rest.box);
      if (box != piece.box) continue;
      Show(page, box, rest);
      rest.ink.pieces->push_back({{box.left - rest.box.left, box.top - rest.box.top,
                                   box.right - rest.box.left, box.bottom - rest.box.top},
                                  piece.pixels});
    }
    return rest;
  }
  // With its soft edge.
  static void Show(const Raster& page, const Box& piece, RestOfPage& rest) {
    const Box box = Intersection(Grown(piece, kSoftEdge), rest.box);
    for (int y = box.top; y < box.bottom; ++y) {
      const uint8_t* from = page.row(y);
      std::copy(from + box.left, from + box.right,
                rest.image.row(y - rest.box.top) + (box.left - rest.box.left));
    }
  }

  const Raster& gray_;
  const PageInk& ink_;
  Coverage coverage_;
  std::vector<const Line*> good_;
  std::vector<const Line*> bad_;
  bool has_bad_lines_ = false;
  double letter_height_ = 24;
  uint8_t paper_ = 255;
  Raster clean_;
  std::vector<Box> panels_;
  std::vector<Box> lines_again_;
  std::vector<Box> incomplete_;  // those of them that miss letters
  std::vector<InkPiece> left_;
};

}  // namespace

std::optional<RestOfPage> FindRest(const Raster& gray, const PageInk& ink, const PageText& words) {
  return RestFinder(gray, ink, words).Find();
}

}  // namespace gnosis
