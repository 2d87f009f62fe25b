// The network of a model, ready to run: a convolution over the line's pixels, max-pooling over
// cells of 3 x 3, an LSTM down each column of cells, LSTMs along the line in either direction, and
// the probability of every output for each column.
//
// Several lines run together, so that weights are loaded once for all of them; the result for a
// line does not depend on the others.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "lstm/kernels.h"
#include "lstm/line_image.h"
#include "lstm/network_plan.h"

namespace gnosis {

// Probabilities, column by column.
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
  // Width in pixels of one output column.
  int column_pixels() const { return kCellSide; }
  // Lines must have line_height() rows and at least column_pixels() columns.
  virtual std::vector<LineOutputs> Run(std::span<const GrayImage* const> lines,
                                       Polarity polarity) const = 0;
};

// With integer weights ("fast" models) or floating-point ones ("best"). `noise_seed` comes from the
// model: pixels outside the line are noise, the same for every line. Errors as PlanNetwork.
Result<std::unique_ptr<LineNetwork>> BuildLineNetwork(const LayerNode& root, int64_t noise_seed,
                                                      const Kernels& kernels);

// Shared by both kinds of networks.

// Sorted by width, widest first.
std::vector<size_t> WidestFirst(std::span<const GrayImage* const> lines);
void SoftmaxInPlace(float* values, int count);

// A network with integer weights and values.
std::unique_ptr<LineNetwork> NewIntegerNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                               const Kernels& kernels);

// A network with floating-point weights and values: a "best" model. Sums differ in the last bits
// from those of libtesseract, which adds in another order.
std::unique_ptr<LineNetwork> NewFloatNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                             const Kernels& kernels);

}  // namespace gnosis
