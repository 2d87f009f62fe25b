// Compares the fast engine with the one that uses libtesseract, on pages rendered by poppler.
// Skipped if Tesseract's English model is missing.
#include <gmock/gmock.h>

#include <fstream>

#include "base/file.h"
#include "engine/ocr_engine.h"
#include "languages/languages.h"
#include "support/drawn_pages.h"
#include "support/engine_fakes.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<Word> WordsOf(const PageText& text) {
  std::vector<Word> words;
  for (const Block& block : text.blocks) {
    for (const Paragraph& paragraph : block.paragraphs) {
      for (const Line& line : paragraph.lines) {
        words.insert(words.end(), line.words.begin(), line.words.end());
      }
    }
  }
  return words;
}

class FastEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto folder = FolderWithLanguages(FindModelFolders(""), {"eng"});
    if (!folder.ok()) GTEST_SKIP() << folder.error().message;
    folder_ = *folder;
    tesseract_ = NewTesseractEngine({{folder_}});
    fast_ = NewFastEngine({{folder_}}, *tesseract_);
  }
  static PageText Read(OcrEngine& engine, const Raster& gray,
                       const RecogniseRequest& request = {}) {
    auto words = engine.Recognise(gray, request);
    EXPECT_TRUE(words.ok()) << words.error().message;
    return *std::move(words);
  }

  std::filesystem::path folder_;
  std::unique_ptr<OcrEngine> tesseract_;
  std::unique_ptr<OcrEngine> fast_;
};

TEST_F(FastEngineTest, NamesItself) { EXPECT_THAT(fast_->Version({"eng"}), StartsWith("fast ")); }

TEST_F(FastEngineTest, ReadsTheWordsThatLibtesseractReads) {
  for (const auto& lines : {kLetter, kNote}) {
    const Raster page = Draw(lines);
    const auto expected = WordsOf(Read(*tesseract_, page));
    const auto read = WordsOf(Read(*fast_, page));
    ASSERT_EQ(read.size(), expected.size());
    for (size_t i = 0; i < read.size(); ++i) {
      EXPECT_EQ(read[i].text, expected[i].text);
      EXPECT_NEAR(read[i].confidence, expected[i].confidence, 2) << read[i].text;
      EXPECT_NEAR(read[i].box.left, expected[i].box.left, 3) << read[i].text;
      EXPECT_NEAR(read[i].box.right, expected[i].box.right, 3) << read[i].text;
      EXPECT_NEAR(read[i].box.bottom, expected[i].box.bottom, 3) << read[i].text;
    }
  }
}

TEST_F(FastEngineTest, ReadsWhiteOnBlack) {
  Raster page = Draw(kNote);
  for (uint8_t& pixel : page.pixels) pixel = uint8_t(255 - pixel);
  EXPECT_THAT(PlainText(Read(*fast_, page)), HasSubstr("It has two lines of text."));
}

TEST_F(FastEngineTest, ReadsTheSameTwice) {
  const Raster letter = Draw(kLetter);
  const PageText first = Read(*fast_, letter);
  Read(*fast_, Draw(kNote), {.thresholding = Thresholding::kSauvola});
  EXPECT_EQ(Read(*fast_, letter), first);
}

TEST_F(FastEngineTest, LeavesNothingChangedForLibtesseract) {
  const Raster letter = Draw(kLetter);
  const PageText before = Read(*tesseract_, letter);
  Read(*fast_, letter);
  EXPECT_EQ(Read(*tesseract_, letter), before);
}

TEST_F(FastEngineTest, WordsLieInTheirLines) {
  const PageText text = Read(*fast_, Draw(kLetter));
  ASSERT_GT(WordCount(text), 40);
  for (const Block& block : text.blocks) {
    for (const Paragraph& paragraph : block.paragraphs) {
      for (const Line& line : paragraph.lines) {
        EXPECT_EQ(Union(line.box, paragraph.box), paragraph.box);
        for (const Word& word : line.words) EXPECT_EQ(Union(word.box, line.box), line.box);
      }
    }
  }
}

TEST_F(FastEngineTest, SurvivesImagesOfAnyShape) {
  for (const auto& [width, height] :
       std::vector<std::pair<int, int>>{{1, 1}, {2, 3}, {1, 3000}, {3000, 1}, {40, 7}, {300, 9}}) {
    Raster image = WhiteSheet(width, height);
    image.pixels[0] = 0;
    EXPECT_EQ(WordCount(Read(*fast_, image)), 0) << width << "x" << height;
  }
  EXPECT_FALSE(fast_->Recognise(WhiteSheet(0, 0), {}).ok());
}

TEST_F(FastEngineTest, SeveralLanguagesAreReadTogether) {
  if (const auto both = FolderWithLanguages(FindModelFolders(""), {"eng", "deu"}); !both.ok()) {
    GTEST_SKIP() << both.error().message;
  }
  FakeEngine other;
  const auto engine = NewFastEngine({{folder_}}, other);
  const Raster page = Draw({"The committee is satisfied with this weather.",
                            "Gr\\366\\337ere H\\344user m\\374ssen schlie\\337en."});
  for (const auto& languages : {std::vector<std::string>{"eng", "deu"}, {"deu", "eng"}}) {
    const std::string text = PlainText(Read(*engine, page, {.languages = languages}));
    EXPECT_THAT(text, HasSubstr("The committee is satisfied with this weather."));
    EXPECT_THAT(text, HasSubstr("Größere Häuser müssen schließen."));
  }
  EXPECT_TRUE(other.asked.empty());
}

TEST_F(FastEngineTest, AModelThatItCannotReadIsForTheOtherEngine) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "nil.traineddata") << "this is no model";
  std::filesystem::create_symlink(folder_ / "eng.traineddata", folder.path() / "eng.traineddata");
  FakeEngine other;
  const auto engine = NewFastEngine({{folder.path()}}, other);
  Read(*engine, InkedSheet(), {.languages = {"nil"}});
  Read(*engine, InkedSheet(), {.languages = {"eng", "nil"}});
  EXPECT_EQ(other.asked.size(), 2u);
  Read(*engine, InkedSheet(), {.languages = {"eng"}});
  EXPECT_EQ(other.asked.size(), 2u);
}

TEST_F(FastEngineTest, WhoReadsALanguageDoesNotDependOnThePageBefore) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "nil.traineddata") << "this is no model";
  std::filesystem::create_symlink(folder_ / "eng.traineddata", folder.path() / "eng.traineddata");
  FakeEngine other;
  const auto engine = NewFastEngine({{folder.path()}}, other);
  EXPECT_EQ(engine->Version({"nil"}), "fake 1");
  Read(*engine, InkedSheet(), {.languages = {"nil"}});
  EXPECT_THAT(engine->Version({"eng"}), StartsWith("fast "));
  EXPECT_EQ(engine->Version({"eng", "nil"}), "fake 1");
  Read(*engine, InkedSheet(), {.languages = {"eng"}});
  EXPECT_EQ(engine->Version({"nil"}), "fake 1");
}

// The first folder has "eng" only; the second one has both "eng" and "nil".
TEST_F(FastEngineTest, AModelIsNotTakenForOneOfTheSameNameInAnotherFolder) {
  const TemporaryFolder first, second;
  std::filesystem::create_symlink(folder_ / "eng.traineddata", first.path() / "eng.traineddata");
  for (const char* name : {"eng", "nil"}) {
    std::ofstream(second.path() / (std::string(name) + ".traineddata")) << "this is no model";
  }
  FakeEngine other;
  const auto engine = NewFastEngine({{first.path(), second.path()}}, other);
  Read(*engine, InkedSheet(), {.languages = {"eng", "nil"}});
  EXPECT_EQ(other.asked.size(), 1u);
  Read(*engine, InkedSheet(), {.languages = {"eng"}});
  EXPECT_EQ(other.asked.size(), 1u) << "it has a good model for English alone";
  EXPECT_THAT(engine->Version({"eng"}), StartsWith("fast "));
}

TEST_F(FastEngineTest, WithoutVectorInstructionsTheOtherEngineReads) {
  FakeEngine other;
  const auto engine = NewFastEngine({{folder_}}, other, {.kernels = nullptr});
  Read(*engine, InkedSheet());
  EXPECT_EQ(other.asked.size(), 1u);
  EXPECT_EQ(engine->Version({"eng"}), "fake 1");
}

TEST_F(FastEngineTest, AMissingLanguageIsNamed) {
  const auto words = fast_->Recognise(WhiteSheet(99, 99), {.languages = {"tlh"}});
  ASSERT_FALSE(words.ok());
  EXPECT_EQ(words.code(), ErrorCode::kMissingLanguage);
}

}  // namespace
}  // namespace gnosis
