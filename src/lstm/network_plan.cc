#include "lstm/network_plan.h"

#include <fmt/format.h>

#include <utility>

#include "lstm/byte_reader.h"

namespace gnosis {
namespace {

constexpr int kMaxLineHeight = 128;
constexpr int kConvolutionHalf = 1;
constexpr int kFeatureStep = 8;

Error WrongPlace(const LayerNode& node) {
  return UnsupportedModel(fmt::format("has its layer {} in an unsupported position", node.name));
}

Error DoesNotFit(const LayerNode& node) {
  return DamagedModel(fmt::format("its layer {} does not match the previous one", node.name));
}

Error MixedWeights() { return DamagedModel("some of its weights are integers and some are not"); }

// Takes one layer after another from the tree, then checks that none is missing.
class Planner {
 public:
  Status TakeInput(const LayerNode& node) {
    if (node.depth != 1) return UnsupportedModel("expects colour images");
    if (node.height < kCellSide || node.height > kMaxLineHeight) {
      return UnsupportedModel(fmt::format("expects lines of {} rows", node.height));
    }
    plan_.line_height = node.height;
    return Ok();
  }

  Status Take(const LayerNode& node) {
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
    if (node.kind == LayerKind::kTransposed && has_cells_ && plan_.down == nullptr &&
        inside.size() == 1 && inside[0].kind == LayerKind::kSummaryLstm) {
      plan_.down = &inside[0];
      return TakeFeatures(inside[0]);
    }
    if (node.kind == LayerKind::kReversed && inside.size() == 1) {
      return TakeAlong(inside[0], Direction::kBackwards);
    }
    if (node.kind == LayerKind::kLstm) return TakeAlong(node, Direction::kForwards);
    if (node.kind == LayerKind::kSoftmax && plan_.down != nullptr && plan_.outputs == nullptr) {
      if (node.inputs != features_) return DoesNotFit(node);
      plan_.outputs = &node.weights.front();
      return TakeWeights(node);
    }
    return WrongPlace(node);
  }

  Result<NetworkPlan> Finish() {
    if (plan_.outputs == nullptr) return UnsupportedModel("does not end in a Softmax layer");
    return plan_;
  }

 private:
  Status TakeConvolution(const LayerNode& convolve, const LayerNode& tanh) {
    const bool fits = convolve.kind == LayerKind::kConvolve && tanh.kind == LayerKind::kTanh &&
                      convolve.x_size == kConvolutionHalf && convolve.y_size == kConvolutionHalf;
    if (!fits || convolve.inputs != 1 || features_ != 0) return WrongPlace(convolve);
    if (tanh.inputs != kWindowSide * kWindowSide) return DoesNotFit(tanh);
    plan_.convolution = &tanh.weights.front();
    plan_.has_floats = !plan_.convolution->floats.empty();
    for (const float scale : plan_.convolution->scales) {
      // Otherwise the largest sum would not be the largest value.
      if (scale < 0) return DamagedModel("a scale of its convolution is negative");
    }
    features_ = tanh.inputs;
    return TakeFeatures(tanh);
  }

  Status TakeAlong(const LayerNode& node, Direction direction) {
    if (node.kind != LayerKind::kLstm || plan_.down == nullptr || plan_.outputs != nullptr) {
      return WrongPlace(node);
    }
    plan_.along.push_back({&node, direction});
    return TakeFeatures(node);
  }

  Status TakeFeatures(const LayerNode& node) {
    if (node.inputs != features_) return DoesNotFit(node);
    if (node.outputs % kFeatureStep != 0) return UnsupportedModel("has an unsupported layer size");
    features_ = node.outputs;
    return TakeWeights(node);
  }

  Status TakeWeights(const LayerNode& node) const {
    for (const WeightMatrix& matrix : node.weights) {
      if (matrix.floats.empty() == plan_.has_floats) return MixedWeights();
    }
    return Ok();
  }

  NetworkPlan plan_;
  int features_ = 0;  // values per column after the layers so far
  bool has_cells_ = false;
};

}  // namespace

Result<NetworkPlan> PlanNetwork(const LayerNode& root) {
  if (root.kind != LayerKind::kSeries || root.children.front().kind != LayerKind::kInput) {
    return WrongPlace(root);
  }
  Planner planner;
  RETURN_IF_ERROR(planner.TakeInput(root.children.front()));
  for (size_t i = 1; i < root.children.size(); ++i) {
    RETURN_IF_ERROR(planner.Take(root.children[i]));
  }
  return planner.Finish();
}

}  // namespace gnosis
