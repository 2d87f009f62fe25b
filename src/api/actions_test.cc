#include "base/id.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

class ActionsTest : public ApiTest {
 protected:
  Reply Retry(const std::string& id, const std::string& body = "") {
    return Post(Path(id, "/retry"), body);
  }
};

TEST_F(ActionsTest, RetryReadsTheFailedPagesAnew) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=3 bad=2");
  EXPECT_EQ(Get(Path(id)).json()["status"], "completed_with_errors");
  const Reply reply = Retry(id, R"({"rotate":90})");
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(reply.json()["status"], "queued");
  EXPECT_EQ(reply.json()["pages"]["pending"], 1);
  EXPECT_EQ(reply.header("Location"), Path(id));
  WorkUntilDone();
  EXPECT_EQ(Get(Path(id)).json()["status"], "completed");
  EXPECT_EQ(Get(Path(id, "/pages/2.txt")).body, "words of page 2\n");
}

TEST_F(ActionsTest, RetryTakesPagesAndOptions) {
  const std::string id = SubmitAndRead();
  const Reply reply = Retry(id, R"({"pages":[3,1,3],"lang":"deu","rotate":180,"dpi":150})");
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(reply.json()["pages"]["pending"], 2);
  WorkUntilDone();
  const Json page = Get(Path(id, "/pages/3.json")).json();
  EXPECT_EQ(page["language"], "deu");
  EXPECT_EQ(page["dpi"], 150);
  EXPECT_EQ(Get(Path(id, "/pages/2.json")).json()["language"], "eng");
}

TEST_F(ActionsTest, RetryOfAnEncryptedDocumentWantsThePasswordBeforeItTouchesAPage) {
  const std::string id = Submit("%PDF-1.7 pages=2 encrypted", "?password=open%20sesame");
  WorkUntilDone();
  for (const char* body : {R"({"pages":[1]})", R"({"pages":[1],"password":"open barley"})"}) {
    const Reply refused = Retry(id, body);
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_EQ(refused.code(), "password_required");
  }
  EXPECT_EQ(Get(Path(id)).json()["status"], "completed");
  EXPECT_EQ(Retry(id, R"({"pages":[1],"password":"open sesame"})").status, 202);
  WorkUntilDone();
  EXPECT_EQ(Get(Path(id)).json()["status"], "completed");
  EXPECT_EQ(Get(Path(id, "/pages/1")).json()["edition"], 1);
}

// Two instances share a store: a cancellation cached by one of them may be out of date.
TEST_F(ActionsTest, CancelIsOfTheJobAsAnotherInstanceLeftIt) {
  book_ = NewSessionBook(*store_, clock_, {.max_age = Milliseconds(1000)});
  StartApi();
  const std::string id = Submit();
  EXPECT_EQ(Post(Path(id, "/cancel")).json()["status"], "cancelled");
  EXPECT_EQ(Get(Path(id)).json()["status"], "cancelled");
  const auto other_book = NewSessionBook(*store_, clock_, {.max_age = Milliseconds(1000)});
  const ActionContext other{*store_, queue_, *other_book, clock_, 1, "1.2.3"};
  ASSERT_TRUE(RedoSession(other, Session(id), "", {}).ok());
  const Reply reply = Post(Path(id, "/cancel"));
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.json()["status"], "cancelled");
  clock_.now += Milliseconds(1100);
  EXPECT_EQ(Get(Path(id)).json()["status"], "cancelled");
}

TEST_F(ActionsTest, RetryRefusesWhatItDoesNotUnderstand) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=2 bad=2");
  for (const char* body : {"{",
                           "[]",
                           "3",
                           "null",
                           R"({"page":[1]})",
                           R"({"pages":"1"})",
                           R"({"pages":[]})",
                           R"({"pages":[-1]})",
                           R"({"pages":[1.5]})",
                           R"({"pages":["1"]})",
                           R"({"pages":[99999999999]})",
                           R"({"lang":5})",
                           R"({"lang":""})",
                           R"({"lang":"../x"})",
                           R"({"rotate":45})",
                           R"({"rotate":360})",
                           R"({"rotate":"90"})",
                           R"({"dpi":71})",
                           R"({"dpi":601})",
                           R"({"dpi":null})",
                           R"({"password":7})",
                           "\xff\xfe"}) {
    const Reply reply = Retry(id, body);
    EXPECT_EQ(reply.status, 400) << body << reply.body;
    EXPECT_EQ(reply.code(), "invalid_argument") << body;
  }
  EXPECT_EQ(Retry(id, R"({"lang":"klingon"})").code(), "missing_language");
  EXPECT_EQ(Get(Path(id)).json()["status"], "completed_with_errors");
}

TEST_F(ActionsTest, RetryOfALargeBodyIsRefused) {
  const std::string id = SubmitAndRead();
  EXPECT_EQ(Retry(id, std::string(70000, ' ')).status, 413);
}

TEST_F(ActionsTest, RetryNeedsAFinishedJobAndAPage) {
  const std::string running = Submit();
  EXPECT_EQ(Retry(running).code(), "conflict");
  WorkUntilDone();
  EXPECT_EQ(Retry(running).code(), "no_pages");
  const Reply reply = Retry(running, R"({"pages":[9]})");
  EXPECT_EQ(reply.code(), "not_found");
  EXPECT_NE(reply.body.find("9"), std::string::npos) << reply.body;
  EXPECT_EQ(Retry(RandomUuid()).code(), "not_found");
}

TEST_F(ActionsTest, CancelStopsTheJobOnceAndForAll) {
  const std::string id = Submit();
  Work();
  const Reply reply = Post(Path(id, "/cancel"));
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.json()["status"], "cancelled");
  EXPECT_EQ(Post(Path(id, "/cancel")).status, 202);
  WorkUntilDone();
  EXPECT_EQ(Get(Path(id)).json()["pages"]["completed"], 1);
}

TEST_F(ActionsTest, AFinishedJobCannotBeCancelled) {
  const std::string id = SubmitAndRead();
  EXPECT_EQ(Post(Path(id, "/cancel")).code(), "conflict");
  EXPECT_EQ(Get(Path(id)).json()["status"], "completed");
}

TEST_F(ActionsTest, DeleteRemovesEverything) {
  const std::string id = SubmitAndRead();
  const Reply reply = Send("DELETE", Path(id));
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  EXPECT_TRUE(disk_->List(SessionFolder(Session(id)))->empty());
  EXPECT_EQ(Get(Path(id)).status, 404);
  EXPECT_EQ(Send("DELETE", Path(id)).status, 404);
}

TEST_F(ActionsTest, ARunningJobCanBeDeleted) {
  const std::string id = Submit();
  Work();
  EXPECT_EQ(Send("DELETE", Path(id)).status, 204);
  WorkUntilDone();
  EXPECT_TRUE(disk_->List(SessionFolder(Session(id)))->empty());
}

TEST_F(ActionsTest, ADamagedJobCanBeDeleted) {
  const std::string id = RandomUuid();
  ASSERT_TRUE(disk_->Write(MetadataKey(Session(id)), "{torn", kAbsent).ok());
  const Reply reply = Get(Path(id));
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.code(), "internal");
  EXPECT_EQ(Send("DELETE", Path(id)).status, 204);
  EXPECT_EQ(Get(Path(id)).status, 404);
}

TEST_F(ActionsTest, WithoutAQueueARetryMayBeRepeated) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=2 bad=2");
  queue_.broken = true;
  const Reply reply = Retry(id, R"({"rotate":90})");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace gnosis
