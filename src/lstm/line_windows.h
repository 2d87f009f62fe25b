// What a convolution sees of a line: windows of 3 x 3 pixels, and cells of 3 x 3 such windows.
#pragma once

#include <array>

#include "lstm/line_image.h"
#include "lstm/network_file.h"

namespace gnosis {

constexpr int kWindowSide = 3;
constexpr int kWindowStep =
    4;  // a window's columns have room for a fourth value, which is not used
constexpr int kWindowValues = kWindowSide * kWindowStep;
constexpr int kCellSide = 3;
constexpr int kCellPlaces = kCellSide * kCellSide;

// Column by column, each from the top.
template <typename Value>
using WindowOf = std::array<Value, kWindowValues>;
template <typename Value>
using CellOf = std::array<WindowOf<Value>, kCellPlaces>;

// Weights of windows of nine values, with room for what is not used.
WeightMatrix WidenWindows(const WeightMatrix& matrix);

}  // namespace gnosis
