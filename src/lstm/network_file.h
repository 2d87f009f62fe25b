// The network of a model as its file has it: a tree of layers with their weights.
//
// Read here, shapes checked; what can be run is decided in network.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lstm/byte_reader.h"

namespace gnosis {

// Row-major: one row per output, the last column is the bias. Of integer weights a row's true ones
// are its values times its scale. Values lie within -127 and 127; inputs of -1 to 1 are meant to be
// multiplied by 127, too. A "best" model has `floats` instead.
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
  kReversed,    // the layer inside runs from right to left
  kTransposed,  // the layer inside runs down the columns
  kLstm,
  kSummaryLstm,  // an LSTM of which only the last output counts
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
