// Ink that no word covers after a page was read, and an image on which only that ink is left, to be
// read by itself: letters near, on or inside something that kept them from being seen.
#pragma once

#include <optional>
#include <vector>

#include "layout/ink_pieces.h"
#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

struct RestOfPage {
  Raster image;
  PageInk ink;                   // of the image
  Box box;                       // what part of the page it shows
  bool is_little = false;        // not enough for a slow reading to be worth its time
  std::vector<Box> lines_again;  // lines whose ink is left on the image, since they miss letters
};

// `ink` is that of `gray`, and `words` are those that were read there. Nothing if all ink has been
// read or is rules, edges of the sheet or dirt.
std::optional<RestOfPage> FindRest(const Raster& gray, const PageInk& ink, const PageText& words);

}  // namespace gnosis
