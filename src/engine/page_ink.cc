#include "engine/page_ink.h"

#include <algorithm>

#include "base/result.h"

namespace gnosis {
namespace {

// The darkest and the brightest pixel of each column of pixels in a band of rows.
struct Band {
  std::vector<uint8_t> darkest;
  std::vector<uint8_t> brightest;
};

InkMap EmptyMap(const Raster& gray) {
  GNOSIS_CHECK(gray.format == PixelFormat::kGray8);
  InkMap ink;
  if (gray.width <= 0 || gray.height <= 0) return ink;
  ink.columns = (gray.width + ink.tile_pixels - 1) / ink.tile_pixels;
  ink.rows = (gray.height + ink.tile_pixels - 1) / ink.tile_pixels;
  ink.inked.assign(size_t(ink.columns) * ink.rows, 0);
  return ink;
}

void MeasureBand(const Raster& gray, int top, int rows, Band& band) {
  const int bottom = std::min(top + rows, gray.height);
  band.darkest.assign(gray.row(top), gray.row(top) + gray.width);
  band.brightest = band.darkest;
  for (int y = top + 1; y < bottom; ++y) {
    const uint8_t* row = gray.row(y);
    for (int x = 0; x < gray.width; ++x) {
      band.darkest[x] = std::min(band.darkest[x], row[x]);
      band.brightest[x] = std::max(band.brightest[x], row[x]);
    }
  }
}

void MarkTiles(const Band& band, int min_contrast, int row, InkMap& ink) {
  const int width = int(band.darkest.size());
  for (int column = 0; column < ink.columns; ++column) {
    const int left = column * ink.tile_pixels;
    const int right = std::min(left + ink.tile_pixels, width);
    const int darkest = *std::min_element(&band.darkest[left], band.darkest.data() + right);
    const int brightest = *std::max_element(&band.brightest[left], band.brightest.data() + right);
    if (brightest - darkest < min_contrast) continue;
    ink.inked[size_t(row) * ink.columns + column] = 1;
    ++ink.inked_count;
  }
}

// Removes the ink under `box` and returns the number of tiles removed.
int RemoveInk(const Box& box, InkMap& ink) {
  if (box.right <= box.left || box.bottom <= box.top) return 0;
  const int left = std::clamp(box.left / ink.tile_pixels, 0, ink.columns);
  const int right = std::clamp((box.right - 1) / ink.tile_pixels + 1, left, ink.columns);
  const int top = std::clamp(box.top / ink.tile_pixels, 0, ink.rows);
  const int bottom = std::clamp((box.bottom - 1) / ink.tile_pixels + 1, top, ink.rows);
  int removed = 0;
  for (int row = top; row < bottom; ++row) {
    uint8_t* tiles = &ink.inked[size_t(row) * ink.columns];
    removed += int(std::count(tiles + left, tiles + right, 1));
    std::fill(tiles + left, tiles + right, uint8_t{0});
  }
  return removed;
}

}  // namespace

InkMap FindInk(const Raster& gray, int min_contrast) {
  InkMap ink = EmptyMap(gray);
  Band band;
  for (int row = 0; row < ink.rows; ++row) {
    MeasureBand(gray, row * ink.tile_pixels, ink.tile_pixels, band);
    MarkTiles(band, min_contrast, row, ink);
  }
  return ink;
}

bool HasInk(const Raster& gray, int min_contrast) {
  InkMap ink = EmptyMap(gray);
  Band band;
  for (int row = 0; row < ink.rows && ink.inked_count == 0; ++row) {
    MeasureBand(gray, row * ink.tile_pixels, ink.tile_pixels, band);
    MarkTiles(band, min_contrast, row, ink);
  }
  return ink.inked_count > 0;
}

double InkReadAsWords(const InkMap& ink, const PageText& text, float min_confidence) {
  if (ink.inked_count == 0) return 1;
  InkMap unread = ink;
  int read = 0;
  ForEachLine(text, [&](const Line& line) {
    for (const Word& word : line.words) {
      if (word.confidence >= min_confidence) read += RemoveInk(word.box, unread);
    }
  });
  return double(read) / ink.inked_count;
}

}  // namespace gnosis
