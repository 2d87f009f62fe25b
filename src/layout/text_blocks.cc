#include "layout/text_blocks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "layout/find_layout.h"
#include "layout/straight_line.h"

namespace gnosis {
namespace {

// In x-heights of the usual type:
constexpr double kGutter = 1.6;         // between columns
constexpr double kNarrowestColumn = 8;  // anything narrower ends a line, like a page number
constexpr double kSameLine = 0.5;       // largest difference between baselines of one line
constexpr double kIndent = 0.8, kDeepestIndent = 8;
constexpr double kParagraphGap = 1.4;  // times the usual line distance
constexpr size_t kColumnLines = 4;
constexpr double kColumnFill = 0.6;  // of a column's width: the median of its lines
constexpr size_t kMostBands = 500;
constexpr std::ptrdiff_t kMostRunsTried = 8;
constexpr int kMostSplits = 3;       // nesting of columns within columns
constexpr size_t kSpeckLetters = 3;  // fewer count as text only at the usual size
constexpr double kTallSpeck = 1.5;   // usual heights

struct Span {
  double left = 0;
  double right = 0;
  double width() const { return right - left; }
};

// A row as it would be on the page without skew.
struct Part {
  const TextRow* row = nullptr;
  Span across;
  double baseline = 0;
  double x_height = 0;
};
// Parts that overlap vertically, at least through a chain of neighbours.
struct Band {
  std::vector<Part> parts;  // from the left
  double bottom = 0;
};
using Bands = std::vector<Band>;

Part Straighten(const TextRow& row, double slope) {
  const double x = (row.ink.left + row.ink.right) / 2.0;
  const double baseline = row.baseline.At(x) - slope * x;
  return {&row,
          {row.ink.left + slope * baseline, row.ink.right + slope * baseline},
          baseline,
          row.type.x_height};
}

bool IsSpeck(const TextRow& row, const TypeSize& usual) {
  return row.letters.size() < kSpeckLetters &&
         row.ink.bottom - row.ink.top > kTallSpeck * (usual.ascent + usual.descent);
}

Bands IntoBands(std::vector<Part> parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.baseline < b.baseline; });
  Bands bands;
  for (Part& part : parts) {
    // A little less than the height of small letters, so that tightly set lines do not touch.
    const double top = part.baseline - 0.8 * part.x_height;
    const double bottom = part.baseline - 0.2 * part.x_height;
    if (bands.empty() || top >= bands.back().bottom) bands.emplace_back();
    bands.back().bottom = std::max(bands.back().bottom, bottom);
    bands.back().parts.push_back(part);
  }
  for (Band& band : bands) {
    std::sort(band.parts.begin(), band.parts.end(),
              [](const Part& a, const Part& b) { return a.across.left < b.across.left; });
  }
  return bands;
}

// Compares neighbours, not the two ends: a line's slope may differ a little from the page's.
bool IsLine(const Band& band, double x_height) {
  return std::adjacent_find(band.parts.begin(), band.parts.end(),
                            [x_height](const Part& a, const Part& b) {
                              return std::abs(a.baseline - b.baseline) >
                                     kSameLine * std::max({a.x_height, b.x_height, x_height});
                            }) == band.parts.end();
}

double Baseline(const Band& line) { return line.parts.front().baseline; }
double Left(const Band& line) { return line.parts.front().across.left; }
double Right(const Band& line) {
  double right = std::numeric_limits<double>::lowest();
  for (const Part& part : line.parts) right = std::max(right, part.across.right);
  return right;
}

// Splits the lines of one column, from the top, into paragraphs.
class ParagraphFinder {
 public:
  ParagraphFinder(const Bands& lines, double x_height) : lines_(lines), x_height_(x_height) {
    std::vector<double> pitches, lefts;
    for (size_t i = 0; i < lines.size(); ++i) {
      lefts.push_back(Left(lines[i]));
      if (i > 0) pitches.push_back(Baseline(lines[i]) - Baseline(lines[i - 1]));
    }
    left_ = Median(std::move(lefts));
    pitch_ = pitches.empty() ? 0 : Median(std::move(pitches));
  }

  TextBlock Find() const {
    TextBlock block;
    for (size_t i = 0; i < lines_.size(); ++i) {
      if (i == 0 || Begins(i)) block.emplace_back();
      TextLine line;
      for (const Part& part : lines_[i].parts) line.parts.push_back(part.row);
      block.back().push_back(std::move(line));
    }
    return block;
  }

 private:
  bool IsIndented(size_t line) const {
    const double indent = Left(lines_[line]) - left_;
    return indent >= kIndent * x_height_ && indent <= kDeepestIndent * x_height_;
  }
  bool Begins(size_t line) const {
    if (Baseline(lines_[line]) - Baseline(lines_[line - 1]) > kParagraphGap * pitch_) return true;
    return IsIndented(line) && !IsIndented(line - 1);
  }

  const Bands& lines_;
  const double x_height_;
  double left_ = 0;
  double pitch_ = 0;
};

// Consecutive bands that are separated into columns by white space from the first to the last.
struct Run {
  size_t end = 0;  // the first band after it
  std::vector<std::vector<Part>> columns;
};

// Goes down the page: single lines, and runs of bands in columns, each of which is arranged the
// same way.
class Arranger {
 public:
  explicit Arranger(double x_height) : x_height_(x_height) {}

  Status GoDown(const Bands& bands, int depth = 0) {
    for (size_t i = 0; i < bands.size();) {
      const Run run = LongestRun(bands, i);
      if (run.columns.size() < 2) {
        if (!IsLine(bands[i], x_height_)) return LayoutDoubt("lines overlap");
        lines_.push_back(bands[i++]);
        continue;
      }
      if (depth == kMostSplits) return LayoutDoubt("columns are not clear");
      FinishBlock();
      for (const std::vector<Part>& column : run.columns) {
        RETURN_IF_ERROR(GoDown(IntoBands(column), depth + 1));
      }
      i = run.end;
    }
    FinishBlock();
    return Ok();
  }

  std::vector<TextBlock> Take() { return std::move(blocks_); }

 private:
  // Starting at band `first`; `columns` is empty if there are none.
  Run LongestRun(const Bands& bands, size_t first) const {
    std::vector<Span> covered;
    std::vector<std::pair<size_t, std::vector<Span>>> candidates;  // the end, and the covered spans
    for (size_t i = first; i < bands.size(); ++i) {
      const size_t before = covered.size();
      std::vector<Span> more = covered;
      for (const Part& part : bands[i].parts) more = Cover(more, part.across);
      if (more.size() < before && before > 1) candidates.emplace_back(i, covered);
      covered = std::move(more);
    }
    if (covered.size() > 1) candidates.emplace_back(bands.size(), covered);
    const auto last = candidates.rend() - candidates.rbegin() > kMostRunsTried
                          ? candidates.rbegin() + kMostRunsTried
                          : candidates.rend();
    for (auto candidate = candidates.rbegin(); candidate != last; ++candidate) {
      Run run{candidate->first, {}};
      const Bands of_run{bands.begin() + std::ptrdiff_t(first),
                         bands.begin() + std::ptrdiff_t(run.end)};
      run.columns = IntoColumns(of_run, candidate->second);
      if (run.columns.size() > 1) return run;
    }
    return {};
  }

  // Adds `span` to a list of spans, sorted from the left and at least a gutter apart.
  std::vector<Span> Cover(const std::vector<Span>& covered, Span span) const {
    std::vector<Span> apart;
    const double gutter = kGutter * x_height_;
    for (const Span& other : covered) {
      if (other.right + gutter < span.left || span.right + gutter < other.left) {
        apart.push_back(other);
      } else {
        span = {std::min(span.left, other.left), std::max(span.right, other.right)};
      }
    }
    apart.insert(std::find_if(apart.begin(), apart.end(),
                              [&](const Span& other) { return other.left > span.left; }),
                 span);
    return apart;
  }

  // The parts in each span that is a column. Spans too narrow or too short for a column, like a
  // page number, are added to the column before them.
  std::vector<std::vector<Part>> IntoColumns(const Bands& run,
                                             const std::vector<Span>& spans) const {
    std::vector<std::vector<Part>> columns;
    std::vector<Part> narrow;
    for (const Span& span : spans) {
      std::vector<Part> parts;
      for (const Band& band : run) {
        std::copy_if(band.parts.begin(), band.parts.end(), std::back_inserter(parts),
                     [&](const Part& part) {
                       return part.across.left >= span.left && part.across.right <= span.right;
                     });
      }
      if (span.width() >= kNarrowestColumn * x_height_ && IsColumn(IntoBands(parts))) {
        columns.push_back(std::move(parts));
      } else if (columns.empty()) {
        narrow.insert(narrow.end(), parts.begin(), parts.end());
      } else {
        columns.back().insert(columns.back().end(), parts.begin(), parts.end());
      }
    }
    if (!columns.empty()) columns[0].insert(columns[0].end(), narrow.begin(), narrow.end());
    return columns;
  }

  static bool IsColumn(const Bands& lines) {
    if (lines.size() < kColumnLines) return false;
    double left = std::numeric_limits<double>::max(), right = std::numeric_limits<double>::lowest();
    std::vector<double> widths;
    for (const Band& line : lines) {
      left = std::min(left, Left(line));
      right = std::max(right, Right(line));
      widths.push_back(Right(line) - Left(line));
    }
    return Median(std::move(widths)) >= kColumnFill * (right - left);
  }

  void FinishBlock() {
    if (lines_.empty()) return;
    blocks_.push_back(ParagraphFinder(lines_, x_height_).Find());
    lines_.clear();
  }

  const double x_height_;
  Bands lines_;  // of the current block
  std::vector<TextBlock> blocks_;
};

}  // namespace

Result<std::vector<TextBlock>> ArrangeRows(const TextRows& page) {
  std::vector<Part> parts;
  for (const TextRow& row : page.rows) {
    if (!IsSpeck(row, page.type)) parts.push_back(Straighten(row, page.slope));
  }
  const Bands bands = IntoBands(std::move(parts));
  // Every run of bands is examined.
  if (bands.size() > kMostBands) return LayoutDoubt("there are very many lines");
  Arranger arranger(page.type.x_height);
  RETURN_IF_ERROR(arranger.GoDown(bands));
  return arranger.Take();
}

}  // namespace gnosis
