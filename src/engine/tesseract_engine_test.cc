// Tests the real engine on pages rendered by poppler. Skipped if Tesseract's English model is
// missing.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "child/document.h"
#include "engine/ocr_engine.h"
#include "languages/languages.h"
#include "support/drawn_pages.h"

// fontconfig, which poppler uses to find fonts, keeps its cache until the process exits.
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig"; }

namespace gnosis {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Raster WhiteRaster(int width, int height) {
  return Raster{width, height, 300, PixelFormat::kGray8,
                std::vector<uint8_t>(size_t(width) * height, 255)};
}

// The output of the tesseract program, without the final form feed; nothing if it is not installed.
std::optional<std::string> ProgramPrints(const Raster& gray, const std::string& options) {
  const TemporaryFolder folder;
  const auto image = folder.path() / "page.png";
  std::ofstream(image, std::ios::binary) << *EncodePng(gray);
  const auto command = fmt::format("OMP_THREAD_LIMIT=1 tesseract {} {} -l eng {} 2>/dev/null",
                                   image.string(), (folder.path() / "out").string(), options);
  if (std::system(command.c_str()) != 0) return std::nullopt;
  std::string text = *ReadFile(folder.path() / "out.txt");
  if (text.ends_with('\f')) text.pop_back();
  return text;
}

// The program also ends a page's last paragraph with an empty line; we only put empty lines between
// paragraphs.
std::string WithoutLastEmptyLine(std::string text) {
  if (text.ends_with("\n\n")) text.pop_back();
  return text;
}

class TesseractEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto folder = FolderWithLanguages(FindModelFolders(""), {"eng"});
    if (!folder.ok()) GTEST_SKIP() << folder.error().message;
    folder_ = *folder;
    engine_ = NewTesseractEngine({{folder_}});
  }
  PageText Read(const Raster& gray, const RecogniseRequest& request = {}) {
    auto words = engine_->Recognise(gray, request);
    EXPECT_TRUE(words.ok()) << words.error().message;
    return *std::move(words);
  }

  std::filesystem::path folder_;
  std::unique_ptr<OcrEngine> engine_;
};

TEST_F(TesseractEngineTest, NamesItself) {
  EXPECT_THAT(engine_->Version({"eng"}), StartsWith("tesseract 5."));
}

TEST_F(TesseractEngineTest, ReadsAPrintedPage) {
  const std::string text = PlainText(Read(Draw(kLetter)));
  EXPECT_THAT(text,
              HasSubstr("The quick brown fox jumps over the lazy dog near the river bank.\n"));
  EXPECT_THAT(text, HasSubstr("1,250 boxes of apples on the 14th of March 1921.\n"));
}

TEST_F(TesseractEngineTest, SaysWhatTheProgramSays) {
  for (const auto& lines : {kLetter, kNote}) {
    Raster page = Draw(lines);
    const auto printed = ProgramPrints(page, "--dpi 300");
    if (!printed) GTEST_SKIP() << "the tesseract program is not installed";
    EXPECT_EQ(PlainText(Read(page)), WithoutLastEmptyLine(*printed));
    const auto adaptive = ProgramPrints(page, "--dpi 300 -c thresholding_method=2");
    EXPECT_EQ(PlainText(Read(page, {.thresholding = Thresholding::kSauvola})),
              WithoutLastEmptyLine(*adaptive));
  }
}

TEST_F(TesseractEngineTest, EstimatesAnUnknownResolutionAsTheProgramDoes) {
  Raster page = Draw(kLetter);
  page.dpi = 0;
  const auto printed = ProgramPrints(page, "");
  if (!printed) GTEST_SKIP() << "the tesseract program is not installed";
  EXPECT_EQ(PlainText(Read(page, {.dpi = 0})), WithoutLastEmptyLine(*printed));
}

TEST_F(TesseractEngineTest, WordsLieInTheirLinesAndLinesOnThePage) {
  const Raster page = Draw(kLetter);
  const PageText text = Read(page);
  ASSERT_GT(WordCount(text), 40);
  for (const Block& block : text.blocks) {
    for (const Paragraph& paragraph : block.paragraphs) {
      for (const Line& line : paragraph.lines) {
        EXPECT_GE(line.box.left, 0);
        EXPECT_LE(line.box.right, page.width);
        EXPECT_LE(line.box.bottom, page.height);
        EXPECT_NEAR(line.baseline.slope, 0, 0.01);
        EXPECT_LE(line.baseline.offset, 2);
        for (const Word& word : line.words) {
          EXPECT_EQ(Union(word.box, line.box), line.box) << word.text;
          EXPECT_GT(word.confidence, 50) << word.text;
          EXPECT_LE(word.confidence, 100) << word.text;
        }
      }
    }
  }
}

TEST_F(TesseractEngineTest, AWarmEngineReadsLikeAFreshOne) {
  const Raster letter = Draw(kLetter);
  const Raster note = Draw(kNote);
  const PageText first = Read(letter);
  Read(note, {.thresholding = Thresholding::kSauvola});
  EXPECT_EQ(Read(letter), first);
}

TEST_F(TesseractEngineTest, FindsHowAPageLies) {
  if (!std::filesystem::exists(folder_ / "osd.traineddata")) GTEST_SKIP() << "no osd model";
  std::vector<std::string> lines = kLetter;
  lines.insert(lines.end(), kLetter.begin(), kLetter.end());
  const Raster page = Draw(lines);
  for (const int turn : {0, 90, 180, 270}) {
    const auto orientation =
        engine_->FindOrientation(RotateClockwise(page, turn), Thresholding::kOtsu);
    ASSERT_TRUE(orientation.ok() && orientation->has_value()) << turn;
    EXPECT_EQ((*orientation)->degrees, (360 - turn) % 360) << turn;
    EXPECT_GT((*orientation)->confidence, 2) << turn;
  }
}

TEST_F(TesseractEngineTest, AnEmptyPageHasNoWordsAndNoOrientation) {
  const Raster sheet = WhiteRaster(800, 600);
  EXPECT_EQ(Read(sheet), PageText{});
  const auto orientation = engine_->FindOrientation(sheet, Thresholding::kOtsu);
  ASSERT_TRUE(orientation.ok());
  EXPECT_FALSE(orientation->has_value());
}

TEST_F(TesseractEngineTest, SurvivesImagesOfAnyShape) {
  for (const auto& [width, height] :
       std::vector<std::pair<int, int>>{{1, 1}, {2, 3}, {1, 3000}, {3000, 1}, {40, 7}}) {
    Raster image = WhiteRaster(width, height);
    image.pixels[0] = 0;
    EXPECT_EQ(WordCount(Read(image)), 0) << width << "x" << height;
    EXPECT_TRUE(engine_->FindOrientation(image, Thresholding::kSauvola).ok());
  }
  EXPECT_FALSE(engine_->Recognise(WhiteRaster(0, 0), {}).ok());
}

TEST_F(TesseractEngineTest, AMissingLanguageIsNamed) {
  const auto words = engine_->Recognise(WhiteRaster(99, 99), {.languages = {"eng", "tlh"}});
  ASSERT_FALSE(words.ok());
  EXPECT_EQ(words.code(), ErrorCode::kMissingLanguage);
  EXPECT_THAT(words.error().message, HasSubstr("tlh"));
}

TEST_F(TesseractEngineTest, ADamagedModelIsAnError) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "eng.traineddata") << "this is no model";
  std::ofstream(folder.path() / "osd.traineddata") << "nor is this";
  const auto engine = NewTesseractEngine({{folder.path()}});
  const auto words = engine->Recognise(WhiteRaster(99, 99), {});
  ASSERT_FALSE(words.ok());
  EXPECT_EQ(words.code(), ErrorCode::kMissingLanguage);
  EXPECT_THAT(words.error().hint, HasSubstr("reinstall it"));
  const auto orientation = engine->FindOrientation(WhiteRaster(99, 99), Thresholding::kOtsu);
  EXPECT_TRUE(orientation.ok() && !orientation->has_value());
}

TEST_F(TesseractEngineTest, SeveralLanguagesAreHeldInTurn) {
  const auto installed = InstalledLanguages({{folder_}});
  const Raster note = Draw(kNote);
  const PageText english = Read(note);
  for (const std::string& language : installed) Read(note, {.languages = {language}});
  EXPECT_EQ(Read(note), english);
}

}  // namespace
}  // namespace gnosis
