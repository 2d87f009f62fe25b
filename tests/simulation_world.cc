#include "simulation_world.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/file.h"
#include "simulation_document.h"
#include "simulation_nature.h"
#include "simulation_process.h"
#include "simulation_witness.h"
#include "strand.h"
#include "support/direct_inspections.h"
#include "task/admission.h"
#include "task/batch.h"

namespace gnosis {
namespace {

constexpr int kFaultySteps = 4'000;  // then the world turns kind and must come to an end
constexpr int kKindRounds = 200;
constexpr int kImpatientRounds = 10;  // then what only time can end ends
constexpr int kMostRequests = 200;    // of one caller

// Whose chance the ids of sessions are made of.
Nature* dice = nullptr;

// For admission, which looks whether a language is there.
const ModelFolders& Models() {
  static const TemporaryFolder folder;
  static const ModelFolders models = [] {
    std::ofstream(folder.path() / "eng.traineddata") << "pretend";
    return ModelFolders{{folder.path()}};
  }();
  return models;
}

// Somebody who does something, a step at a time.
class Actor {
 public:
  Actor(Nature& world, Witness& witness, Seconds skew)
      : world_(world), witness_(witness), skew_(skew) {}
  virtual ~Actor() = default;
  void Step() { strand_.Step(); }
  bool ended() const { return strand_.ended(); }

 protected:
  virtual void Live() = 0;
  Strand& strand() { return strand_; }
  std::unique_ptr<Process> NewProcess() {
    return std::make_unique<Process>(world_, strand_, skew_);
  }
  // Others get their turn meanwhile.
  void WaitAWhile() {
    for (uint64_t turns = world_.Random(8); turns > 0; --turns) strand_.Yield();
    world_.now += Seconds(1 + world_.Random(3));
  }

  Nature& world_;
  Witness& witness_;

 private:
  const Seconds skew_;
  Strand strand_{[this] { Live(); }};
};

// One delivery of a task at work.
class Worker final : public Actor {
 public:
  Worker(Nature& world, Witness& witness, Seconds skew, Task task)
      : Actor(world, witness, skew), task_(std::move(task)) {}
  // Not acknowledged, for whatever reason: delivered again.
  ~Worker() override {
    if (!acknowledged_) world_.queue.push_back({task_, world_.now + Seconds(world_.Random(20))});
  }

 private:
  void Live() override {
    const auto process = NewProcess();
    const Scenario& scenario = world_.scenario;
    const auto processor =
        NewBatchProcessor(process->store, process->queue, *process->book, process->clock,
                          {.batch_size = scenario.batch_size,
                           .chains = scenario.chains,
                           .dispatch_deadline = kDispatchDeadline,
                           .page_budget = Seconds(20),
                           .program_version = "sim"});
    DocumentReader reader(process->pages);
    const BatchReport report = processor->Run(task_, reader, std::stop_token());
    acknowledged_ = !process->edge.dead() && report.verdict == BatchReport::Verdict::kAcknowledge;
  }

  const Task task_;
  bool acknowledged_ = false;
};

// Submits a document until it is accepted or refused.
class Caller final : public Actor {
 public:
  Caller(Nature& world, Witness& witness, Seconds skew, char document, Outcome& outcome)
      : Actor(world, witness, skew), document_(document), outcome_(outcome) {}

 private:
  void Live() override {
    for (int request = 0; request < kMostRequests;) {
      const auto process = NewProcess();
      DirectInspections inspections(process->pages);
      const auto admission = NewAdmission(process->actions, inspections,
                                          {.batch_size = world_.scenario.batch_size,
                                           .session_ttl = std::nullopt,
                                           .owner_limits = OwnerLimits{},
                                           .models = Models()});
      for (; request < kMostRequests && !process->edge.dead(); ++request) {
        ++outcome_.submissions;
        const auto admitted = Submit(*admission);
        if (!process->edge.dead() && Heard(admitted)) return;
        WaitAWhile();
      }
    }
    witness_.Violation("a caller was never answered");
  }

  Result<Admitted> Submit(Admission& admission) {
    ASSIGN_OR_RETURN(const auto upload, admission.Start(kOwner, kKey));
    RETURN_IF_ERROR(upload->Append(BytesOf(document_)));
    Submission submission{.file_name = FileNameOf(document_), .options = {}, .password = ""};
    submission.options.formats = {"txt"};
    return upload->Admit(submission);
  }

  // True: that was the last word.
  bool Heard(const Result<Admitted>& admitted) {
    if (admitted.ok()) {
      witness_.Accepted(admitted->session, document_);
      return true;
    }
    if (admitted.code() == ErrorCode::kUnavailable) return false;
    if (admitted.code() == ErrorCode::kConflict) {
      witness_.ToldOfADeletion();
      return false;
    }
    witness_.Refused(admitted.error(), document_);
    return true;
  }

  const char document_;
  Outcome& outcome_;
};

// Deletes a job until it is gone.
class Deleter final : public Actor {
 public:
  Deleter(Nature& world, Witness& witness, Seconds skew, SessionKey session,
          std::function<void()> afterwards)
      : Actor(world, witness, skew),
        session_(std::move(session)),
        afterwards_(std::move(afterwards)) {}

 private:
  void Live() override {
    witness_.AsksToDelete(session_);
    while (!Delete()) WaitAWhile();
    afterwards_();
  }

  bool Delete() {
    const auto process = NewProcess();
    const Status deleted = DeleteSession(process->actions, session_);
    if (process->edge.dead()) return false;
    const bool gone = deleted.ok() || deleted.code() == ErrorCode::kNotFound;
    if (gone) witness_.Deleted(session_);
    return gone;
  }

  const SessionKey session_;
  const std::function<void()> afterwards_;
};

// Recovery, and sometimes the sweeper.
class Keeper final : public Actor {
 public:
  Keeper(Nature& world, Witness& witness, Seconds skew) : Actor(world, witness, skew) {}

 private:
  void Live() override {
    const auto process = NewProcess();
    (void)RecoverAll(process->actions, Leases::kRespect);
    if (world_.kind || world_.Random(2) == 0) (void)Sweep(process->actions);
  }
};

class World {
 public:
  explicit World(const Scenario& scenario)
      : scenario_(scenario), nature_(scenario), witness_(nature_) {
    dice = &nature_;
  }
  ~World() { dice = nullptr; }

  Outcome Run() {
    InviteCallers();
    for (int step = 0; step < kFaultySteps && !Done(); ++step) OneStep();
    nature_.kind = true;
    int round = 0;
    do KindRound(round);
    while (++round < kKindRounds && !Done());
    while (!actors_.empty()) StepActor(0);
    witness_.Judge(outcome_);
    return outcome_;
  }

 private:
  bool Comes(int thousandths) { return int(nature_.Random(1000)) < thousandths; }
  Seconds NextSkew() { return ++processes_ % 2 == 0 ? scenario_.faults.clock_skew : Seconds(0); }
  template <typename Kind, typename... Arguments>
  void Add(Arguments&&... arguments) {
    actors_.push_back(std::make_unique<Kind>(nature_, witness_, NextSkew(),
                                             std::forward<Arguments>(arguments)...));
  }
  void AddCaller(char document) { Add<Caller>(document, outcome_); }

  void InviteCallers() {
    const Callers& callers = scenario_.callers;
    AddCaller('A');
    if (Comes(callers.twin)) AddCaller('A');
    if (Comes(callers.other)) AddCaller('B');
    if (Comes(callers.refused)) AddCaller(kRefusedDocument);
    if (Comes(callers.deletes)) delete_in_ = 1 + int(nature_.Random(200));
  }

  bool Done() const {
    return actors_.empty() && nature_.queue.empty() && delete_in_ == 0 && witness_.AtRest();
  }

  void OneStep() {
    MaybeDelete();
    const uint64_t what = nature_.Random(100);
    if (what < 8) {
      nature_.now += Seconds(nature_.Random(20));
    } else if (what < 9) {
      Add<Keeper>();
    } else if (what < 30 || actors_.empty()) {
      if (!Deliver()) nature_.now += Seconds(1 + nature_.Random(30));
    } else {
      StepActor(nature_.Random(actors_.size()));
    }
  }

  // At a random moment after a caller was told of the job.
  void MaybeDelete() {
    if (delete_in_ == 0) return;
    const auto session = witness_.AnAcceptedSession();
    if (!session || --delete_in_ > 0) return;
    ++outcome_.deletions;
    const bool at_once = nature_.Random(2) == 0;
    Add<Deleter>(*session, [this, at_once] {
      if (!at_once) AddCaller('C');
    });
    if (at_once) AddCaller('C');
  }

  // Everybody gets to the end of what they do; time passes; the sweeper looks.
  void KindRound(int round) {
    delete_in_ = std::min(delete_in_, 1);
    MaybeDelete();
    while (Deliver()) {
    }
    StepAll();
    nature_.now += round < kImpatientRounds ? Seconds(120) : Seconds(3600);
    Add<Keeper>();
    StepAll();
  }

  bool Deliver() {
    if (workers_ >= scenario_.concurrency) return false;
    auto task = nature_.Dequeue();
    if (!task) return false;
    ++outcome_.deliveries;
    ++workers_;
    Add<Worker>(*std::move(task));
    return true;
  }

  void StepAll() {
    while (!actors_.empty()) StepActor(nature_.Random(actors_.size()));
  }

  void StepActor(size_t index) {
    actors_[index]->Step();
    if (!actors_[index]->ended()) return;
    if (dynamic_cast<Worker*>(actors_[index].get()) != nullptr) --workers_;
    actors_.erase(actors_.begin() + long(index));
  }

  const Scenario scenario_;
  Nature nature_;
  Witness witness_;
  std::vector<std::unique_ptr<Actor>> actors_;
  int workers_ = 0;
  int processes_ = 0;
  int delete_in_ = 0;  // steps
  Outcome outcome_;
};

}  // namespace

Outcome RunScenario(const Scenario& scenario) { return World(scenario).Run(); }

}  // namespace gnosis

// The ids that the program makes are drawn from the seed like everything else: the order in which
// sessions are listed depends on them. Takes precedence over the C library's own.
extern "C" ssize_t getrandom(void* buffer, size_t length, unsigned flags) noexcept {
  if (gnosis::dice == nullptr) return ::syscall(SYS_getrandom, buffer, length, flags);
  auto* bytes = static_cast<unsigned char*>(buffer);
  for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
    const uint64_t chance = gnosis::dice->Random();
    std::memcpy(bytes + i, &chance, std::min(sizeof chance, length - i));
  }
  return ssize_t(length);
}
