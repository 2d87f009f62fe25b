// The network of a model, ready to run: a convolution over the line's pixels, cells of 3 x 3 of it,
// an LSTM down each column of cells, LSTMs along the line in either direction, and for each column
// the probability of every output.
//
// Many lines run together, so that the weights are fetched once for all; what comes out for a line
// does not depend on its company.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "lstm/kernels.h"
#include "lstm/line_image.h"
#include "lstm/network_plan.h"

namespace gnosis {

// Probabilities, column after column.
struct LineOutputs {
  int width = 0;
  int outputs = 0;
  std::vector<float> values;

  const float* column(int x) const { return values.data() + size_t(x) * size_t(outputs); }
};

class LineNetwork {
 public:
  virtual ~LineNetwork() = default;
  virtual int line_height() const = 0;
  virtual int output_count() const = 0;
  // Pixels of the line to a column of output.
  int column_pixels() const { return kCellSide; }
  // Lines of line_height() rows and at least column_pixels() columns.
  virtual std::vector<LineOutputs> Run(std::span<const GrayImage* const> lines,
                                       Polarity polarity) const = 0;
};

// Of integer weights ("fast" models) or floating-point ones ("best"). `noise_seed` is the model's:
// pixels outside of the line are noise, the same for every line. Errors of PlanNetwork.
Result<std::unique_ptr<LineNetwork>> BuildLineNetwork(const LayerNode& root, int64_t noise_seed,
                                                      const Kernels& kernels);

// What the two kinds have in common.

// By width, the widest first.
std::vector<size_t> WidestFirst(std::span<const GrayImage* const> lines);
void SoftmaxInPlace(float* values, int count);

// A network whose weights and values are integers.
std::unique_ptr<LineNetwork> NewIntegerNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                               const Kernels& kernels);

// A network whose weights and values are floating-point numbers: a "best" model. Sums are not those
// of libtesseract to the last bit, which adds up in another order.
std::unique_ptr<LineNetwork> NewFloatNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                             const Kernels& kernels);

}  // namespace gnosis
