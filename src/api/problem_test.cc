#include "door/problem.h"

#include <gtest/gtest.h>

#include "support/api_fixture.h"

namespace gnosis {
namespace {

constexpr ErrorCode kAllCodes[] = {ErrorCode::kInvalidArgument,
                                   ErrorCode::kNotFound,
                                   ErrorCode::kPreconditionFailed,
                                   ErrorCode::kGone,
                                   ErrorCode::kConflict,
                                   ErrorCode::kUnsupportedMediaType,
                                   ErrorCode::kPasswordRequired,
                                   ErrorCode::kDamaged,
                                   ErrorCode::kNoPages,
                                   ErrorCode::kTooLarge,
                                   ErrorCode::kMissingLanguage,
                                   ErrorCode::kUnsupportedFormat,
                                   ErrorCode::kDiskFull,
                                   ErrorCode::kPermission,
                                   ErrorCode::kTimeout,
                                   ErrorCode::kChildDied,
                                   ErrorCode::kUnavailable,
                                   ErrorCode::kInterrupted,
                                   ErrorCode::kIo,
                                   ErrorCode::kInternal,
                                   ErrorCode::kIdempotencyKeyReused};

TEST(Problem, EveryCodeHasAStatusAndKeepsItsName) {
  for (const ErrorCode code : kAllCodes) {
    const Problem problem = ProblemOf({code, "message", "hint"});
    EXPECT_EQ(problem.code, ErrorCodeName(code));
    EXPECT_GE(problem.status, 400);
    EXPECT_LT(problem.status, 600);
    EXPECT_FALSE(problem.detail.empty());
  }
  EXPECT_EQ(ProblemOf({ErrorCode::kDiskFull, "", ""}).status, 507);
  EXPECT_EQ(ProblemOf({ErrorCode::kMissingLanguage, "", ""}).status, 422);
  EXPECT_EQ(ProblemOf({ErrorCode::kIdempotencyKeyReused, "", ""}).status, 422);
}

TEST(Problem, AFaultOfTheServerSaysNothingOfItsPaths) {
  for (const ErrorCode code : kAllCodes) {
    const Problem problem = ProblemOf({code, "/srv/secret", "see /srv/secret"});
    if (problem.status < 500) continue;
    EXPECT_EQ(problem.detail.find("secret"), std::string::npos);
    EXPECT_EQ(problem.hint.find("secret"), std::string::npos);
  }
}

TEST(Problem, NoCallerIsToldWhereAFileOfTheServerLies) {
  for (const ErrorCode code : kAllCodes) {
    for (const Error& error : {ErrnoError(ENOENT, "/srv/secret/.tmp-1"),
                               ErrnoError(ENOENT, "/srv/secret").Context("metadata.json"),
                               Error{code, "more than 5 bytes", ""}.Context("/srv/secret")}) {
      const Problem problem = ProblemOf(error);
      EXPECT_EQ(problem.detail.find("secret"), std::string::npos) << problem.detail;
      EXPECT_EQ(problem.code, ErrorCodeName(error.code));
    }
  }
  EXPECT_EQ(ProblemOf({ErrorCode::kNotFound, "users/secret/data", ""}).detail.find("secret"),
            std::string::npos);
  EXPECT_EQ(ProblemOf({ErrorCode::kNotFound, "the job has no page 4", ""}).detail,
            "the job has no page 4");
}

TEST(Problem, WhatMayPassSaysWhenToComeBack) {
  for (const ErrorCode code : kAllCodes) {
    const Problem problem = ProblemOf({code, "", ""});
    const bool may_pass = problem.status == 503 || problem.status == 507;
    EXPECT_TRUE(!may_pass || problem.retry_after_s);
  }
}

class BrokenStoreTest : public ApiTest {};

TEST_F(BrokenStoreTest, NoAnswerNamesAPathOfThisMachine) {
  const std::string id = SubmitAndRead();
  const char* const kRests[] = {"",
                                "/status",
                                "/events",
                                "/pages",
                                "/pages/1",
                                "/pages/1.txt",
                                "/pages/1.json",
                                "/pages/1.hocr",
                                "/pages/1.png",
                                "/pages/1.jpg",
                                "/result",
                                "/result?format=hocr"};
  for (const ErrorCode code : kAllCodes) {
    for (const char* rest : kRests) {
      for (const bool forgotten : {false, true}) {
        if (forgotten) book_->Forget(Session(id));
        store_->broken = code;
        const Reply reply = Get(Path(id, rest));
        store_->broken.reset();
        if (reply.status < 400) continue;                                  // answered from memory
        if (reply.status < 500 && code != ErrorCode::kNotFound) continue;  // not from a store
        EXPECT_EQ(reply.body.find("secret"), std::string::npos) << rest << reply.body;
      }
    }
  }
}

TEST_F(BrokenStoreTest, AFullDiskIsSaid) {
  for (const auto& [method, target] :
       {std::pair("POST", "/api/v1/jobs"), std::pair("GET", "/api/v1/jobs")}) {
    store_->broken = ErrorCode::kDiskFull;
    const Reply reply = Send(method, target, {}, "%PDF-1.7" + std::string(2000, ' '));
    EXPECT_EQ(reply.status, 507);
    EXPECT_EQ(reply.code(), "disk_full");
    EXPECT_EQ(reply.header("Retry-After"), "60");
    EXPECT_EQ(reply.body.find("secret"), std::string::npos) << reply.body;
  }
}

TEST_F(BrokenStoreTest, PathsAndMethodsThatAreNotThere) {
  EXPECT_EQ(Get("/nothing").status, 404);
  EXPECT_EQ(Get("/api/v1").status, 404);
  EXPECT_EQ(Get("/api/v1/jobs/").status, 404);
  EXPECT_EQ(Get("/api/v2/jobs").status, 404);
  const Reply reply = Send("PUT", "/api/v1/jobs");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.code(), "method_not_allowed");
  EXPECT_EQ(reply.header("Allow"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(Send("BREW", "/livez").status, 405);
  const Reply options = Send("OPTIONS", "/api/v1/jobs");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("Allow"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(Send("OPTIONS", "/nothing").status, 404);
  EXPECT_EQ(Send("HEAD", "/livez").status, 200);
}

TEST_F(BrokenStoreTest, ABodyThatNobodyWantsIsRefusedBeforeItTravels) {
  HttpRequest request = Request("POST", "/nothing");
  request.has_body = true;
  const auto exchange = api_->Start(std::move(request));
  EXPECT_FALSE(exchange->OnBody("").ok());
  const Answer answer = exchange->End(Exchange::Why::kBodyFailed);
  EXPECT_EQ(std::get<HttpResponse>(answer).status, 404);
}

}  // namespace
}  // namespace gnosis
