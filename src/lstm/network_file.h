// The network of a model as stored in the file: a tree of layers with their weights.
//
// Reads it and checks shapes; network_plan.h decides what can be run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lstm/byte_reader.h"

namespace gnosis {

// Row-major: one row per output, the last column is the bias. With integer weights, the true
// weights are the values of a row times its scale. Values are between -127 and 127; inputs of -1 to
// 1 are multiplied by 127, too. A "best" model has `floats` instead.
struct WeightMatrix {
  int rows = 0;
  int columns = 0;
  std::vector<int8_t> values;
  std::vector<float> scales;
  std::vector<float> floats;
};

enum class LayerKind {
  kInput,
  kConvolve,
  kMaxpool,
  kSeries,
  kReversed,    // the inner layer runs from right to left
  kTransposed,  // the inner layer runs down the columns
  kLstm,
  kSummaryLstm,  // an LSTM that keeps only its last output
  kTanh,
  kSoftmax,
};

struct LayerNode {
  LayerKind kind = LayerKind::kInput;
  std::string name;  // for errors
  int inputs = 0;
  int outputs = 0;
  int height = 0;                     // of the input image
  int depth = 0;                      // of the input image: 1 is grey
  int x_size = 0;                     // half window of a convolution, side of a maxpool's cell
  int y_size = 0;                     //
  std::vector<WeightMatrix> weights;  // an LSTM: cell input, input gate, forget gate, output gate
  std::vector<LayerNode> children;
};

// kDamaged; kUnsupportedFormat names a layer that we cannot run.
Result<LayerNode> ReadLayer(ByteReader& reader);

}  // namespace gnosis
