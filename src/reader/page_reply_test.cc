#include "reader/page_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/hash.h"
#include "support/page_samples.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

using testing::StartsWith;

constexpr uint32_t kSequence = 41;
// The offsets of the records of SampleText.
constexpr size_t kBlockAt = sizeof(WireCounts);
constexpr size_t kParagraphAt = kBlockAt + sizeof(WireBlock);
constexpr size_t kLineAt = kParagraphAt + sizeof(WireParagraph);
constexpr size_t kWordAt = kLineAt + sizeof(WireLine);

// A correct answer, to be corrupted by the tests.
struct Reply {
  PageMessage message;
  std::string arena;

  // Changes the record at `offset` of the arena.
  template <typename Record, typename Change>
  void Patch(size_t offset, Change change) {
    auto record = FromBytes<Record>(std::string_view(arena).substr(offset, sizeof(Record)));
    change(record);
    arena.replace(offset, sizeof(Record), AsBytes(record));
  }
};

WireSpan Append(std::string& arena, std::string_view part) {
  const WireSpan span{arena.size(), part.size()};
  arena += part;
  return span;
}

Reply HonestReply() {
  const PageArtefacts artefacts = SampleArtefacts();
  Reply reply;
  PageMessage& message = reply.message;
  message.header.sequence = kSequence;
  message.page = 7;
  message.width = 100;
  message.height = 50;
  message.dpi = 300;
  message.angle = 90;
  message.words = Append(reply.arena, *EncodeWords(artefacts.result.words));
  message.image = Append(reply.arena, artefacts.image_png);
  message.preview = Append(reply.arena, artefacts.preview_jpeg);
  PutText(message.language, "eng");
  PutText(message.source, "tesseract 5.3.0");
  PutText(message.source_reason, "no text layer");
  PutText(message.thresholding, "otsu");
  return reply;
}

Result<PageArtefacts> Decode(std::string_view bytes, std::string_view arena) {
  const PageRequest request{.page = 7};
  const ReplyLimits limits{.max_page_pixels = 6000, .max_side_pixels = 120, .max_pages = 10};
  return DecodePageReply(bytes, kSequence, arena, request, limits);
}
Result<PageArtefacts> Decode(const Reply& reply) {
  return Decode(AsBytes(reply.message), reply.arena);
}

template <typename T>
void ExpectLie(const Result<T>& result, std::string_view what) {
  ASSERT_FALSE(result.ok()) << what;
  EXPECT_EQ(result.code(), ErrorCode::kChildDied) << what;
  EXPECT_THAT(result.error().message, StartsWith("the page child broke the protocol: ")) << what;
}

TEST(PageReplyTest, AnHonestPageComesThrough) {
  const auto artefacts = Decode(HonestReply());
  ASSERT_TRUE(artefacts.ok()) << artefacts.error().message;
  const PageArtefacts sample = SampleArtefacts();
  PageResult expected = sample.result;
  expected.page = 7;
  expected.completed = true;
  expected.text = "three little w\u00F6rds\n";
  expected.confidence = 96.5;
  expected.image_sha256 = Sha256Hex(sample.image_png);
  expected.preview_sha256 = Sha256Hex(sample.preview_jpeg);
  EXPECT_TRUE(artefacts->result == expected) << EncodePageResult(artefacts->result);
  EXPECT_EQ(artefacts->image_png, sample.image_png);
  EXPECT_EQ(artefacts->preview_jpeg, sample.preview_jpeg);
}

struct Lie {
  const char* what;
  std::function<void(Reply&)> tell;
};

template <typename Record>
std::function<void(Reply&)> At(size_t offset, std::function<void(Record&)> change) {
  return [=](Reply& reply) { reply.Patch<Record>(offset, change); };
}
std::function<void(Reply&)> InWord(std::function<void(WireWord&)> change) {
  return At<WireWord>(kWordAt, std::move(change));
}
std::function<void(Reply&)> InCounts(std::function<void(WireCounts&)> change) {
  return At<WireCounts>(0, std::move(change));
}
std::function<void(Reply&)> InLine(std::function<void(WireLine&)> change) {
  return At<WireLine>(kLineAt, std::move(change));
}
std::function<void(Reply&)> InText(std::string_view text) {
  return [text](Reply& reply) {
    reply.arena.replace(kWordAt + 3 * sizeof(WireWord), text.size(), text);
  };
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

const Lie kMessageLies[] = {
    {"magic", [](Reply& r) { r.message.header.magic ^= 1; }},
    {"version", [](Reply& r) { ++r.message.header.version; }},
    {"type", [](Reply& r) { r.message.header.type = WireType::kOpened; }},
    {"unknown type", [](Reply& r) { r.message.header.type = WireType(99); }},
    {"earlier sequence", [](Reply& r) { --r.message.header.sequence; }},
    {"later sequence", [](Reply& r) { ++r.message.header.sequence; }},
    {"page", [](Reply& r) { r.message.page = 8; }},
    {"no width", [](Reply& r) { r.message.width = 0; }},
    {"negative height", [](Reply& r) { r.message.height = -50; }},
    {"too wide", [](Reply& r) { r.message.width = 121; }},
    {"too many pixels", [](Reply& r) { r.message.width = r.message.height = 110; }},
    {"overflowing size", [](Reply& r) { r.message.width = r.message.height = INT32_MAX; }},
    {"another size than the image's", [](Reply& r) { r.message.width = 101; }},
    {"negative dpi", [](Reply& r) { r.message.dpi = -1; }},
    {"huge dpi", [](Reply& r) { r.message.dpi = INT32_MAX; }},
    {"crooked angle", [](Reply& r) { r.message.angle = 45; }},
    {"negative angle", [](Reply& r) { r.message.angle = -90; }},
    {"words beyond the arena", [](Reply& r) { r.message.words.offset = r.arena.size() + 1; }},
    {"image beyond the arena", [](Reply& r) { r.message.image.size_bytes = r.arena.size(); }},
    {"overflowing span", [](Reply& r) { r.message.preview.size_bytes = UINT64_MAX; }},
    {"overflowing offset", [](Reply& r) { r.message.preview.offset = UINT64_MAX; }},
    {"no image", [](Reply& r) { r.message.image.size_bytes = 0; }},
    {"no preview", [](Reply& r) { r.message.preview.size_bytes = 0; }},
    {"image that is a preview", [](Reply& r) { r.message.image = r.message.preview; }},
    {"preview that is an image", [](Reply& r) { r.message.preview = r.message.image; }},
    {"language size", [](Reply& r) { r.message.language.size_bytes = 256; }},
    {"another language", [](Reply& r) { PutText(r.message.language, "deu"); }},
    {"source size", [](Reply& r) { r.message.source.size_bytes = UINT32_MAX; }},
    {"source bytes", [](Reply& r) { PutText(r.message.source, "\xFF"); }},
    {"reason control", [](Reply& r) { PutText(r.message.source_reason, "a\nb"); }},
    {"reason size", [](Reply& r) { r.message.source_reason.size_bytes = 512; }},
    {"thresholding", [](Reply& r) { PutText(r.message.thresholding, "magic"); }},
};

const Lie kWordLies[] = {
    {"no words at all", [](Reply& r) { r.message.words.size_bytes = 0; }},
    {"half a table", [](Reply& r) { r.message.words.size_bytes = 19; }},
    {"one byte less", [](Reply& r) { --r.message.words.size_bytes; }},
    {"one byte more", [](Reply& r) { ++r.message.words.size_bytes; }},
    {"block count", InCounts([](WireCounts& c) { ++c.blocks; })},
    {"paragraph count", InCounts([](WireCounts& c) { c.paragraphs = UINT32_MAX; })},
    {"line count", InCounts([](WireCounts& c) { c.lines = kMaxPageRecords + 1; })},
    {"word count", InCounts([](WireCounts& c) { --c.words; })},
    {"text count", InCounts([](WireCounts& c) { c.text_bytes = UINT32_MAX; })},
    {"a word moved into the text", InCounts([](WireCounts& c) {
       --c.words;
       c.text_bytes += sizeof(WireWord);
     })},
    {"block box", At<WireBlock>(kBlockAt, [](WireBlock& b) { b.box.right = 101; })},
    {"paragraph missing", At<WireBlock>(kBlockAt, [](WireBlock& b) { b.paragraphs = 2; })},
    {"paragraph left over", At<WireBlock>(kBlockAt, [](WireBlock& b) { b.paragraphs = 0; })},
    {"paragraph box", At<WireParagraph>(kParagraphAt, [](WireParagraph& p) { p.box.top = -1; })},
    {"line missing", At<WireParagraph>(kParagraphAt, [](WireParagraph& p) { p.lines = 9; })},
    {"line box", InLine([](WireLine& l) { l.box.bottom = 51; })},
    {"slope", InLine([](WireLine& l) { l.slope = kNan; })},
    {"offset", InLine([](WireLine& l) { l.offset = kInfinity; })},
    {"word missing", InLine([](WireLine& l) { ++l.words; })},
    {"word left over", InLine([](WireLine& l) { --l.words; })},
    {"left of the page", InWord([](WireWord& w) { w.box.left = INT32_MIN; })},
    {"right of the page", InWord([](WireWord& w) { w.box.right = INT32_MAX; })},
    {"inside out", InWord([](WireWord& w) { w.box.left = w.box.right + 1; })},
    {"upside down", InWord([](WireWord& w) { w.box.top = w.box.bottom + 1; })},
    {"confidence NaN", InWord([](WireWord& w) { w.confidence = kNan; })},
    {"confidence above 100", InWord([](WireWord& w) { w.confidence = 100.01F; })},
    {"confidence below 0", InWord([](WireWord& w) { w.confidence = -0.01F; })},
    {"no text", InWord([](WireWord& w) { w.text_bytes = 0; })},
    {"missing text", InWord([](WireWord& w) { w.text_bytes = UINT32_MAX; })},
    {"text of the neighbour", InWord([](WireWord& w) { ++w.text_bytes; })},
    {"bad UTF-8", InText("\xC0\x80")},
    {"white space", InText("a b")},
    {"no-break space", InText("\u00A0")},
    {"control character", InText(std::string_view("\0", 1))},
};

TEST(PageReplyTest, EveryLieInTheMessageIsFound) {
  for (const Lie& lie : kMessageLies) {
    Reply reply = HonestReply();
    lie.tell(reply);
    ExpectLie(Decode(reply), lie.what);
  }
}

TEST(PageReplyTest, EveryLieInTheArenaIsFound) {
  for (const Lie& lie : kWordLies) {
    Reply reply = HonestReply();
    lie.tell(reply);
    ExpectLie(Decode(reply), lie.what);
  }
}

TEST(PageReplyTest, ACutOrPaddedMessageIsALie) {
  const Reply reply = HonestReply();
  const std::string_view bytes = AsBytes(reply.message);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ExpectLie(Decode(bytes.substr(0, size), reply.arena), "cut");
  }
  ExpectLie(Decode(std::string(bytes) + "x", reply.arena), "padded");
}

TEST(PageReplyTest, NoFlippedBitCrashesTheParent) {
  const Reply reply = HonestReply();
  const std::string_view bytes = AsBytes(reply.message);
  // A stride that is coprime to 8 covers every byte and every bit position.
  for (size_t bit = 0; bit < bytes.size() * 8; bit += 5) {
    std::string damaged(bytes);
    damaged[bit / 8] = char(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto artefacts = Decode(damaged, reply.arena);
    if (!artefacts.ok()) continue;
    EXPECT_TRUE(DecodePageResult(EncodePageResult(artefacts->result)).ok());
  }
}

FailedMessage Failure(std::string_view code, std::string_view message) {
  FailedMessage failure;
  failure.header.sequence = kSequence;
  PutText(failure.code, code);
  PutText(failure.message, message);
  PutText(failure.hint, "a hint");
  return failure;
}

TEST(PageReplyTest, AFailureIsTheChildsOwn) {
  const auto artefacts = Decode(AsBytes(Failure("damaged", "comes out as 1x1 pixel")), "");
  ASSERT_FALSE(artefacts.ok());
  EXPECT_EQ(artefacts.code(), ErrorCode::kDamaged);
  EXPECT_EQ(artefacts.error().message, "comes out as 1x1 pixel");
  EXPECT_EQ(artefacts.error().hint, "a hint");
}

TEST(PageReplyTest, AFailureMayLieToo) {
  for (const char* code : {"", "nonsense", "child_died", "interrupted", "timeout", "disk_full"}) {
    ExpectLie(Decode(AsBytes(Failure(code, "m")), ""), code);
  }
  ExpectLie(Decode(AsBytes(Failure("damaged", "two\nlines")), ""), "control character");
  FailedMessage failure = Failure("damaged", "m");
  failure.hint.size_bytes = 512;
  ExpectLie(Decode(AsBytes(failure), ""), "hint size");
  failure = Failure("damaged", "m");
  failure.header.sequence = 0;
  ExpectLie(Decode(AsBytes(failure), ""), "sequence");
}

TEST(PageReplyTest, ASealIsBelievedWhenItIsWhole) {
  SealedMessage message{.seccomp = 1,
                        .no_new_privs = 1,
                        .limits = 1,
                        .landlock_abi = 7,
                        .no_capabilities = 1,
                        .user_id = 65534};
  message.header.sequence = kSequence;
  const auto report = DecodeSealReply(AsBytes(message), kSequence);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(*report, (SealReport{true, true, true, 7, true, 65534}));
  ExpectLie(DecodeSealReply(AsBytes(message), kSequence + 1), "sequence");
  const auto spoilt = [&](uint32_t SealedMessage::*field, uint32_t value) {
    SealedMessage changed = message;
    changed.*field = value;
    return DecodeSealReply(AsBytes(changed), kSequence);
  };
  ExpectLie(spoilt(&SealedMessage::seccomp, 0), "seccomp");
  ExpectLie(spoilt(&SealedMessage::seccomp, 2), "half a seccomp");
  ExpectLie(spoilt(&SealedMessage::no_new_privs, 0), "no_new_privs");
  ExpectLie(spoilt(&SealedMessage::limits, 0), "limits");
  ExpectLie(spoilt(&SealedMessage::no_capabilities, 0), "capabilities");
  ExpectLie(spoilt(&SealedMessage::landlock_abi, 0x80000001), "Landlock");
}

OpenedMessage Opened(std::string_view media_type, int page_count) {
  OpenedMessage opened;
  opened.header.sequence = kSequence;
  opened.page_count = page_count;
  PutText(opened.media_type, media_type);
  return opened;
}
Result<DocumentInfo> DecodeOpened(const OpenedMessage& message) {
  return DecodeOpenReply(AsBytes(message), kSequence, {.max_pages = 10});
}

TEST(PageReplyTest, AnOpenedDocumentHasAKindAndPages) {
  const auto info = DecodeOpened(Opened("image/tiff", 10));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->media_type, "image/tiff");
  EXPECT_EQ(info->page_count, 10);
  ExpectLie(DecodeOpened(Opened("image/tiff", 11)), "pages");
  ExpectLie(DecodeOpened(Opened("image/tiff", 0)), "no pages");
  ExpectLie(DecodeOpened(Opened("image/tiff", -1)), "negative pages");
  ExpectLie(DecodeOpened(Opened("text/html", 1)), "kind");
  OpenedMessage opened = Opened("image/png", 1);
  opened.media_type.size_bytes = 32;
  ExpectLie(DecodeOpened(opened), "kind's size");
}

}  // namespace
}  // namespace gnosis
