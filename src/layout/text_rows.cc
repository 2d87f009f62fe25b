#include "layout/text_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "layout/find_layout.h"
#include "layout/letter_chains.h"

namespace gnosis {
namespace {

constexpr size_t kMostChains = 3000;
constexpr double kSteepest = 0.05;
constexpr size_t kLongRow = 10;             // letters: enough to determine its own baseline
constexpr size_t kRow = 4;                  // letters
constexpr double kMostLooseLetters = 0.12;  // share of letters in shorter chains
constexpr double kFewestStanding = 0.6;     // share of letters on the baseline of their row
constexpr double kLowerThanLetters = 0.85;  // x-heights
constexpr double kMarkReach = 2.5;     // x-heights: typewritten text has a blank before a comma
constexpr double kSpeckReach = 1;      // x-heights: for marks that may be dirt
constexpr double kSpeck = 0.2;         // x-heights
constexpr double kInRowReach = 1;      // x-heights
constexpr double kBesideGap = 12;      // x-heights: between a few letters and their row
constexpr double kBesideSlack = 0.25;  // x-heights

// Whether the middle of `box` is within the row's height, and at most `reach` x-heights to the left
// or right of its ink.
bool IsWithin(const TextRow& row, const Box& box, double reach) {
  const double x = (box.left + box.right) / 2.0, y = (box.top + box.bottom) / 2.0;
  const double above = row.baseline.At(x) - y;
  return above <= row.type.ascent && above >= -row.type.descent &&
         x >= row.ink.left - reach * row.type.x_height &&
         x <= row.ink.right + reach * row.type.x_height;
}

bool TakesMark(const TextRow& row, const Box& mark) {
  const bool is_speck = std::max(Width(mark), Height(mark)) < kSpeck * row.type.x_height;
  return IsWithin(row, mark, is_speck ? kSpeckReach : kMarkReach);
}

// Each row takes the marks near it, and marks near those: first to the right, then to the left.
void TakeMarks(std::vector<Box> marks, std::vector<TextRow>& rows) {
  std::sort(marks.begin(), marks.end(), [](const Box& a, const Box& b) { return a.left < b.left; });
  const auto is_taken = [&rows](const Box& mark) {
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const TextRow& each) { return TakesMark(each, mark); });
    if (row == rows.end()) return false;
    row->marks.push_back(mark);
    row->ink = Union(row->ink, mark);
    return true;
  };
  std::erase_if(marks, is_taken);
  std::reverse(marks.begin(), marks.end());
  std::erase_if(marks, is_taken);
}

TextRow RowOf(std::vector<Box> letters, const StraightLine& baseline) {
  TextRow row{std::move(letters), {}, {}, baseline, {}};
  for (const Box& letter : row.letters) row.ink = Union(row.ink, letter);
  return row;
}

// Usage: Take() every group of chains, then Finish().
class RowFinder {
 public:
  RowFinder(const SortedPieces& pieces, double slope, Extent extent)
      : letter_height_(pieces.letter_height), extent_(extent), marks_(pieces.marks) {
    found_.slope = slope;
  }

  // A chain of few letters, perhaps all with tails, does not determine its own baseline; together
  // with the chains beside it, it does.
  void Take(const std::vector<std::vector<Box>>& group) {
    std::vector<Box> all;
    for (const std::vector<Box>& chain : group) all.insert(all.end(), chain.begin(), chain.end());
    if (all.size() < kRow) {
      loose_.push_back(std::move(all));
      return;
    }
    letters_in_rows_ += int(all.size());
    const Fitted of_group = Fit(all);
    for (const std::vector<Box>& chain : group) {
      const bool is_long = chain.size() >= kLongRow;
      const Fitted fitted = is_long && group.size() > 1 ? Fit(chain) : of_group;
      if (is_long) {
        letters_in_long_rows_ += int(chain.size());
        standing_ += fitted.baseline.standing;
      }
      heights_.push_back(fitted.heights);
      found_.rows.push_back(RowOf(chain, fitted.baseline.line));
    }
  }

  Result<TextRows> Finish() {
    found_.type = UsualType(heights_);
    if (found_.type.x_height <= 0 && extent_ != Extent::kPage) {
      found_.type = TypeOfCapitals(letter_height_);
    }
    if (found_.type.x_height <= 0) return LayoutDoubt("no row tells its type");
    if (standing_ < kFewestStanding * letters_in_long_rows_) {
      return LayoutDoubt("the rows are not straight");
    }
    for (size_t i = 0; i < heights_.size(); ++i) {
      found_.rows[i].type = TypeOfRow(heights_[i], found_.type);
    }
    MoveLowRowsToMarks();
    int loose = 0;
    for (const std::vector<Box>& letters : loose_) loose += TakeLoose(letters);
    if (extent_ != Extent::kLittleRest && loose > kMostLooseLetters * (loose + letters_in_rows_)) {
      return LayoutDoubt("many letters stand in no row");
    }
    TakeMarks(marks_, found_.rows);
    return std::move(found_);
  }

 private:
  struct Fitted {
    RowBaseline baseline;
    RowHeights heights;
  };
  Fitted Fit(const std::vector<Box>& letters) const {
    const RowBaseline baseline = FitBaseline(letters, found_.slope, letter_height_);
    return {baseline, MeasureHeights(letters, baseline.line)};
  }

  // Commas, quotation marks and dashes may be as large as letters of small type.
  bool AreLow(const std::vector<Box>& letters) const {
    return letters.size() < kRow &&
           std::all_of(letters.begin(), letters.end(), [this](const Box& letter) {
             return Height(letter) < kLowerThanLetters * found_.type.x_height;
           });
  }
  void MoveLowRowsToMarks() {
    std::erase_if(found_.rows, [this](const TextRow& row) {
      if (!AreLow(row.letters)) return false;
      marks_.insert(marks_.end(), row.letters.begin(), row.letters.end());
      return true;
    });
  }

  // Returns how many of them turned out to be letters.
  int TakeLoose(const std::vector<Box>& letters) {
    Box ink;
    for (const Box& letter : letters) ink = Union(ink, letter);
    if (AreLow(letters) || LiesInRow(ink)) {
      marks_.insert(marks_.end(), letters.begin(), letters.end());
      return 0;
    }
    const Fitted fitted = Fit(letters);
    const bool all_stand = size_t(fitted.baseline.standing) == letters.size();
    const TextRow* beside = all_stand ? nullptr : RowBeside(ink);
    TextRow row = RowOf(letters, beside ? beside->baseline : fitted.baseline.line);
    row.type = beside ? beside->type : TypeOfRow(fitted.heights, found_.type);
    found_.rows.push_back(std::move(row));
    return int(letters.size());
  }
  // The nearest row for which this ink covers the height of small letters and lies within the row's
  // height: the asterisks and bracket of a footnote mark belong to the baseline of their note, not
  // to the one their own feet suggest.
  const TextRow* RowBeside(const Box& ink) const {
    const TextRow* nearest = nullptr;
    double nearest_gap = 0;
    for (const TextRow& row : found_.rows) {
      const double gap = std::max(row.ink.left - ink.right, ink.left - row.ink.right);
      if (gap > kBesideGap * row.type.x_height || (nearest && gap >= nearest_gap)) continue;
      const double baseline = row.baseline.At((ink.left + ink.right) / 2.0);
      const double slack = kBesideSlack * row.type.x_height;
      const bool has_small =
          ink.top <= baseline - row.type.x_height + slack && ink.bottom >= baseline - slack;
      const bool fits = ink.top >= baseline - row.type.ascent - slack &&
                        ink.bottom <= baseline + row.type.descent + slack;
      if (!has_small || !fits) continue;
      nearest = &row;
      nearest_gap = gap;
    }
    return nearest;
  }
  bool LiesInRow(const Box& ink) const {
    return std::any_of(found_.rows.begin(), found_.rows.end(),
                       [&](const TextRow& row) { return IsWithin(row, ink, kInRowReach); });
  }

  const double letter_height_;
  const Extent extent_;
  std::vector<Box> marks_;
  std::vector<std::vector<Box>> loose_;
  std::vector<RowHeights> heights_;  // one per row
  TextRows found_;
  int standing_ = 0;
  int letters_in_long_rows_ = 0;
  int letters_in_rows_ = 0;
};

}  // namespace

Result<TextRows> FindTextRows(const SortedPieces& pieces, Extent extent) {
  std::vector<std::vector<Box>> chains = ChainLetters(pieces.letters, pieces.letter_height);
  // The following steps compare chains pairwise.
  if (chains.size() > kMostChains) return LayoutDoubt("many letters stand alone");
  const double slope = SlopeOfRows(chains, pieces.letter_height);
  if (std::abs(slope) > kSteepest) return LayoutDoubt("the page is skewed");
  RowFinder finder(pieces, slope, extent);
  for (const std::vector<size_t>& numbers : GroupChains(chains, pieces.letter_height)) {
    std::vector<std::vector<Box>> group;
    for (const size_t number : numbers) group.push_back(std::move(chains[number]));
    finder.Take(group);
  }
  return finder.Finish();
}

}  // namespace gnosis
