#include <algorithm>

#include "lstm/activation.h"
#include "lstm/line_network.h"
#include "lstm/network_run.h"

namespace gnosis {
namespace {

// Processed together: enough to reuse each weight often, few enough to stay in the cache.
constexpr int kColumnsTogether = 32;

// The state before the first step.
std::vector<uint8_t> Zeros(int size) {
  return std::vector<uint8_t>(size_t(size) + kReadBeyond, uint8_t{kZeroByte});
}

// The buffers of one LSTM for a number of sequences.
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
  std::vector<const uint8_t*> inputs;
  std::vector<const uint8_t*> last_outputs;
  std::vector<uint8_t*> outputs;
};

using Columns = VectorsOf<uint8_t>;

class IntegerNetwork final : public LineNetwork {
 public:
  IntegerNetwork(const NetworkPlan& plan, int64_t noise_seed, const Kernels& kernels)
      : line_height_(plan.line_height),
        noise_seed_(noise_seed),
        kernels_(kernels),
        convolution_(PackMatrix(WidenWindows(*plan.convolution), Packing::kGroups)),
        down_(PackLstm(*plan.down, kernels.packing)),
        outputs_(PackMatrix(*plan.outputs, kernels.packing)) {
    for (const auto& [lstm, direction] : plan.along)
      along_.push_back({PackLstm(*lstm, kernels.packing), direction});
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

  int Features() const { return convolution_.blocks * kBlockRows; }
  Columns Convolve(const LineColumns& line) const;
  Columns RunDown(const Columns& cells) const;
  std::vector<Columns> RunAlong(const Along& layer, const std::vector<Columns>& lines) const;

  const int line_height_;
  const int64_t noise_seed_;
  const Kernels& kernels_;
  const PackedMatrix convolution_;
  const PackedLstm down_;
  std::vector<Along> along_;
  const PackedMatrix outputs_;
};

Columns IntegerNetwork::Convolve(const LineColumns& line) const {
  return ConvolveLine(line, noise_seed_, Features(),
                      [this](const CellOf<uint8_t>& cell, uint8_t* output) {
                        kernels_.convolve_cell(convolution_, cell, output);
                      });
}

Columns IntegerNetwork::RunDown(const Columns& cells) const {
  const int steps = cells.size / Features();
  Columns result(cells.width, down_.units);
  std::vector<uint8_t> other(size_t(kColumnsTogether) * size_t(down_.units) + kReadBeyond);
  const std::vector<uint8_t> zeros = Zeros(down_.units);
  Sequences sequences(kColumnsTogether, down_.units);
  for (int first = 0; first < cells.width; first += kColumnsTogether) {
    const int count = std::min(kColumnsTogether, cells.width - first);
    std::fill(sequences.states.begin(), sequences.states.end(), 0.0F);
    for (int step = 0; step < steps; ++step) {
      for (int i = 0; i < count; ++i) {
        // Alternates between two vectors; the last step writes into the result.
        uint8_t* const kept = result.at(first + i);
        uint8_t* const spare = other.data() + size_t(i) * size_t(down_.units);
        const bool into_result = (steps - step) % 2 == 1;
        sequences.inputs[size_t(i)] = cells.at(first + i) + step * Features();
        sequences.last_outputs[size_t(i)] = step == 0 ? zeros.data() : (into_result ? spare : kept);
        sequences.outputs[size_t(i)] = into_result ? kept : spare;
      }
      kernels_.lstm_step(down_, sequences.Step(count));
    }
  }
  return result;
}

std::vector<Columns> IntegerNetwork::RunAlong(const Along& layer,
                                              const std::vector<Columns>& lines) const {
  const int units = layer.lstm.units;
  std::vector<Columns> results;
  for (const Columns& line : lines) results.emplace_back(line.width, units);
  const std::vector<uint8_t> zeros = Zeros(units);
  Sequences sequences(int(lines.size()), units);
  WalkAlong(lines, layer.direction, [&](int running, auto place) {
    for (size_t i = 0; i < size_t(running); ++i) {
      const int x = place(int(i));
      const uint8_t* const last = sequences.outputs[i];
      sequences.inputs[i] = lines[i].at(x);
      sequences.last_outputs[i] = last == nullptr ? zeros.data() : last;
      sequences.outputs[i] = results[i].at(x);
    }
    kernels_.lstm_step(layer.lstm, sequences.Step(running));
  });
  return results;
}

std::vector<LineOutputs> IntegerNetwork::Run(std::span<const GrayImage* const> lines,
                                             Polarity polarity) const {
  return RunLines(
      lines,
      [&](const GrayImage& line) { return RunDown(Convolve(NormaliseLine(line, polarity))); },
      [&](std::vector<Columns> columns) {
        for (const Along& layer : along_) columns = RunAlong(layer, columns);
        return columns;
      },
      [&](const Columns& columns) {
        return OutputsOf(columns, outputs_.outputs, outputs_.blocks * kBlockRows,
                         [this](const uint8_t* vector, float* sums) {
                           kernels_.multiply(outputs_, vector, sums);
                         });
      });
}

}  // namespace

std::unique_ptr<LineNetwork> NewIntegerNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                               const Kernels& kernels) {
  return std::make_unique<IntegerNetwork>(plan, noise_seed, kernels);
}

}  // namespace gnosis
