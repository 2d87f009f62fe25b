#include "page/media_types.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

using std::string_literals::operator""s;

std::string Kind(const std::string& bytes) {
  const Result<std::string> kind = SniffMediaType(bytes);
  return kind.ok() ? *kind : std::string(ErrorCodeName(kind.code())) + ": " + kind.error().message;
}

testing::AssertionResult LooksLike(const std::string& bytes, const std::string& what) {
  const std::string kind = Kind(bytes);
  const std::string wanted =
      "unsupported_media_type: this is " + what + ", not a supported document";
  return kind == wanted ? testing::AssertionSuccess() : testing::AssertionFailure() << kind;
}

TEST(SniffTest, KnowsWhatItReads) {
  EXPECT_EQ(Kind("%PDF-1.7\n..."), "application/pdf");
  EXPECT_EQ(Kind("\x89PNG\r\n\x1a\n...."), "image/png");
  EXPECT_EQ(Kind("\xff\xd8\xff\xe0..."), "image/jpeg");
  EXPECT_EQ(Kind("II*\0\x08\0\0\0"s), "image/tiff");
  EXPECT_EQ(Kind("MM\0*\0\0\0\x08"s), "image/tiff");
  EXPECT_EQ(Kind("II+\0\x08\0\0\0\x10\0\0\0"s), "image/tiff");
  EXPECT_EQ(Kind("MM\0+\0\x08\0\0\0\0\0\0"s), "image/tiff");
  EXPECT_EQ(Kind("RIFF\x10\0\0\0WEBPVP8 "s), "image/webp");
}

TEST(SniffTest, LetsAPdfBeginWithJunk) {
  EXPECT_EQ(Kind(std::string(1000, '\0') + "%PDF-1.4"), "application/pdf");
  EXPECT_EQ(Kind("HTTP/1.1 200 OK\r\n\r\n%PDF-1.4"), "application/pdf");
  EXPECT_EQ(Kind("From me to you\r\n%PDF-1.4"), "application/pdf");
  EXPECT_EQ(Kind("MZ\r\n%PDF-1.4"), "application/pdf");
}

TEST(SniffTest, LetsAPdfBeginAtAnyOfTheFirst1024Bytes) {
  for (const size_t junk : {1019, 1020, 1023}) {
    EXPECT_EQ(Kind(std::string(junk, '\0') + "%PDF-1.4\n..."), "application/pdf") << junk;
    EXPECT_EQ(Kind(std::string(junk, 'x') + "%PDF-1.4\n..."), "application/pdf") << junk;
  }
  EXPECT_TRUE(LooksLike(std::string(1024, '\0') + "%PDF-1.4", "data of an unknown kind"));
  EXPECT_TRUE(LooksLike(std::string(1028, '\0') + "%PDF-1.4", "nothing but zero bytes"));
}

TEST(SniffTest, KnowsAPdfThatCallsItselfPostScript) {
  EXPECT_EQ(Kind("%!PS-Adobe-3.0 PDF-1.4\n1 0 obj"), "application/pdf");
  EXPECT_TRUE(LooksLike("%!PS-Adobe-3.0\n% PDF-1.4 comes later\n", "a PostScript file"));
}

TEST(SniffTest, DoesNotTakeForAPdfWhatHoldsOne) {
  EXPECT_EQ(Kind("\x89PNG\r\n\x1a\n....tEXt%PDF-1.4"), "image/png");
  EXPECT_EQ(Kind("\xff\xd8\xff\xfe..%PDF-1.4"), "image/jpeg");
  EXPECT_EQ(Kind("II*\0\x08\0\0\0%PDF-1.4"s), "image/tiff");
  EXPECT_EQ(Kind("RIFF\x10\0\0\0WEBPVP8 %PDF-1.4"s), "image/webp");
  EXPECT_TRUE(LooksLike("PK\x03\x04..a.pdf%PDF-1.4\n1 0 obj",
                        "a ZIP archive (or a Word, Excel, ODF or EPUB file)"));
  EXPECT_TRUE(LooksLike("GIF89a%PDF-1.4", "a GIF image"));
  EXPECT_TRUE(LooksLike("BM\x10\0\0\0\0\0\0\0%PDF-1.4"s, "a BMP image"));
  EXPECT_TRUE(LooksLike("\x1f\x8b\x08%PDF-1.4", "a gzip archive"));
  EXPECT_TRUE(LooksLike("%!PS-Adobe-3.0\n", "a PostScript file"));
}

TEST(SniffTest, KnowsAPdfWithoutItsFirstLine) {
  EXPECT_EQ(Kind("\n1 0 obj\n<< /Type /Catalog >>"), "application/pdf");
  EXPECT_TRUE(LooksLike("an obj is a thing", "plain text"));
}

TEST(SniffTest, SaysWhatAForeignFileLooksLike) {
  EXPECT_TRUE(LooksLike("", "an empty file"));
  EXPECT_TRUE(LooksLike("PK\x03\x04...", "a ZIP archive (or a Word, Excel, ODF or EPUB file)"));
  EXPECT_TRUE(LooksLike("  <!DOCTYPE html><p>", "an HTML page"));
  EXPECT_TRUE(LooksLike("<HTML>", "an HTML page"));
  EXPECT_TRUE(LooksLike("<?xml version='1.0'?><svg/>", "an SVG drawing"));
  EXPECT_TRUE(LooksLike("<?xml version='1.0'?><a/>", "an XML file"));
  EXPECT_TRUE(LooksLike("GIF89a...", "a GIF image"));
  EXPECT_TRUE(LooksLike("BM\x10\0\0\0\0\0\0\0"s, "a BMP image"));
  EXPECT_TRUE(
      LooksLike("\0\0\0\x18"
                "ftypheic"s,
                "a HEIC image"));
  EXPECT_TRUE(LooksLike("BMW is a car", "plain text"));
  EXPECT_TRUE(LooksLike("Dear Sir or Madam,\n", "plain text"));
  EXPECT_TRUE(LooksLike("Gr\xc3\xbc\xc3", "plain text"));  // cut inside a character
  EXPECT_TRUE(LooksLike("\x01\x02\x03\xfe", "data of an unknown kind"));
  EXPECT_TRUE(LooksLike("RIFF\x10\0\0\0WAVE"s, "data of an unknown kind"));
}

TEST(SniffTest, TellsWhatToSendInstead) {
  EXPECT_EQ(SniffMediaType("x").error().hint, "Send a PDF, PNG, JPEG, TIFF or WebP file.");
}

TEST(MediaTypes, EachHasAnExtensionThatIsOneOfItsEndings) {
  for (const MediaType& type : MediaTypes()) {
    EXPECT_EQ(FindMediaType(type.name), &type);
    EXPECT_EQ(type.endings.front(), "." + std::string(type.extension));
  }
  EXPECT_EQ(FindMediaType("image/gif"), nullptr);
}

}  // namespace
}  // namespace gnosis
