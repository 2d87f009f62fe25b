#include "lstm/network_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace gnosis {
namespace {

constexpr int kMaxDepth = 16;
constexpr uint32_t kMaxChildren = 64;
constexpr int kMaxSide = 4096;  // of a layer, in values
constexpr int32_t kRatesFlag = 64;
constexpr int8_t kTrainingEnabled = 1;
constexpr uint8_t kIntegerMode = 1;
constexpr uint8_t kDoubleScalesMode = 128;
constexpr double kMaxWeight = 1e6;
constexpr float kMaxScale = 1e6F;
constexpr int kInputsPerScale = 127;  // scales in the file are for inputs of -1 to 1
constexpr size_t kGates = 4;

constexpr std::array<std::pair<std::string_view, LayerKind>, 10> kKinds = {{
    {"Input", LayerKind::kInput},
    {"Convolve", LayerKind::kConvolve},
    {"Maxpool", LayerKind::kMaxpool},
    {"Series", LayerKind::kSeries},
    {"RTLReversed", LayerKind::kReversed},
    {"XYTranspose", LayerKind::kTransposed},
    {"LSTM", LayerKind::kLstm},
    {"SummLSTM", LayerKind::kSummaryLstm},
    {"Tanh", LayerKind::kTanh},
    {"Softmax", LayerKind::kSoftmax},
}};

struct Header {
  LayerNode node;
  int32_t flags = 0;
};

bool IsSide(int64_t value) { return value > 0 && value <= kMaxSide; }

Result<LayerKind> KindCalled(const std::string& name) {
  for (const auto& [known, kind] : kKinds) {
    if (known == name) return kind;
  }
  const bool printable =
      name.size() < 32 &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
  if (name.empty() || !printable) return DamagedModel("a layer of its network has no type");
  return UnsupportedModel(fmt::format("has a layer of unsupported type {}", name));
}

Result<Header> ReadHeader(ByteReader& reader) {
  ASSIGN_OR_RETURN(const int8_t old_type, reader.Read<int8_t>());
  if (old_type != 0) return UnsupportedModel("identifies its layers by number, an old format");
  ASSIGN_OR_RETURN(const std::string type, reader.ReadString());
  Header header;
  ASSIGN_OR_RETURN(header.node.kind, KindCalled(type));
  ASSIGN_OR_RETURN(const int8_t training, reader.Read<int8_t>());
  if (training == kTrainingEnabled) return UnsupportedModel("is a training checkpoint");
  ASSIGN_OR_RETURN([[maybe_unused]] const int8_t back_propagation, reader.Read<int8_t>());
  ASSIGN_OR_RETURN(header.flags, reader.Read<int32_t>());
  ASSIGN_OR_RETURN(header.node.inputs, reader.Read<int32_t>());
  ASSIGN_OR_RETURN(header.node.outputs, reader.Read<int32_t>());
  ASSIGN_OR_RETURN([[maybe_unused]] const int32_t weights, reader.Read<int32_t>());
  ASSIGN_OR_RETURN(header.node.name, reader.ReadString());
  return header;
}

Result<std::vector<float>> ReadScales(ByteReader& reader, int rows) {
  ASSIGN_OR_RETURN(const uint32_t count, reader.ReadCount(sizeof(double)));
  // Writers with wide registers add some beyond the number of rows.
  if (count < uint32_t(rows)) return DamagedModel("some weights have no scale");
  std::vector<float> scales;
  for (uint32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(const double scale, reader.Read<double>());
    if (i >= uint32_t(rows)) continue;
    const float small = float(scale / kInputsPerScale);
    if (!(std::abs(small) < kMaxScale)) return DamagedModel("a weight scale is out of range");
    scales.push_back(small);
  }
  return scales;
}

Result<WeightMatrix> ReadFloats(ByteReader& reader, int rows, int columns) {
  ASSIGN_OR_RETURN([[maybe_unused]] const double empty, reader.Read<double>());
  ASSIGN_OR_RETURN(const std::string_view bytes,
                   reader.Take(uint64_t(rows) * uint64_t(columns) * sizeof(double)));
  WeightMatrix matrix{rows, columns, {}, {}, {}};
  for (size_t at = 0; at < bytes.size(); at += sizeof(double)) {
    double value;
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    if (!(std::abs(value) < kMaxWeight)) return DamagedModel("a weight is out of range");
    matrix.floats.push_back(float(value));
  }
  return matrix;
}

Result<WeightMatrix> ReadWeights(ByteReader& reader) {
  ASSIGN_OR_RETURN(const uint8_t mode, reader.Read<uint8_t>());
  if ((mode & kDoubleScalesMode) == 0) return UnsupportedModel("has weights in an old format");
  ASSIGN_OR_RETURN(const uint32_t rows, reader.Read<uint32_t>());
  ASSIGN_OR_RETURN(const uint32_t columns, reader.Read<uint32_t>());
  if (!IsSide(rows) || !IsSide(columns)) return DamagedModel("invalid size of layer weights");
  if ((mode & kIntegerMode) == 0) return ReadFloats(reader, int(rows), int(columns));
  ASSIGN_OR_RETURN([[maybe_unused]] const int8_t empty, reader.Read<int8_t>());
  ASSIGN_OR_RETURN(const std::string_view values, reader.Take(uint64_t(rows) * columns));
  WeightMatrix matrix{int(rows), int(columns), {values.begin(), values.end()}, {}, {}};
  if (std::find(matrix.values.begin(), matrix.values.end(), INT8_MIN) != matrix.values.end()) {
    return DamagedModel("a weight is out of range");
  }
  ASSIGN_OR_RETURN(matrix.scales, ReadScales(reader, matrix.rows));
  return matrix;
}

Status ReadInput(ByteReader& reader, LayerNode& node) {
  std::array<int32_t, 5> shape{};  // batch, height, width, depth, loss
  for (int32_t& number : shape) {
    ASSIGN_OR_RETURN(number, reader.Read<int32_t>());
  }
  node.height = shape[1];
  node.depth = shape[3];
  return Ok();
}

Status ReadSizes(ByteReader& reader, LayerNode& node) {
  ASSIGN_OR_RETURN(node.x_size, reader.Read<int32_t>());
  ASSIGN_OR_RETURN(node.y_size, reader.Read<int32_t>());
  if (!IsSide(node.x_size) || !IsSide(node.y_size)) {
    return DamagedModel(fmt::format("its layer {} has an invalid size", node.name));
  }
  return Ok();
}

Status ReadMatrix(ByteReader& reader, LayerNode& node) {
  ASSIGN_OR_RETURN(WeightMatrix matrix, ReadWeights(reader));
  if (matrix.rows != node.outputs || matrix.columns != node.inputs + 1) {
    return DamagedModel(
        fmt::format("the weights of its layer {} do not match its size", node.name));
  }
  node.weights.push_back(std::move(matrix));
  return Ok();
}

Status ReadGates(ByteReader& reader, LayerNode& node) {
  ASSIGN_OR_RETURN(const int32_t all_inputs, reader.Read<int32_t>());
  if (int64_t(all_inputs) == int64_t(node.inputs) + 2 * int64_t(node.outputs)) {
    return UnsupportedModel("has a two-dimensional LSTM");
  }
  for (size_t gate = 0; gate < kGates; ++gate) {
    ASSIGN_OR_RETURN(WeightMatrix matrix, ReadWeights(reader));
    if (matrix.rows != node.outputs || matrix.columns != node.inputs + node.outputs + 1) {
      return DamagedModel(
          fmt::format("the gates of its layer {} do not match its size", node.name));
    }
    node.weights.push_back(std::move(matrix));
  }
  return Ok();
}

Result<LayerNode> ReadLayerAt(ByteReader& reader, int depth);

Status ReadChildren(ByteReader& reader, const Header& header, LayerNode& node, int depth) {
  ASSIGN_OR_RETURN(const uint32_t count, reader.ReadCount(1));
  if (count == 0 || count > kMaxChildren) {
    return DamagedModel(fmt::format("its layer {} contains {} layers", node.name, count));
  }
  for (uint32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(LayerNode child, ReadLayerAt(reader, depth + 1));
    node.children.push_back(std::move(child));
  }
  if ((header.flags & kRatesFlag) == 0) return Ok();
  ASSIGN_OR_RETURN(const uint32_t rates, reader.ReadCount(sizeof(float)));
  ASSIGN_OR_RETURN([[maybe_unused]] const auto skipped, reader.Take(rates * sizeof(float)));
  return Ok();
}

Status ReadBody(ByteReader& reader, const Header& header, LayerNode& node, int depth) {
  switch (node.kind) {
    case LayerKind::kInput:
      return ReadInput(reader, node);
    case LayerKind::kConvolve:
    case LayerKind::kMaxpool:
      return ReadSizes(reader, node);
    case LayerKind::kSeries:
    case LayerKind::kReversed:
    case LayerKind::kTransposed:
      return ReadChildren(reader, header, node, depth);
    case LayerKind::kLstm:
    case LayerKind::kSummaryLstm:
      return ReadGates(reader, node);
    case LayerKind::kTanh:
    case LayerKind::kSoftmax:
      return ReadMatrix(reader, node);
  }
  return Ok();
}

Result<LayerNode> ReadLayerAt(ByteReader& reader, int depth) {
  if (depth > kMaxDepth) return DamagedModel("its layers are nested too deeply");
  ASSIGN_OR_RETURN(Header header, ReadHeader(reader));
  LayerNode node = header.node;
  if (!IsSide(node.inputs) || !IsSide(node.outputs)) {
    return DamagedModel(fmt::format("its layer {} has an invalid size", node.name));
  }
  RETURN_IF_ERROR(ReadBody(reader, header, node, depth));
  return node;
}

}  // namespace

Result<LayerNode> ReadLayer(ByteReader& reader) { return ReadLayerAt(reader, 0); }

}  // namespace gnosis
