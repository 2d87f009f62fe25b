#include <algorithm>

#include "lstm/activation.h"
#include "lstm/float_matrix.h"
#include "lstm/line_network.h"
#include "lstm/network_run.h"

namespace gnosis {
namespace {

constexpr int kColumnsTogether = 32;  // columns that are processed together
constexpr float kStateLimit = 100;

using Columns = VectorsOf<float>;

struct FloatLstm {
  int inputs = 0;
  int units = 0;
  FloatMatrix gates;  // the units of one gate after those of another

  explicit FloatLstm(const LayerNode& node)
      : inputs(node.inputs), units(node.outputs), gates(StackFloats(node.weights)) {}
};

// Runs several sequences through an LSTM; all start from zeros.
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
  // Processes the first `count` sequences.
  void Step(int count) {
    kernels_.multiply_floats(lstm_.gates, source_of_.data(), sums_of_.data(), count);
    for (int item = 0; item < count; ++item) FinishStep(item);
  }
  // `units` floats, valid until the next step.
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
    return RunLines(
        lines,
        [&](const GrayImage& line) {
          return RunDown(Convolve(NormaliseLineToFloats(line, polarity)));
        },
        [&](std::vector<Columns> columns) {
          for (const Along& layer : along_) columns = RunAlong(layer, columns);
          return columns;
        },
        [&](const Columns& columns) {
          return OutputsOf(columns, outputs_.outputs, outputs_.blocks * kFloatBlock,
                           [this](const float* vector, float* sums) {
                             kernels_.multiply_floats(outputs_, &vector, &sums, 1);
                           });
        });
  }

 private:
  struct Along {
    FloatLstm lstm;
    Direction direction;
  };

  Columns Convolve(const FloatColumns& line) const {
    const int features = convolution_.outputs;
    Columns sums(kCellPlaces, convolution_.blocks * kFloatBlock);
    float* sums_of[kCellPlaces];
    for (int place = 0; place < kCellPlaces; ++place) sums_of[place] = sums.at(place);
    return ConvolveLine(line, noise_seed_, features, [&](const CellOf<float>& cell, float* output) {
      const float* window_of[kCellPlaces];
      for (size_t place = 0; place < cell.size(); ++place) window_of[place] = cell[place].data();
      kernels_.multiply_floats(convolution_, window_of, sums_of, kCellPlaces);
      for (int feature = 0; feature < features; ++feature) {
        float largest = sums_of[0][feature];
        for (const float* place : sums_of) largest = std::max(largest, place[feature]);
        output[feature] = Tanh(TanhTable(), largest);  // tanh is monotonic
      }
    });
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

  std::vector<Columns> RunAlong(const Along& layer, const std::vector<Columns>& lines) const {
    std::vector<Columns> results;
    for (const Columns& line : lines) results.emplace_back(line.width, layer.lstm.units);
    LstmRun run(layer.lstm, kernels_, int(lines.size()));
    WalkAlong(lines, layer.direction, [&](int running, auto place) {
      for (int i = 0; i < running; ++i) run.SetInput(i, lines[size_t(i)].at(place(i)));
      run.Step(running);
      for (int i = 0; i < running; ++i) {
        std::copy_n(run.output(i), layer.lstm.units, results[size_t(i)].at(place(i)));
      }
    });
    return results;
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
