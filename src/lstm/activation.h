// tanh and the logistic function as Tesseract computes them: a table with steps of 1/256 up to 16,
// linear interpolation between entries, 1 beyond.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace gnosis {

constexpr int kActivationSteps = 4096;
constexpr float kActivationsPerUnit = 256;

struct ActivationEntry {
  float value;
  float rise;  // to the next entry
};
using ActivationTable = std::array<ActivationEntry, kActivationSteps>;

// The last entry is 1, with a rise of 0.
const ActivationTable& TanhTable();
const ActivationTable& LogisticTable();

// For x >= 0.
inline float LookUp(const ActivationTable& table, float x) {
  const float place = std::fmin(x * kActivationsPerUnit, float(kActivationSteps - 1));
  const int index = int(place);
  const ActivationEntry& entry = table[size_t(index)];
  return entry.value + entry.rise * (place - float(index));
}
inline float Tanh(const ActivationTable& table, float x) {
  return x < 0 ? -LookUp(table, -x) : LookUp(table, x);
}
inline float Logistic(const ActivationTable& table, float x) {
  return x < 0 ? 1 - LookUp(table, -x) : LookUp(table, x);
}

// Represents 0 in a byte.
constexpr int kZeroByte = 128;

// Maps -1 to 1 to a byte from 1 to 255; halves round away from zero.
inline uint8_t ToByte(float value) {
  const float scaled = value * 127;
  return uint8_t(kZeroByte + (scaled >= 0 ? int(scaled + 0.5F) : -int(-scaled + 0.5F)));
}

}  // namespace gnosis
