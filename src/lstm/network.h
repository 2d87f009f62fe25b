// The network of a model, ready to run: a convolution over the line's pixels, cells of 3 x 3 of it,
// an LSTM down each column of cells, LSTMs along the line in either direction, and for each column
// the probability of every output.
//
// Many lines run together, so that the weights are fetched once for all; what comes out for a line
// does not depend on its company.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "lstm/kernels.h"
#include "lstm/line_image.h"
#include "lstm/network_file.h"

namespace gnosis {

// Probabilities, column after column.
struct LineOutputs {
  int width = 0;
  int outputs = 0;
  std::vector<float> values;

  const float* column(int x) const { return values.data() + size_t(x) * size_t(outputs); }
};

class Network {
 public:
  // kUnsupportedFormat says what we cannot run. `noise_seed` is the model's: pixels outside of the
  // line are noise, the same for every line.
  static Result<Network> Build(const LayerNode& root, int64_t noise_seed);

  int line_height() const { return line_height_; }
  int output_count() const { return outputs_.outputs; }
  // Pixels of the line to a column of output.
  int column_pixels() const { return kCellSide; }

  // Lines of line_height() rows and at least column_pixels() columns.
  std::vector<LineOutputs> Run(std::span<const LineColumns* const> lines,
                               const Kernels& kernels) const;

 private:
  static constexpr int kCellSide = 3;

  enum class Direction { kForwards, kBackwards };
  struct Along {
    PackedLstm lstm;
    Direction direction;
  };
  // Vectors of bytes, one for each column of a line.
  struct Columns {
    int width = 0;
    int size = 0;  // bytes of a vector
    std::vector<int8_t> values;
    int8_t* at(int x) { return values.data() + size_t(x) * size_t(size); }
    const int8_t* at(int x) const { return values.data() + size_t(x) * size_t(size); }
  };

  Network() = default;
  Status TakeLayer(const LayerNode& node);
  Status TakeInput(const LayerNode& node);
  Status TakeConvolution(const LayerNode& convolve, const LayerNode& tanh);
  Status TakeAlong(const LayerNode& node, Direction direction);
  Columns Convolve(const LineColumns& line, const Kernels& kernels) const;
  Columns RunDown(const Columns& cells, const Kernels& kernels) const;
  std::vector<Columns> RunAlong(const Along& layer, const std::vector<Columns>& lines,
                                const Kernels& kernels) const;
  LineOutputs Finish(const Columns& columns, const Kernels& kernels) const;

  int line_height_ = 0;
  int64_t noise_seed_ = 0;
  int features_ = 0;  // values that the layers so far give for each column
  bool has_cells_ = false;
  bool runs_down_ = false;
  PackedMatrix convolution_;
  PackedLstm down_;
  std::vector<Along> along_;
  PackedMatrix outputs_;
};

}  // namespace gnosis
