#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child/document.h"
#include "support/document_samples.h"

// Fontconfig does not free all memory at shutdown; only LeakSanitizer uses this.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\n"; }

namespace gnosis {
namespace {

using testing::HasSubstr;

constexpr char kSmallPage[] = "/MediaBox [0 0 144 72]";
constexpr char kRedSquare[] = "1 0 0 rg 36 18 18 18 re f";
constexpr char kGraySquare[] = "0 g 36 18 18 18 re f";

class PdfTest : public testing::Test {
 protected:
  // The document uses the bytes in `pdf_`.
  Document& Open(std::string pdf) {
    pdf_ = std::move(pdf);
    auto opened = OpenPdf(pdf_, password_, limits_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    document_ = *std::move(opened);
    return *document_;
  }
  Raster Draw(std::string pdf, int dpi = 144) {
    auto raster = Open(std::move(pdf)).Render(1, dpi);
    EXPECT_TRUE(raster.ok()) << raster.error().message;
    return raster.ok() ? raster->raster : Raster{};
  }
  Error WhyNotOpened(const std::string& pdf) {
    const auto opened = OpenPdf(pdf, password_, limits_);
    return opened.ok() ? Error{ErrorCode::kInternal, "it opened", ""} : opened.error();
  }
  Error WhyNotDrawn(std::string pdf) {
    const auto raster = Open(std::move(pdf)).Render(1, 144);
    return raster.ok() ? Error{ErrorCode::kInternal, "it was drawn", ""} : raster.error();
  }

  std::string pdf_;
  std::string password_;
  RenderLimits limits_;
  std::unique_ptr<Document> document_;
};

// The smallest box around pixels darker than half.
Box InkBox(const Raster& gray) {
  Box box;
  for (int y = 0; y < gray.height; ++y) {
    for (int x = 0; x < gray.width; ++x) {
      if (gray.row(y)[x] < 128) box = Union(box, {x, y, x + 1, y + 1});
    }
  }
  return box;
}

TEST_F(PdfTest, SaysWhatItIs) {
  const DocumentInfo& info = Open(OnePagePdf(kSmallPage, "")).info();
  EXPECT_EQ(info.media_type, "application/pdf");
  EXPECT_EQ(info.page_count, 1);
}

TEST_F(PdfTest, DrawsInColour) {
  const Raster raster = Draw(OnePagePdf(kSmallPage, kRedSquare));
  EXPECT_EQ(raster.width, 288);
  EXPECT_EQ(raster.height, 144);
  EXPECT_EQ(raster.dpi, 144);
  ASSERT_EQ(raster.format, PixelFormat::kRgb8);
  const uint8_t* red = raster.row(90) + 90 * 3;
  EXPECT_THAT(std::vector<int>(red, red + 3), testing::ElementsAre(255, 0, 0));
  const uint8_t* paper = raster.row(10) + 10 * 3;
  EXPECT_THAT(std::vector<int>(paper, paper + 3), testing::ElementsAre(255, 255, 255));
}

TEST_F(PdfTest, DrawsInGreyWhenThereIsNoColour) {
  const Raster raster = Draw(OnePagePdf(kSmallPage, kGraySquare));
  ASSERT_EQ(raster.format, PixelFormat::kGray8);
  EXPECT_EQ(InkBox(raster), (Box{72, 72, 108, 108}));
  EXPECT_EQ(raster.row(0)[0], 255);
}

TEST_F(PdfTest, TurnsAPageAsItAsks) {
  const Raster raster = Draw(OnePagePdf("/MediaBox [0 0 144 72] /Rotate 90", kGraySquare));
  EXPECT_EQ(raster.width, 144);
  EXPECT_EQ(raster.height, 288);
  EXPECT_EQ(InkBox(raster), (Box{36, 72, 72, 108}));
}

TEST_F(PdfTest, ShowsTheCropBox) {
  const Raster raster =
      Draw(OnePagePdf("/MediaBox [0 0 144 72] /CropBox [30 10 80 40]", kGraySquare));
  EXPECT_EQ(raster.width, 100);
  EXPECT_EQ(raster.height, 60);
  EXPECT_EQ(InkBox(raster), (Box{12, 8, 48, 44}));
}

TEST_F(PdfTest, ShowsTheMediaBoxWhenTheCropBoxLiesOutsideIt) {
  const Raster raster =
      Draw(OnePagePdf("/MediaBox [0 0 144 72] /CropBox [500 500 600 600]", kGraySquare));
  EXPECT_EQ(raster.width, 288);
  EXPECT_EQ(InkBox(raster), (Box{72, 72, 108, 108}));
}

TEST_F(PdfTest, HonoursTheUserUnit) {
  const Raster raster = Draw(OnePagePdf("/MediaBox [0 0 144 72] /UserUnit 2", kGraySquare));
  EXPECT_EQ(raster.width, 576);
  EXPECT_EQ(InkBox(raster), (Box{144, 144, 216, 216}));
}

TEST_F(PdfTest, TakesBoxesThatAreTheWrongWayRound) {
  EXPECT_EQ(InkBox(Draw(OnePagePdf("/MediaBox [144 72 0 0]", kGraySquare))),
            (Box{72, 72, 108, 108}));
}

TEST_F(PdfTest, LowersTheResolutionToStayWithinThePixels) {
  limits_.max_page_pixels = 10'000;
  const Raster raster = Draw(OnePagePdf(kSmallPage, kGraySquare));
  EXPECT_EQ(raster.dpi, 70);
  EXPECT_EQ(raster.width, 140);
  EXPECT_EQ(raster.height, 70);
}

TEST_F(PdfTest, LowersTheResolutionToStayWithinTheSides) {
  limits_.max_side_pixels = 100;
  const Raster raster = Draw(OnePagePdf(kSmallPage, kGraySquare));
  EXPECT_EQ(raster.dpi, 50);
  EXPECT_EQ(raster.width, 100);
}

TEST_F(PdfTest, RefusesAPageThatFitsAtNoUsefulResolution) {
  const Error error = WhyNotDrawn(OnePagePdf("/MediaBox [0 0 1000000 1000000]", ""));
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_THAT(error.message, HasSubstr("13889 x 13889 inches"));
  EXPECT_THAT(error.message, HasSubstr("max_page_pixels (100000000)"));
}

TEST_F(PdfTest, RefusesAPageOfASinglePixel) {
  const Error error = WhyNotDrawn(OnePagePdf("/MediaBox [0 0 0.1 0.1]", ""));
  EXPECT_EQ(error.code, ErrorCode::kDamaged);
  EXPECT_THAT(error.message, HasSubstr("a single pixel"));
}

TEST_F(PdfTest, RefusesAPageWithoutAnArea) {
  const Error error = WhyNotDrawn(OnePagePdf("/MediaBox [0 0 100 0]", ""));
  EXPECT_EQ(error.code, ErrorCode::kDamaged);
  EXPECT_THAT(error.message, HasSubstr("the page has no area (100 x 0 points)"));
}

TEST_F(PdfTest, KnowsItsPages) {
  Document& document = Open(OnePagePdf(kSmallPage, ""));
  EXPECT_EQ(document.Render(0, 144).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(document.Render(2, 144).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(document.ReadTextLayer(2, Raster{10, 10}).code(), ErrorCode::kInvalidArgument);
}

TEST_F(PdfTest, FailsOnlyThePageThatIsMissing) {
  Document& document = Open(
      PdfOf({"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R 9 0 R] /Count 2>>",
             "<</Type /Page /Parent 2 0 R /MediaBox [0 0 72 72]>>"}));
  EXPECT_TRUE(document.Render(1, 72).ok());
  const auto second = document.Render(2, 72);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.code(), ErrorCode::kDamaged);
  EXPECT_THAT(second.error().message, HasSubstr("page 2 is missing"));
}

TEST_F(PdfTest, SaysThatThereAreNoPages) {
  const std::string empty =
      PdfOf({"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [] /Count 0>>"});
  EXPECT_EQ(WhyNotOpened(empty).code, ErrorCode::kNoPages);
}

TEST_F(PdfTest, SaysThatThereAreTooManyPages) {
  limits_.max_pages = 1;
  const Error error = WhyNotOpened(
      PdfOf({"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R 3 0 R] /Count 2>>",
             "<</Type /Page /Parent 2 0 R /MediaBox [0 0 72 72]>>"}));
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "the document has 2 pages; the limit MAX_PAGES is 1");
}

TEST_F(PdfTest, SaysThatItIsDamaged) {
  const Error error = WhyNotOpened("%PDF-1.7\nand nothing else");
  EXPECT_EQ(error.code, ErrorCode::kDamaged);
  EXPECT_EQ(error.message,
            "the PDF is damaged: its table of objects is broken and could not be rebuilt");
  EXPECT_FALSE(error.hint.empty());
}

TEST_F(PdfTest, SurvivesBeingCutShort) {
  const std::string whole = OnePagePdf(kSmallPage, kRedSquare);
  int drawn = 0;
  for (size_t size = 0; size < whole.size(); size += 37) {
    const std::string cut = whole.substr(0, size);
    const auto opened = OpenPdf(cut, "", limits_);
    if (opened.ok()) drawn += (*opened)->Render(1, 72).ok();
  }
  EXPECT_GT(drawn, 0);  // the table of objects is rebuilt
}

TEST_F(PdfTest, SurvivesChangedBytes) {
  const std::string whole = OnePagePdf(kSmallPage, "BT /F3 12 Tf 10 10 Td (ab c) Tj ET /I Do");
  for (size_t at = 0; at < whole.size(); at += 13) {
    std::string changed = whole;
    changed[at] = char(changed[at] ^ 0x15);
    const auto opened = OpenPdf(changed, "", limits_);
    if (!opened.ok()) continue;
    if (const auto raster = (*opened)->Render(1, 72); raster.ok()) {
      (void)(*opened)->ReadTextLayer(1, raster->raster);
    }
  }
}

// RC4, 128 bits; made by qpdf with the given user password and the owner password "master".
std::string EncryptedPdf(std::string_view owner_key, std::string_view user_key,
                         std::string_view second_id) {
  const std::string encrypt = fmt::format(
      "<</Filter /Standard /Length 128 /O <{}> /P -4 /R 3 /U <{}> /V 2>>", owner_key, user_key);
  return PdfOf(
      {"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R] /Count 1>>",
       "<</Type /Page /Parent 2 0 R /MediaBox [0 0 72 36]>>", encrypt},
      fmt::format("/ID [<d2b72aefb08c60625b57d31b3a71faa0><{}>] /Encrypt 4 0 R", second_id));
}
std::string SecretPdf() {
  return EncryptedPdf("1813f1045ba82667619f2679227c9da5c75c05c5cf053b1e4af5298155a1b398",
                      "28c9dcc151e3df27392b9ad823af659d0122456a91bae5134273a6db134c87c4",
                      "7e971ad3d9db921cd839255634ba6ccc");
}
std::string GreenPdf() {  // "grün" in Latin-1
  return EncryptedPdf("0c046e181663408661b4e24dcc3db7f376f0fb37e02315869a2bc769442d356a",
                      "f18f530519d5f7d82b3288f0833c1a370122456a91bae5134273a6db134c87c4",
                      "02b939c37be503822672fe286d41ff5e");
}

TEST_F(PdfTest, AsksForAPassword) {
  const Error error = WhyNotOpened(SecretPdf());
  EXPECT_EQ(error.code, ErrorCode::kPasswordRequired);
  EXPECT_EQ(error.message, "the PDF is encrypted and needs a password");
}

TEST_F(PdfTest, SaysThatAPasswordIsWrong) {
  password_ = "guess";
  const Error error = WhyNotOpened(SecretPdf());
  EXPECT_EQ(error.code, ErrorCode::kPasswordRequired);
  EXPECT_EQ(error.message, "the PDF is encrypted and the password is incorrect");
}

TEST_F(PdfTest, OpensWithTheUsersOrTheOwnersPassword) {
  for (const char* password : {"secret", "master"}) {
    password_ = password;
    EXPECT_EQ(Draw(SecretPdf()).width, 144) << password;
  }
}

TEST_F(PdfTest, OpensWithAPasswordThatIsNotAscii) {
  password_ = "gr\xc3\xbcn";
  EXPECT_EQ(Draw(GreenPdf()).width, 144);
}

TEST_F(PdfTest, IgnoresAPasswordThatIsNotNeeded) {
  password_ = "secret";
  EXPECT_EQ(Draw(OnePagePdf(kSmallPage, "")).width, 288);
}

}  // namespace
}  // namespace gnosis
