#include "layout/row_shape.h"

#include <algorithm>
#include <cmath>

#include "layout/straight_line.h"

namespace gnosis {
namespace {

constexpr size_t kLongChain = 10;   // letters
constexpr double kStandsOn = 0.12;  // letter heights: distance of a letter's foot from the baseline
constexpr double kSteeper = 0.01;   // largest difference between the slopes of a row and the page
constexpr double kShortRow = 6;     // letter heights: shorter rows take the page's slope
constexpr double kSameHeight = 1.12;                         // ratio
constexpr double kTallRatioMin = 1.22, kTallRatioMax = 1.8;  // tall to small letters
constexpr double kUsualTall = 0.5, kUsualTail = 0.5;         // x-heights, used if none were seen
constexpr double kNearTheUsual = 0.1;
constexpr double kTailMin = 0.2, kTailMax = 0.8;  // x-heights

double MiddleX(const Box& box) { return (box.left + box.right) / 2.0; }

// The point where a letter meets its baseline.
Point Foot(const Box& letter) { return {MiddleX(letter), double(letter.bottom)}; }

double MiddleOffset(const std::vector<Point>& feet, double slope) {
  std::vector<double> offsets;
  for (const Point& foot : feet) offsets.push_back(foot.y - slope * foot.x);
  return Median(std::move(offsets));
}

// The feet of the letters that stand on the line.
std::vector<Point> Standing(const std::vector<Box>& letters, const StraightLine& line,
                            double tolerance) {
  std::vector<Point> standing;
  for (const Box& letter : letters) {
    const Point foot = Foot(letter);
    if (std::abs(foot.y - line.At(foot.x)) <= tolerance) standing.push_back(foot);
  }
  return standing;
}

std::vector<double> Between(const std::vector<double>& sorted, double low, double high) {
  return {std::lower_bound(sorted.begin(), sorted.end(), low),
          std::upper_bound(sorted.begin(), sorted.end(), high)};
}

// The largest group of heights within a ratio of kSameHeight.
std::vector<double> Commonest(const std::vector<double>& sorted) {
  auto best = std::pair(sorted.begin(), sorted.begin());
  for (auto first = sorted.begin(), last = first; first != sorted.end(); ++first) {
    while (last != sorted.end() && *last <= *first * kSameHeight) ++last;
    if (last - first > best.second - best.first) best = {first, last};
  }
  return {best.first, best.second};
}

bool IsNear(double value, double usual) { return std::abs(value - usual) <= kNearTheUsual * usual; }

}  // namespace

double SlopeOfRows(const std::vector<std::vector<Box>>& chains, double letter_height) {
  std::vector<double> slopes;
  for (const std::vector<Box>& chain : chains) {
    if (chain.size() < kLongChain) continue;
    const size_t half = chain.size() / 2;
    for (size_t i = 0; i + half < chain.size(); ++i) {
      const double dx = MiddleX(chain[i + half]) - MiddleX(chain[i]);
      if (dx >= 3 * letter_height) {
        slopes.push_back((chain[i + half].bottom - chain[i].bottom) / dx);
      }
    }
  }
  return slopes.empty() ? 0 : Median(std::move(slopes));
}

RowBaseline FitBaseline(const std::vector<Box>& letters, double slope, double letter_height) {
  std::vector<Point> standing;
  for (const Box& letter : letters) standing.push_back(Foot(letter));
  StraightLine line{slope, MiddleOffset(standing, slope)};
  const double tolerance = std::max(1.5, kStandsOn * letter_height);
  const bool is_short = letters.back().right - letters.front().left < kShortRow * letter_height;
  for (int round = 0; round < 4; ++round) {
    // Twice the tolerance at first: the slope of the row may differ a little from the page's.
    standing = Standing(letters, line, round == 0 ? 2 * tolerance : tolerance);
    if (standing.empty()) break;
    StraightLine better = FitLine(standing);
    if (is_short || standing.size() < 4 || std::abs(better.slope - slope) > kSteeper) {
      better = {slope, MiddleOffset(standing, slope)};
    }
    line = better;
  }
  return {line, int(Standing(letters, line, tolerance).size())};
}

RowHeights MeasureHeights(const std::vector<Box>& letters, const StraightLine& baseline) {
  std::vector<double> heights;
  for (const Box& letter : letters) {
    const double height = baseline.At(MiddleX(letter)) - letter.top;
    // Ignores what begins above the baseline, such as a quotation mark.
    if (height > 0 && letter.bottom > letter.top + height * 0.85) heights.push_back(height);
  }
  std::sort(heights.begin(), heights.end());
  const std::vector<double> commonest = Commonest(heights);
  RowHeights row;
  if (commonest.empty()) return row;
  row.commonest = Median(commonest);
  const auto taller =
      Between(heights, row.commonest * kTallRatioMin, row.commonest * kTallRatioMax);
  const auto lower = Between(heights, row.commonest / kTallRatioMax, row.commonest / kTallRatioMin);
  if (taller.size() >= 2 && double(taller.size()) >= 0.1 * double(commonest.size())) {
    row.x_height = row.commonest;
    row.ascent = Median(taller);
  } else if (lower.size() >= 3 && double(lower.size()) >= 0.3 * double(commonest.size())) {
    row.x_height = Median(lower);
    row.ascent = row.commonest;
  }
  const double small = row.x_height.value_or(row.commonest);
  std::vector<double> tails;
  for (const Box& letter : letters) {
    const double tail = letter.bottom - baseline.At(MiddleX(letter));
    if (tail >= kTailMin * small && tail <= kTailMax * small) tails.push_back(tail);
  }
  if (!tails.empty()) row.descent = Median(tails);
  return row;
}

TypeSize UsualType(std::span<const RowHeights> rows) {
  std::vector<double> x_heights, ascents, descents;
  for (const RowHeights& row : rows) {
    if (!row.x_height) continue;
    x_heights.push_back(*row.x_height);
    ascents.push_back(*row.ascent / *row.x_height);
    if (row.descent) descents.push_back(*row.descent / *row.x_height);
  }
  if (x_heights.empty()) return {};
  const double x_height = Median(x_heights);
  return {x_height, x_height * Median(ascents),
          x_height * (descents.empty() ? kUsualTail : Median(descents))};
}

TypeSize TypeOfCapitals(double height) {
  const double x_height = height / (1 + kUsualTall);
  return {x_height, height, x_height * kUsualTail};
}

// Follows Tesseract (makerow.cpp, correct_row_xheight).
TypeSize TypeOfRow(const RowHeights& row, const TypeSize& usual) {
  const double tall = usual.x_height > 0 ? usual.ascent / usual.x_height : 1 + kUsualTall;
  const double tail = usual.x_height > 0 ? usual.descent / usual.x_height : kUsualTail;
  if (row.x_height) {
    return {*row.x_height, *row.ascent, row.descent.value_or(*row.x_height * tail)};
  }
  if (IsNear(row.commonest, usual.x_height) || IsNear(row.commonest, usual.ascent)) return usual;
  if (row.descent) return {row.commonest, row.commonest * tall, *row.descent};
  // Only capitals or digits.
  const double x_height = row.commonest / tall;
  return {x_height, row.commonest, x_height * tail};
}

}  // namespace gnosis
