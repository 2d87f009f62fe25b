// The input of a convolution: windows of 3 x 3 pixels, and cells of 3 x 3 such windows.
#pragma once

#include <array>

#include "lstm/line_image.h"
#include "lstm/network_file.h"

namespace gnosis {

constexpr int kWindowSide = 3;
constexpr int kWindowStep = 4;  // each column of a window has an unused fourth value
constexpr int kWindowValues = kWindowSide * kWindowStep;
constexpr int kCellSide = 3;
constexpr int kCellPlaces = kCellSide * kCellSide;

// Column by column, each from the top.
template <typename Value>
using WindowOf = std::array<Value, kWindowValues>;
template <typename Value>
using CellOf = std::array<WindowOf<Value>, kCellPlaces>;

// Adds room for the unused values to weights of windows of nine values.
WeightMatrix WidenWindows(const WeightMatrix& matrix);

}  // namespace gnosis
