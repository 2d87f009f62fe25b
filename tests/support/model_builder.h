// For tests and the fuzz target: small models, written as Tesseract writes them.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gnosis {

class ByteWriter {
 public:
  template <typename T>
  ByteWriter& Put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
    return *this;
  }
  ByteWriter& Text(std::string_view text) {
    Put(uint32_t(text.size()));
    bytes_ += text;
    return *this;
  }
  ByteWriter& Bytes(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// A network of the order that all models for alphabets have, but of small layers, with weights that
// depend on `seed` alone.
class NetworkBuilder {
 public:
  int height = 12;
  int features = 8;
  int down = 8;
  int along = 16;
  int outputs = 6;
  int null_output = 5;
  uint32_t seed = 1;
  uint8_t weight_mode = 0x81;  // integers, scales as doubles; 0x80: floats, of the same size
  std::string extra_layer;     // its type; before the last one

  std::string Build() {
    random_.seed(seed);
    ByteWriter writer;
    Header(writer, "Series", height, outputs);
    writer.Put(uint32_t{extra_layer.empty() ? 7U : 8U});
    Header(writer, "Input", height, 1);
    for (const int32_t number : {1, height, 0, 1, 0}) writer.Put(number);
    Header(writer, "Series", 1, features);
    writer.Put(uint32_t{2});
    Header(writer, "Convolve", 1, 9);
    writer.Put(int32_t{1}).Put(int32_t{1});
    Header(writer, "Tanh", 9, features);
    Matrix(writer, features, 9);
    Header(writer, "Maxpool", features, features);
    writer.Put(int32_t{3}).Put(int32_t{3});
    Header(writer, "XYTranspose", features, down);
    writer.Put(uint32_t{1});
    Lstm(writer, "SummLSTM", features, down);
    Lstm(writer, "LSTM", down, along);
    Header(writer, "RTLReversed", along, along);
    writer.Put(uint32_t{1});
    Lstm(writer, "LSTM", along, along);
    if (!extra_layer.empty()) Header(writer, extra_layer, along, along);
    Header(writer, "Softmax", along, outputs);
    Matrix(writer, outputs, along);
    return writer.Take();
  }

  // With what stands behind it in its part of the file.
  std::string BuildPart() {
    ByteWriter writer;
    writer.Bytes(Build()).Text("[1,12,0,1 Ct3,3,8 ...]");
    writer.Put(int32_t{0x41}).Put(int32_t{1000}).Put(int32_t{5000}).Put(null_output);
    writer.Put(0.9F).Put(0.001F).Put(0.5F);
    return writer.Take();
  }

 private:
  void Header(ByteWriter& writer, std::string_view type, int inputs, int out) {
    writer.Put(int8_t{0}).Text(type).Put(int8_t{0}).Put(int8_t{0}).Put(int32_t{0});
    writer.Put(int32_t{inputs}).Put(int32_t{out}).Put(int32_t{0}).Text(type);
  }
  void Matrix(ByteWriter& writer, int rows, int inputs) {
    std::vector<int> weights;
    std::uniform_int_distribution<int> weight(-127, 127);
    for (int i = 0; i < rows * (inputs + 1); ++i) weights.push_back(weight(random_));
    std::vector<double> scales;
    std::uniform_real_distribution<double> scale(0.001, 0.02);
    for (int i = 0; i < rows; ++i) scales.push_back(scale(random_));
    writer.Put(weight_mode).Put(uint32_t(rows)).Put(uint32_t(inputs + 1));
    if ((weight_mode & 1) == 0) {
      writer.Put(0.0);
      for (size_t i = 0; i < weights.size(); ++i) {
        writer.Put(weights[i] * scales[i / size_t(inputs + 1)]);
      }
      return;
    }
    writer.Put(int8_t{0});
    for (const int each : weights) writer.Put(int8_t(each));
    writer.Put(uint32_t(rows));
    for (const double each : scales) writer.Put(each);
  }
  void Lstm(ByteWriter& writer, std::string_view type, int inputs, int units) {
    Header(writer, type, inputs, units);
    writer.Put(int32_t(inputs + units));
    for (int gate = 0; gate < 4; ++gate) Matrix(writer, units, inputs + units);
  }

  std::mt19937 random_;
};

// Words over the letters 3, 4, ... of a set of `characters` characters, as a trie.
class DawgBuilder {
 public:
  explicit DawgBuilder(int characters) {
    while ((1 << letter_bits_) < characters + 1) ++letter_bits_;
    characters_ = characters;
  }

  void Add(const std::vector<int>& word) {
    size_t node = 0;
    for (size_t i = 0; i < word.size(); ++i) {
      const size_t edge = EdgeFor(node, word[i]);
      if (i + 1 == word.size()) {
        nodes_[node][edge].ends = true;
        break;
      }
      if (nodes_[node][edge].next == 0) {
        const size_t next = nodes_.size();
        nodes_.emplace_back();
        nodes_[node][edge].next = next;
      }
      node = nodes_[node][edge].next;
    }
  }

  std::string Build() const {
    std::vector<uint64_t> places;
    uint64_t count = 0;
    for (const auto& node : nodes_) {
      places.push_back(count);
      count += node.size();
    }
    ByteWriter writer;
    writer.Put(int16_t{42}).Put(int32_t{characters_}).Put(uint32_t(count));
    for (const auto& node : nodes_) {
      for (size_t i = 0; i < node.size(); ++i) {
        const uint64_t flags = (i + 1 == node.size() ? 1U : 0U) | (node[i].ends ? 4U : 0U);
        const uint64_t next = node[i].next == 0 ? 0 : places[node[i].next];
        writer.Put(uint64_t(node[i].letter) | flags << letter_bits_ | next << (letter_bits_ + 3));
      }
    }
    return writer.Take();
  }

 private:
  struct Edge {
    int letter;
    bool ends = false;
    size_t next = 0;
  };

  // Sorted by letter, as the root has to be.
  size_t EdgeFor(size_t node, int letter) {
    auto& edges = nodes_[node];
    size_t i = 0;
    while (i < edges.size() && edges[i].letter < letter) ++i;
    if (i == edges.size() || edges[i].letter != letter) {
      edges.insert(edges.begin() + std::ptrdiff_t(i), Edge{letter});
    }
    return i;
  }

  int characters_ = 0;
  int letter_bits_ = 0;
  std::vector<std::vector<Edge>> nodes_ = {{}};
};

// " ", two that stand for nothing, then "a", "b" and the digit "7", as many as NetworkBuilder has
// outputs for.
inline std::string SmallCharacterSet() {
  return "6\n"
         "NULL 0 Common 0\n"
         "Joined 7 0,255,0,255,0,0,0,0,0,0 Latin 1 0 1 Joined\t# Joined\n"
         "|Broken|0|1 f 0,255,0,255,0,0,0,0,0,0 Common 2 10 2 |Broken|0|1\t# Broken\n"
         "a 3 0,255,0,255,0,0,0,0,0,0 Latin 4 0 3 a\t# a [61 ]a\n"
         "# 10 0,255,0,255,0,0,0,0,0,0 Common 4 10 4 #\t# # [23 ]p\n"
         "7 8 0,255,0,255,0,0,0,0,0,0 Common 5 2 5 7\t# 7 [37 ]0\n";
}
constexpr int kLetterA = 3;
constexpr int kHash = 4;
constexpr int kDigit = 5;

// Characters to outputs: 0, then nothing (5) twice, then 1, 2 and 3; output 4 stands for nothing.
inline std::string SmallRecoder(const std::vector<int>& codes = {0, 5, 5, 1, 2, 3}) {
  ByteWriter writer;
  writer.Put(uint32_t(codes.size()));
  for (const int code : codes) writer.Put(int8_t{1}).Put(uint32_t{1}).Put(int32_t{code});
  return writer.Take();
}

struct ModelBuilder {
  std::string network = NetworkBuilder().BuildPart();
  std::string characters = SmallCharacterSet();
  std::string recoder = SmallRecoder();
  std::string words;

  std::string Build() const {
    constexpr int kParts = 24;
    std::vector<std::string_view> parts(kParts);
    parts[17] = network;
    parts[19] = words;
    parts[21] = characters;
    parts[22] = recoder;
    ByteWriter writer;
    writer.Put(int32_t{kParts});
    int64_t offset = 4 + 8 * kParts;
    for (const std::string_view part : parts) {
      writer.Put(part.empty() ? int64_t{-1} : offset);
      offset += int64_t(part.size());
    }
    for (const std::string_view part : parts) writer.Bytes(part);
    return writer.Take();
  }
};

}  // namespace gnosis
