#include "engine/recognise_image.h"

#include <gmock/gmock.h>

#include "support/engine_fakes.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Asked = FakeEngine::Asked;

constexpr int kWide = 640;
constexpr int kHigh = 480;

RecognisedImage Read(FakeEngine& engine, Raster image, std::optional<int> rotate = std::nullopt) {
  auto reading = RecogniseImage(std::move(image), engine, {{"eng"}, rotate});
  EXPECT_TRUE(reading.ok());
  return *std::move(reading);
}

TEST(RecognisedImage, AGoodFirstReadingIsTheOnlyOne) {
  FakeEngine engine;
  const RecognisedImage reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.words, PageOfWords(60, 95));
  EXPECT_EQ(reading.angle, 0);
  EXPECT_EQ(reading.thresholding, Thresholding::kOtsu);
  EXPECT_EQ(engine.asked.size(), 1u);
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(RecognisedImage, AtAReducedEffortNoReadingIsTriedAgain) {
  const auto readings = [](PageText first) {
    FakeEngine engine;
    engine.orientation = Orientation{90, 12};
    engine.read = [&](const Raster&, Thresholding) { return first; };
    const auto reading = RecogniseImage(InkedSheet(kWide, 8 * kHigh), engine,
                                        {.languages = {"eng"}, .effort = Effort::kReduced});
    EXPECT_TRUE(reading.ok());
    EXPECT_EQ(reading->angle, 0);
    EXPECT_EQ(engine.orientation_asked, 0);
    EXPECT_EQ(engine.effort, Effort::kReduced);
    return engine.asked.size();
  };
  EXPECT_EQ(readings(PageOfWords(60, 39)), 1u) << "not turned";
  EXPECT_EQ(readings(SidewaysPage(60, 90)), 1u) << "not turned";
  EXPECT_EQ(readings({}), 1u) << "not with another thresholding";
}

TEST(RecognisedImage, ABlankPageIsNotShownToTheEngine) {
  FakeEngine engine;
  const RecognisedImage reading = Read(engine, WhiteSheet(kWide, kHigh));
  EXPECT_EQ(WordCount(reading.words), 0);
  EXPECT_EQ(reading.thresholding, std::nullopt);
  EXPECT_THAT(engine.asked, IsEmpty());
}

TEST(RecognisedImage, APageOnItsSideIsReadAgainUpright) {
  FakeEngine engine;
  engine.orientation = Orientation{90, 12};
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kHigh ? PageOfWords(60, 94) : PageOfWords(60, 39);
  };
  const RecognisedImage reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 90);
  EXPECT_EQ(reading.words, PageOfWords(60, 94));
  EXPECT_EQ(reading.image.width, kHigh);
  EXPECT_EQ(reading.image.height, kWide);
}

TEST(RecognisedImage, ATurnThatReadsNoBetterIsTakenBack) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 12};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 60); };
  const RecognisedImage reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 0);
  EXPECT_EQ(reading.image.pixels, InkedSheet().pixels);
  EXPECT_EQ(engine.asked.size(), 2u);
}

TEST(RecognisedImage, AnUnsureOrientationIsNotTried) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 1.9};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 60); };
  Read(engine, InkedSheet());
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(RecognisedImage, APageOfInkWithoutWordsIsAskedHowItLies) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 5};
  int calls = 0;
  engine.read = [&](const Raster&, Thresholding) {
    return ++calls == 1 ? PageText{} : PageOfWords(60, 90);
  };
  EXPECT_EQ(Read(engine, InkedSheet()).angle, 180);
}

TEST(RecognisedImage, WordsReadSidewaysSayThemselvesHowThePageLies) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kWide ? SidewaysPage(60, 95) : PageOfWords(60, 95);
  };
  const RecognisedImage reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 270);
  EXPECT_EQ(reading.words, PageOfWords(60, 95));
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(RecognisedImage, SidewaysWordsThatNobodyIsSureOfRunTheOtherWay) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kWide ? SidewaysPage(60, 39) : PageOfWords(60, 95);
  };
  EXPECT_EQ(Read(engine, InkedSheet()).angle, 90);
}

TEST(RecognisedImage, SidewaysWordsAreNotGivenUpForFewerUprightOnes) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kWide ? SidewaysPage(60, 95) : PageOfWords(20, 95);
  };
  EXPECT_EQ(Read(engine, InkedSheet()).words, SidewaysPage(60, 95));
}

TEST(RecognisedImage, ATurnThatWasAskedForIsMadeAndNotDoubted) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 20};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 40); };
  const RecognisedImage reading = Read(engine, InkedSheet(), 90);
  EXPECT_EQ(reading.angle, 90);
  EXPECT_EQ(reading.image.width, kHigh);
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(RecognisedImage, ATurnOfNothingKeepsThePageAsItLies) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 20};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 40); };
  EXPECT_EQ(Read(engine, InkedSheet(), 0).angle, 0);
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(RecognisedImage, MuchInkWithoutWordsIsThresholdedAdaptively) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding thresholding) {
    return thresholding == Thresholding::kSauvola ? PageOfWords(60, 88) : PageText{};
  };
  const RecognisedImage reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.thresholding, Thresholding::kSauvola);
  EXPECT_EQ(reading.words, PageOfWords(60, 88));
  EXPECT_THAT(engine.asked,
              ElementsAre(Asked{kWide, Thresholding::kOtsu}, Asked{kWide, Thresholding::kSauvola}));
}

TEST(RecognisedImage, TheBetterOfTwoThresholdingsIsKept) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding thresholding) {
    return PageOfWords(thresholding == Thresholding::kSauvola ? 13 : 12, 80);
  };
  const RecognisedImage reading = Read(engine, InkedSheet());
  EXPECT_EQ(engine.asked.size(), 2u);
  EXPECT_EQ(reading.thresholding, Thresholding::kOtsu);
  EXPECT_EQ(WordCount(reading.words), 12);
}

TEST(RecognisedImage, APageOfSpecksWithItsTextReadIsNotTriedAgain) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(45, 80); };
  Read(engine, InkedSheet(3000, 2000));
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(RecognisedImage, LittleInkIsNotTriedAgain) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding) { return PageText{}; };
  Read(engine, InkedSheet(160, 160));
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(RecognisedImage, WhatOneThresholdHidMayLieOnItsSide) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding thresholding) {
    if (thresholding == Thresholding::kOtsu) return PageText{};
    return gray.width == kWide ? SidewaysPage(60, 90) : PageOfWords(60, 90);
  };
  const RecognisedImage reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 270);
  EXPECT_EQ(reading.thresholding, Thresholding::kSauvola);
  EXPECT_EQ(reading.words, PageOfWords(60, 90));
}

TEST(RecognisedImage, AnErrorOfTheEngineIsPassedOn) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding) -> Result<PageText> {
    return Error{ErrorCode::kMissingLanguage, "no such language", ""};
  };
  const auto reading = RecogniseImage(InkedSheet(), engine, {});
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.code(), ErrorCode::kMissingLanguage);
}

// Rows of twenty letters each.
Raster SheetWithRows(int rows) {
  Raster sheet = WhiteSheet(800, 600);
  for (int row = 0; row < rows; ++row) {
    for (int letter = 0; letter < 20; ++letter) {
      for (int y = 0; y < 20; ++y) {
        std::fill_n(sheet.row(40 + row * 50 + y) + 20 + letter * 18, 14, uint8_t{0});
      }
    }
  }
  return sheet;
}
PageText RowRead(int row, const std::string& word) {
  const Box box{20, 40 + row * 50, 376, 60 + row * 50};
  return {{Block{box, {Paragraph{box, {Line{box, {}, {{word, box, 95}}}}}}}}};
}

TEST(RecognisedImage, WhatTheFirstReadingLeftIsReadByItself) {
  FakeEngine engine;
  engine.read = [&](const Raster& image, Thresholding) {
    if (image.width == 800) return RowRead(0, "eightletters");
    // Only the second row, cut out with a margin.
    EXPECT_LT(image.height, 100);
    PageText more = RowRead(0, "another");
    const Box all{0, 0, image.width, image.height};
    more.blocks[0].paragraphs[0].lines[0] = {all, {}, {{"another", all, 95}}};
    more.blocks[0].paragraphs[0].box = all;
    return more;
  };
  const RecognisedImage reading = Read(engine, SheetWithRows(2));
  EXPECT_EQ(engine.asked.size(), 2u);
  EXPECT_EQ(reading.image.width, 800);
  EXPECT_EQ(PlainText(reading.words), "eightletters\n\nanother\n");
  const Box second = reading.words.blocks[0].paragraphs[1].lines[0].box;
  EXPECT_GT(second.top, 60);  // on the page, not on what was cut out
}

TEST(RecognisedImage, ASecondLookThatFindsNothingIsTheLast) {
  FakeEngine engine;
  engine.read = [&](const Raster& image, Thresholding) {
    return image.width == 800 ? RowRead(0, "eightletters") : PageText{};
  };
  EXPECT_EQ(PlainText(Read(engine, SheetWithRows(2)).words), "eightletters\n");
  EXPECT_LE(engine.asked.size(), 3u);
}

TEST(RecognisedImage, AtAReducedEffortThereIsNoSecondLook) {
  FakeEngine engine;
  engine.read = [&](const Raster&, Thresholding) { return RowRead(0, "eightletters"); };
  const auto reading =
      RecogniseImage(SheetWithRows(2), engine, {.languages = {"eng"}, .effort = Effort::kReduced});
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(RecognisedImage, LeadersAreNotShownToTheEngineButStayOnTheImage) {
  Raster sheet = SheetWithRows(1);
  for (int dot = 0; dot < 12; ++dot) {
    for (int y = 56; y < 60; ++y) std::fill_n(sheet.row(y) + 420 + dot * 15, 4, uint8_t{0});
  }
  FakeEngine engine;
  engine.read = [&](const Raster& image, Thresholding) {
    EXPECT_EQ(image.row(58)[422], 255);
    return RowRead(0, "entryofcontents");
  };
  const RecognisedImage reading = Read(engine, sheet);
  EXPECT_EQ(reading.image.row(58)[422], 0);
  EXPECT_EQ(engine.asked.size(), 1u);
}

}  // namespace
}  // namespace gnosis
