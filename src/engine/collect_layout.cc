#include <algorithm>
#include <utility>

#include "engine/layout_analysis.h"
#include "engine/row_baseline.h"
#include "engine/tesseract_page.h"

namespace gnosis {
namespace {

using tesseract::PageIterator;

// The rotation of the page that makes the text of this block horizontal. Without orientation
// detection Tesseract assumes that vertical text must be turned counterclockwise.
int QuarterTurns(const PageIterator& iterator) {
  tesseract::Orientation orientation;
  tesseract::WritingDirection direction;
  tesseract::TextlineOrder order;
  float deskew_angle = 0;
  iterator.Orientation(&orientation, &direction, &order, &deskew_angle);
  if (direction == tesseract::WRITING_DIRECTION_TOP_TO_BOTTOM) return 3;
  switch (orientation) {
    case tesseract::ORIENTATION_PAGE_LEFT:
      return 1;
    case tesseract::ORIENTATION_PAGE_DOWN:
      return 2;
    case tesseract::ORIENTATION_PAGE_RIGHT:
      return 3;
    default:
      return 0;
  }
}

// A row of text before its words are merged: its words and points of its baseline, on the page
// turned so that the row is horizontal.
struct Row {
  std::vector<Box> words;
  std::vector<Point> baseline;
};

// Counts the rows that an iterator passes; both iterators pass the same ones.
class RowCounter {
 public:
  void Note(const PageIterator& iterator) {
    if (iterator.IsAtBeginningOf(tesseract::RIL_TEXTLINE)) ++count_;
  }
  size_t index() const { return count_ - 1; }

 private:
  size_t count_ = 0;
};

class TurnedIterator {
 public:
  TurnedIterator(const PageIterator& iterator, int width, int height)
      : iterator_(iterator), turns_(QuarterTurns(iterator)), width_(width), height_(height) {}

  int turns() const { return turns_; }
  int width() const { return turns_ % 2 == 0 ? width_ : height_; }
  int height() const { return turns_ % 2 == 0 ? height_ : width_; }
  // The y where Tesseract's coordinate, which grows upwards in the turned page, is zero.
  int zero() const { return turns_ == 0 || turns_ == 3 ? height() : 0; }

  Box BoxOf(tesseract::PageIteratorLevel level) const {
    return TurnBox(BoxAt(iterator_, level), turns_, width_, height_);
  }
  void AddBaseline(std::vector<Point>& points) const {
    int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    if (!iterator_.Baseline(tesseract::RIL_WORD, &x1, &y1, &x2, &y2)) return;
    for (const auto& [x, y] : {std::pair(x1, y1), std::pair(x2, y2)}) {
      const Box point = TurnBox({x, y, x, y}, turns_, width_, height_);
      points.push_back({double(point.left), double(point.top)});
    }
  }

 private:
  const PageIterator& iterator_;
  const int turns_;
  const int width_;
  const int height_;
};

std::vector<Row> CollectRows(PageIterator& iterator, int width, int height) {
  iterator.SetBoundingBoxComponents(/*include_upper_dots=*/true, /*include_lower_dots=*/true);
  std::vector<Row> rows;
  RowCounter counter;
  do {
    counter.Note(iterator);
    rows.resize(counter.index() + 1);
    if (iterator.Empty(tesseract::RIL_WORD)) continue;
    const TurnedIterator turned(iterator, width, height);
    rows.back().words.push_back(turned.BoxOf(tesseract::RIL_WORD));
    turned.AddBaseline(rows.back().baseline);
  } while (iterator.Next(tesseract::RIL_WORD));
  return rows;
}

// As in Tesseract's LSTMRecognizeWord: the box of the words, extended at its middle by the row's
// ascenders and descenders; numbers are truncated.
Box CropAround(const PageIterator& iterator, const TurnedIterator& turned, const Box& ink,
               const Row& row) {
  Box crop = ink;
  if (!row.baseline.empty()) {
    float row_height = 0, descenders = 0, ascenders = 0;
    iterator.RowAttributes(&row_height, &descenders, &ascenders);
    const int middle = (ink.left + ink.right) / 2;
    // For negative numbers Tesseract's rounding gives the next higher one.
    const int rounding = turned.zero() == 0 ? 1 : 0;
    const auto baseline = float(turned.zero() - rounding - BaselineAtX(row.baseline, middle));
    crop.bottom = std::max(crop.bottom, turned.zero() - int(baseline + descenders));
    crop.top = std::min(crop.top, turned.zero() - int(baseline + row_height + descenders));
  }
  return PadCrop(crop, turned.width(), turned.height());
}

TextRegion MakeRegion(PageIterator& iterator, const TurnedIterator& turned, const Row& row) {
  // The crop for recognition includes specks above and below, although no box is extended to them.
  iterator.SetBoundingBoxComponents(/*include_upper_dots=*/true, /*include_lower_dots=*/true);
  const Box ink = turned.BoxOf(tesseract::RIL_WORD);
  iterator.SetBoundingBoxComponents(false, false);
  TextRegion region{turned.turns(), ink, CropAround(iterator, turned, ink, row), {}, {}};
  for (const Box& word : row.words) {
    if (word.left >= ink.left && word.right <= ink.right) region.words.push_back(word);
  }
  return region;
}

class LayoutBuilder {
 public:
  LayoutBuilder(PageIterator& iterator, const std::vector<Row>& rows, int width, int height)
      : iterator_(iterator), rows_(rows), layout_{width, height, {}} {}

  PageLayout Build() {
    do {
      if (iterator_.IsAtBeginningOf(tesseract::RIL_WORD)) NoteWord();
      if (iterator_.Empty(tesseract::RIL_WORD) || IsPicture(iterator_.BlockType())) continue;
      const TurnedIterator turned(iterator_, layout_.width, layout_.height);
      if (iterator_.IsAtBeginningOf(tesseract::RIL_WORD)) OpenRegion(turned);
      region().blobs.push_back(turned.BoxOf(tesseract::RIL_SYMBOL));
    } while (iterator_.Next(tesseract::RIL_SYMBOL));
    return std::move(layout_);
  }

 private:
  LayoutLine& line() { return layout_.blocks.back().paragraphs.back().lines.back(); }
  TextRegion& region() { return line().regions.back(); }

  void NoteWord() {
    counter_.Note(iterator_);
    beginnings_.Note(iterator_);
  }

  void OpenRegion(const TurnedIterator& turned) {
    const Beginnings::Opening opening = beginnings_.Take();
    if (opening.block) layout_.blocks.push_back({BoxAt(iterator_, tesseract::RIL_BLOCK), {}});
    auto& paragraphs = layout_.blocks.back().paragraphs;
    if (opening.paragraph) paragraphs.emplace_back();
    if (opening.line) {
      const Box box = BoxAt(iterator_, tesseract::RIL_TEXTLINE);
      paragraphs.back().lines.push_back({box, BaselineAt(iterator_, box), {}});
    }
    static const Row unknown;
    const size_t row = counter_.index();
    line().regions.push_back(
        MakeRegion(iterator_, turned, row < rows_.size() ? rows_[row] : unknown));
  }

  PageIterator& iterator_;
  const std::vector<Row>& rows_;
  RowCounter counter_;
  PageLayout layout_;
  Beginnings beginnings_;
};

}  // namespace

PageLayout CollectLayout(PageIterator* words, PageIterator* regions, int width, int height) {
  if (words == nullptr || regions == nullptr) return {width, height, {}};
  const std::vector<Row> rows = CollectRows(*words, width, height);
  return LayoutBuilder(*regions, rows, width, height).Build();
}

}  // namespace gnosis
