#include "lstm/float_network.h"

#include <algorithm>

#include "lstm/activation.h"
#include "lstm/float_matrix.h"
#include "lstm/noise.h"

namespace gnosis {
namespace {

constexpr int kColumnsTogether = 32;  // that run down together
constexpr float kStateLimit = 100;
constexpr int kWindowValues = 12;  // as EdgeWindows has them
constexpr int kGates = 4;          // cell input, input gate, forget gate, output gate

// Vectors of floats, one for each column of a line.
struct Columns {
  int width = 0;
  int size = 0;
  std::vector<float> values;

  Columns(int columns, int vector_size)
      : width(columns), size(vector_size), values(size_t(columns) * size_t(vector_size)) {}
  float* at(int x) { return values.data() + size_t(x) * size_t(size); }
  const float* at(int x) const { return values.data() + size_t(x) * size_t(size); }
};

// A window's values come column by column, three each; EdgeWindows leaves room for a fourth.
WeightMatrix WidenWindows(const WeightMatrix& matrix) {
  WeightMatrix wide{matrix.rows, kWindowValues + 1, {}, {}, {}};
  wide.floats.resize(size_t(wide.rows) * size_t(wide.columns));
  for (int row = 0; row < matrix.rows; ++row) {
    const float* from = matrix.floats.data() + size_t(row) * size_t(matrix.columns);
    float* to = wide.floats.data() + size_t(row) * size_t(wide.columns);
    for (int input = 0; input < kWindowSide * kWindowSide; ++input) {
      to[input / kWindowSide * 4 + input % kWindowSide] = from[input];
    }
    to[kWindowValues] = from[matrix.columns - 1];
  }
  return wide;
}

struct FloatLstm {
  int inputs = 0;
  int units = 0;
  FloatMatrix gates;  // one gate's units after the other's

  explicit FloatLstm(const LayerNode& node)
      : inputs(node.inputs), units(node.outputs), gates(StackFloats(node.weights)) {}
};

// Some sequences on their way through an LSTM; all begin with nothing.
class LstmRun {
 public:
  LstmRun(const FloatLstm& lstm, const Kernels& kernels, int count)
      : lstm_(lstm),
        kernels_(kernels),
        sources_(count, lstm.inputs + lstm.units),
        sums_(count, lstm.gates.blocks * kFloatBlock),
        states_(count, lstm.units) {
    for (int i = 0; i < count; ++i) {
      source_of_.push_back(sources_.at(i));
      sums_of_.push_back(sums_.at(i));
    }
  }

  // The next value of a sequence, `inputs` floats.
  void SetInput(int item, const float* input) {
    std::copy_n(input, lstm_.inputs, sources_.at(item));
  }
  // Of the first `count` sequences.
  void Step(int count) {
    kernels_.multiply_floats(lstm_.gates, source_of_.data(), sums_of_.data(), count);
    for (int item = 0; item < count; ++item) FinishStep(item);
  }
  // `units` floats, until the next step.
  const float* output(int item) const { return sources_.at(item) + lstm_.inputs; }

 private:
  void FinishStep(int item) {
    const ActivationTable& tanh = TanhTable();
    const ActivationTable& logistic = LogisticTable();
    const float* sums = sums_.at(item);
    float* states = states_.at(item);
    float* outputs = sources_.at(item) + lstm_.inputs;
    const int units = lstm_.units;
    for (int unit = 0; unit < units; ++unit) {
      const float cell = Tanh(tanh, sums[unit]);
      const float in = Logistic(logistic, sums[units + unit]);
      const float keep = Logistic(logistic, sums[2 * units + unit]);
      const float out = Logistic(logistic, sums[3 * units + unit]);
      states[unit] = std::clamp(states[unit] * keep + cell * in, -kStateLimit, kStateLimit);
      outputs[unit] = Tanh(tanh, states[unit]) * out;
    }
  }

  const FloatLstm& lstm_;
  const Kernels& kernels_;
  Columns sources_;  // the input, then the last output
  Columns sums_;
  Columns states_;
  std::vector<const float*> source_of_;
  std::vector<float*> sums_of_;
};

class FloatNetwork final : public LineNetwork {
 public:
  FloatNetwork(const NetworkPlan& plan, int64_t noise_seed, const Kernels& kernels)
      : line_height_(plan.line_height),
        noise_seed_(noise_seed),
        kernels_(kernels),
        convolution_(StackFloats(std::vector{WidenWindows(*plan.convolution)})),
        down_(*plan.down),
        outputs_(StackFloats({plan.outputs, 1})) {
    for (const auto& [lstm, direction] : plan.along)
      along_.push_back({FloatLstm(*lstm), direction});
  }

  int line_height() const override { return line_height_; }
  int output_count() const override { return outputs_.outputs; }

  std::vector<LineOutputs> Run(std::span<const GrayImage* const> lines,
                               Polarity polarity) const override {
    const std::vector<size_t> order = WidestFirst(lines);
    std::vector<Columns> columns;
    for (const size_t line : order) {
      columns.push_back(RunDown(Convolve(NormaliseLineToFloats(*lines[line], polarity))));
    }
    for (const Along& layer : along_) columns = RunAlong(layer, columns);
    std::vector<LineOutputs> outputs(lines.size());
    for (size_t i = 0; i < order.size(); ++i) outputs[order[i]] = Finish(columns[i]);
    return outputs;
  }

 private:
  struct Along {
    FloatLstm lstm;
    Direction direction;
  };

  Columns Convolve(const FloatColumns& line) const {
    const EdgeWindows<float> edges(line, noise_seed_);
    const int cells = line.height / kCellSide;
    const int features = convolution_.outputs;
    Columns result(line.width / kCellSide, cells * features);
    constexpr int kPlaces = kCellSide * kCellSide;
    Columns windows(kPlaces, kWindowValues);
    Columns sums(kPlaces, convolution_.blocks * kFloatBlock);
    const float* window_of[kPlaces];
    float* sums_of[kPlaces];
    for (int place = 0; place < kPlaces; ++place) {
      window_of[place] = windows.at(place);
      sums_of[place] = sums.at(place);
    }
    for (int x = 0; x < result.width; ++x) {
      for (int y = 0; y < cells; ++y) {
        CollectWindows(line, edges, x * kCellSide, y * kCellSide, windows);
        kernels_.multiply_floats(convolution_, window_of, sums_of, kPlaces);
        float* cell = result.at(x) + y * features;
        for (int feature = 0; feature < features; ++feature) {
          float largest = sums.at(0)[feature];
          for (int place = 1; place < kPlaces; ++place) {
            largest = std::max(largest, sums.at(place)[feature]);
          }
          cell[feature] = Tanh(TanhTable(), largest);  // it grows
        }
      }
    }
    return result;
  }

  // The windows of the 3 x 3 places of a cell.
  static void CollectWindows(const FloatColumns& line, const EdgeWindows<float>& edges, int left,
                             int top, Columns& windows) {
    int place = 0;
    for (int x = left; x < left + kCellSide; ++x) {
      for (int y = top; y < top + kCellSide; ++y, ++place) {
        float* window = windows.at(place);
        if (edges.IsEdge(x, y)) {
          std::copy_n(edges.at(x, y).data(), kWindowValues, window);
          continue;
        }
        for (int dx = -1; dx <= 1; ++dx) {
          std::copy_n(line.column(x + dx) + y - 1, kWindowSide, window + 4 * (dx + 1));
        }
      }
    }
  }

  Columns RunDown(const Columns& cells) const {
    const int features = convolution_.outputs;
    Columns result(cells.width, down_.units);
    for (int first = 0; first < cells.width; first += kColumnsTogether) {
      const int count = std::min(kColumnsTogether, cells.width - first);
      LstmRun run(down_, kernels_, count);
      for (int step = 0; step < cells.size / features; ++step) {
        for (int i = 0; i < count; ++i) run.SetInput(i, cells.at(first + i) + step * features);
        run.Step(count);
      }
      for (int i = 0; i < count; ++i) std::copy_n(run.output(i), down_.units, result.at(first + i));
    }
    return result;
  }

  // The longest lines first, so that those still running are the first ones.
  std::vector<Columns> RunAlong(const Along& layer, const std::vector<Columns>& lines) const {
    const bool backwards = layer.direction == Direction::kBackwards;
    std::vector<Columns> results;
    for (const Columns& line : lines) results.emplace_back(line.width, layer.lstm.units);
    LstmRun run(layer.lstm, kernels_, int(lines.size()));
    int running = int(lines.size());
    const int longest = lines.empty() ? 0 : lines.front().width;
    for (int step = 0; step < longest; ++step) {
      while (lines[size_t(running) - 1].width <= step) --running;
      const auto place = [&](int i) {
        return backwards ? lines[size_t(i)].width - 1 - step : step;
      };
      for (int i = 0; i < running; ++i) run.SetInput(i, lines[size_t(i)].at(place(i)));
      run.Step(running);
      for (int i = 0; i < running; ++i) {
        std::copy_n(run.output(i), layer.lstm.units, results[size_t(i)].at(place(i)));
      }
    }
    return results;
  }

  LineOutputs Finish(const Columns& columns) const {
    LineOutputs line{columns.width, outputs_.outputs, {}};
    line.values.resize(size_t(line.width) * size_t(line.outputs));
    std::vector<float> column(size_t(outputs_.blocks) * kFloatBlock);
    for (int x = 0; x < columns.width; ++x) {
      const float* input = columns.at(x);
      float* output = column.data();
      kernels_.multiply_floats(outputs_, &input, &output, 1);
      SoftmaxInPlace(column.data(), line.outputs);
      std::copy_n(column.data(), line.outputs,
                  line.values.data() + size_t(x) * size_t(line.outputs));
    }
    return line;
  }

  const int line_height_;
  const int64_t noise_seed_;
  const Kernels& kernels_;
  const FloatMatrix convolution_;
  const FloatLstm down_;
  std::vector<Along> along_;
  const FloatMatrix outputs_;
};

}  // namespace

std::unique_ptr<LineNetwork> NewFloatNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                             const Kernels& kernels) {
  return std::make_unique<FloatNetwork>(plan, noise_seed, kernels);
}

}  // namespace gnosis
