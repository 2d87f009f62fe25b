// For tests of faults: one process over a store, from admission to the last page. What it has in
// memory, its book and its queue, is gone with it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/direct_inspections.h"
#include "support/task_fixture.h"
#include "task/admission.h"
#include "task/deletion.h"

namespace gnosis {

struct TestProcess {
  static constexpr char kUser[] = "me@example.org";
  static constexpr char kDocument[] = "%PDF-1.4 pretend";

  // `models` is a folder with eng.traineddata.
  TestProcess(ObjectStore& store, Clock& clock, const std::filesystem::path& models)
      : book(NewSessionBook(store, clock, {})),
        processor(NewBatchProcessor(store, queue, *book, clock,
                                    {.batch_size = 10, .program_version = "test"})),
        actions{store, queue, *book, clock, 1, "test"},
        admission(NewAdmission(
            actions, inspections,
            {.max_upload_bytes = 1000, .owner_limits = OwnerLimits{}, .models = {{models}}})) {}

  Result<Admitted> Submit(const std::optional<std::string>& key, const std::string& password,
                          const std::string& document = kDocument) {
    auto upload = admission->Start(kUser, key);
    if (!upload.ok()) return upload.error();
    RETURN_IF_ERROR((*upload)->Append(document));
    return (*upload)->Admit({"letter.pdf", {}, password});
  }
  // As at start-up, with nobody else at work.
  void TidyUp() {
    EXPECT_TRUE(FinishDeletions(actions).ok());
    EXPECT_TRUE(SettleAdmissions(actions).ok());
    EXPECT_TRUE(RecoverAll(actions, Leases::kBreak).ok());
  }
  void WorkUntilDone() {
    for (int i = 0; i < 50 && !queue.tasks.empty(); ++i) {
      const Task task = queue.tasks.front().task;
      queue.tasks.pop_front();
      DocumentReader document(reader);
      const BatchReport report = processor->Run(task, document, std::stop_token());
      EXPECT_EQ(report.verdict, BatchReport::Verdict::kAcknowledge)
          << (report.error ? report.error->message : "");
    }
  }
  bool IsCompleted(const SessionKey& session) {
    const auto status = book->ReadStatus(session);
    return status.ok() && status->state == SessionState::kCompleted;
  }

  ToldReader reader;
  ToldReader inspector;
  DirectInspections inspections{inspector};
  ListQueue queue;
  std::unique_ptr<SessionBook> book;
  std::unique_ptr<BatchProcessor> processor;
  ActionContext actions;
  std::unique_ptr<Admission> admission;
};

inline std::vector<SessionKey> SessionsIn(ObjectStore& store) {
  std::vector<SessionKey> sessions;
  const auto users = store.ListFolders("users/");
  for (const std::string& user : *users) {
    const auto folders = store.ListFolders(user);
    for (const std::string& folder : *folders) sessions.push_back(*ParseSessionFolder(folder));
  }
  return sessions;
}

// Nothing that stands for unfinished business, and nothing secret.
inline void ExpectAtRest(ObjectStore& store) {
  for (const char* folder : {"unfinished/", "deleted/"}) {
    const auto users = store.ListFolders(folder);
    for (const std::string& user : *users) EXPECT_TRUE(store.List(user)->empty()) << user;
  }
  for (const SessionKey& session : SessionsIn(store)) {
    EXPECT_TRUE(store.Stat(MetadataKey(session)).ok()) << "a folder of no session";
    EXPECT_FALSE(store.Stat(SecretKey(session)).ok()) << "a password outlived its job";
  }
}

}  // namespace gnosis
