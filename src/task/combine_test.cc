#include "task/combine.h"

#include <gtest/gtest.h>

#include "support/sample_session.h"

namespace gnosis {
namespace {

// The job reads three of the pages; the files are numbered as the whole document is.
TEST(HeadOf, NamesImagesAsTheSessionFolderDoesWhicheverPagesAreRead) {
  const OutputHead head = HeadOf(sample::SampleMetadata(1200), 3, "1");
  EXPECT_EQ(head.image_name(7), PageFileName(PageFile::kImage, 7, 1200));
  EXPECT_EQ(head.image_name(7), "page_0007.png");
}

}  // namespace
}  // namespace gnosis
