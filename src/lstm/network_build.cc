// From the tree of layers to what network.cc runs. The order of layers is the one that all public
// models for alphabets have; another one is refused by name.
#include <fmt/format.h>

#include <utility>

#include "lstm/byte_reader.h"
#include "lstm/network.h"

namespace gnosis {
namespace {

constexpr int kMaxLineHeight = 128;
constexpr int kConvolutionHalf = 1;
constexpr int kWindowRows = 3;

Error WrongPlace(const LayerNode& node) {
  return UnsupportedModel(
      fmt::format("has its layer {} where none of that kind can run", node.name));
}

Error DoesNotFit(const LayerNode& node) {
  return DamagedModel(fmt::format("its layer {} does not fit the one before", node.name));
}

// A window's values come column by column, three each; the kernel takes them by fours.
WeightMatrix WidenWindows(const WeightMatrix& matrix) {
  WeightMatrix wide{matrix.rows, kWindowColumns * kGroupInputs + 1, {}, matrix.scales};
  wide.values.resize(size_t(wide.rows) * size_t(wide.columns));
  for (int row = 0; row < matrix.rows; ++row) {
    const int8_t* from = matrix.values.data() + size_t(row) * size_t(matrix.columns);
    int8_t* to = wide.values.data() + size_t(row) * size_t(wide.columns);
    for (int input = 0; input < kWindowColumns * kWindowRows; ++input) {
      to[input / kWindowRows * kGroupInputs + input % kWindowRows] = from[input];
    }
    to[wide.columns - 1] = from[matrix.columns - 1];
  }
  return wide;
}

bool HasNegativeScale(const WeightMatrix& matrix) {
  for (const float scale : matrix.scales) {
    if (scale < 0) return true;
  }
  return false;
}

}  // namespace

Status Network::TakeInput(const LayerNode& node) {
  if (node.depth != 1) return UnsupportedModel("reads colours");
  if (node.height < kCellSide || node.height > kMaxLineHeight) {
    return UnsupportedModel(fmt::format("reads lines of {} rows", node.height));
  }
  line_height_ = node.height;
  return Ok();
}

Status Network::TakeConvolution(const LayerNode& convolve, const LayerNode& tanh) {
  const bool fits = convolve.kind == LayerKind::kConvolve && tanh.kind == LayerKind::kTanh &&
                    convolve.x_size == kConvolutionHalf && convolve.y_size == kConvolutionHalf;
  if (!fits || convolve.inputs != 1 || features_ != 0) return WrongPlace(convolve);
  if (tanh.inputs != kWindowColumns * kWindowRows) return DoesNotFit(tanh);
  const WeightMatrix& weights = tanh.weights.front();
  // The largest sum must be the largest value.
  if (HasNegativeScale(weights)) return DamagedModel("a scale of its convolution is negative");
  convolution_ = PackMatrix(WidenWindows(weights));
  features_ = tanh.outputs;
  if (features_ % kBlockRows != 0) return UnsupportedModel("has an odd number of features");
  return Ok();
}

Status Network::TakeAlong(const LayerNode& node, Direction direction) {
  if (node.kind != LayerKind::kLstm || !runs_down_ || outputs_.outputs > 0) return WrongPlace(node);
  if (node.inputs != features_) return DoesNotFit(node);
  if (node.outputs % kBlockRows != 0) return UnsupportedModel("has an odd number of features");
  along_.push_back({PackLstm(node), direction});
  features_ = node.outputs;
  return Ok();
}

Status Network::TakeLayer(const LayerNode& node) {
  const auto& inside = node.children;
  if (node.kind == LayerKind::kSeries && inside.size() == 2 &&
      inside[0].kind == LayerKind::kConvolve) {
    return TakeConvolution(inside[0], inside[1]);
  }
  if (node.kind == LayerKind::kMaxpool && features_ > 0 && !has_cells_) {
    if (node.x_size != kCellSide || node.y_size != kCellSide) return WrongPlace(node);
    has_cells_ = true;
    return Ok();
  }
  if (node.kind == LayerKind::kTransposed && has_cells_ && !runs_down_ && inside.size() == 1 &&
      inside[0].kind == LayerKind::kSummaryLstm) {
    if (inside[0].inputs != features_) return DoesNotFit(inside[0]);
    if (inside[0].outputs % kBlockRows != 0) return UnsupportedModel("has an odd layer");
    down_ = PackLstm(inside[0]);
    features_ = inside[0].outputs;
    runs_down_ = true;
    return Ok();
  }
  if (node.kind == LayerKind::kReversed && inside.size() == 1) {
    return TakeAlong(inside[0], Direction::kBackwards);
  }
  if (node.kind == LayerKind::kLstm) return TakeAlong(node, Direction::kForwards);
  if (node.kind == LayerKind::kSoftmax && runs_down_ && outputs_.outputs == 0) {
    if (node.inputs != features_) return DoesNotFit(node);
    outputs_ = PackMatrix(node.weights.front());
    return Ok();
  }
  return WrongPlace(node);
}

Result<Network> Network::Build(const LayerNode& root, int64_t noise_seed) {
  if (root.kind != LayerKind::kSeries || root.children.front().kind != LayerKind::kInput) {
    return WrongPlace(root);
  }
  Network network;
  network.noise_seed_ = noise_seed;
  RETURN_IF_ERROR(network.TakeInput(root.children.front()));
  for (size_t i = 1; i < root.children.size(); ++i) {
    RETURN_IF_ERROR(network.TakeLayer(root.children[i]));
  }
  if (network.outputs_.outputs == 0) return UnsupportedModel("does not end in a Softmax layer");
  return network;
}

}  // namespace gnosis
