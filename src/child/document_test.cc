#include "child/document.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "support/document_samples.h"

namespace gnosis {
namespace {

class OpenDocumentTest : public testing::Test {
 protected:
  FileDescriptor FileOf(std::string_view bytes) {
    const auto path = folder_.path() / "document";
    std::ofstream(path, std::ios::binary) << bytes;
    return *OpenForReading(path);
  }
  Result<std::unique_ptr<Document>> Open(std::string_view bytes) {
    return OpenDocument(FileOf(bytes), "", {});
  }

  TemporaryFolder folder_;
};

TEST_F(OpenDocumentTest, DecidesByContent) {
  const auto pdf = Open(OnePagePdf("/MediaBox [0 0 72 72]", ""));
  ASSERT_TRUE(pdf.ok());
  EXPECT_EQ((*pdf)->info().media_type, "application/pdf");
  const auto png = Open(*EncodePng(GradientOf(20, 10, PixelFormat::kGray8)));
  ASSERT_TRUE(png.ok());
  EXPECT_EQ((*png)->info().media_type, "image/png");
  EXPECT_EQ((*png)->info().page_count, 1);
}

TEST_F(OpenDocumentTest, OpensAPdfBehindAsMuchJunkAsItMayHave) {
  for (const size_t junk : {1, 1020, 1023}) {
    const auto pdf = Open(std::string(junk, '\0') + OnePagePdf("/MediaBox [0 0 72 72]", ""));
    ASSERT_TRUE(pdf.ok()) << junk << " bytes: " << pdf.error().message;
    EXPECT_EQ((*pdf)->info().page_count, 1);
  }
}

TEST_F(OpenDocumentTest, ReadsOnAfterTheDescriptorIsClosed) {
  const auto document = Open(OnePagePdf("/MediaBox [0 0 72 72]", "10 10 20 20 re f"));
  ASSERT_TRUE(document.ok());
  EXPECT_EQ((*document)->Render(1, 72)->raster.width, 72);
}

TEST_F(OpenDocumentTest, RefusesWhatIsNotADocument) {
  for (const char* bytes : {"", "just text", "GIF89a"}) {
    EXPECT_EQ(Open(bytes).code(), ErrorCode::kUnsupportedMediaType) << bytes;
  }
}

TEST_F(OpenDocumentTest, SaysWhenTheDescriptorIsBad) {
  EXPECT_FALSE(OpenDocument(FileDescriptor(), "", {}).ok());
}

}  // namespace
}  // namespace gnosis
