#include "engine/page_reading.h"

#include <gmock/gmock.h>

#include "engine/engine_fakes.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Asked = FakeEngine::Asked;

constexpr int kWide = 640;
constexpr int kHigh = 480;

PageReading Read(FakeEngine& engine, Raster image, std::optional<int> rotate = std::nullopt) {
  auto reading = ReadImage(std::move(image), engine, {{"eng"}, rotate});
  EXPECT_TRUE(reading.ok());
  return *std::move(reading);
}

TEST(PageReading, AGoodFirstReadingIsTheOnlyOne) {
  FakeEngine engine;
  const PageReading reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.words, PageOfWords(60, 95));
  EXPECT_EQ(reading.angle, 0);
  EXPECT_EQ(reading.thresholding, Thresholding::kOtsu);
  EXPECT_EQ(engine.asked.size(), 1u);
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(PageReading, AtAReducedEffortNoReadingIsTriedAgain) {
  const auto readings = [](PageText first) {
    FakeEngine engine;
    engine.orientation = Orientation{90, 12};
    engine.read = [&](const Raster&, Thresholding) { return first; };
    const auto reading = ReadImage(InkedSheet(kWide, 8 * kHigh), engine,
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

TEST(PageReading, ABlankPageIsNotShownToTheEngine) {
  FakeEngine engine;
  const PageReading reading = Read(engine, WhiteSheet(kWide, kHigh));
  EXPECT_EQ(WordCount(reading.words), 0);
  EXPECT_EQ(reading.thresholding, std::nullopt);
  EXPECT_THAT(engine.asked, IsEmpty());
}

TEST(PageReading, APageOnItsSideIsReadAgainUpright) {
  FakeEngine engine;
  engine.orientation = Orientation{90, 12};
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kHigh ? PageOfWords(60, 94) : PageOfWords(60, 39);
  };
  const PageReading reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 90);
  EXPECT_EQ(reading.words, PageOfWords(60, 94));
  EXPECT_EQ(reading.image.width, kHigh);
  EXPECT_EQ(reading.image.height, kWide);
}

TEST(PageReading, ATurnThatReadsNoBetterIsTakenBack) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 12};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 60); };
  const PageReading reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 0);
  EXPECT_EQ(reading.image.pixels, InkedSheet().pixels);
  EXPECT_EQ(engine.asked.size(), 2u);
}

TEST(PageReading, AnUnsureOrientationIsNotTried) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 1.9};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 60); };
  Read(engine, InkedSheet());
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(PageReading, APageOfInkWithoutWordsIsAskedHowItLies) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 5};
  int calls = 0;
  engine.read = [&](const Raster&, Thresholding) {
    return ++calls == 1 ? PageText{} : PageOfWords(60, 90);
  };
  EXPECT_EQ(Read(engine, InkedSheet()).angle, 180);
}

TEST(PageReading, WordsReadSidewaysSayThemselvesHowThePageLies) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kWide ? SidewaysPage(60, 95) : PageOfWords(60, 95);
  };
  const PageReading reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 270);
  EXPECT_EQ(reading.words, PageOfWords(60, 95));
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(PageReading, SidewaysWordsThatNobodyIsSureOfRunTheOtherWay) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kWide ? SidewaysPage(60, 39) : PageOfWords(60, 95);
  };
  EXPECT_EQ(Read(engine, InkedSheet()).angle, 90);
}

TEST(PageReading, SidewaysWordsAreNotGivenUpForFewerUprightOnes) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding) {
    return gray.width == kWide ? SidewaysPage(60, 95) : PageOfWords(20, 95);
  };
  EXPECT_EQ(Read(engine, InkedSheet()).words, SidewaysPage(60, 95));
}

TEST(PageReading, ATurnThatWasAskedForIsMadeAndNotDoubted) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 20};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 40); };
  const PageReading reading = Read(engine, InkedSheet(), 90);
  EXPECT_EQ(reading.angle, 90);
  EXPECT_EQ(reading.image.width, kHigh);
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(PageReading, ATurnOfNothingKeepsThePageAsItLies) {
  FakeEngine engine;
  engine.orientation = Orientation{180, 20};
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(60, 40); };
  EXPECT_EQ(Read(engine, InkedSheet(), 0).angle, 0);
  EXPECT_EQ(engine.orientation_asked, 0);
}

TEST(PageReading, MuchInkWithoutWordsIsThresholdedAdaptively) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding thresholding) {
    return thresholding == Thresholding::kSauvola ? PageOfWords(60, 88) : PageText{};
  };
  const PageReading reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.thresholding, Thresholding::kSauvola);
  EXPECT_EQ(reading.words, PageOfWords(60, 88));
  EXPECT_THAT(engine.asked,
              ElementsAre(Asked{kWide, Thresholding::kOtsu}, Asked{kWide, Thresholding::kSauvola}));
}

TEST(PageReading, TheBetterOfTwoThresholdingsIsKept) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding thresholding) {
    return PageOfWords(thresholding == Thresholding::kSauvola ? 13 : 12, 80);
  };
  const PageReading reading = Read(engine, InkedSheet());
  EXPECT_EQ(engine.asked.size(), 2u);
  EXPECT_EQ(reading.thresholding, Thresholding::kOtsu);
  EXPECT_EQ(WordCount(reading.words), 12);
}

TEST(PageReading, APageOfSpecksWithItsTextReadIsNotTriedAgain) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding) { return PageOfWords(45, 80); };
  Read(engine, InkedSheet(3000, 2000));
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(PageReading, LittleInkIsNotTriedAgain) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding) { return PageText{}; };
  Read(engine, InkedSheet(160, 160));
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(PageReading, WhatOneThresholdHidMayLieOnItsSide) {
  FakeEngine engine;
  engine.read = [](const Raster& gray, Thresholding thresholding) {
    if (thresholding == Thresholding::kOtsu) return PageText{};
    return gray.width == kWide ? SidewaysPage(60, 90) : PageOfWords(60, 90);
  };
  const PageReading reading = Read(engine, InkedSheet());
  EXPECT_EQ(reading.angle, 270);
  EXPECT_EQ(reading.thresholding, Thresholding::kSauvola);
  EXPECT_EQ(reading.words, PageOfWords(60, 90));
}

TEST(PageReading, AnErrorOfTheEngineIsPassedOn) {
  FakeEngine engine;
  engine.read = [](const Raster&, Thresholding) -> Result<PageText> {
    return Error{ErrorCode::kMissingLanguage, "no such language", ""};
  };
  const auto reading = ReadImage(InkedSheet(), engine, {});
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.code(), ErrorCode::kMissingLanguage);
}

TEST(PageReading, WorthCountsLettersByConfidence) {
  EXPECT_DOUBLE_EQ(Worth(PageText{}), 0);
  EXPECT_DOUBLE_EQ(Worth(PageOfWords(10, 50)), 10 * 6 * 0.5);
  EXPECT_DOUBLE_EQ(Worth(PageOfWords(10, 49)), 0);
  PageText umlauts = PageOfWords(1, 100);
  umlauts.blocks[0].paragraphs[0].lines[0].words[0].text = "\xC3\xA4\xC3\xB6-3.";
  EXPECT_DOUBLE_EQ(Worth(umlauts), 3);
}

}  // namespace
}  // namespace gnosis
