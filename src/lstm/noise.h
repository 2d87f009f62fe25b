// What a network sees beyond the edges of a line: noise, drawn anew for every window of 3 x 3
// pixels that reaches over an edge, from a generator that starts the same way for every line.
#pragma once

#include <cstdint>
#include <vector>

#include "lstm/line_image.h"

namespace gnosis {

// The windows of the places at the edges of a line, noise filled in: three words of four bytes, as
// kernels take them.
class EdgeWindows {
 public:
  using Window = uint32_t[3];

  EdgeWindows(const LineColumns& line, int64_t seed);
  bool IsEdge(int x, int y) const {
    return y == 0 || y == height_ - 1 || x == 0 || x == width_ - 1;
  }
  const Window& at(int x, int y) const;

 private:
  size_t IndexOf(int x, int y) const;

  struct Stored {
    Window words;
  };
  int width_;
  int height_;
  std::vector<Stored> windows_;
};

}  // namespace gnosis
