#include "lstm/line_network.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gnosis {
namespace {

constexpr float kSmallestExponent = -86;

}  // namespace

Result<std::unique_ptr<LineNetwork>> BuildLineNetwork(const LayerNode& root, int64_t noise_seed,
                                                      const Kernels& kernels) {
  ASSIGN_OR_RETURN(const NetworkPlan plan, PlanNetwork(root));
  if (plan.has_floats) return NewFloatNetwork(plan, noise_seed, kernels);
  return NewIntegerNetwork(plan, noise_seed, kernels);
}

std::vector<size_t> WidestFirst(std::span<const GrayImage* const> lines) {
  std::vector<size_t> order(lines.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return lines[a]->width > lines[b]->width; });
  return order;
}

void SoftmaxInPlace(float* values, int count) {
  const float largest = *std::max_element(values, values + count);
  float total = 0;
  for (int i = 0; i < count; ++i) {
    values[i] = std::exp(std::max(values[i] - largest, kSmallestExponent));
    total += values[i];
  }
  for (int i = 0; i < count; ++i) values[i] /= total;
}

}  // namespace gnosis
