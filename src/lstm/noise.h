// What a network sees beyond the edges of a line: noise, drawn separately for every window of 3 x 3
// pixels that crosses an edge, from a generator that starts the same way for every line.
#pragma once

#include <cstdint>
#include <vector>

#include "lstm/line_windows.h"

namespace gnosis {

// The windows at the edges of a line, filled up with noise. Value is uint8_t or float.
template <typename Value>
class EdgeWindows {
 public:
  EdgeWindows(const ColumnsOf<Value>& line, int64_t seed);
  bool IsEdge(int x, int y) const {
    return y == 0 || y == height_ - 1 || x == 0 || x == width_ - 1;
  }
  const WindowOf<Value>& at(int x, int y) const { return windows_[IndexOf(x, y)]; }

 private:
  size_t IndexOf(int x, int y) const;

  int width_;
  int height_;
  std::vector<WindowOf<Value>> windows_;
};

}  // namespace gnosis
