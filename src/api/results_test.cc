#include <algorithm>

#include "api/file_reply.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

class ResultTest : public ApiTest {
 protected:
  Reply Result(const std::string& id, const std::string& query = "", const Headers& headers = {}) {
    return Get(Path(id, "/result") + query, headers);
  }
  static std::string ReadLive(const Reply& reply) {
    const Story story(*reply.live);
    EXPECT_EQ(story.then, LiveBody::Then::kEnd);
    return story.text;
  }
};

TEST_F(ResultTest, TheTextIsThereWhenTheJobIsDone) {
  const std::string id = SubmitAndRead();
  const Reply reply = Result(id);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(reply.body, "words of page 1\n\fwords of page 2\n\fwords of page 3\n");
  EXPECT_EQ(reply.header("Content-Disposition"),
            "attachment; filename=\"document.txt\"; filename*=UTF-8''document.txt");
}

TEST_F(ResultTest, AFailedPageLeavesAMarker) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=2 bad=1");
  EXPECT_EQ(Result(id).body, "[page 1 could not be read: the page is empty]\n\fwords of page 2\n");
}

TEST_F(ResultTest, FormatsComeByNameOrByAccept) {
  const std::string id = SubmitAndRead();
  EXPECT_EQ(Result(id, "?format=json").json()["pages"].size(), 3u);
  // Not requested at submission: generated now.
  EXPECT_EQ(Result(id, "?format=hocr").header("Content-Type"),
            "application/xhtml+xml; charset=utf-8");
  const Reply json = Result(id, "", {{"Accept", "text/*;q=0.5, application/json"}});
  EXPECT_EQ(json.header("Content-Type"), "application/json");
  EXPECT_EQ(json.header("Vary"), "Accept");
  EXPECT_EQ(Result(id, "", {{"Accept", "*/*"}}).header("Content-Type"),
            "text/plain; charset=utf-8");
  EXPECT_EQ(Result(id, "?format=txt", {{"Accept", "application/json"}}).header("Content-Type"),
            "text/plain; charset=utf-8");
}

TEST_F(ResultTest, AFormatThatIsNotThereIsRefused) {
  const std::string id = SubmitAndRead();
  for (const char* query : {"?format=tar", "?format=", "?format=../txt", "?format=TXT"}) {
    EXPECT_EQ(Result(id, query).code(), "unsupported_format") << query;
  }
  const Reply reply = Result(id, "", {{"Accept", "image/png"}});
  EXPECT_EQ(reply.status, 406);
  EXPECT_EQ(reply.code(), "not_acceptable");
}

TEST_F(ResultTest, WhileItRunsThereIsNoneYet) {
  const std::string id = Submit();
  Work();
  const Reply reply = Result(id);
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "result_not_ready");
  EXPECT_FALSE(reply.header("Retry-After").empty());
}

TEST_F(ResultTest, WhatHasBeenReadCanBeHadBefore) {
  const std::string id = Submit();
  Work();
  const Reply reply = Result(id, "?partial=1");
  ASSERT_TRUE(reply.live);
  EXPECT_EQ(reply.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(ReadLive(reply),
            "words of page 1\n\f[page 2 could not be read: not processed yet]\n\f"
            "[page 3 could not be read: not processed yet]\n");
}

TEST_F(ResultTest, APartialJsonIsWholeJson) {
  const std::string id = Submit("%PDF-1.7 pages=3 bad=1");
  Work();
  const auto json = ParseJson(ReadLive(Result(id, "?partial=1&format=json")));
  ASSERT_TRUE(json.ok());
  ASSERT_EQ((*json)["pages"].size(), 3u);
  EXPECT_EQ((*json)["pages"][0]["error"]["code"], "damaged");
  EXPECT_EQ((*json)["pages"][2]["error"]["code"], "unavailable");
}

TEST_F(ResultTest, ALargePartialResultComesInPieces) {
  const std::string id = Submit("%PDF-1.7 pages=4000");
  const Reply reply = Result(id, "?partial=1&format=json");
  const Story story(*reply.live);
  EXPECT_EQ(story.then, LiveBody::Then::kEnd);
  EXPECT_LE(story.largest_bytes, 128u << 10);
  EXPECT_EQ((*ParseJson(story.text))["pages"].size(), 4000u);
}

TEST_F(ResultTest, WhenTheJobIsDeletedMeanwhileAPartialResultIsCut) {
  const std::string id = Submit("%PDF-1.7 pages=4000");
  const Reply reply = Result(id, "?partial=1");
  std::string said;
  ASSERT_EQ(reply.live->Next(said), LiveBody::Then::kAtOnce);
  ASSERT_EQ(Send("DELETE", Path(id)).status, 204);
  EXPECT_EQ(Story(*reply.live).then, LiveBody::Then::kCut);
}

TEST_F(ResultTest, AlsoWhenOnlyTheEndIsLeft) {
  const std::string id = Submit();
  const Reply reply = Result(id, "?partial=1");
  ASSERT_EQ(Send("DELETE", Path(id)).status, 204);
  EXPECT_EQ(Story(*reply.live).then, LiveBody::Then::kCut);
}

TEST_F(ResultTest, APartialResultOfAFinishedJobIsTheResult) {
  const std::string id = SubmitAndRead();
  EXPECT_EQ(Result(id, "?partial=1").body, Result(id).body);
  EXPECT_EQ(Result(id, "?partial=maybe").code(), "invalid_argument");
}

TEST_F(ResultTest, ACancelledJobHasAPartialResultOnly) {
  const std::string id = Submit();
  Work();
  ASSERT_EQ(Post(Path(id, "/cancel")).status, 202);
  const Reply reply = Result(id);
  EXPECT_EQ(reply.code(), "conflict");
  EXPECT_EQ(reply.header("Retry-After"), "");
  EXPECT_TRUE(ReadLive(Result(id, "?partial=1")).starts_with("words of page 1\n"));
}

TEST_F(ResultTest, OneRangeCanBeHad) {
  const std::string id = SubmitAndRead();
  const std::string whole = Result(id).body;
  const Reply part = Result(id, "", {{"Range", "bytes=6-9"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, whole.substr(6, 4));
  EXPECT_EQ(part.header("Content-Range"), "bytes 6-9/" + std::to_string(whole.size()));
  EXPECT_EQ(Result(id).header("Accept-Ranges"), "bytes");
  const Reply behind = Result(id, "", {{"Range", "bytes=5000-"}});
  EXPECT_EQ(behind.status, 416);
  EXPECT_EQ(behind.code(), "range_not_satisfiable");
  EXPECT_EQ(behind.header("Content-Range"), "bytes */" + std::to_string(whole.size()));
  EXPECT_EQ(behind.header("Content-Disposition"), "");
}

TEST_F(ResultTest, ARangeOfOtherBytesIsNotGiven) {
  const std::string id = SubmitAndRead();
  const std::string tag = Result(id).header("ETag");
  EXPECT_EQ(Result(id, "", {{"Range", "bytes=0-3"}, {"If-Range", tag}}).status, 206);
  EXPECT_EQ(Result(id, "", {{"Range", "bytes=0-3"}, {"If-Range", "\"other\""}}).status, 200);
}

TEST_F(ResultTest, ATagSavesTheSecondDownload) {
  const std::string id = SubmitAndRead();
  const std::string tag = Result(id).header("ETag");
  const Reply reply = Result(id, "", {{"If-None-Match", tag}});
  EXPECT_EQ(reply.status, 304);
  EXPECT_EQ(reply.body, "");
}

TEST(AttachmentHeader, TakesTheUploadsNameWithAnotherEnding) {
  EXPECT_EQ(AttachmentHeader("report.final.pdf", "txt"),
            "attachment; filename=\"report.final.txt\"; filename*=UTF-8''report.final.txt");
  EXPECT_EQ(AttachmentHeader("Prüfung 1.pdf", "json"),
            "attachment; filename=\"Pr__fung 1.json\"; filename*=UTF-8''Pr%C3%BCfung%201.json");
}

TEST(AttachmentHeader, LetsNothingThroughThatIsMoreThanAName) {
  for (const std::string_view name :
       {"", ".", "..", "/", "../..", ".pdf", "a\r\nSet-Cookie: x=y.pdf", "a\"; filename=\"b.exe",
        "..\\..\\evil.exe", "C:\\con", "\xff\xfe.pdf", "a;b=c.pdf", "x\x00y.pdf"}) {
    const std::string header = AttachmentHeader(name, "txt");
    EXPECT_EQ(header.find_first_of("\r\n/\\"), std::string::npos) << header;
    EXPECT_EQ(std::count(header.begin(), header.end(), '"'), 2) << header;
    EXPECT_TRUE(header.ends_with(".txt")) << header;
    EXPECT_EQ(header.find("filename=\"."), std::string::npos) << header;
  }
}

TEST(AttachmentHeader, KeepsLongNamesShort) {
  EXPECT_LT(AttachmentHeader(std::string(5000, 'a') + ".pdf", "txt").size(), 400u);
}

}  // namespace
}  // namespace gnosis
