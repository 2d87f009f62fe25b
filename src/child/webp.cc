#include <webp/decode.h>

#include <algorithm>
#include <memory>

#include "child/codecs.h"

namespace gnosis {
namespace {

const uint8_t* Data(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

Error Damaged(std::string_view reason) { return DamagedImage("WebP", reason); }

Result<WebPBitstreamFeatures> ReadHeader(std::string_view bytes, const RenderLimits& limits) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(Data(bytes), bytes.size(), &features) != VP8_STATUS_OK) {
    return Damaged("its header cannot be read");
  }
  if (features.has_animation) {
    return Error{ErrorCode::kUnsupportedMediaType, "this is an animated WebP image",
                 "Save the frame you need as a still image."};
  }
  RETURN_IF_ERROR(CheckSize(features.width, features.height, limits));
  return features;
}

uint32_t LittleEndian(std::string_view four_bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | uint8_t(four_bytes[size_t(i)]);
  return value;
}

// The EXIF chunk of the RIFF file.
int Orientation(std::string_view bytes) {
  for (size_t at = 12; at + 8 <= bytes.size();) {
    const size_t size = LittleEndian(bytes.substr(at + 4, 4));
    if (bytes.substr(at, 4) == "EXIF") {
      std::string_view exif = bytes.substr(at + 8, size);
      if (exif.starts_with("Exif")) exif.remove_prefix(std::min<size_t>(6, exif.size()));
      return ExifOrientation(exif);
    }
    at += 8 + size + (size & 1);
  }
  return 1;
}

struct Decoder {
  WebPDecoderConfig config{};
  std::unique_ptr<WebPIDecoder, decltype(&WebPIDelete)> state{nullptr, &WebPIDelete};
};

// Decodes into `pixels`, as far as the file goes. Returns a description of what is missing.
Result<std::string> DecodeInto(std::string_view bytes, int width, int height, int channels,
                               std::vector<uint8_t>& pixels) {
  Decoder decoder;
  if (!WebPInitDecoderConfig(&decoder.config)) return Damaged("the WebP version does not match");
  WebPDecBuffer& output = decoder.config.output;
  output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
  output.is_external_memory = 1;
  output.u.RGBA = {pixels.data(), width * channels, pixels.size()};
  decoder.state.reset(WebPIDecode(nullptr, 0, &decoder.config));
  if (decoder.state == nullptr) return Damaged("not enough memory to decode it");
  const VP8StatusCode status = WebPIUpdate(decoder.state.get(), Data(bytes), bytes.size());
  if (status == VP8_STATUS_OK) return std::string();
  int last_row = 0;
  WebPIDecGetRGB(decoder.state.get(), &last_row, nullptr, nullptr, nullptr);
  if (last_row > 0) return BreaksOff("WebP", last_row, height);
  return Damaged(status == VP8_STATUS_SUSPENDED ? "it breaks off before its first row"
                                                : "its data cannot be decoded");
}

}  // namespace

Status CheckWebp(std::string_view bytes, const RenderLimits& limits) {
  const Result<WebPBitstreamFeatures> header = ReadHeader(bytes, limits);
  return header.ok() ? Ok() : Status(header.error());
}

Result<Stored> DecodeWebp(std::string_view bytes, const RenderLimits& limits) {
  ASSIGN_OR_RETURN(const WebPBitstreamFeatures header, ReadHeader(bytes, limits));
  const int channels = header.has_alpha ? 4 : 3;
  std::vector<uint8_t> pixels(size_t(header.width) * header.height * channels, 255);
  ASSIGN_OR_RETURN(std::string damage,
                   DecodeInto(bytes, header.width, header.height, channels, pixels));
  if (channels == 4) ComposeOverPaper(pixels);
  return Stored{Raster{header.width, header.height, 0, PixelFormat::kRgb8, std::move(pixels)},
                Orientation(bytes), std::move(damage)};
}

}  // namespace gnosis
