#include "lstm/network.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "lstm/noise.h"

namespace gnosis {
namespace {

constexpr float kSmallestExponent = -86;
// Columns that run down together: enough to use a weight often, few enough to stay in the cache.
constexpr int kColumnsTogether = 32;

// One vector of zeros for whoever has nothing before.
using Zeros = std::vector<int8_t>;

void SoftmaxInPlace(float* values, int count) {
  const float largest = *std::max_element(values, values + count);
  float total = 0;
  for (int i = 0; i < count; ++i) {
    values[i] = std::exp(std::max(values[i] - largest, kSmallestExponent));
    total += values[i];
  }
  for (int i = 0; i < count; ++i) values[i] /= total;
}

// What one LSTM needs for a number of sequences.
struct Sequences {
  explicit Sequences(int count, int units)
      : states(size_t(count) * size_t(units)),
        inputs(size_t(count)),
        last_outputs(size_t(count)),
        outputs(size_t(count)) {
    for (int i = 0; i < count; ++i) state_of.push_back(states.data() + size_t(i) * size_t(units));
  }
  LstmStep Step(int count) const {
    return {count, inputs.data(), last_outputs.data(), outputs.data(), state_of.data()};
  }

  std::vector<float> states;
  std::vector<float*> state_of;
  std::vector<const int8_t*> inputs;
  std::vector<const int8_t*> last_outputs;
  std::vector<int8_t*> outputs;
};

uint32_t Word(const int8_t* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// The windows of the 3 x 3 places of a cell.
void CollectWindows(const LineColumns& line, const EdgeWindows& edges, int left, int top,
                    CellWindows& windows) {
  int place = 0;
  for (int x = left; x < left + 3; ++x) {
    for (int y = top; y < top + 3; ++y, ++place) {
      if (edges.IsEdge(x, y)) {
        std::copy_n(edges.at(x, y), kWindowColumns, windows[place]);
        continue;
      }
      for (int dx = -1; dx <= 1; ++dx) windows[place][dx + 1] = Word(line.column(x + dx) + y - 1);
    }
  }
}

}  // namespace

Network::Columns Network::Convolve(const LineColumns& line, const Kernels& kernels) const {
  const EdgeWindows edges(line, noise_seed_);
  const int cells = line.height / kCellSide;
  const int features = convolution_.blocks * kBlockRows;
  Columns result{line.width / kCellSide, cells * features, {}};
  result.values.resize(size_t(result.width) * size_t(result.size));
  CellWindows windows;
  for (int x = 0; x < result.width; ++x) {
    for (int y = 0; y < cells; ++y) {
      CollectWindows(line, edges, x * kCellSide, y * kCellSide, windows);
      kernels.convolve_cell(convolution_, windows, result.at(x) + y * features);
    }
  }
  return result;
}

Network::Columns Network::RunDown(const Columns& cells, const Kernels& kernels) const {
  const int features = convolution_.blocks * kBlockRows;
  const int steps = cells.size / features;
  Columns result{cells.width, down_.units, {}};
  result.values.resize(size_t(result.width) * size_t(result.size));
  std::vector<int8_t> other(size_t(kColumnsTogether) * size_t(down_.units));
  const Zeros zeros(static_cast<size_t>(down_.units));
  Sequences sequences(kColumnsTogether, down_.units);
  for (int first = 0; first < cells.width; first += kColumnsTogether) {
    const int count = std::min(kColumnsTogether, cells.width - first);
    std::fill(sequences.states.begin(), sequences.states.end(), 0.0F);
    for (int step = 0; step < steps; ++step) {
      for (int i = 0; i < count; ++i) {
        // Two vectors in turn; the last step writes into the result.
        int8_t* const kept = result.at(first + i);
        int8_t* const spare = other.data() + size_t(i) * size_t(down_.units);
        const bool into_result = (steps - step) % 2 == 1;
        sequences.inputs[size_t(i)] = cells.at(first + i) + step * features;
        sequences.last_outputs[size_t(i)] = step == 0 ? zeros.data() : (into_result ? spare : kept);
        sequences.outputs[size_t(i)] = into_result ? kept : spare;
      }
      kernels.lstm_step(down_, sequences.Step(count));
    }
  }
  return result;
}

// The longest lines first, so that those still running are the first ones.
std::vector<Network::Columns> Network::RunAlong(const Along& layer,
                                                const std::vector<Columns>& lines,
                                                const Kernels& kernels) const {
  const int units = layer.lstm.units;
  const bool backwards = layer.direction == Direction::kBackwards;
  std::vector<Columns> results;
  for (const Columns& line : lines) {
    results.push_back({line.width, units, std::vector<int8_t>(size_t(line.width) * size_t(units))});
  }
  const Zeros zeros(static_cast<size_t>(units));
  Sequences sequences(int(lines.size()), units);
  const int longest = lines.empty() ? 0 : lines.front().width;
  int running = int(lines.size());
  for (int step = 0; step < longest; ++step) {
    while (lines[size_t(running) - 1].width <= step) --running;
    for (size_t i = 0; i < size_t(running); ++i) {
      const int x = backwards ? lines[i].width - 1 - step : step;
      sequences.inputs[i] = lines[i].at(x);
      sequences.last_outputs[i] = step == 0 ? zeros.data() : sequences.outputs[i];
      sequences.outputs[i] = results[i].at(x);
    }
    kernels.lstm_step(layer.lstm, sequences.Step(running));
  }
  return results;
}

LineOutputs Network::Finish(const Columns& columns, const Kernels& kernels) const {
  LineOutputs line{columns.width, outputs_.outputs, {}};
  line.values.resize(size_t(line.width) * size_t(line.outputs));
  std::vector<float> column(size_t(outputs_.blocks) * kBlockRows);
  for (int x = 0; x < columns.width; ++x) {
    kernels.multiply(outputs_, columns.at(x), column.data());
    SoftmaxInPlace(column.data(), line.outputs);
    std::copy_n(column.data(), line.outputs, line.values.data() + size_t(x) * size_t(line.outputs));
  }
  return line;
}

std::vector<LineOutputs> Network::Run(std::span<const LineColumns* const> lines,
                                      const Kernels& kernels) const {
  std::vector<size_t> order(lines.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return lines[a]->width > lines[b]->width; });
  std::vector<Columns> columns;
  for (const size_t line : order)
    columns.push_back(RunDown(Convolve(*lines[line], kernels), kernels));
  for (const Along& layer : along_) columns = RunAlong(layer, columns, kernels);
  std::vector<LineOutputs> outputs(lines.size());
  for (size_t i = 0; i < order.size(); ++i) outputs[order[i]] = Finish(columns[i], kernels);
  return outputs;
}

}  // namespace gnosis
