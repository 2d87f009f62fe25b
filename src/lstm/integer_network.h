// A network whose weights and values are integers.
#pragma once

#include <memory>

#include "lstm/line_network.h"

namespace gnosis {

std::unique_ptr<LineNetwork> NewIntegerNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                               const Kernels& kernels);

}  // namespace gnosis
