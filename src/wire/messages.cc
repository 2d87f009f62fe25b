#include "wire/messages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "page/utf8.h"

namespace gnosis {
namespace {

Error Damaged(std::string message) { return Error{ErrorCode::kDamaged, std::move(message), ""}; }

WireBox ToWire(const Box& box) { return {box.left, box.top, box.right, box.bottom}; }

template <typename Record>
void Append(std::string& table, const Record& record) {
  table += AsBytes(record);
}

// Builds the four tables and the text heap.
class WordsEncoder {
 public:
  void Add(const PageText& text) {
    for (const Block& block : text.blocks) Add(block);
  }
  Result<std::string> Finish() const {
    const uint64_t most =
        std::max({counts_.blocks, counts_.paragraphs, counts_.lines, counts_.words});
    if (most > kMaxPageRecords || heap_.size() > kMaxPageTextBytes) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("the page has more than {} words or {} MiB of text", kMaxPageRecords,
                               kMaxPageTextBytes >> 20),
                   ""};
    }
    WireCounts counts = counts_;
    counts.text_bytes = uint32_t(heap_.size());
    std::string bytes(AsBytes(counts));
    bytes.append(blocks_).append(paragraphs_).append(lines_).append(words_).append(heap_);
    return bytes;
  }

 private:
  void Add(const Block& block) {
    ++counts_.blocks;
    Append(blocks_, WireBlock{ToWire(block.box), uint32_t(block.paragraphs.size())});
    for (const Paragraph& paragraph : block.paragraphs) Add(paragraph);
  }
  void Add(const Paragraph& paragraph) {
    ++counts_.paragraphs;
    Append(paragraphs_, WireParagraph{ToWire(paragraph.box), uint32_t(paragraph.lines.size())});
    for (const Line& line : paragraph.lines) Add(line);
  }
  void Add(const Line& line) {
    ++counts_.lines;
    Append(lines_, WireLine{ToWire(line.box), line.baseline.slope, line.baseline.offset,
                            uint32_t(line.words.size())});
    for (const Word& word : line.words) Add(word);
  }
  void Add(const Word& word) {
    ++counts_.words;
    Append(words_, WireWord{ToWire(word.box), word.confidence, uint32_t(word.text.size())});
    heap_ += word.text;
  }

  WireCounts counts_;
  std::string blocks_, paragraphs_, lines_, words_, heap_;
};

// Removes one table from the front; the sizes have already been checked.
std::string_view Cut(std::string_view& bytes, uint64_t size) {
  const std::string_view front = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return front;
}

// A table that is read once, from first record to last.
template <typename Record>
class Table {
 public:
  Table(std::string_view& bytes, uint32_t count)
      : rows_(Cut(bytes, uint64_t{count} * sizeof(Record))) {}
  uint64_t left() const { return rows_.size() / sizeof(Record); }
  Record Next() { return FromBytes<Record>(Cut(rows_, sizeof(Record))); }

 private:
  std::string_view rows_;
};

Status CheckCounts(const WireCounts& counts, uint64_t size_bytes) {
  for (const uint32_t count : {counts.blocks, counts.paragraphs, counts.lines, counts.words}) {
    if (count > kMaxPageRecords) return Damaged(fmt::format("{} records in a table", count));
  }
  const uint64_t expected = sizeof(WireCounts) + uint64_t{counts.blocks} * sizeof(WireBlock) +
                            uint64_t{counts.paragraphs} * sizeof(WireParagraph) +
                            uint64_t{counts.lines} * sizeof(WireLine) +
                            uint64_t{counts.words} * sizeof(WireWord) + counts.text_bytes;
  if (expected != size_bytes) {
    return Damaged(fmt::format("words of {} bytes instead of {}", size_bytes, expected));
  }
  return Ok();
}

float Rounded(float number, double steps_per_one) {
  return float(std::round(double(number) * steps_per_one) / steps_per_one);
}

bool IsWithin(float number, float min, float max) { return number >= min && number <= max; }

class WordsDecoder {
 public:
  // `bytes` contains the tables after `counts`, which has already been checked.
  WordsDecoder(const WireCounts& counts, std::string_view bytes, int width, int height)
      : width_(width),
        height_(height),
        blocks_(bytes, counts.blocks),
        paragraphs_(bytes, counts.paragraphs),
        lines_(bytes, counts.lines),
        words_(bytes, counts.words),
        heap_(bytes) {}

  Result<PageText> Decode() {
    PageText text;
    while (blocks_.left() > 0) {
      ASSIGN_OR_RETURN(Block block, NextBlock());
      text.blocks.push_back(std::move(block));
    }
    if (paragraphs_.left() + lines_.left() + words_.left() + heap_.size() > 0) {
      return Damaged("records without a parent");
    }
    return text;
  }

 private:
  Result<Block> NextBlock() {
    const WireBlock wire = blocks_.Next();
    Block block;
    ASSIGN_OR_RETURN(block.box, CheckedBox(wire.box));
    if (wire.paragraphs > paragraphs_.left()) return Damaged("a block with missing paragraphs");
    for (uint32_t i = 0; i < wire.paragraphs; ++i) {
      ASSIGN_OR_RETURN(Paragraph paragraph, NextParagraph());
      block.paragraphs.push_back(std::move(paragraph));
    }
    return block;
  }

  Result<Paragraph> NextParagraph() {
    const WireParagraph wire = paragraphs_.Next();
    Paragraph paragraph;
    ASSIGN_OR_RETURN(paragraph.box, CheckedBox(wire.box));
    if (wire.lines > lines_.left()) return Damaged("a paragraph with missing lines");
    for (uint32_t i = 0; i < wire.lines; ++i) {
      ASSIGN_OR_RETURN(Line line, NextLine());
      paragraph.lines.push_back(std::move(line));
    }
    return paragraph;
  }

  Result<Line> NextLine() {
    const WireLine wire = lines_.Next();
    Line line;
    ASSIGN_OR_RETURN(line.box, CheckedBox(wire.box));
    if (!IsWithin(wire.slope, -kMaxSlope, kMaxSlope) ||
        !IsWithin(wire.offset, -kMaxOffset, kMaxOffset)) {
      return Damaged("an invalid baseline");
    }
    line.baseline = {Rounded(wire.slope, 10000), Rounded(wire.offset, 100)};
    if (wire.words > words_.left()) return Damaged("a line with missing words");
    for (uint32_t i = 0; i < wire.words; ++i) {
      ASSIGN_OR_RETURN(Word word, NextWord());
      line.words.push_back(std::move(word));
    }
    return line;
  }

  Result<Word> NextWord() {
    const WireWord wire = words_.Next();
    Word word;
    ASSIGN_OR_RETURN(word.box, CheckedBox(wire.box));
    if (!IsWithin(wire.confidence, 0, 100)) return Damaged("a confidence outside 0 to 100");
    word.confidence = Rounded(wire.confidence, 100);
    if (wire.text_bytes > heap_.size()) return Damaged("a word with missing text");
    word.text = Cut(heap_, wire.text_bytes);
    if (!IsWord(word.text)) return Damaged("a word that is empty or not printable UTF-8");
    return word;
  }

  Result<Box> CheckedBox(const WireBox& box) const {
    const bool inside = box.left >= 0 && box.top >= 0 && box.left <= box.right &&
                        box.top <= box.bottom && box.right <= width_ && box.bottom <= height_;
    if (!inside) return Damaged(fmt::format("a box outside the image of {}x{}", width_, height_));
    return Box{box.left, box.top, box.right, box.bottom};
  }

  int width_;
  int height_;
  Table<WireBlock> blocks_;
  Table<WireParagraph> paragraphs_;
  Table<WireLine> lines_;
  Table<WireWord> words_;
  std::string_view heap_;
};

}  // namespace

WireHeader PeekHeader(std::string_view bytes) {
  if (bytes.size() < sizeof(WireHeader)) return WireHeader{};
  return FromBytes<WireHeader>(bytes.substr(0, sizeof(WireHeader)));
}

Status CheckMessage(std::string_view bytes, size_t size_bytes, const WireHeader& expected) {
  if (bytes.size() < sizeof(WireHeader)) {
    return Damaged(fmt::format("a message of {} bytes", bytes.size()));
  }
  const WireHeader header = PeekHeader(bytes);
  if (header.magic != expected.magic) return Damaged("a message without the magic number");
  if (header.version != expected.version) {
    return Damaged(fmt::format("version {} instead of {}", header.version, expected.version));
  }
  if (header.type != expected.type) {
    return Damaged(fmt::format("a message of type {}", uint32_t(header.type)));
  }
  if (header.sequence != expected.sequence) {
    return Damaged(
        fmt::format("sequence number {} instead of {}", header.sequence, expected.sequence));
  }
  if (bytes.size() != size_bytes) {
    return Damaged(fmt::format("a message of {} bytes instead of {}", bytes.size(), size_bytes));
  }
  return Ok();
}

Result<std::string> EncodeWords(const PageText& text) {
  WordsEncoder encoder;
  encoder.Add(text);
  return encoder.Finish();
}

Result<PageText> DecodeWords(std::string_view bytes, int width, int height) {
  if (bytes.size() < sizeof(WireCounts)) return Damaged("words without their counts");
  const WireCounts counts = FromBytes<WireCounts>(bytes.substr(0, sizeof(WireCounts)));
  RETURN_IF_ERROR(CheckCounts(counts, bytes.size()));
  bytes.remove_prefix(sizeof(WireCounts));
  return WordsDecoder(counts, bytes, width, height).Decode();
}

}  // namespace gnosis
