#include "output/output_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/written_pages.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const OutputFormat& format : OutputFormats()) names.push_back(format.name);
  return names;
}

Sink Nowhere() {
  return [](std::string_view) { return Ok(); };
}

TEST(OutputFormats, AreOfferedInThisOrder) {
  EXPECT_EQ(FormatNames(), (std::vector<std::string>{"txt", "json", "hocr"}));
}

TEST(OutputFormats, AreFoundByNameOnly) {
  for (const std::string& name : FormatNames()) {
    ASSERT_NE(FindOutputFormat(name), nullptr);
    EXPECT_EQ(FindOutputFormat(name)->name, name);
  }
  EXPECT_EQ(FindOutputFormat(""), nullptr);
  EXPECT_EQ(FindOutputFormat("TXT"), nullptr);
  EXPECT_EQ(FindOutputFormat("docx"), nullptr);
}

TEST(OutputFormats, EachHasAWriter) {
  for (const std::string& name : FormatNames()) {
    EXPECT_TRUE(NewOutputWriter(name, Nowhere()).ok()) << name;
  }
}

TEST(NewOutputWriter, NamesTheFormatsThereAreWhenItHasNoSuchOne) {
  const auto writer = NewOutputWriter("docx", Nowhere());
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.code(), ErrorCode::kUnsupportedFormat);
  EXPECT_THAT(writer.error().message, HasSubstr("\"docx\""));
  EXPECT_THAT(writer.error().hint, HasSubstr("txt, json, hocr"));
}

TEST(TextOrMarker, IsTheTextOfACompletedPage) {
  EXPECT_EQ(TextOrMarker(SamplePage(1)), "Dear Ada,\n");
  EXPECT_EQ(TextOrMarker(EmptyPage(1)), "");
}

TEST(TextOrMarker, SaysWhichPageFailedAndWhy) {
  EXPECT_EQ(TextOrMarker(FailedPage(3)),
            "[page 3 could not be read: the page's content stream is broken]");
}

TEST(TextOrMarker, NeedsNoReason) {
  PageResult page = FailedPage(3);
  page.error = std::nullopt;
  EXPECT_EQ(TextOrMarker(page), "[page 3 could not be read: reason unknown]");
}

TEST(TextOrMarker, StaysOnOneLineWhateverTheReasonHolds) {
  PageResult page = FailedPage(3);
  page.error->message = "two\nlines,\fa feed\x01 and \xFF";
  EXPECT_EQ(TextOrMarker(page), "[page 3 could not be read: two lines, a feed and \xEF\xBF\xBD]");
}

// Tests that apply to every format.
class EveryFormat : public testing::TestWithParam<std::string> {};

TEST_P(EveryFormat, GivesTheSameBytesForTheSamePagesOfAnotherJob) {
  OutputHead other = SampleHead(2);
  other.job_id = "00000000-0000-4000-8000-000000000000";
  PageResult later = SamplePage(1);
  later.duration_ms = 5;
  later.completed_at += Seconds(60);
  later.edition = 2;
  EXPECT_EQ(Written(GetParam(), SampleHead(2), {SamplePage(1), FailedPage(2)}),
            Written(GetParam(), other, {later, FailedPage(2)}));
}

TEST_P(EveryFormat, NamesAFailedPageAndWhyItFailed) {
  const std::string bytes = Written(GetParam(), {SamplePage(1), FailedPage(2), SamplePage(3)});
  EXPECT_THAT(bytes, HasSubstr("content stream is broken"));
}

TEST_P(EveryFormat, EndsInOneNewline) {
  for (const auto& pages : std::vector<std::vector<PageResult>>{
           {SamplePage(1)}, {EmptyPage(1)}, {FailedPage(1)}, {SamplePage(1), EmptyPage(2)}}) {
    const std::string bytes = Written(GetParam(), pages);
    ASSERT_FALSE(bytes.empty());
    EXPECT_EQ(bytes.back(), '\n');
    EXPECT_FALSE(bytes.ends_with("\n\n"));
  }
}

TEST_P(EveryFormat, PassesOnThatTheSinkIsFull) {
  int room = 0;
  const Sink sink = [&](std::string_view) -> Status {
    if (room-- > 0) return Ok();
    return Error{ErrorCode::kDiskFull, "no room", ""};
  };
  for (int writes = 0; writes < 2; ++writes) {
    room = writes;
    auto writer = NewOutputWriter(GetParam(), sink);
    ASSERT_TRUE(writer.ok());
    const Status begun = (*writer)->Begin(SampleHead(2));
    const Status first = (*writer)->Page(SamplePage(1));
    const Status second = (*writer)->Page(EmptyPage(2));
    ASSERT_FALSE(begun.ok() && first.ok() && second.ok());
    EXPECT_EQ((second.ok() ? first : second).code(), ErrorCode::kDiskFull);
  }
}

INSTANTIATE_TEST_SUITE_P(, EveryFormat, testing::ValuesIn(FormatNames()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gnosis
