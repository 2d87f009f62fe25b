#include "simulation_world.h"

#include <fmt/format.h>

#include <semaphore>
#include <stop_token>
#include <thread>
#include <utility>

#include "output/output_writer.h"
#include "page/page_reader.h"
#include "task/batch.h"
#include "task/job_actions.h"
#include "task/markers.h"
#include "task/session_book.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr int kFaultySteps = 4'000;  // then the world turns kind and must come to an end
constexpr int kKindRounds = 400;
constexpr Seconds kDeadline{300};

struct WorkerCrash {};

const SessionKey kSession{UserHash("sim@example.org"), "00000000-0000-4000-8000-000000000001"};

std::string PageTextOf(int page) { return fmt::format("text of page {}", page); }

class World;

// One delivery at work: a thread that runs only while it holds the baton.
class Worker {
 public:
  Worker(World& world, Task task, Seconds skew);
  ~Worker() { thread_.join(); }
  void Step();  // until it yields or ends
  bool ended() const { return ended_; }
  bool acknowledged() const { return acknowledged_; }
  const Task& task() const { return task_; }

  void Yield() {
    to_world_.release();
    to_worker_.acquire();
  }

 private:
  void Run();

  World& world_;
  const Task task_;
  const Seconds skew_;
  bool ended_ = false;
  bool acknowledged_ = false;
  std::binary_semaphore to_worker_{0};
  std::binary_semaphore to_world_{0};
  std::thread thread_;
};

class World {
 public:
  explicit World(const Scenario& scenario) : scenario_(scenario), random_(scenario.seed) {
    store.on_change = [this](const std::string& key, const std::string* bytes) {
      CheckChange(key, bytes);
    };
  }

  Outcome Run() {
    Admit();
    for (int step = 0; step < kFaultySteps && !Done(); ++step) OneStep();
    kind_ = true;
    for (int round = 0; round < kKindRounds && !Done(); ++round) KindRound();
    while (!workers_.empty()) StepWorker(0);
    Judge();
    return outcome_;
  }

  // One chance in a thousand, `thousandths` times; never once the world is kind.
  bool Chance(int thousandths) { return !kind_ && int(random_() % 1000) < thousandths; }
  const Scenario& scenario() const { return scenario_; }
  bool kind() const { return kind_; }
  uint64_t Random(uint64_t below) { return random_() % below; }

  void Enqueue(const Task& task, std::optional<Time> not_before) {
    if (!names_.insert(TaskName(task)).second) return;  // names are remembered: tombstones
    if (Chance(scenario_.faults.lose)) return;
    queue_.push_back({task, not_before.value_or(now)});
    if (Chance(scenario_.faults.duplicate)) queue_.push_back({task, now + Seconds(Random(30))});
  }
  void CountReading() { ++outcome_.pages_read; }
  // Once in a life; what was counted in it, revision and epoch, may then start lower.
  void DeleteRecord() {
    if (!last_record_ || IsFinal(last_record_->state)) return;
    if (std::exchange(record_vanished_, true)) return;
    (void)store.Delete(ProcessingKey(kSession), kAnyGeneration);
    last_record_.reset();
  }
  bool MayWrite(const std::string& key) {
    if (scenario_.home == Scenario::Home::kDisk) return true;
    Time& last = written_at_[key];
    if (now - last < Seconds(1)) return false;
    last = now;
    return true;
  }

  MemoryStore store;
  Time now = Time(Seconds(1'750'000'000));

 private:
  struct Waiting {
    Task task;
    Time due;
  };

  class WorldClock final : public Clock {
   public:
    explicit WorldClock(World& world) : world_(world) {}
    Time Now() override { return world_.now; }

   private:
    World& world_;
  };
  class WorldQueue final : public TaskQueue {
   public:
    explicit WorldQueue(World& world) : world_(world) {}
    Status Enqueue(const Task& task, std::optional<Time> not_before) override {
      world_.Enqueue(task, not_before);
      return Ok();
    }

   private:
    World& world_;
  };

  void Admit() {
    Metadata& metadata = metadata_;
    metadata.session_id = kSession.session_id;
    metadata.user_hash = kSession.user_hash;
    metadata.incarnation = "00000000000000aa";
    metadata.file_name = "simulated.pdf";
    metadata.extension = "pdf";
    metadata.media_type = "application/pdf";
    metadata.size_bytes = 1;
    metadata.sha256 = std::string(64, 'a');
    metadata.document_pages = scenario_.pages;
    metadata.options.formats = {"txt"};
    metadata.created_at = now;
    std::vector<int> pages;
    for (int page = 1; page <= scenario_.pages; ++page) pages.push_back(page);
    (void)store.Write(OriginalKey(kSession, "pdf"), "x", kAbsent);
    (void)store.Write(MetadataKey(kSession), EncodeMetadata(metadata), kAbsent);
    (void)WriteMarker(store, kSession, "sim@example.org", now);
    (void)store.Write(ProcessingKey(kSession),
                      EncodeProcessing(NewProcessing(metadata, pages, scenario_.batch_size)),
                      kAbsent);
    for (int chain = 0; chain < scenario_.chains; ++chain) {
      Enqueue(Task{kSession, "sim@example.org", 0, chain, 0, metadata.incarnation}, std::nullopt);
    }
  }

  bool Done() const { return !marker_there_ && workers_.empty() && queue_.empty(); }

  void OneStep() {
    const uint64_t what = Random(100);
    if (what < 8) {
      now += Seconds(Random(20));
    } else if (what < 9) {
      Recover();
    } else if (what < 30 || workers_.empty()) {
      if (!Deliver()) now += Seconds(1 + Random(30));
    } else {
      StepWorker(Random(workers_.size()));
    }
  }

  // Everybody gets to the end of what they do; time passes; the sweeper looks.
  void KindRound() {
    while (Deliver()) {
    }
    while (!workers_.empty()) StepWorker(Random(workers_.size()));
    now += Seconds(120);
    Recover();
  }

  bool Deliver() {
    if (int(workers_.size()) >= scenario_.concurrency + overlapping_) return false;
    for (size_t i = 0; i < queue_.size(); ++i) {
      if (queue_[i].due > now) continue;
      const Task task = queue_[i].task;
      queue_.erase(queue_.begin() + long(i));
      const Seconds skew =
          ++outcome_.deliveries % 2 == 0 ? scenario_.faults.clock_skew : Seconds(0);
      workers_.push_back(std::make_unique<Worker>(*this, task, skew));
      return true;
    }
    return false;
  }

  void StepWorker(size_t index) {
    Worker& worker = *workers_[index];
    worker.Step();
    if (!worker.ended()) return;
    // Not acknowledged, for whatever reason: delivered again.
    if (!worker.acknowledged()) queue_.push_back({worker.task(), now + Seconds(Random(20))});
    workers_.erase(workers_.begin() + long(index));
  }

  void Recover() {
    WorldClock clock(*this);
    WorldQueue queue(*this);
    const auto book = NewSessionBook(store, clock, {.batch_size = scenario_.batch_size});
    const ActionContext context{store, queue, *book, clock, scenario_.chains, "sim"};
    (void)RecoverAll(context, Leases::kRespect);
  }

  void CheckChange(const std::string& key, const std::string* bytes) {
    if (key == UnfinishedKey(kSession)) marker_there_ = bytes != nullptr;
    if (ParsePageResultName(key)) {
      if (bytes == nullptr) Violation("a page result was deleted: " + key);
      if (!results_.insert(key).second) Violation("a page result was replaced: " + key);
    }
    if (key == ProcessingKey(kSession) && bytes != nullptr) CheckRecord(*bytes);
  }

  void CheckRecord(const std::string& bytes) {
    auto record = DecodeProcessing(bytes);
    if (!record.ok()) return Violation("processing.json is damaged: " + record.error().message);
    if (int(record->pages.size()) != scenario_.pages) Violation("pages were lost or made up");
    if (last_record_) {
      if (record->revision < last_record_->revision) Violation("the revision went back");
      if (record->epoch < last_record_->epoch) Violation("the epoch went back");
      if (IsFinal(last_record_->state) && record->state != last_record_->state) {
        Violation("a final state was left");
      }
      for (const auto& [page, entry] : last_record_->pages) {
        if (entry.status == PageStatus::kCompleted &&
            record->pages.at(page).status != PageStatus::kCompleted) {
          Violation(fmt::format("page {} was completed and is not any more", page));
        }
      }
    }
    if (IsFinal(record->state) && results_.size() != size_t(scenario_.pages)) {
      Violation("final without a result for every page");
    }
    last_record_ = *std::move(record);
  }

  void Violation(std::string what) { outcome_.violations.push_back(std::move(what)); }

  void Judge() {
    outcome_.finished = last_record_ && IsFinal(last_record_->state) && !marker_there_;
    for (int page = 1; page <= scenario_.pages; ++page) {
      const auto result = ReadPageResult(store, kSession, metadata_, page);
      if (!result.ok()) continue;
      const bool sick = scenario_.poison.contains(page) || scenario_.killers.contains(page);
      if (!result->completed && !sick) ++outcome_.given_up;
      if (result->completed && sick) Violation("a poison page was read");
    }
    if (auto text = store.Read(ResultKey(kSession, "txt")); text.ok()) outcome_.text = text->bytes;
  }

  const Scenario scenario_;
  Metadata metadata_;
  std::mt19937_64 random_;
  bool kind_ = false;
  int overlapping_ = 0;
  bool marker_there_ = true;
  std::vector<Waiting> queue_;
  std::set<std::string> names_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::set<std::string> results_;
  std::optional<Processing> last_record_;
  bool record_vanished_ = false;
  std::map<std::string, Time> written_at_;
  Outcome outcome_;
};

// The worker's own view of the world: every call is a place to be interrupted, or to fail.
class Edge {
 public:
  Edge(World& world, Worker& worker) : world_(world), worker_(worker) {}

  enum class Fate { kFine, kFails, kLies };
  Fate Before() {
    worker_.Yield();
    const Faults& faults = world_.scenario().faults;
    if (world_.Chance(faults.crash)) throw WorkerCrash();
    if (world_.Chance(faults.store_fails)) return Fate::kFails;
    return world_.Chance(faults.store_lies) ? Fate::kLies : Fate::kFine;
  }
  // The next call's Before is where others get their turn.
  void After() {
    if (world_.Chance(world_.scenario().faults.crash)) throw WorkerCrash();
  }
  static Error Failure() { return {ErrorCode::kUnavailable, "simulated", ""}; }

  template <typename Call>
  auto Do(const Call& call) -> decltype(call()) {
    const Fate fate = Before();
    if (fate == Fate::kFails) return Failure();
    auto result = call();
    After();
    if (fate == Fate::kLies) return Failure();
    return result;
  }

 private:
  World& world_;
  Worker& worker_;
};

class WorkerStore final : public ObjectStore {
 public:
  WorkerStore(World& world, Worker& worker)
      : world_(world), store_(world.store), edge_(world, worker) {}
  Result<Object> Read(const std::string& key) override {
    return edge_.Do([&] { return store_.Read(key); });
  }
  Result<ObjectInfo> Stat(const std::string& key) override {
    return edge_.Do([&] { return store_.Stat(key); });
  }
  Result<FileDescriptor> Open(const std::string& key) override {
    return edge_.Do([&] { return store_.Open(key); });
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override {
    return edge_.Do([&]() -> Result<Generation> {
      if (world_.Chance(world_.scenario().faults.record_vanishes)) world_.DeleteRecord();
      if (!world_.MayWrite(key)) return Error{ErrorCode::kUnavailable, "429", ""};
      return store_.Write(key, bytes, if_generation);
    });
  }
  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override {
    return edge_.Do([&] { return store_.StartWrite(key, if_generation); });
  }
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    return edge_.Do([&] { return store_.List(prefix); });
  }
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    return edge_.Do([&] { return store_.ListFolders(folder); });
  }
  Result<uint64_t> SizeOf(const std::string& folder) override {
    return edge_.Do([&] { return store_.SizeOf(folder); });
  }
  Status Delete(const std::string& key, IfGeneration if_generation) override {
    return edge_.Do([&] { return store_.Delete(key, if_generation); });
  }
  Status DeleteFolder(const std::string& folder) override {
    return edge_.Do([&] { return store_.DeleteFolder(folder); });
  }

 private:
  World& world_;
  MemoryStore& store_;
  Edge edge_;
};

class WorkerQueue final : public TaskQueue {
 public:
  WorkerQueue(World& world, Worker& worker) : world_(world), edge_(world, worker) {}
  Status Enqueue(const Task& task, std::optional<Time> not_before) override {
    return edge_.Do([&]() -> Status {
      if (world_.Chance(world_.scenario().faults.queue_fails)) return Edge::Failure();
      world_.Enqueue(task, not_before);
      return Ok();
    });
  }

 private:
  World& world_;
  Edge edge_;
};

class WorkerClock final : public Clock {
 public:
  WorkerClock(World& world, Seconds skew) : world_(world), skew_(skew) {}
  Time Now() override { return world_.now + skew_; }

 private:
  World& world_;
  const Seconds skew_;
};

class WorkerReader final : public PageReader {
 public:
  WorkerReader(World& world, Worker& worker) : world_(world), worker_(worker) {}
  Result<DocumentInfo> Open(const FileDescriptor&, const std::string&) override {
    return DocumentInfo{"application/pdf", world_.scenario().pages};
  }
  Result<PageArtefacts> Read(const PageRequest& request) override {
    worker_.Yield();
    const Scenario& scenario = world_.scenario();
    world_.now += Seconds(world_.Random(5));
    if (world_.Chance(scenario.faults.overrun)) world_.now += kDeadline + Seconds(120);
    if (scenario.killers.contains(request.page) || world_.Chance(scenario.faults.crash)) {
      throw WorkerCrash();
    }
    if (scenario.poison.contains(request.page) || world_.Chance(scenario.faults.child_dies)) {
      return Error{ErrorCode::kChildDied, "simulated", ""};
    }
    worker_.Yield();
    world_.CountReading();
    PageArtefacts artefacts;
    artefacts.result.completed = true;
    artefacts.result.width = artefacts.result.height = 100;
    artefacts.result.dpi = 300;
    artefacts.result.source = "simulated";
    Line line{{0, 0, 90, 10}, {}, {Word{PageTextOf(request.page), {0, 0, 90, 10}, 90}}};
    for (char& c : line.words[0].text) c = c == ' ' ? '_' : c;
    artefacts.result.words.blocks = {{line.box, {{line.box, {line}}}}};
    artefacts.result.text = PlainText(artefacts.result.words);
    artefacts.image_png = "image";
    artefacts.preview_jpeg = "preview";
    return artefacts;
  }
  void Interrupt() override {}

 private:
  World& world_;
  Worker& worker_;
};

Worker::Worker(World& world, Task task, Seconds skew)
    : world_(world), task_(std::move(task)), skew_(skew) {
  thread_ = std::thread([this] {
    to_worker_.acquire();
    try {
      Run();
    } catch (const WorkerCrash&) {
    }
    ended_ = true;
    to_world_.release();
  });
}

void Worker::Step() {
  to_worker_.release();
  to_world_.acquire();
}

void Worker::Run() {
  WorkerStore store(world_, *this);
  WorkerQueue queue(world_, *this);
  WorkerClock clock(world_, skew_);
  WorkerReader pages(world_, *this);
  const Scenario& scenario = world_.scenario();
  BookOptions options{.batch_size = scenario.batch_size, .max_age = Milliseconds(0)};
  if (scenario.home == Scenario::Home::kBucket) {
    options.max_age = Milliseconds(2'000);
    options.publish_interval = Milliseconds(30'000);
  }
  const auto book = NewSessionBook(store, clock, options);
  const auto processor = NewBatchProcessor(store, queue, *book, clock,
                                           {.batch_size = scenario.batch_size,
                                            .chains = scenario.chains,
                                            .dispatch_deadline = kDeadline,
                                            .page_budget = Seconds(20),
                                            .program_version = "sim"});
  DocumentReader reader(pages);
  const BatchReport report = processor->Run(task_, reader, std::stop_token());
  acknowledged_ = report.verdict == BatchReport::Verdict::kAcknowledge;
}

}  // namespace

Outcome RunScenario(const Scenario& scenario) { return World(scenario).Run(); }

std::string ExpectedText(const Scenario& scenario, const std::string& got) {
  std::string expected;
  size_t start = 0;
  for (int page = 1; page <= scenario.pages; ++page) {
    const size_t end = std::min(got.find('\f', start), got.size());
    std::string text = PageTextOf(page);
    for (char& c : text) c = c == ' ' ? '_' : c;
    // A marker's reason tells how often it was tried: taken as it is, if it is a marker at all.
    if (scenario.poison.contains(page) || scenario.killers.contains(page)) {
      text = start <= got.size() ? got.substr(start, end - start) : "";
      while (!text.empty() && text.back() == '\n') text.pop_back();
      if (!text.starts_with(fmt::format("[page {} could not be read", page))) text = "no marker";
    }
    expected += (page > 1 ? "\f" : "") + text + "\n";
    start = end + 1;
  }
  return expected;
}

}  // namespace gnosis
