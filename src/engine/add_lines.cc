#include "engine/add_lines.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/line_worth.h"
#include "layout/disjoint_sets.h"

namespace gnosis {
namespace {

constexpr float kBelievedLine = 60;   // mean confidence
constexpr float kBelievedShort = 80;  // of a line with few letters
constexpr int kFewLetters = 3;
constexpr double kSameRow = 0.6;      // of the lower line's height
constexpr double kNextLine = 0.8;     // heights of a line that the next one is away
constexpr double kSimilarHeight = 2;  // ratio

int MiddleX(const Box& box) { return (box.left + box.right) / 2; }
int MiddleY(const Box& box) { return (box.top + box.bottom) / 2; }

bool Contains(const Box& box, const Box& other) {
  const int x = MiddleX(other), y = MiddleY(other);
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}

bool IsBelieved(const Line& line) {
  const int letters = LettersOf(line);
  return letters > 0 &&
         MeanConfidence(line) >= (letters < kFewLetters ? kBelievedShort : kBelievedLine);
}

// They stand beside one another in one row of text.
bool AreOneRow(const Line& first, const Line& second) {
  if (!RunsAcross(first) || !RunsAcross(second)) return false;
  const Box& a = first.box;
  const Box& b = second.box;
  const int lower = std::min(Height(a), Height(b));
  if (std::max(Height(a), Height(b)) > kSimilarHeight * lower) return false;
  const int overlap = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return overlap >= kSameRow * lower && (a.right <= b.left || b.right <= a.left);
}

void Fit(Paragraph& paragraph) {
  paragraph.box = {};
  for (const Line& line : paragraph.lines) paragraph.box = Union(paragraph.box, line.box);
}

void RemoveEmpty(Block& block) {
  for (Paragraph& paragraph : block.paragraphs) {
    std::erase_if(paragraph.lines, [](const Line& line) { return line.words.empty(); });
  }
  std::erase_if(block.paragraphs,
                [](const Paragraph& paragraph) { return paragraph.lines.empty(); });
}

void RemoveEmpty(PageText& text) {
  for (Block& block : text.blocks) RemoveEmpty(block);
  std::erase_if(text.blocks, [](const Block& block) { return block.paragraphs.empty(); });
}

// Whether two readings have a word in the same place.
bool ShareWords(const Line& a, const Line& b) {
  if (!Overlaps(a.box, b.box)) return false;
  return std::any_of(a.words.begin(), a.words.end(), [&](const Word& mine) {
    return std::any_of(b.words.begin(), b.words.end(), [&](const Word& other) {
      return Contains(mine.box, other.box) || Contains(other.box, mine.box);
    });
  });
}

// A line of the text, by the numbers of its block, paragraph and itself.
struct Place {
  size_t block = 0, paragraph = 0, line = 0;
};

class LineAdder {
 public:
  LineAdder(PageText more, TextDirection direction, PageText& text)
      : more_(std::move(more)), is_turned_(direction == TextDirection::kTurned), text_(text) {
    ForEachLine(more_, [](Line& line) {
      if (!IsBelieved(line)) line.words.clear();
    });
    RemoveEmpty(more_);
    ForEachLine(text_, [&](const Line& line) { before_.push_back(line.box); });
  }

  bool Run(const std::vector<Box>& again) {
    ReplaceWorse(again);
    DropDoubles();
    changed_ = changed_ || !more_.blocks.empty();
    for (Block& block : more_.blocks) {
      for (Paragraph& paragraph : block.paragraphs) {
        if (is_turned_) {
          Add(std::move(paragraph));
        } else {
          for (Line& line : paragraph.lines) Add({line.box, {std::move(line)}});
        }
      }
    }
    if (changed_) RemoveEmpty(text_);
    return changed_;
  }

 private:
  // Old and new lines that share words, at least in a chain, are two readings of the same: only the
  // one that is worth more stays.
  void ReplaceWorse(const std::vector<Box>& again) {
    std::vector<Line*> lines;
    ForEachLine(text_, [&](Line& line) {
      if (std::find(again.begin(), again.end(), line.box) != again.end()) lines.push_back(&line);
    });
    const size_t old = lines.size();
    ForEachLine(more_, [&](Line& line) { lines.push_back(&line); });
    DisjointSets sets(lines.size());
    for (size_t i = 0; i < old; ++i) {
      for (size_t k = old; k < lines.size(); ++k) {
        if (ShareWords(*lines[i], *lines[k])) sets.Join(i, k);
      }
    }
    std::vector<double> before(lines.size()), now(lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      (i < old ? before : now)[sets.Find(i)] += Worth(*lines[i]);
    }
    for (size_t i = 0; i < lines.size(); ++i) {
      const size_t set = sets.Find(i);
      const bool is_better = now[set] > before[set];
      if (is_better == (i < old)) lines[i]->words.clear();
      changed_ = changed_ || (i < old && is_better);
    }
    RemoveEmpty(more_);
  }

  // What was read before and not to be read again stays.
  void DropDoubles() {
    ForEachLine(more_, [&](Line& line) {
      bool is_double = false;
      ForEachLine(text_, [&](const Line& old) { is_double = is_double || ShareWords(line, old); });
      if (is_double) line.words.clear();
    });
    RemoveEmpty(more_);
  }

  // Beside a line of the same row, else below the next line above, else above the next line below.
  void Add(Paragraph paragraph) {
    const Box box = paragraph.box;
    const bool may_join = !is_turned_ && !ContinuesColumn(box);
    std::optional<Place> above, below;
    for (Place at; at.block < text_.blocks.size(); ++at.block) {
      const auto& paragraphs = text_.blocks[at.block].paragraphs;
      for (at.paragraph = 0; at.paragraph < paragraphs.size(); ++at.paragraph) {
        const auto& lines = paragraphs[at.paragraph].lines;
        for (at.line = 0; at.line < lines.size(); ++at.line) {
          if (lines[at.line].words.empty()) continue;
          const Box& old = lines[at.line].box;
          if (may_join && AreOneRow(lines[at.line], paragraph.lines.front())) {
            return Join(paragraph.lines.front(), at);
          }
          if (old.left >= box.right || old.right <= box.left) continue;
          if (MiddleY(old) <= MiddleY(box)) {
            if (!above || LineAt(*above).box.bottom < old.bottom) above = at;
          } else if (!below || LineAt(*below).box.top > old.top) {
            below = at;
          }
        }
      }
    }
    if (!above && !below) {
      text_.blocks.push_back({box, {std::move(paragraph)}});
    } else {
      InsertAt(above ? Place{above->block, above->paragraph, above->line + 1} : *below,
               std::move(paragraph));
    }
  }

  // Close above or below it there is a line of the first reading: what stands beside it is another
  // column.
  bool ContinuesColumn(const Box& line) const {
    return std::any_of(before_.begin(), before_.end(), [&](const Box& old) {
      const int shared = std::min(old.right, line.right) - std::max(old.left, line.left);
      const int gap = std::max(old.top - line.bottom, line.top - old.bottom);
      return 2 * shared >= Width(line) && gap >= -Height(line) / 2 &&
             gap < kNextLine * Height(line);
    });
  }

  Line& LineAt(const Place& at) {
    return text_.blocks[at.block].paragraphs[at.paragraph].lines[at.line];
  }

  // Before the line at `at`: a paragraph that goes on there is split.
  void InsertAt(const Place& at, Paragraph paragraph) {
    Block& block = text_.blocks[at.block];
    block.box = Union(block.box, paragraph.box);
    const auto line = std::ptrdiff_t(at.line);
    const auto next = block.paragraphs.begin() + std::ptrdiff_t(at.paragraph);
    Paragraph rest{{}, {next->lines.begin() + line, next->lines.end()}};
    next->lines.erase(next->lines.begin() + line, next->lines.end());
    Fit(rest);
    Fit(*next);
    const auto inserted = block.paragraphs.insert(next + 1, std::move(paragraph));
    block.paragraphs.insert(inserted + 1, std::move(rest));
    RemoveEmpty(block);
  }

  void Join(const Line& line, const Place& at) {
    Block& block = text_.blocks[at.block];
    Paragraph& paragraph = block.paragraphs[at.paragraph];
    Line& old = paragraph.lines[at.line];
    old.words.insert(old.words.end(), line.words.begin(), line.words.end());
    std::stable_sort(old.words.begin(), old.words.end(),
                     [](const Word& a, const Word& b) { return MiddleX(a.box) < MiddleX(b.box); });
    const Box box = Union(old.box, line.box);
    old.baseline.offset +=
        float(old.box.bottom - box.bottom) + old.baseline.slope * float(box.left - old.box.left);
    old.box = box;
    paragraph.box = Union(paragraph.box, box);
    block.box = Union(block.box, box);
  }

  PageText more_;
  std::vector<Box> before_;  // lines of the first reading
  const bool is_turned_;
  PageText& text_;
  bool changed_ = false;
};

}  // namespace

bool AddLines(PageText more, TextDirection direction, const std::vector<Box>& again,
              PageText& text) {
  return LineAdder(std::move(more), direction, text).Run(again);
}

}  // namespace gnosis
