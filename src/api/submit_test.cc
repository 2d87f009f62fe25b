#include <fmt/format.h>

#include "base/id.h"
#include "session/metadata.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

constexpr const char* kFormType = "multipart/form-data; boundary=XyZ";

// name -> value; "file" becomes a file named scan.pdf.
std::string Form(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    const char* file = name == "file" ? "; filename=\"C:\\docs\\my scan.pdf\"" : "";
    body += fmt::format("--XyZ\r\nContent-Disposition: form-data; name=\"{}\"{}\r\n\r\n{}\r\n",
                        name, file, value);
  }
  return body + "--XyZ--\r\n";
}

class SubmitTest : public ApiTest {
 protected:
  Reply PostForm(const std::vector<std::pair<std::string, std::string>>& fields,
                 const std::string& query = "") {
    return Post("/api/v1/jobs" + query, Form(fields), {{"Content-Type", kFormType}});
  }
  Metadata MetadataOf(const Reply& reply) {
    const auto id = JsonString(reply.json(), "job_id");
    EXPECT_TRUE(id) << reply.body;
    return **book_->ReadMetadata(Session(id.value_or(RandomUuid())));
  }
  size_t JobsInStore() { return disk_->ListFolders(UserFolder(UserHash(kLocalUserEmail)))->size(); }
};

TEST_F(SubmitTest, ABareBodyBecomesAJob) {
  const Reply reply = Post("/api/v1/jobs", "%PDF-1.7 pages=3");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  EXPECT_EQ(reply.header("Retry-After"), "2");
  const Json job = reply.json();
  EXPECT_EQ(reply.header("Location"), "/api/v1/jobs/" + job["job_id"].get<std::string>());
  EXPECT_EQ(job["status"], "queued");
  EXPECT_EQ(job["progress"]["total_pages"], 3);
  EXPECT_EQ(queue_.tasks.size(), 1u);
  EXPECT_EQ(queue_.tasks[0].user_email, kLocalUserEmail);
}

TEST_F(SubmitTest, TheOtherPathDoesTheSame) {
  EXPECT_EQ(Post("/api/v1/jobs/submit", "%PDF-1.7").status, 202);
}

TEST_F(SubmitTest, TheQueryCarriesTheOptions) {
  const Metadata metadata =
      MetadataOf(Post("/api/v1/jobs?lang=eng+deu&mode=force&formats=txt,hocr,txt&pages=2-&dpi=200&"
                      "engine=tesseract&file_name=a/b.pdf",
                      "%PDF-1.7 pages=3"));
  EXPECT_EQ(metadata.options.reading.languages, (std::vector<std::string>{"eng", "deu"}));
  EXPECT_EQ(metadata.options.reading.mode, TextMode::kForce);
  EXPECT_EQ(metadata.options.formats, (std::vector<std::string>{"txt", "hocr"}));
  EXPECT_EQ(FormatPageRanges(metadata.options.pages), "2-");
  EXPECT_EQ(metadata.options.reading.dpi, 200);
  EXPECT_EQ(metadata.file_name, "b.pdf");
}

TEST_F(SubmitTest, AFormMayCarryThemBeforeAndAfterTheFile) {
  const Reply reply = PostForm({{"lang", "deu"}, {"file", "%PDF-1.7 pages=3"}, {"dpi", "100"}},
                               "?lang=eng&mode=skip");
  EXPECT_EQ(reply.status, 202) << reply.body;
  const Metadata metadata = MetadataOf(reply);
  EXPECT_EQ(metadata.options.reading.languages, std::vector<std::string>{"deu"});
  EXPECT_EQ(metadata.options.reading.mode, TextMode::kSkip);
  EXPECT_EQ(metadata.options.reading.dpi, 100);
  EXPECT_EQ(metadata.file_name, "my scan.pdf");
}

TEST_F(SubmitTest, TheBytesArriveUnchangedHoweverTheyAreCut) {
  std::string document = "%PDF-1.7 \r\n--XyY\r\n--Xy";
  for (int i = 0; i < 2000; ++i) document += char(i * 7);
  for (const size_t piece_bytes : {size_t(1), size_t(3), size_t(100), size_t(100000)}) {
    const Reply reply = Begin(Request("POST", "/api/v1/jobs", {{"Content-Type", kFormType}}),
                              Form({{"file", document}}), piece_bytes)
                            .reply();
    ASSERT_EQ(reply.status, 202) << reply.body;
    const std::string id = *JsonString(reply.json(), "job_id");
    EXPECT_EQ(disk_->Read(OriginalKey(Session(id), "pdf"))->bytes, document);
  }
}

TEST_F(SubmitTest, WhatIsWrongWithTheOptionsIsSaid) {
  struct Case {
    const char* query;
    int status;
    const char* code;
  };
  for (const Case& wrong :
       std::initializer_list<Case>{{"?lang=klingon", 422, "missing_language"},
                                   {"?lang=../etc", 400, "invalid_argument"},
                                   {"?formats=docx", 422, "unsupported_format"},
                                   {"?formats=zip", 422, "unsupported_format"},
                                   {"?formats=,", 400, "invalid_argument"},
                                   {"?engine=magic", 422, "unsupported_format"},
                                   {"?mode=maybe", 400, "invalid_argument"},
                                   {"?dpi=0", 400, "invalid_argument"},
                                   {"?dpi=3e2", 400, "invalid_argument"},
                                   {"?dpi=99999999999", 400, "invalid_argument"},
                                   {"?pages=0", 400, "invalid_argument"},
                                   {"?pages=3-1", 400, "invalid_argument"},
                                   {"?langs=eng", 400, "invalid_argument"},
                                   {"?pages=7", 422, "no_pages"}}) {
    const Reply reply = Post(std::string("/api/v1/jobs") + wrong.query, "%PDF-1.7 pages=3");
    EXPECT_EQ(reply.status, wrong.status) << wrong.query << reply.body;
    EXPECT_EQ(reply.code(), wrong.code) << wrong.query;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
    EXPECT_FALSE(reply.json()["detail"].get<std::string>().empty());
  }
  EXPECT_EQ(JobsInStore(), 0u);
}

TEST_F(SubmitTest, AMissingLanguageNamesTheInstalledOnes) {
  const std::string body = Post("/api/v1/jobs?lang=fra", "%PDF-1.7").body;
  EXPECT_NE(body.find("installed: deu, eng"), std::string::npos) << body;
  EXPECT_EQ(body.find(models_folder_.path().string()), std::string::npos) << body;
}

TEST_F(SubmitTest, WhatIsWrongWithTheDocumentIsSaid) {
  struct Case {
    std::string document;
    int status;
    const char* code;
  };
  for (const Case& wrong :
       std::initializer_list<Case>{{"<html>hello</html>", 415, "unsupported_media_type"},
                                   {R"({"upload_id":"x"})", 415, "unsupported_media_type"},
                                   {"%PDF-1.7 torn", 422, "damaged"},
                                   {"%PDF-1.7 bomb", 422, "damaged"},
                                   {"%PDF-1.7 encrypted", 422, "password_required"},
                                   {"%PDF-1.7 " + std::string(6000, 'x'), 413, "too_large"}}) {
    const Reply reply = Post("/api/v1/jobs", wrong.document);
    EXPECT_EQ(reply.status, wrong.status) << reply.body;
    EXPECT_EQ(reply.code(), wrong.code);
  }
  EXPECT_EQ(JobsInStore(), 0u);
  EXPECT_TRUE(queue_.tasks.empty());
}

TEST_F(SubmitTest, AnEmptyBodyIsNoDocument) { EXPECT_EQ(Post("/api/v1/jobs", "").status, 415); }

TEST_F(SubmitTest, ATooLargeDocumentIsRefusedBeforeItTravels) {
  HttpRequest request = Request("POST", "/api/v1/jobs");
  request.has_body = true;
  request.content_length = 5001;
  const auto exchange = api_->Start(std::move(request));
  EXPECT_FALSE(exchange->OnBody("").ok());
  const Answer answer = exchange->End(Exchange::Why::kBodyFailed);
  EXPECT_EQ(std::get<HttpResponse>(answer).status, 413);
}

TEST_F(SubmitTest, AChunkedBodyIsStoppedAtTheLimit) {
  const Reply reply = PostForm({{"file", "%PDF-1.7 " + std::string(6000, 'x')}});
  EXPECT_EQ(reply.status, 413) << reply.body;
  EXPECT_NE(reply.body.find("5000"), std::string::npos);
}

TEST_F(SubmitTest, ThePasswordMayBeAFormField) {
  EXPECT_EQ(PostForm({{"file", "%PDF-1.7 encrypted"}}).status, 422);
  const Reply reply = PostForm({{"file", "%PDF-1.7 encrypted"}, {"password", "open sesame"}});
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(reply.body.find("open sesame"), std::string::npos);
}

TEST_F(SubmitTest, AFormMustHoldExactlyOneFile) {
  const std::string pdf = "%PDF-1.7";
  EXPECT_EQ(PostForm({{"file", pdf}, {"file", pdf}}).code(), "invalid_argument");
  EXPECT_EQ(PostForm({{"lang", "eng"}}).code(), "invalid_argument");
  EXPECT_EQ(PostForm({}).code(), "invalid_argument");
  EXPECT_EQ(PostForm({{"document", pdf}}).code(), "invalid_argument");
  EXPECT_EQ(PostForm({{"lang", "eng"}, {"lang", "deu"}, {"file", pdf}}).code(), "invalid_argument");
  EXPECT_EQ(PostForm({{"password", std::string(20000, 'x')}, {"file", pdf}}).code(),
            "invalid_argument");
  EXPECT_EQ(JobsInStore(), 0u);
}

TEST_F(SubmitTest, ABrokenFormIsRefused) {
  const Headers form{{"Content-Type", kFormType}};
  const std::string whole = Form({{"file", "%PDF-1.7"}});
  for (size_t length = 1; length < whole.size() - 4; ++length) {
    const Reply reply = Post("/api/v1/jobs", whole.substr(0, length), form);
    EXPECT_EQ(reply.status, 400) << length << reply.body;
  }
  EXPECT_EQ(Post("/api/v1/jobs", whole, {{"Content-Type", "multipart/form-data"}}).status, 400);
  EXPECT_EQ(Post("/api/v1/jobs", whole, {{"Content-Type", "multipart/mixed; boundary=XyZ"}}).status,
            400);
  EXPECT_EQ(JobsInStore(), 0u);
}

TEST_F(SubmitTest, ACallerWhoHangsUpLeavesNothing) {
  HttpRequest request = Request("POST", "/api/v1/jobs");
  request.has_body = true;
  {
    const auto exchange = api_->Start(std::move(request));
    ASSERT_TRUE(exchange->OnBody("%PDF-1.7 " + std::string(2000, 'x')).ok());
    const Answer answer = exchange->End(Exchange::Why::kBodyFailed);
    EXPECT_EQ(std::get<HttpResponse>(answer).status, 503);
  }
  EXPECT_TRUE(queue_.tasks.empty());
  EXPECT_EQ(Get("/api/v1/jobs").json()["jobs"].size(), 0u);
}

TEST_F(SubmitTest, TheSameKeyAndDocumentGiveTheSameJob) {
  const Headers key{{"Idempotency-Key", "order-17"}};
  const Reply first = Post("/api/v1/jobs", "%PDF-1.7", key);
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  const Reply again = Post("/api/v1/jobs", "%PDF-1.7", key);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.json()["job_id"], first.json()["job_id"]);
  WorkUntilDone();
  const Reply later = Post("/api/v1/jobs", "%PDF-1.7", key);
  EXPECT_EQ(later.status, 200);
  EXPECT_EQ(later.json()["status"], "completed");
  EXPECT_EQ(JobsInStore(), 1u);
}

TEST_F(SubmitTest, TheSameKeyForAnotherDocumentIsRefused) {
  const Headers key{{"Idempotency-Key", "order-17"}};
  const std::string id = *JsonString(Post("/api/v1/jobs", "%PDF-1.7", key).json(), "job_id");
  const Reply reply = Post("/api/v1/jobs", "%PDF-1.7 other", key);
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.code(), "idempotency_key_reused");
  EXPECT_EQ(disk_->Read(OriginalKey(Session(id), "pdf"))->bytes, "%PDF-1.7");
}

TEST_F(SubmitTest, AnUnusableKeyIsRefused) {
  for (const std::string& key :
       {std::string(), std::string("a b"), std::string("\xc3\xa4"), std::string(256, 'k')}) {
    EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7", {{"Idempotency-Key", key}}).code(),
              "invalid_argument");
  }
  EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7", {{"Idempotency-Key", std::string(255, 'k')}}).status,
            202);
}

TEST_F(SubmitTest, WithoutAQueueTheRequestMayBeRepeated) {
  const Headers key{{"Idempotency-Key", "order-18"}};
  queue_.broken = true;
  const Reply reply = Post("/api/v1/jobs", "%PDF-1.7", key);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), "unavailable");
  EXPECT_EQ(reply.header("Retry-After"), "5");
  EXPECT_EQ(reply.body.find("/srv/secret"), std::string::npos) << reply.body;
  queue_.broken = false;
  EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7", key).status, 202);
  WorkUntilDone();
  EXPECT_EQ(Get("/api/v1/jobs").json()["jobs"][0]["status"], "completed");
}

class PreferWaitTest : public SubmitTest {
 protected:
  Pending Begin30(const char* prefer = "respond-async, wait=30") {
    return Begin(Request("POST", "/api/v1/jobs", {{"Prefer", prefer}}), "%PDF-1.7 pages=1");
  }
};

TEST_F(PreferWaitTest, TheFinishedJobComesBackAtOnce) {
  Pending pending = Begin30();
  ASSERT_TRUE(pending.waiting());
  EXPECT_EQ(pending.timeout(), Seconds(30));
  clock_.now += Seconds(10);
  WorkUntilDone();
  EXPECT_TRUE(pending.woken());
  pending.GoOn(Exchange::Why::kWoken);
  const Reply reply = pending.reply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Preference-Applied"), "wait=30");
  EXPECT_EQ(reply.json()["status"], "completed");
}

TEST_F(PreferWaitTest, AWakeWithoutAFinalJobWaitsOn) {
  Pending pending = Begin30();
  clock_.now += Seconds(10);
  pending.GoOn(Exchange::Why::kWoken);
  ASSERT_TRUE(pending.waiting());
  EXPECT_EQ(pending.timeout(), Seconds(20));
}

TEST_F(PreferWaitTest, WhenTheTimeIsUpTheJobGoesOnInTheBackground) {
  Pending pending = Begin30();
  pending.GoOn(Exchange::Why::kTimeout);
  const Reply reply = pending.reply();
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.header("Preference-Applied"), "wait=30");
}

TEST_F(PreferWaitTest, NobodyWaitsLongerThanAMinute) {
  EXPECT_EQ(Begin30("wait=3600").timeout(), Seconds(60));
  EXPECT_FALSE(Begin30("wait=0").waiting());
}

}  // namespace
}  // namespace gnosis
