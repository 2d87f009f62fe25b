// A network whose weights and values are floating-point numbers: a "best" model. Sums are not those
// of libtesseract to the last bit, which adds up in another order.
#pragma once

#include <memory>

#include "lstm/line_network.h"

namespace gnosis {

std::unique_ptr<LineNetwork> NewFloatNetwork(const NetworkPlan& plan, int64_t noise_seed,
                                             const Kernels& kernels);

}  // namespace gnosis
