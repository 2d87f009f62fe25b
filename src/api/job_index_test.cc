// Searching by name, and that cached data is never used when out of date.
#include "api/job_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/api_fixture.h"

namespace gnosis {
namespace {

class JobIndexTest : public ApiTest {
 protected:
  std::string SubmitNamed(const std::string& name, const Headers& headers = {},
                          const std::string& document = "%PDF-1.7 pages=1") {
    clock_.now += Seconds(1);
    const Reply reply = Post("/api/v1/jobs?file_name=" + name, document, headers);
    return JsonString(reply.json(), "job_id").value_or("");
  }
  std::vector<std::string> Names(const std::string& query) {
    std::vector<std::string> names;
    const Json list = Get("/api/v1/jobs" + query).json();
    for (const Json& job : list["jobs"]) {
      names.push_back(job["file_name"].get<std::string>());
    }
    return names;
  }
  using List = std::vector<std::string>;
};

TEST_F(JobIndexTest, FindsAPartOfTheNameWithoutRegardToCase) {
  SubmitNamed("Invoice-1.pdf");
  SubmitNamed("%C3%84rger%20invoice.pdf");
  SubmitNamed("letter.pdf");
  EXPECT_EQ(Names("?q=INVOICE"), (List{"Ärger invoice.pdf", "Invoice-1.pdf"}));
  EXPECT_EQ(Names("?q=%C3%A4RGER+inv"), (List{"Ärger invoice.pdf"}));
  EXPECT_EQ(Names("?q=.pdf&limit=1"), (List{"letter.pdf"}));
  EXPECT_EQ(Names("?q=none"), List{});
  EXPECT_EQ(Names("?q=").size(), 3u);
}

TEST_F(JobIndexTest, TheCursorGoesOnAmongWhatWasFound) {
  for (const char* name : {"a1", "b1", "a2", "b2", "a3"}) SubmitNamed(name);
  const Reply first = Get("/api/v1/jobs?q=A&limit=2");
  const std::string cursor = JsonString(first.json(), "next_cursor").value_or("");
  EXPECT_EQ(Names("?q=A&limit=2"), (List{"a3", "a2"}));
  EXPECT_EQ(Names("?q=A&limit=2&cursor=" + cursor), (List{"a1"}));
}

TEST_F(JobIndexTest, FollowsWhatComesAndGoes) {
  SubmitNamed("one");
  EXPECT_EQ(Names(""), (List{"one"}));
  const std::string two = SubmitNamed("two");
  EXPECT_EQ(Names(""), (List{"two", "one"}));
  Send("DELETE", Path(two));
  EXPECT_EQ(Names(""), (List{"one"}));
}

TEST_F(JobIndexTest, AKeyThatIsUsedAgainAfterADeletionMakesAnotherJob) {
  const Headers key{{"Idempotency-Key", "k"}};
  const std::string before = SubmitNamed("before", key);
  SubmitNamed("other");
  EXPECT_EQ(Names(""), (List{"other", "before"}));
  Send("DELETE", Path(before));
  EXPECT_NE(SubmitNamed("after", key, "%PDF-1.7 pages=2"), before);
  EXPECT_EQ(Names(""), (List{"after", "other"}));
  EXPECT_EQ(Names("?q=before"), List{});
}

TEST_F(JobIndexTest, AStateThatChangedIsNotRemembered) {
  SubmitNamed("one", {}, "%PDF-1.7 pages=2 bad=2");
  EXPECT_EQ(Names("?state=queued"), (List{"one"}));
  EXPECT_EQ(Names("?state=completed_with_errors"), List{});
  WorkUntilDone();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Names("?state=queued"), List{});
    EXPECT_EQ(Names("?state=completed_with_errors"), (List{"one"}));
  }
  const std::string id = Get("/api/v1/jobs").json()["jobs"][0]["job_id"].get<std::string>();
  EXPECT_EQ(Post(Path(id, "/retry"), R"({"pages":[2],"rotate":90})").status, 202);
  EXPECT_EQ(Names("?state=completed_with_errors"), List{});
  WorkUntilDone();
  EXPECT_EQ(Names("?state=completed"), (List{"one"}));
  EXPECT_EQ(Names("?state=completed_with_errors"), List{});
}

TEST_F(JobIndexTest, ASecondListReadsNoFileOfAFinishedJobThatIsNotShown) {
  for (int i = 0; i < 20; ++i) SubmitNamed("job");
  WorkUntilDone();
  Names("?state=failed");
  store_->calls = 0;
  EXPECT_EQ(Names("?state=failed"), List{});
  // One listing, and one check per job that its record is unchanged.
  EXPECT_LE(store_->calls, 22);
  store_->calls = 0;
  EXPECT_EQ(Names("?q=absent"), List{});
  EXPECT_LE(store_->calls, 2);
}

}  // namespace
}  // namespace gnosis
