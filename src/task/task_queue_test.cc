#include "task/task_queue.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

const SessionKey kSession{UserHash("me@example.org"), "00000000-0000-4000-8000-00000000000a"};

TEST(Task, ComesBackAsItWasSent) {
  const Task task{kSession, "me@example.org", 3, 2, 41};
  const auto back = DecodeTask(EncodeTask(task));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(TaskName(*back), TaskName(task));
  EXPECT_EQ(back->user_email, task.user_email);
}

TEST(Task, NeedsOnlySessionAndEmail) {
  const auto task = DecodeTask(
      R"({"session_id":"00000000-0000-4000-8000-00000000000a","user_email":"me@example.org"})");
  ASSERT_TRUE(task.ok());
  EXPECT_EQ(task->session, kSession);
  EXPECT_EQ(task->epoch + task->chain + task->sequence, 0);
}

TEST(Task, KeepsItsSessionWhenTheOwnersNameIsLost) {
  const auto task = DecodeTask(EncodeTask({kSession, "", 1, 0, 0}));
  ASSERT_TRUE(task.ok());
  EXPECT_EQ(task->session, kSession);
}

TEST(Task, RefusesWhatIsNone) {
  for (const char* bytes : {
           "",
           "[]",
           "{",
           "{}",
           R"({"session_id":"x","user_email":"a@b"})",
           R"({"session_id":"00000000-0000-4000-8000-00000000000a"})",
           R"({"session_id":"../../etc/passwd","user_email":"a@b"})",
           R"({"session_id":"00000000-0000-4000-8000-00000000000a","user_hash":"../x"})",
           R"({"session_id":"00000000-0000-4000-8000-00000000000a","user_email":"a@b",
               "user_hash":"0123456789ab"})",
           R"({"session_id":"00000000-0000-4000-8000-00000000000a","user_email":"a","epoch":-1})",
           R"({"session_id":"00000000-0000-4000-8000-00000000000a","user_email":"a","chain":"1"})",
           R"({"session_id":"00000000-0000-4000-8000-00000000000a","user_email":"a",
               "sequence":99999999999})",
       }) {
    EXPECT_EQ(DecodeTask(bytes).code(), ErrorCode::kInvalidArgument) << bytes;
  }
  EXPECT_EQ(DecodeTask(std::string(9000, ' ')).code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace gnosis
