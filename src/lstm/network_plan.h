// The layers of a model in the order in which they run. One order is supported: that of all public
// models for alphabetic scripts.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "lstm/line_windows.h"
#include "lstm/network_file.h"

namespace gnosis {

enum class Direction { kForwards, kBackwards };

// Points into the tree that it was made from. Adjacent layers match; numbers of features are
// multiples of 8.
struct NetworkPlan {
  struct Along {
    const LayerNode* lstm;
    Direction direction;
  };
  int line_height = 0;
  const WeightMatrix* convolution = nullptr;  // of windows of 3 x 3, column by column
  const LayerNode* down = nullptr;
  std::vector<Along> along;
  const WeightMatrix* outputs = nullptr;
  bool has_floats = false;
};

// kDamaged; kUnsupportedFormat names what we cannot run.
Result<NetworkPlan> PlanNetwork(const LayerNode& root);

}  // namespace gnosis
