#include "lstm/activation.h"

namespace gnosis {
namespace {

template <typename Function>
ActivationTable MakeTable(Function function) {
  ActivationTable table{};
  const auto value_at = [&](int step) {
    return float(function(double(step) / double(kActivationsPerUnit)));
  };
  for (int step = 0; step < kActivationSteps - 1; ++step) {
    table[size_t(step)] = {value_at(step), value_at(step + 1) - value_at(step)};
  }
  table.back() = {1, 0};
  return table;
}

}  // namespace

const ActivationTable& TanhTable() {
  static const ActivationTable table = MakeTable([](double x) { return std::tanh(x); });
  return table;
}

const ActivationTable& LogisticTable() {
  static const ActivationTable table =
      MakeTable([](double x) { return 1.0 / (1.0 + std::exp(-x)); });
  return table;
}

}  // namespace gnosis
