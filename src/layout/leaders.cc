#include "layout/leaders.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "layout/straight_line.h"

namespace gnosis {
namespace {

constexpr int kSmallestDot = 2;      // pixels
constexpr double kLargestDot = 0.4;  // heights of the page's middle letter
constexpr int kSmallestLetter = 8;   // pixels
constexpr int kTolerance = 2;        // pixels: of sizes and places
constexpr int kLineHeight = 30;      // pixels
constexpr size_t kFewestDots = 6;
constexpr double kWidestPitch = 12;  // dots
constexpr double kUneven = 0.3;      // of the pitch

bool IsDot(const Box& box, int largest) {
  return std::min(Width(box), Height(box)) >= kSmallestDot &&
         std::max(Width(box), Height(box)) <= largest &&
         std::abs(Width(box) - Height(box)) <= kTolerance;
}

int MiddleHeight(const std::vector<InkPiece>& pieces) {
  std::vector<int> heights;
  for (const InkPiece& piece : pieces) {
    if (Height(piece.box) >= kSmallestLetter) heights.push_back(Height(piece.box));
  }
  return heights.empty() ? 0 : Median(std::move(heights));
}

bool AreAlike(const Box& a, const Box& b) {
  return std::abs(a.bottom - b.bottom) <= kTolerance &&
         std::abs(Width(a) - Width(b)) <= kTolerance &&
         std::abs(Height(a) - Height(b)) <= kTolerance;
}

// Dots from the left, each with its distance from the one before.
class LeaderFinder {
 public:
  void Take(const Box& dot) {
    for (Leader& leader : open_) {
      const int pitch = dot.left - leader.dots.back().left;
      if (!AreAlike(leader.dots.back(), dot) || pitch > kWidestPitch * Width(dot)) continue;
      if (leader.pitch > 0 && std::abs(pitch - leader.pitch) > kUneven * leader.pitch) continue;
      leader.pitch = leader.pitch > 0 ? (leader.pitch + pitch) / 2.0 : pitch;
      leader.dots.push_back(dot);
      return;
    }
    Finish(dot.left);
    open_.push_back({{dot}, 0});
  }
  std::vector<Box> Take() {
    for (const Leader& leader : open_) Keep(leader);
    return std::move(found_);
  }

 private:
  struct Leader {
    std::vector<Box> dots;
    double pitch = 0;  // 0: there is only one dot yet
  };
  // Those that no dot from `left` on can continue.
  void Finish(int left) {
    std::erase_if(open_, [&](const Leader& leader) {
      const Box& last = leader.dots.back();
      if (left - last.left <= kWidestPitch * Width(last)) return false;
      Keep(leader);
      return true;
    });
  }
  void Keep(const Leader& leader) {
    if (leader.dots.size() < kFewestDots) return;
    found_.insert(found_.end(), leader.dots.begin(), leader.dots.end());
  }

  std::vector<Leader> open_;
  std::vector<Box> found_;
};

}  // namespace

std::vector<Box> FindLeaderDots(const std::vector<InkPiece>& pieces) {
  const int largest = int(kLargestDot * MiddleHeight(pieces));
  // By where they stand, so that only dots of about one line are compared.
  std::map<int, std::vector<Box>> lines;
  for (const InkPiece& piece : pieces) {
    if (IsDot(piece.box, largest)) lines[piece.box.bottom / kLineHeight].push_back(piece.box);
  }
  std::vector<Box> dots;
  for (auto& [line, in_line] : lines) {
    std::sort(in_line.begin(), in_line.end(),
              [](const Box& a, const Box& b) { return a.left < b.left; });
    LeaderFinder finder;
    for (const Box& dot : in_line) finder.Take(dot);
    const std::vector<Box> found = finder.Take();
    dots.insert(dots.end(), found.begin(), found.end());
  }
  return dots;
}

}  // namespace gnosis
