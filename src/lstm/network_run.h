// How lines pass through a network with values of either type: uint8_t or float.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "lstm/kernels.h"
#include "lstm/line_network.h"
#include "lstm/line_windows.h"
#include "lstm/noise.h"

namespace gnosis {

// A vector of `size` values for each column of a line; kReadBeyond after the last one.
template <typename Value>
struct VectorsOf {
  int width = 0;
  int size = 0;
  std::vector<Value> values;

  VectorsOf(int columns, int vector_size)
      : width(columns),
        size(vector_size),
        values(size_t(columns) * size_t(vector_size) + kReadBeyond) {}
  Value* at(int x) { return values.data() + size_t(x) * size_t(size); }
  const Value* at(int x) const { return values.data() + size_t(x) * size_t(size); }
};

// The windows of the cell with this corner. The unused fourth values are arbitrary.
template <typename Value>
void CollectWindows(const ColumnsOf<Value>& line, const EdgeWindows<Value>& edges, int left,
                    int top, CellOf<Value>& cell) {
  auto window = cell.begin();
  for (int x = left; x < left + kCellSide; ++x) {
    for (int y = top; y < top + kCellSide; ++y, ++window) {
      if (edges.IsEdge(x, y)) {
        *window = edges.at(x, y);
        continue;
      }
      for (int column = 0; column < kWindowSide; ++column) {
        std::memcpy(window->data() + kWindowStep * column, line.column(x + column - 1) + y - 1,
                    kWindowStep * sizeof(Value));
      }
    }
  }
}

// `convolve_cell(cell, output)` writes the `features` of a cell; a column of the result has the
// features of its cells from the top.
template <typename Value, typename ConvolveCell>
VectorsOf<Value> ConvolveLine(const ColumnsOf<Value>& line, int64_t noise_seed, int features,
                              ConvolveCell convolve_cell) {
  const EdgeWindows<Value> edges(line, noise_seed);
  const int cells = line.height / kCellSide;
  VectorsOf<Value> result(line.width / kCellSide, cells * features);
  CellOf<Value> cell;
  for (int x = 0; x < result.width; ++x) {
    for (int y = 0; y < cells; ++y) {
      CollectWindows(line, edges, x * kCellSide, y * kCellSide, cell);
      convolve_cell(cell, result.at(x) + y * features);
    }
  }
  return result;
}

// Calls `step(running, place)` for every step along the lines, which must be sorted longest first:
// the first `running` lines have not ended yet, and line i is at column place(i).
template <typename Value, typename Step>
void WalkAlong(const std::vector<VectorsOf<Value>>& lines, Direction direction, Step step) {
  const bool backwards = direction == Direction::kBackwards;
  const int longest = lines.empty() ? 0 : lines.front().width;
  size_t running = lines.size();
  for (int taken = 0; taken < longest; ++taken) {
    while (lines[running - 1].width <= taken) --running;
    step(int(running),
         [&](int i) { return backwards ? lines[size_t(i)].width - 1 - taken : taken; });
  }
}

// `multiply(vector, sums)` writes the sums of a column, at most `room` floats.
template <typename Value, typename Multiply>
LineOutputs OutputsOf(const VectorsOf<Value>& columns, int outputs, int room, Multiply multiply) {
  LineOutputs line{columns.width, outputs, {}};
  line.values.resize(size_t(line.width) * size_t(outputs));
  std::vector<float> sums(static_cast<size_t>(room));
  for (int x = 0; x < columns.width; ++x) {
    multiply(columns.at(x), sums.data());
    SoftmaxInPlace(sums.data(), outputs);
    std::copy_n(sums.data(), outputs, line.values.data() + size_t(x) * size_t(outputs));
  }
  return line;
}

// `begin(line)` computes a line's vectors before the layers along it, `along(lines)` runs those
// layers, `finish(vectors)` computes the outputs. Results are in the order of `lines`.
template <typename Begin, typename RunAlong, typename Finish>
std::vector<LineOutputs> RunLines(std::span<const GrayImage* const> lines, Begin begin,
                                  RunAlong along, Finish finish) {
  const std::vector<size_t> order = WidestFirst(lines);
  std::vector<decltype(begin(*lines.front()))> vectors;
  for (const size_t line : order) vectors.push_back(begin(*lines[line]));
  vectors = along(std::move(vectors));
  std::vector<LineOutputs> outputs(lines.size());
  for (size_t i = 0; i < order.size(); ++i) outputs[order[i]] = finish(vectors[i]);
  return outputs;
}

}  // namespace gnosis
