#include "engine/process_page.h"

#include <gmock/gmock.h>

#include "support/engine_fakes.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Has ink at any resolution: 640 x 480 pixels at 300 dpi.
class FakeDocument final : public Document {
 public:
  const DocumentInfo& info() const override { return document_info; }
  Result<RenderedPage> Render(int page, int dpi) override {
    rendered.push_back(dpi);
    if (page != 1) return Error{ErrorCode::kDamaged, "the page cannot be rendered", ""};
    if (resolution_of_image != 0) dpi = resolution_of_image;
    Raster raster = blank ? WhiteSheet(640, 480) : InkedSheet(640 * dpi / 300, 480 * dpi / 300);
    raster.dpi = says_resolution ? dpi : 0;
    return RenderedPage{std::move(raster), damage};
  }
  Result<TextLayer> ReadTextLayer(int, const Raster& raster) override {
    layer_width = raster.width;
    return layer;
  }

  DocumentInfo document_info{"application/pdf", 1};
  Result<TextLayer> layer = TextLayer{};
  bool blank = false;
  std::string damage;
  int resolution_of_image = 0;  // 0: renders at the requested resolution, like a PDF
  bool says_resolution = true;
  std::vector<int> rendered;
  int layer_width = 0;
};

TextLayer FullLayer() {
  TextLayer layer;
  layer.words = PageOfWords(100, 100);
  layer.characters = 600;
  return layer;
}

Raster Decoded(const std::string& bytes, const std::string& media_type) {
  auto image = OpenImage(bytes, media_type, RenderLimits{});
  EXPECT_TRUE(image.ok());
  return (*image)->Render(1, 300)->raster;
}

class ProcessPageTest : public ::testing::Test {
 protected:
  PageArtefacts Read(const PageRequest& request) {
    auto page = ProcessPage(document_, engine_, request);
    EXPECT_TRUE(page.ok());
    return *std::move(page);
  }
  PageResult ResultFor(TextMode source) { return Read({.options = {.mode = source}}).result; }

  FakeDocument document_;
  FakeEngine engine_;
};

TEST_F(ProcessPageTest, AScannedPageIsRecognised) {
  const PageResult result = ResultFor(TextMode::kAuto);
  EXPECT_TRUE(result.completed);
  EXPECT_EQ(result.page, 1);
  EXPECT_EQ(result.source, "fake 1");
  EXPECT_EQ(result.source_reason, "no text layer");
  EXPECT_EQ(result.thresholding, "otsu");
  EXPECT_EQ(result.language, "eng");
  EXPECT_EQ(result.words, PageOfWords(60, 95));
  EXPECT_EQ(result.text, PlainText(result.words));
  EXPECT_EQ(result.confidence, 95);
  EXPECT_EQ(result.dpi, 300);
  EXPECT_EQ(result.width, 640);
  EXPECT_EQ(result.height, 480);
}

TEST_F(ProcessPageTest, ACoveringTextLayerIsKeptAtALowResolution) {
  document_.layer = FullLayer();
  const PageResult result = ResultFor(TextMode::kAuto);
  EXPECT_EQ(result.source, "text_layer");
  EXPECT_EQ(result.source_reason, "text layer covers the page");
  EXPECT_EQ(result.language, "");
  EXPECT_EQ(result.thresholding, "");
  EXPECT_EQ(result.words, PageOfWords(100, 100));
  EXPECT_EQ(result.dpi, 150);
  EXPECT_EQ(result.width, 320);
  EXPECT_EQ(document_.layer_width, result.width) << "boxes must be in pixels of the stored image";
  EXPECT_THAT(engine_.asked, IsEmpty());
}

TEST_F(ProcessPageTest, APoorTextLayerIsRecognisedAndSaysWhy) {
  document_.layer = FullLayer();
  document_.layer->broken_characters = 300;
  const PageResult result = ResultFor(TextMode::kAuto);
  EXPECT_EQ(result.source, "fake 1");
  EXPECT_THAT(result.source_reason, HasSubstr("50 %"));
  EXPECT_EQ(result.dpi, 300);
}

TEST_F(ProcessPageTest, AnUnreadableTextLayerIsNoReasonToFail) {
  document_.layer = Error{ErrorCode::kDamaged, "a broken font", ""};
  EXPECT_EQ(ResultFor(TextMode::kAuto).source_reason, "text layer unreadable: a broken font");
}

TEST_F(ProcessPageTest, ForceRecognisesWhateverThePageCarries) {
  document_.layer = FullLayer();
  const PageResult result = ResultFor(TextMode::kForce);
  EXPECT_EQ(result.source, "fake 1");
  EXPECT_EQ(result.source_reason, "asked for");
  EXPECT_THAT(document_.rendered, ElementsAre(300)) << "once is enough";
}

TEST_F(ProcessPageTest, SkipNeverRecognises) {
  const PageResult without = ResultFor(TextMode::kSkip);
  EXPECT_EQ(without.source, "none");
  EXPECT_EQ(without.source_reason, "no text layer");
  EXPECT_EQ(without.text, "");
  EXPECT_EQ(without.confidence, std::nullopt);
  document_.layer = FullLayer();
  document_.layer->characters = 3;
  EXPECT_EQ(ResultFor(TextMode::kSkip).source, "text_layer");
  EXPECT_THAT(engine_.asked, IsEmpty());
}

TEST_F(ProcessPageTest, SkipFailsWhenTheTextLayerDoes) {
  document_.layer = Error{ErrorCode::kDamaged, "a broken font", ""};
  EXPECT_FALSE(ProcessPage(document_, engine_, {.options = {.mode = TextMode::kSkip}}).ok());
}

TEST_F(ProcessPageTest, AnImageIsRenderedOnce) {
  document_.document_info.media_type = "image/png";
  EXPECT_EQ(ResultFor(TextMode::kAuto).source_reason, "no text layer");
  EXPECT_EQ(document_.rendered.size(), 1u);
}

TEST_F(ProcessPageTest, ATurnThatIsAskedForRecognisesThePage) {
  document_.layer = FullLayer();
  const PageArtefacts page = Read({.options = {.rotate = 90}});
  EXPECT_EQ(page.result.source, "fake 1");
  EXPECT_EQ(page.result.angle, 90);
  EXPECT_EQ(page.result.width, 480);
  EXPECT_EQ(page.result.height, 640);
}

TEST_F(ProcessPageTest, ImageAndPreviewStandUprightLikeTheWords) {
  const PageArtefacts page = Read({.options = {.rotate = 270}});
  const Raster image = Decoded(page.image_png, "image/png");
  EXPECT_EQ(image.pixels, RotateClockwise(InkedSheet(), 270).pixels);
  const Raster preview = Decoded(page.preview_jpeg, "image/jpeg");
  EXPECT_EQ(preview.width, 480);
  EXPECT_EQ(preview.height, 640);
}

TEST_F(ProcessPageTest, APreviewIsNotLargerThanAScreen) {
  const PageArtefacts page = Read({.options = {.dpi = 1200, .mode = TextMode::kForce}});
  EXPECT_EQ(Decoded(page.preview_jpeg, "image/jpeg").width, 1400);
  EXPECT_EQ(page.result.width, 2560);
}

TEST_F(ProcessPageTest, ABlankPageIsCompleteAndEmpty) {
  document_.blank = true;
  const PageResult result = ResultFor(TextMode::kAuto);
  EXPECT_TRUE(result.completed);
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(result.source_reason, "no text layer; the page is blank");
  EXPECT_EQ(result.thresholding, "");
  EXPECT_THAT(engine_.asked, IsEmpty());
}

TEST_F(ProcessPageTest, APageOfADamagedImageSaysSo) {
  document_.damage = "the PNG image is damaged: it breaks off";
  EXPECT_EQ(ResultFor(TextMode::kAuto).source_reason,
            "no text layer; the PNG image is damaged: it breaks off");
  EXPECT_EQ(ResultFor(TextMode::kSkip).source_reason,
            "no text layer; the PNG image is damaged: it breaks off");
  document_.layer = FullLayer();
  EXPECT_EQ(ResultFor(TextMode::kAuto).source_reason,
            "text layer covers the page; the PNG image is damaged: it breaks off");
}

TEST_F(ProcessPageTest, ADamagedImageInWhichNothingCanBeReadIsNoEmptyPage) {
  document_.damage = "the PNG image is damaged: it breaks off";
  document_.blank = true;
  auto page = ProcessPage(document_, engine_, {});
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.code(), ErrorCode::kDamaged);
  EXPECT_EQ(page.error().message,
            "the PNG image is damaged: it breaks off; no text was found in the rest");
  document_.blank = false;
  engine_.read = [](const Raster&, Thresholding) { return PageText{}; };
  EXPECT_EQ(ProcessPage(document_, engine_, {}).code(), ErrorCode::kDamaged);
}

TEST_F(ProcessPageTest, TheEngineHearsLanguagesAndResolution) {
  Read({.options = {.languages = {"deu", "frk"}, .dpi = 600, .mode = TextMode::kForce}});
  EXPECT_THAT(engine_.languages, ElementsAre("deu", "frk"));
  EXPECT_EQ(engine_.dpi, 600);
}

TEST_F(ProcessPageTest, AReducedEffortTakesFewerPixelsAndSaysSo) {
  const PageResult result =
      Read({.options = {.mode = TextMode::kForce}, .effort = Effort::kReduced}).result;
  EXPECT_THAT(document_.rendered, ElementsAre(150));
  EXPECT_EQ(result.width, 320);
  EXPECT_EQ(result.dpi, 150);
  EXPECT_EQ(result.source_reason, "asked for; read at reduced effort");
}

TEST_F(ProcessPageTest, AReducedEffortNeverTakesMorePixelsThanWereAskedFor) {
  Read({.options = {.dpi = 100, .mode = TextMode::kForce}, .effort = Effort::kReduced});
  EXPECT_THAT(document_.rendered, ElementsAre(100));
}

TEST_F(ProcessPageTest, AReducedEffortShrinksAnImageThatComesAsItIs) {
  document_.resolution_of_image = 600;
  PageResult result = Read({.effort = Effort::kReduced}).result;
  EXPECT_EQ(result.dpi, 150);
  EXPECT_EQ(result.width, 320);
  document_.resolution_of_image = 120;
  EXPECT_EQ(Read({.effort = Effort::kReduced}).result.width, 256);
}

TEST_F(ProcessPageTest, AReducedEffortShrinksAnImageOfUnknownResolutionToALegalPage) {
  document_.says_resolution = false;
  document_.resolution_of_image = 3000;
  EXPECT_EQ(Read({.effort = Effort::kReduced}).result.width, 2100);
}

TEST_F(ProcessPageTest, AReducedEffortKeepsATextLayerAsEver) {
  document_.layer = FullLayer();
  const PageResult result = Read({.effort = Effort::kReduced}).result;
  EXPECT_EQ(result.source, "text_layer");
  EXPECT_EQ(result.source_reason, "text layer covers the page");
}

TEST_F(ProcessPageTest, APageThatCannotBeRenderedIsAnError) {
  for (const TextMode source : {TextMode::kAuto, TextMode::kForce, TextMode::kSkip}) {
    const auto page = ProcessPage(document_, engine_, {.page = 2, .options = {.mode = source}});
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.code(), ErrorCode::kDamaged);
  }
}

}  // namespace
}  // namespace gnosis
