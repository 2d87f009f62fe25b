#include "layout/rules.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/result.h"
#include "layout/disjoint_sets.h"
#include "layout/ink_pieces.h"

namespace gnosis {
namespace {

// How far a stroke may shift sideways while it crosses a rule, in thicknesses of the rule.
constexpr double kSteepestCrossing = 1.5;

// The page with rules along x: as it is for those across the page, with x and y exchanged for those
// down the page.
struct View {
  int length = 0;
  int breadth = 0;
  size_t step = 0;  // from one pixel along a rule to the next
  size_t pitch = 0;
  size_t At(int x, int y) const { return size_t(x) * step + size_t(y) * pitch; }
};

// Ink along a rule's direction, from `left` up to `right`.
struct LongRun {
  int y = 0;
  int left = 0;
  int right = 0;
};

// The pixels of a rule at one place along it: from `top` up to `bottom`.
struct Slice {
  int x = 0;
  int top = 0;
  int bottom = 0;
};
using Rule = std::vector<Slice>;  // one at each x, without a gap

// Runs that touch one another, in the order of their y. `runs` must be in that order, and those of
// one y from the left.
std::vector<std::vector<LongRun>> JoinRuns(const std::vector<LongRun>& runs) {
  DisjointSets sets(runs.size());
  size_t above = 0, first_here = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (i > 0 && runs[i].y != runs[i - 1].y) {
      above = runs[i].y == runs[i - 1].y + 1 ? first_here : i;
      first_here = i;
    }
    while (above < first_here && runs[above].right <= runs[i].left) ++above;
    for (size_t k = above; k < first_here && runs[k].left < runs[i].right; ++k) sets.Join(k, i);
  }
  std::vector<std::vector<LongRun>> joined(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) joined[sets.Find(i)].push_back(runs[i]);
  std::erase_if(joined, [](const auto& each) { return each.empty(); });
  return joined;
}

struct Span {
  int left = 0;
  int right = 0;
  double middle() const { return (left + right) / 2.0; }
};

class RuleEraser {
 public:
  RuleEraser(Raster& gray, int threshold, const RuleSize& size, uint8_t paper)
      : gray_(gray), threshold_(threshold), size_(size), paper_(paper) {}

  // Both directions are found before either is erased, since rules cross each other.
  void Run() {
    const View across{gray_.width, gray_.height, 1, size_t(gray_.width)};
    const View down{gray_.height, gray_.width, size_t(gray_.width), 1};
    FindLongRuns();
    const std::vector<bool> in_across = PixelsOf(across, runs_across_);
    const std::vector<bool> in_down = PixelsOf(down, runs_down_);
    const std::vector<uint8_t> before = gray_.pixels;
    for (const Rule& rule : FindRules(runs_across_)) Erase(across, rule, before, in_down);
    for (const Rule& rule : FindRules(runs_down_)) Erase(down, rule, before, in_across);
  }

 private:
  bool IsInk(uint8_t pixel) const { return pixel <= threshold_; }

  void FindLongRuns() {
    std::vector<int> tops(size_t(gray_.width));  // of the ink above the current row
    for (int y = 0; y < gray_.height; ++y) {
      const uint8_t* row = gray_.row(y);
      int left = 0;
      for (int x = 0; x < gray_.width; ++x) {
        if (IsInk(row[x])) continue;
        if (x - left >= size_.shortest) runs_across_.push_back({y, left, x});
        left = x + 1;
        if (y - tops[size_t(x)] >= size_.shortest) runs_down_.push_back({x, tops[size_t(x)], y});
        tops[size_t(x)] = y + 1;
      }
      if (gray_.width - left >= size_.shortest) runs_across_.push_back({y, left, gray_.width});
    }
    for (int x = 0; x < gray_.width; ++x) {
      const int top = tops[size_t(x)];
      if (gray_.height - top >= size_.shortest) runs_down_.push_back({x, top, gray_.height});
    }
    std::stable_sort(runs_down_.begin(), runs_down_.end(),
                     [](const LongRun& a, const LongRun& b) { return a.y < b.y; });
  }

  std::vector<bool> PixelsOf(const View& view, const std::vector<LongRun>& runs) const {
    std::vector<bool> pixels(gray_.pixels.size());
    for (const LongRun& run : runs) {
      for (int x = run.left; x < run.right; ++x) pixels[view.At(x, run.y)] = true;
    }
    return pixels;
  }

  std::vector<Rule> FindRules(const std::vector<LongRun>& runs) const {
    std::vector<Rule> rules;
    for (const auto& joined : JoinRuns(runs)) CutIntoRules(joined, rules);
    return rules;
  }

  // What is thin of runs that touch, as one rule or several.
  void CutIntoRules(const std::vector<LongRun>& runs, std::vector<Rule>& rules) const {
    int left = runs.front().left, right = runs.front().right;
    for (const LongRun& run : runs) {
      left = std::min(left, run.left);
      right = std::max(right, run.right);
    }
    std::vector<Slice> slices(size_t(right - left));
    std::vector<bool> is_split(size_t(right - left));
    for (const LongRun& run : runs) {
      for (int x = run.left; x < run.right; ++x) {
        Slice& slice = slices[size_t(x - left)];
        if (slice.bottom == 0) {
          slice = {x, run.y, run.y + 1};
        } else {
          if (run.y > slice.bottom) is_split[size_t(x - left)] = true;
          slice.bottom = run.y + 1;
        }
      }
    }
    Rule rule;
    for (size_t i = 0; i < slices.size(); ++i) {
      const int thickness = slices[i].bottom - slices[i].top;
      if (thickness > 0 && thickness <= size_.thickest && !is_split[i]) {
        rule.push_back(slices[i]);
      } else if (!rule.empty()) {
        rules.push_back(std::exchange(rule, {}));
      }
    }
    if (!rule.empty()) rules.push_back(std::move(rule));
  }

  // Ink that touches the rule on one side: what it is above each slice, or below.
  template <typename BesideOf>
  std::vector<Span> FindStrokes(const View& view, const Rule& rule,
                                const std::vector<uint8_t>& before, const std::vector<bool>& others,
                                BesideOf beside_of) const {
    std::vector<Span> strokes;
    bool was_ink = false;
    for (const Slice& slice : rule) {
      const int y = beside_of(slice);
      const bool is_ink = y >= 0 && y < view.breadth && IsInk(before[view.At(slice.x, y)]) &&
                          !others[view.At(slice.x, y)];
      if (is_ink && !was_ink) strokes.push_back({slice.x, slice.x});
      if (is_ink) strokes.back().right = slice.x + 1;
      was_ink = is_ink;
    }
    return strokes;
  }

  void Erase(const View& view, const Rule& rule, const std::vector<uint8_t>& before,
             const std::vector<bool>& others) {
    for (const Slice& slice : rule) {
      for (int y = slice.top; y < slice.bottom; ++y) gray_.pixels[view.At(slice.x, y)] = paper_;
      for (int edge = 1; edge <= kSoftEdge; ++edge) {
        for (const int y : {slice.top - edge, slice.bottom - 1 + edge}) {
          if (y < 0 || y >= view.breadth) continue;
          uint8_t& pixel = gray_.pixels[view.At(slice.x, y)];
          if (!IsInk(pixel)) pixel = std::max(pixel, paper_);
        }
      }
    }
    const auto above =
        FindStrokes(view, rule, before, others, [](const Slice& slice) { return slice.top - 1; });
    const auto below =
        FindStrokes(view, rule, before, others, [](const Slice& slice) { return slice.bottom; });
    for (const Span& foot : below) {
      if (const Span* const head = NearestOf(above, foot, rule)) {
        Restore(view, rule, *head, foot, before);
      }
    }
  }

  // The stroke above a rule that may go on below it as `foot`.
  static const Span* NearestOf(const std::vector<Span>& above, const Span& foot, const Rule& rule) {
    const Slice& slice = rule[size_t(foot.left - rule.front().x)];
    const double reach = kSteepestCrossing * (slice.bottom - slice.top) + kSoftEdge;
    const Span* nearest = nullptr;
    for (const Span& head : above) {
      const double apart = std::max(head.left - foot.right, foot.left - head.right);
      if (apart > reach) continue;
      if (!nearest ||
          std::abs(head.middle() - foot.middle()) < std::abs(nearest->middle() - foot.middle())) {
        nearest = &head;
      }
    }
    return nearest;
  }

  // The pixels of the rule that a stroke crosses from `head` to `foot`.
  void Restore(const View& view, const Rule& rule, const Span& head, const Span& foot,
               const std::vector<uint8_t>& before) {
    const int left = std::min(head.left, foot.left), right = std::max(head.right, foot.right);
    for (int x = left; x < right; ++x) {
      const Slice& slice = rule[size_t(x - rule.front().x)];
      for (int y = slice.top; y < slice.bottom; ++y) {
        const double way = (y - slice.top + 0.5) / (slice.bottom - slice.top);
        const double from = head.left + way * (foot.left - head.left);
        const double to = head.right + way * (foot.right - head.right);
        if (x + 0.5 < from || x + 0.5 > to) continue;
        gray_.pixels[view.At(x, y)] = before[view.At(x, y)];
      }
    }
  }

  Raster& gray_;
  const int threshold_;
  const RuleSize size_;
  const uint8_t paper_;
  std::vector<LongRun> runs_across_;
  std::vector<LongRun> runs_down_;  // of the page with x and y exchanged
};

}  // namespace

void EraseRules(Raster& gray, int threshold, const RuleSize& size, uint8_t paper) {
  GNOSIS_CHECK(gray.format == PixelFormat::kGray8);
  RuleEraser(gray, threshold, size, paper).Run();
}

}  // namespace gnosis
