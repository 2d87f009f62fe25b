#include "lstm/integer_network.h"

#include <algorithm>
#include <cstring>

#include "lstm/noise.h"

namespace gnosis {
namespace {

// Columns that run down together: enough to use a weight often, few enough to stay in the cache.
constexpr int kColumnsTogether = 32;

// One vector of zeros for whoever has nothing before.
using Zeros = std::vector<int8_t>;

// A window's values come column by column, three each; the kernel takes them by fours.
WeightMatrix WidenWindows(const WeightMatrix& matrix) {
  WeightMatrix wide{matrix.rows, kWindowColumns * kGroupInputs + 1, {}, matrix.scales, {}};
  wide.values.resize(size_t(wide.rows) * size_t(wide.columns));
  for (int row = 0; row < matrix.rows; ++row) {
    const int8_t* from = matrix.values.data() + size_t(row) * size_t(matrix.columns);
    int8_t* to = wide.values.data() + size_t(row) * size_t(wide.columns);
    for (int input = 0; input < kWindowColumns * kWindowSide; ++input) {
      to[input / kWindowSide * kGroupInputs + input % kWindowSide] = from[input];
    }
    to[wide.columns - 1] = from[matrix.columns - 1];
  }
  return wide;
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
void CollectWindows(const LineColumns& line, const EdgeWindows<int8_t>& edges, int left, int top,
                    CellWindows& windows) {
  int place = 0;
  for (int x = left; x < left + 3; ++x) {
    for (int y = top; y < top + 3; ++y, ++place) {
      if (edges.IsEdge(x, y)) {
        std::memcpy(windows[place], edges.at(x, y).data(), sizeof(windows[place]));
        continue;
      }
      for (int dx = -1; dx <= 1; ++dx) windows[place][dx + 1] = Word(line.column(x + dx) + y - 1);
    }
  }
}

// Vectors of bytes, one for each column of a line.
struct Columns {
  int width = 0;
  int size = 0;  // bytes of a vector
  std::vector<int8_t> values;
  int8_t* at(int x) { return values.data() + size_t(x) * size_t(size); }
  const int8_t* at(int x) const { return values.data() + size_t(x) * size_t(size); }
};

class IntegerNetwork final : public LineNetwork {
 public:
  IntegerNetwork(const NetworkPlan& plan, int64_t noise_seed, const Kernels& kernels)
      : line_height_(plan.line_height),
        noise_seed_(noise_seed),
        kernels_(kernels),
        convolution_(PackMatrix(WidenWindows(*plan.convolution))),
        down_(PackLstm(*plan.down)),
        outputs_(PackMatrix(*plan.outputs)) {
    for (const auto& [lstm, direction] : plan.along) along_.push_back({PackLstm(*lstm), direction});
  }

  int line_height() const override { return line_height_; }
  int output_count() const override { return outputs_.outputs; }
  std::vector<LineOutputs> Run(std::span<const GrayImage* const> lines,
                               Polarity polarity) const override;

 private:
  struct Along {
    PackedLstm lstm;
    Direction direction;
  };

  Columns Convolve(const LineColumns& line) const;
  Columns RunDown(const Columns& cells) const;
  std::vector<Columns> RunAlong(const Along& layer, const std::vector<Columns>& lines) const;
  LineOutputs Finish(const Columns& columns) const;

  const int line_height_;
  const int64_t noise_seed_;
  const Kernels& kernels_;
  const PackedMatrix convolution_;
  const PackedLstm down_;
  std::vector<Along> along_;
  const PackedMatrix outputs_;
};

Columns IntegerNetwork::Convolve(const LineColumns& line) const {
  const EdgeWindows<int8_t> edges(line, noise_seed_);
  const int cells = line.height / kCellSide;
  const int features = convolution_.blocks * kBlockRows;
  Columns result{line.width / kCellSide, cells * features, {}};
  result.values.resize(size_t(result.width) * size_t(result.size));
  CellWindows windows;
  for (int x = 0; x < result.width; ++x) {
    for (int y = 0; y < cells; ++y) {
      CollectWindows(line, edges, x * kCellSide, y * kCellSide, windows);
      kernels_.convolve_cell(convolution_, windows, result.at(x) + y * features);
    }
  }
  return result;
}

Columns IntegerNetwork::RunDown(const Columns& cells) const {
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
      kernels_.lstm_step(down_, sequences.Step(count));
    }
  }
  return result;
}

// The longest lines first, so that those still running are the first ones.
std::vector<Columns> IntegerNetwork::RunAlong(const Along& layer,
                                              const std::vector<Columns>& lines) const {
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
    kernels_.lstm_step(layer.lstm, sequences.Step(running));
  }
  return results;
}

LineOutputs IntegerNetwork::Finish(const Columns& columns) const {
  LineOutputs line{columns.width, outputs_.outputs, {}};
  line.values.resize(size_t(line.width) * size_t(line.outputs));
  std::vector<float> column(size_t(outputs_.blocks) * kBlockRows);
  for (int x = 0; x < columns.width; ++x) {
    kernels_.multiply(outputs_, columns.at(x), column.data());
    SoftmaxInPlace(column.data(), line.outputs);
    std::copy_n(column.data(), line.outputs, line.values.data() + size_t(x) * size_t(line.outputs));
  }
  return line;
}

std::vector<LineOutputs> IntegerNetwork::Run(std::span<const GrayImage* const> lines,
                                             Polarity polarity) const {
  const std::vector<size_t> order = WidestFirst(lines);
  std::vector<Columns> columns;
  for (const size_t line : order) {
    columns.push_back(RunDown(Convolve(NormaliseLine(*lines[line], polarity))));
  }
  for (const Along& layer : along_) columns = RunAlong(layer, columns);
  std::vector<LineOutputs> outputs(lines.size());
  for (size_t i = 0; i < order.size(); ++i) outputs[order[i]] = Finish(columns[i]);
  return outputs;
}

}  // namespace

std::unique_ptr<LineNetwork> NewIntegerNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                               const Kernels& kernels) {
  return std::make_unique<IntegerNetwork>(plan, noise_seed, kernels);
}

}  // namespace gnosis
