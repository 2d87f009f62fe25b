#include "layout/ink_pieces.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace gnosis {
namespace {

// '#' is ink.
Raster Picture(const std::vector<std::string>& rows) {
  Raster raster{int(rows.front().size()), int(rows.size()), 300, PixelFormat::kGray8, {}};
  for (const std::string& row : rows) {
    for (const char pixel : row) raster.pixels.push_back(pixel == '#' ? 20 : 230);
  }
  return raster;
}

std::vector<InkPiece> Pieces(const Raster& raster) {
  auto pieces = FindInkPieces(raster, 128, 1'000'000);
  EXPECT_TRUE(pieces.has_value());
  return pieces.value_or(std::vector<InkPiece>());
}

TEST(InkThreshold, LiesBetweenInkAndPaper) {
  const Raster page = Picture({"....", ".##.", "...."});
  const int threshold = InkThreshold(page);
  EXPECT_GE(threshold, 20);
  EXPECT_LT(threshold, 230);
}

TEST(InkThreshold, OfOneGreyFindsNoInk) {
  Raster page = Picture({"....", "...."});
  EXPECT_LT(InkThreshold(page), 230);
}

TEST(FindInkPieces, PiecesThatTouchByACornerAreOne) {
  const auto pieces = Pieces(Picture({"#..", ".#.", "..#"}));
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].box, (Box{0, 0, 3, 3}));
  EXPECT_EQ(pieces[0].pixels, 3);
}

TEST(FindInkPieces, ArmsThatMeetBelowAreOne) {
  const auto pieces = Pieces(Picture({"#.#.#", "#.#.#", "#####"}));
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].pixels, 11);
}

TEST(FindInkPieces, ComeInTheOrderOfTheirTops) {
  const auto pieces = Pieces(Picture({"...#", "#..#", "#...", "..#."}));
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].box, (Box{3, 0, 4, 2}));
  EXPECT_EQ(pieces[1].box, (Box{0, 1, 1, 3}));
  EXPECT_EQ(pieces[2].box, (Box{2, 3, 3, 4}));
}

TEST(FindInkPieces, GivesUpOnAHalftone) {
  Raster dots{200, 200, 300, PixelFormat::kGray8, std::vector<uint8_t>(200 * 200, 255)};
  for (int y = 0; y < 200; y += 2) {
    for (int x = 0; x < 200; x += 2) dots.row(y)[x] = 0;
  }
  EXPECT_FALSE(FindInkPieces(dots, 128, 1000).has_value());
}

// Flood fill from one pixel.
InkPiece Flood(std::vector<std::string>& rows, int x, int y) {
  const int width = int(rows.front().size()), height = int(rows.size());
  InkPiece piece{{x, y, x + 1, y + 1}, 0};
  std::vector<std::pair<int, int>> open = {{x, y}};
  rows[size_t(y)][size_t(x)] = '.';
  while (!open.empty()) {
    const auto [px, py] = open.back();
    open.pop_back();
    piece.box = Union(piece.box, {px, py, px + 1, py + 1});
    ++piece.pixels;
    for (int ny = std::max(0, py - 1); ny <= std::min(height - 1, py + 1); ++ny) {
      for (int nx = std::max(0, px - 1); nx <= std::min(width - 1, px + 1); ++nx) {
        if (rows[size_t(ny)][size_t(nx)] != '#') continue;
        rows[size_t(ny)][size_t(nx)] = '.';
        open.emplace_back(nx, ny);
      }
    }
  }
  return piece;
}

TEST(FindInkPieces, FindsWhatSpreadingFromEveryPixelFinds) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> rows(1 + random() % 20, std::string(1 + random() % 24, '.'));
    const unsigned density = 1 + random() % 9;
    for (std::string& row : rows) {
      for (char& pixel : row) pixel = random() % 10 < density ? '#' : '.';
    }
    auto found = Pieces(Picture(rows));
    for (int y = 0; y < int(rows.size()); ++y) {
      for (int x = 0; x < int(rows.front().size()); ++x) {
        if (rows[size_t(y)][size_t(x)] != '#') continue;
        const InkPiece expected = Flood(rows, x, y);
        const auto same = std::find_if(found.begin(), found.end(), [&](const InkPiece& piece) {
          return piece.box == expected.box && piece.pixels == expected.pixels;
        });
        ASSERT_NE(same, found.end());
        found.erase(same);
      }
    }
    EXPECT_TRUE(found.empty());
  }
}

}  // namespace
}  // namespace gnosis
