#include "support/api_fixture.h"

namespace gnosis {
namespace {

class PagesTest : public ApiTest {};

TEST_F(PagesTest, TheListShowsWhereEveryPageStands) {
  const std::string id = Submit("%PDF-1.7 pages=3 bad=2");
  Work();
  Work();
  const Reply reply = Get(Path(id, "/pages"));
  EXPECT_EQ(reply.status, 200);
  const Json pages = reply.json()["pages"];
  ASSERT_EQ(pages.size(), 3u);
  EXPECT_EQ(pages[0]["status"], "completed");
  EXPECT_EQ(pages[0]["confidence"], 90);
  EXPECT_EQ(pages[0]["source"], "fake 1.0");
  EXPECT_EQ(pages[0]["links"]["png"], Path(id, "/pages/1.png"));
  EXPECT_EQ(pages[1]["status"], "failed");
  EXPECT_EQ(pages[1]["error"], "damaged: the page is empty");
  EXPECT_FALSE(pages[1]["links"].contains("png"));
  EXPECT_EQ(pages[2]["status"], "pending");
  EXPECT_EQ(pages[2]["links"].size(), 1u);
  EXPECT_EQ(Get(Path(id, "/pages"), {{"If-None-Match", reply.header("ETag")}}).status, 304);
}

TEST_F(PagesTest, APageIsThereAsSoonAsItIsRead) {
  const std::string id = Submit();
  Work();
  EXPECT_EQ(Get(Path(id, "/pages/1")).json()["text"], "words of page 1\n");
  EXPECT_EQ(Get(Path(id, "/pages/1.txt")).body, "words of page 1\n");
  EXPECT_EQ(Get(Path(id, "/pages/1.png")).body, "png of page 1");
  EXPECT_EQ(Get(Path(id, "/pages/1.jpg")).body, "jpg of page 1");
  EXPECT_EQ(Get(Path(id, "/pages/1.json")).json()["page"], 1);
  EXPECT_NE(Get(Path(id, "/pages/1.hocr")).body.find("ocr_page"), std::string::npos);
}

TEST_F(PagesTest, EveryFormHasItsContentType) {
  const std::string id = SubmitAndRead();
  const auto type = [&](const char* rest) { return Get(Path(id, rest)).header("Content-Type"); };
  EXPECT_EQ(type("/pages/1"), "application/json");
  EXPECT_EQ(type("/pages/1.txt"), "text/plain; charset=utf-8");
  EXPECT_EQ(type("/pages/1.json"), "application/json");
  EXPECT_EQ(type("/pages/1.hocr"), "application/xhtml+xml; charset=utf-8");
  EXPECT_EQ(type("/pages/1.png"), "image/png");
  EXPECT_EQ(type("/pages/1.jpg"), "image/jpeg");
}

TEST_F(PagesTest, HtmlIsOnlyEverADownload) {
  const Reply reply = Get(Path(SubmitAndRead(), "/pages/2.hocr"));
  EXPECT_EQ(reply.header("Content-Disposition"),
            "attachment; filename=\"document.2.hocr\"; filename*=UTF-8''document.2.hocr");
}

TEST_F(PagesTest, APageNotReadYetSaysSo) {
  const std::string id = Submit();
  for (const char* ending : {".txt", ".json", ".hocr", ".png", ".jpg"}) {
    const Reply reply = Get(Path(id, "/pages/2") + ending);
    EXPECT_EQ(reply.status, 409) << ending;
    EXPECT_EQ(reply.code(), "page_not_ready");
    EXPECT_EQ(reply.json()["page"], 2);
    EXPECT_EQ(reply.header("Retry-After"), "2");
  }
  EXPECT_EQ(Get(Path(id, "/pages/2")).json()["text"], nullptr);
}

TEST_F(PagesTest, AFailedPageSaysWhy) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=2 bad=2");
  EXPECT_EQ(Get(Path(id, "/pages/2")).json()["status"], "failed");
  EXPECT_EQ(Get(Path(id, "/pages/2.txt")).body, "[page 2 could not be read: the page is empty]");
  EXPECT_EQ(Get(Path(id, "/pages/2.json")).json()["error"]["code"], "damaged");
  const Reply image = Get(Path(id, "/pages/2.png"));
  EXPECT_EQ(image.status, 404);
  EXPECT_EQ(image.json()["page"], 2);
  EXPECT_NE(image.body.find("the page is empty"), std::string::npos);
}

TEST_F(PagesTest, APageThatIsNotInTheJobIsNotFound) {
  const std::string id = SubmitAndRead();
  for (const char* page : {"0", "4", "-1", "x", "1.gif", "01", "1e0", "99999999999999999999",
                           "4294967297", ".txt", "1.txt.txt", "..", "%2e%2e%2f1"}) {
    const Reply reply = Get(Path(id, "/pages/") + page);
    EXPECT_EQ(reply.status, 404) << page;
    EXPECT_EQ(reply.code(), "not_found") << page;
  }
}

TEST_F(PagesTest, OnlyThePagesAskedForAreThere) {
  const std::string id = Submit("%PDF-1.7 pages=5", "?pages=2,4");
  WorkUntilDone();
  EXPECT_EQ(Get(Path(id, "/pages")).json()["pages"].size(), 2u);
  EXPECT_EQ(Get(Path(id, "/pages/4.txt")).body, "words of page 4\n");
  EXPECT_EQ(Get(Path(id, "/pages/1.txt")).status, 404);
}

TEST_F(PagesTest, AFinishedPageHasATagOfItsOwn) {
  const std::string id = Submit();
  Work();
  for (const char* ending : {".txt", ".json", ".hocr", ".png", ".jpg"}) {
    const std::string path = Path(id, "/pages/1") + ending;
    const Reply reply = Get(path);
    EXPECT_TRUE(reply.header("ETag").starts_with("\"g")) << ending;
    EXPECT_EQ(reply.header("Cache-Control"), "private, no-cache");
    Work();
    EXPECT_EQ(Get(path, {{"If-None-Match", reply.header("ETag")}}).status, 304) << ending;
    if (queue_.tasks.empty()) break;
  }
}

TEST_F(PagesTest, APageAskedForAnewIsNotThereUntilItIsReadAnew) {
  const std::string id = SubmitAndRead();
  const std::string tag = Get(Path(id, "/pages/2.txt")).header("ETag");
  ASSERT_EQ(Post(Path(id, "/retry"), R"({"pages":[2]})").status, 202);
  EXPECT_EQ(Get(Path(id, "/pages/2.txt")).code(), "page_not_ready");
  EXPECT_EQ(Get(Path(id, "/pages/1.txt")).status, 200);
  WorkUntilDone();
  const Reply anew = Get(Path(id, "/pages/2.txt"), {{"If-None-Match", tag}});
  EXPECT_EQ(anew.status, 200);
  EXPECT_NE(anew.header("ETag"), tag);
  EXPECT_EQ(Get(Path(id, "/pages/2")).json()["edition"], 1);
}

TEST_F(PagesTest, WhatWasReadStaysReadableInACancelledJob) {
  const std::string id = SubmitAndRead();
  ASSERT_EQ(Post(Path(id, "/retry"), R"({"pages":[2]})").status, 202);
  ASSERT_EQ(Post(Path(id, "/cancel")).status, 202);
  EXPECT_EQ(Get(Path(id, "/pages/2.txt")).body, "words of page 2\n");
  EXPECT_EQ(Get(Path(id, "/pages/2.png")).body, "png of page 2");
}

TEST_F(PagesTest, ThePagesACancelledJobNeverReachedWillNotCome) {
  const std::string id = Submit();
  Work();
  ASSERT_EQ(Post(Path(id, "/cancel")).status, 202);
  EXPECT_EQ(Get(Path(id, "/pages/1.txt")).status, 200);
  for (const char* ending : {".txt", ".json", ".png"}) {
    const Reply reply = Get(Path(id, "/pages/3") + ending);
    EXPECT_EQ(reply.code(), "page_not_ready");
    EXPECT_EQ(reply.header("Retry-After"), "");
  }
}

class LongListTest : public PagesTest {
 protected:
  void Change(int page, const std::string& source) {
    ASSERT_TRUE(book_
                    ->Update(Session(id_),
                             [&](Processing& record, const Outcomes&) {
                               record.pages.at(page).source = source;
                               ++record.revision;
                               return true;
                             })
                    .ok());
  }
  const std::string id_ = Submit("%PDF-1.7 pages=5000");
};

TEST_F(LongListTest, IsNeverInMemoryAsAWhole) {
  const Reply reply = Get(Path(id_, "/pages"));
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  ASSERT_TRUE(reply.live);
  const Story story(*reply.live);
  EXPECT_EQ(story.then, LiveBody::Then::kEnd);
  EXPECT_LE(story.largest_bytes, 64u << 10);
  const auto list = ParseJson(story.text);
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(story.text.ends_with("]}\n"));
  EXPECT_EQ((*list)["job_id"], id_);
  EXPECT_EQ((*list)["revision"], Get(Path(id_)).json()["revision"]);
  ASSERT_EQ((*list)["pages"].size(), 5000u);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ((*list)["pages"][i]["page"], i + 1);
  EXPECT_EQ((*list)["pages"][4999], [&] {
    Json page = Get(Path(id_, "/pages/5000")).json();
    page.erase("text");
    return page;
  }());
}

TEST_F(LongListTest, NoPageIsOlderThanItsRevision) {
  const Reply reply = Get(Path(id_, "/pages"));
  std::string said;
  ASSERT_EQ(reply.live->Next(said), LiveBody::Then::kAtOnce);
  Change(1, "too late");
  Change(4000, "in time");
  const auto list = *ParseJson(said + Story(*reply.live).text);
  EXPECT_EQ(list["pages"][0]["source"], nullptr);
  EXPECT_EQ(list["pages"][3999]["source"], "in time");
  // A client that asks for changes since that revision gets both.
  EXPECT_LT(list["revision"], Get(Path(id_)).json()["revision"]);
  EXPECT_NE(Get(Path(id_, "/pages"), {{"If-None-Match", reply.header("ETag")}}).status, 304);
}

TEST_F(LongListTest, IsCutWhenTheJobIsDeletedMeanwhile) {
  const Reply reply = Get(Path(id_, "/pages"));
  std::string said;
  ASSERT_EQ(reply.live->Next(said), LiveBody::Then::kAtOnce);
  ASSERT_EQ(Send("DELETE", Path(id_)).status, 204);
  EXPECT_EQ(Story(*reply.live).then, LiveBody::Then::kCut);
}

TEST_F(LongListTest, IsNotBegunForWhoHasItOrWantsTheHeadAlone) {
  const Reply head = Send("HEAD", Path(id_, "/pages"));
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.live);
  const std::string tag = head.header("ETag");
  EXPECT_EQ(tag, Get(Path(id_, "/pages")).header("ETag"));
  EXPECT_EQ(Get(Path(id_, "/pages"), {{"If-None-Match", tag}}).status, 304);
}

TEST_F(PagesTest, NoResultIsReadForWhoHasThePageOrWantsTheHeadAlone) {
  const std::string id = SubmitAndRead();
  for (const char* ending : {"", ".txt", ".hocr"}) {
    const std::string path = Path(id, "/pages/2") + ending;
    Reply whole = Get(path);
    const auto calls_of = [&](const std::function<Reply()>& ask) {
      const int before = store_->calls;
      ask();
      return store_->calls - before;
    };
    const int needed = calls_of([&] { return Get(path); });
    const std::string tag = whole.header("ETag");
    EXPECT_LT(calls_of([&] { return Get(path, {{"If-None-Match", tag}}); }), needed) << path;
    EXPECT_LT(calls_of([&] { return Send("HEAD", path); }), needed) << path;
    const Reply head = Send("HEAD", path);
    EXPECT_EQ(head.status, 200);
    for (const char* name : {"ETag", "Content-Type", "Content-Disposition", "Cache-Control"}) {
      EXPECT_EQ(head.header(name), whole.header(name)) << path;
    }
  }
}

TEST_F(PagesTest, AnExpiredLeaseIsShownAsPending) {
  const std::string id = Submit("%PDF-1.7 pages=1");
  ASSERT_TRUE(book_
                  ->Update(Session(id),
                           [&](Processing& record, const Outcomes&) {
                             PageEntry& entry = record.pages.at(1);
                             entry.status = PageStatus::kProcessing;
                             entry.owner = "somebody/1";
                             entry.attempts = 1;
                             entry.started_at = clock_.now;
                             entry.lease_expires_at = clock_.now + Seconds(60);
                             ++record.revision;
                             return true;
                           })
                  .ok());
  EXPECT_EQ(Get(Path(id, "/pages/1")).json()["status"], "processing");
  clock_.now += Seconds(61);
  EXPECT_EQ(Get(Path(id, "/pages/1")).json()["status"], "pending");
}

}  // namespace
}  // namespace gnosis
