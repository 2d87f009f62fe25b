// Decoding of images in memory, one source file per codec. A file is first checked (its header
// against the limits, before anything is decoded), then decoded page by page. Decoded pixels are
// still oriented as stored; Stored::orientation says how to turn them. Only the child program links
// this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "child/document.h"
#include "page/raster.h"

namespace gnosis {

struct Stored {
  Raster raster;
  int orientation = 1;  // EXIF 2.3, tag 274: 1 to 8; 1 is upright
  std::string damage;   // RenderedPage::damage
};

Status CheckPng(std::string_view bytes, const RenderLimits& limits);
Result<Stored> DecodePng(std::string_view bytes, const RenderLimits& limits);

// Decoded at 1/2, 1/4 or 1/8 of its size if the limits require it.
Status CheckJpeg(std::string_view bytes, const RenderLimits& limits);
Result<Stored> DecodeJpeg(std::string_view bytes, const RenderLimits& limits);
// Whether the last bytes are the end marker of a complete JPEG file, or padding after it.
bool HasJpegEnd(std::string_view bytes);

Status CheckWebp(std::string_view bytes, const RenderLimits& limits);
Result<Stored> DecodeWebp(std::string_view bytes, const RenderLimits& limits);

// The offsets of the directories of the file's pages, without thumbnails. A chain of directories
// that loops or is cut off ends there.
Result<std::vector<uint64_t>> FindTiffPages(std::string_view bytes, const RenderLimits& limits);
Result<Stored> DecodeTiff(std::string_view bytes, uint64_t directory_offset,
                          const RenderLimits& limits);

// kTooLarge, naming the limit, or kDamaged for an image without pixels.
Status CheckSize(int64_t width, int64_t height, const RenderLimits& limits);
Error NoSuchPage(int page, int page_count);
Error TooManyPages(int64_t count, const RenderLimits& limits);
Error DamagedImage(std::string_view kind, std::string_view reason);
// RenderedPage::damage for an image of which only `rows` rows were decoded.
std::string BreaksOff(std::string_view kind, int rows, int of_rows);

// Tag 274 of an EXIF block (which is a small TIFF file); 1 if it is missing or invalid.
int ExifOrientation(std::string_view exif);
Raster TurnUpright(const Stored& stored);
// Grey if no pixel has a colour.
Raster GrayIfColourless(Raster image);
// Blends RGBA pixels with white paper, in place: the result is RGB pixels. With black paper if what
// is drawn is nearly white, so that it can be seen.
void ComposeOverPaper(std::vector<uint8_t>& rgba);
// 0 (unknown) for implausible values.
int PlausibleDpi(double dpi);

}  // namespace gnosis
