#include "lstm/line_windows.h"

namespace gnosis {
namespace {

template <typename Value>
std::vector<Value> Widened(const WeightMatrix& matrix, const std::vector<Value>& narrow) {
  std::vector<Value> wide(size_t(matrix.rows) * (kWindowValues + 1));
  for (int row = 0; row < matrix.rows; ++row) {
    const Value* from = narrow.data() + size_t(row) * size_t(matrix.columns);
    Value* to = wide.data() + size_t(row) * (kWindowValues + 1);
    for (int input = 0; input < kWindowSide * kWindowSide; ++input) {
      to[input / kWindowSide * kWindowStep + input % kWindowSide] = from[input];
    }
    to[kWindowValues] = from[matrix.columns - 1];
  }
  return wide;
}

}  // namespace

WeightMatrix WidenWindows(const WeightMatrix& matrix) {
  WeightMatrix wide{matrix.rows, kWindowValues + 1, {}, matrix.scales, {}};
  if (matrix.floats.empty()) {
    wide.values = Widened(matrix, matrix.values);
  } else {
    wide.floats = Widened(matrix, matrix.floats);
  }
  return wide;
}

}  // namespace gnosis
