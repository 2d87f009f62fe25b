#include "layout/ink_pieces.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <utility>

#include "base/result.h"
#include "layout/disjoint_sets.h"

namespace gnosis {
namespace {

using Histogram = std::array<uint64_t, 256>;

Histogram CountGrays(const Raster& gray) {
  // Four tables: neighbouring pixels are often alike, and incrementing one counter twice in a row
  // stalls.
  std::array<Histogram, 4> counts{};
  const std::vector<uint8_t>& pixels = gray.pixels;
  size_t i = 0;
  for (; i + 4 <= pixels.size(); i += 4) {
    for (size_t k = 0; k < 4; ++k) ++counts[k][pixels[i + k]];
  }
  for (; i < pixels.size(); ++i) ++counts[0][pixels[i]];
  for (size_t value = 0; value < 256; ++value) {
    for (size_t k = 1; k < 4; ++k) counts[0][value] += counts[k][value];
  }
  return counts[0];
}

// A run of ink in one row of pixels; `right` is the first pixel after it.
struct Run {
  int left = 0;
  int right = 0;
  size_t piece = 0;
};

// Usage: Add() every row from the top, then Take(). When two pieces turn out to be one, the newer
// is merged into the older, so that pieces keep the order of their tops.
class PieceFinder {
 public:
  PieceFinder(int width, int threshold) : threshold_(uint8_t(threshold)), ink_(size_t(width)) {}

  size_t pieces() const { return pieces_.size(); }

  void Add(const uint8_t* row, int y) {
    for (size_t x = 0; x < ink_.size(); ++x) ink_[x] = row[x] <= threshold_;
    std::swap(above_, runs_);
    runs_.clear();
    auto above = above_.begin();
    for (int left = NextOf(1, 0); left < int(ink_.size());) {
      const int right = NextOf(0, left);
      while (above != above_.end() && above->right < left) ++above;
      const size_t piece = PieceTouching(above, right);
      runs_.push_back({left, right, piece});
      InkPiece& grown = pieces_[piece];
      grown.box = Union(grown.box, {left, y, right, y + 1});
      grown.pixels += right - left;
      left = NextOf(1, right);
    }
  }

  std::vector<InkPiece> Take() {
    std::vector<InkPiece> whole;
    for (size_t i = 0; i < pieces_.size(); ++i) {
      const size_t name = sets_.Find(i);
      if (name == i) continue;
      pieces_[name].box = Union(pieces_[name].box, pieces_[i].box);
      pieces_[name].pixels += pieces_[i].pixels;
    }
    for (size_t i = 0; i < pieces_.size(); ++i) {
      if (sets_.Find(i) == i) whole.push_back(pieces_[i]);
    }
    return whole;
  }

 private:
  // The first pixel from `x` on that is ink (`ink` = 1) or background (0); the width if there is
  // none.
  int NextOf(int ink, int x) const {
    const void* found = std::memchr(ink_.data() + x, ink, ink_.size() - size_t(x));
    return found ? int(static_cast<const uint8_t*>(found) - ink_.data()) : int(ink_.size());
  }

  // The piece of the runs above, from `above` on, that begin no further right than `right`; they
  // are merged. A new piece if there are none.
  size_t PieceTouching(std::vector<Run>::const_iterator above, int right) {
    if (above == above_.end() || above->left > right) {
      pieces_.emplace_back();
      return sets_.Add();
    }
    size_t piece = sets_.Find(above->piece);
    for (++above; above != above_.end() && above->left <= right; ++above) {
      piece = sets_.Join(piece, above->piece);
    }
    return piece;
  }

  const uint8_t threshold_;
  std::vector<uint8_t> ink_;  // of the current row: 1 or 0
  std::vector<Run> runs_;
  std::vector<Run> above_;
  std::vector<InkPiece> pieces_;
  DisjointSets sets_;  // of piece numbers
};

}  // namespace

int InkThreshold(const Raster& gray) {
  GNOSIS_CHECK(gray.format == PixelFormat::kGray8);
  const Histogram counts = CountGrays(gray);
  double all = 0, all_sum = 0;
  for (size_t value = 0; value < 256; ++value) {
    all += double(counts[value]);
    all_sum += double(counts[value]) * double(value);
  }
  double dark = 0, dark_sum = 0, best = -1;
  int threshold = 0;
  for (size_t value = 0; value < 255; ++value) {
    dark += double(counts[value]);
    dark_sum += double(counts[value]) * double(value);
    if (dark == 0 || dark == all) continue;
    const double apart = dark_sum / dark - (all_sum - dark_sum) / (all - dark);
    const double between = dark * (all - dark) * apart * apart;
    if (between <= best) continue;
    best = between;
    threshold = int(value);
  }
  return threshold;
}

std::optional<std::vector<InkPiece>> FindInkPieces(const Raster& gray, int threshold,
                                                   int max_pieces) {
  GNOSIS_CHECK(gray.format == PixelFormat::kGray8);
  PieceFinder finder(gray.width, threshold);
  // One letter may begin as several pieces that meet further down.
  const size_t most = size_t(max_pieces) * 4;
  for (int y = 0; y < gray.height; ++y) {
    finder.Add(gray.row(y), y);
    if (finder.pieces() > most) return std::nullopt;
  }
  auto pieces = finder.Take();
  if (pieces.size() > size_t(max_pieces)) return std::nullopt;
  return pieces;
}

PageInk FindPageInk(const Raster& gray) {
  const int threshold = InkThreshold(gray);
  return {threshold, FindInkPieces(gray, threshold, kMostInkPieces)};
}

}  // namespace gnosis
