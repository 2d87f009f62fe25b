#include "app/home.h"

#include <fmt/format.h>

#include <utility>

#include "app/cloud_clients.h"
#include "app/machine.h"
#include "reader/page_template.h"
#include "reader/sealed_reader.h"
#include "session/disk_store.h"

namespace gnosis {
namespace {

constexpr int kInspectors = 2;

Status CreateRoot(const std::filesystem::path& root) {
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (!error) return Ok();
  return ErrnoError(error.value(), root.string());
}

Result<std::filesystem::path> FindPageProgram() {
  const std::filesystem::path program = ProgramFolder() / "gnosis-ocr-page";
  std::error_code ignored;
  if (std::filesystem::is_regular_file(program, ignored)) return program;
  return Error{ErrorCode::kIo, program.string() + " is missing",
               "install gnosis-ocr-page next to gnosis-ocr"};
}

// State is written only when necessary and otherwise derived: each write to a bucket costs money,
// and an object accepts only one per second.
BookOptions BookInCloud(const Settings& settings) {
  BookOptions options{.batch_size = settings.batch_size,
                      .publish_interval = Milliseconds(30'000),
                      .max_age = Milliseconds(1'000),
                      .progress = BookOptions::Progress::kProbed,
                      .max_entries = 4'096};
  if (settings.cloud.is_worker) {
    options.max_age = Milliseconds(2'000);
    options.progress = BookOptions::Progress::kAsPublished;
  }
  return options;
}

}  // namespace

const char* const kProgramVersion = GNOSIS_VERSION;

Home::Home() = default;
Home::~Home() = default;

Result<std::unique_ptr<Home>> Home::Make(const Settings& settings,
                                         const std::filesystem::path& root,
                                         const std::optional<OwnerLimits>& owner_limits) {
  std::unique_ptr<Home> home(new Home);
  RETURN_IF_ERROR(CreateRoot(root));
  RETURN_IF_ERROR(home->FindPrograms(settings));
  home->UseDisk(settings, root, owner_limits);
  return home;
}

Result<std::unique_ptr<Home>> Home::MakeInCloud(const Settings& settings) {
  std::unique_ptr<Home> home(new Home);
  RETURN_IF_ERROR(home->FindPrograms(settings));
  RETURN_IF_ERROR(home->UseCloud(settings));
  return home;
}

Result<std::unique_ptr<Home>> Home::MakeWith(ReaderSource source, const Settings& settings,
                                             const std::filesystem::path& root,
                                             const std::optional<OwnerLimits>& owner_limits) {
  std::unique_ptr<Home> home(new Home);
  RETURN_IF_ERROR(CreateRoot(root));
  home->UseReaders(settings, std::move(source));
  home->UseDisk(settings, root, owner_limits);
  return home;
}

Result<std::unique_ptr<Home>> Home::MakeInCloudWith(ReaderSource source, const Settings& settings) {
  std::unique_ptr<Home> home(new Home);
  home->UseReaders(settings, std::move(source));
  RETURN_IF_ERROR(home->UseCloud(settings));
  return home;
}

Result<std::unique_ptr<Home>> MakeHome(const Settings& settings,
                                       const std::filesystem::path& root) {
  return Home::Make(settings, root);
}

Result<std::unique_ptr<Home>> MakeServiceHome(const Settings& settings) {
  if (settings.cloud.on) return Home::MakeInCloud(settings);
  return Home::Make(settings, settings.data_dir, settings.owner_limits);
}

Status Home::FindPrograms(const Settings& settings) {
  TakeSettings(settings);
  ASSIGN_OR_RETURN(child_options_.program, FindPageProgram());
  page_template_ = NewPageTemplate(child_options_);
  reader_source_.make = [this](const ChildOptions& options) {
    return NewSealedReader(options, *page_template_);
  };
  reader_source_.probe_seal = [this] {
    return gnosis::ProbeSeal(*page_template_, child_options_.open_timeout);
  };
  return Ok();
}

void Home::UseReaders(const Settings& settings, ReaderSource source) {
  TakeSettings(settings);
  reader_source_ = std::move(source);
}

void Home::TakeSettings(const Settings& settings) {
  workers_ = settings.workers;
  models_ = FindModelFolders(settings.model_cache_path);
  child_options_.model_folders = JoinModelFolders(models_);
  child_options_.page_timeout = settings.page_timeout;
  child_options_.page_cpu_timeout = settings.page_cpu_timeout;
  child_options_.open_timeout = settings.open_timeout;
  child_options_.max_address_space_bytes = settings.page_memory_bytes;
  child_options_.max_page_pixels = settings.max_page_pixels;
  child_options_.max_side_pixels = settings.max_page_side;
  child_options_.max_pages_per_document = settings.max_pages;
}

void Home::UseDisk(const Settings& settings, const std::filesystem::path& root,
                   const std::optional<OwnerLimits>& owner_limits) {
  root_ = root;
  store_ = NewDiskStore(root);
  book_ = NewSessionBook(*store_, SystemClock(), {.batch_size = settings.batch_size});
  UseLocalQueue();
  Furnish(settings, owner_limits);
}

Status Home::UseCloud(const Settings& settings) {
  ASSIGN_OR_RETURN(cloud_, CloudClients::Make(settings.cloud));
  store_ = cloud_->NewStore();
  book_ = NewSessionBook(*store_, SystemClock(), BookInCloud(settings));
  if (settings.cloud.tasks) {
    queue_ = cloud_->NewQueue();
  } else {
    UseLocalQueue();
  }
  Furnish(settings, settings.owner_limits);
  return Ok();
}

void Home::UseLocalQueue() {
  auto queue = NewLocalQueue();
  local_queue_ = queue.get();
  queue_ = std::move(queue);
}

void Home::Furnish(const Settings& settings, const std::optional<OwnerLimits>& owner_limits) {
  actions_ = std::make_unique<ActionContext>(
      ActionContext{*store_, *queue_, *book_, SystemClock(), settings.chains, kProgramVersion});
  std::vector<std::unique_ptr<PageReader>> inspectors;
  for (int i = 0; i < kInspectors; ++i) {
    inspectors.push_back(reader_source_.make(child_options_));
  }
  inspections_ = NewInspectionPool(std::move(inspectors), {});
  admission_ = NewAdmission(*actions_, *inspections_,
                            {.max_upload_bytes = settings.max_upload_bytes,
                             .batch_size = settings.batch_size,
                             .session_ttl = settings.session_ttl,
                             .owner_limits = owner_limits,
                             .models = models_});
  if (local_queue_ == nullptr) turns_.emplace(*store_, SystemClock());
  processor_ = NewBatchProcessor(
      *store_, *queue_, *book_, SystemClock(),
      {.batch_size = settings.batch_size,
       .chains = settings.chains,
       .dispatch_deadline = settings.cloud.dispatch_deadline,
       .page_budget = settings.page_timeout,
       .program_version = kProgramVersion,
       .session_for_turn =
           [this](const Task& task) { return turns_ ? turns_->SessionFor(task) : task.session; },
       .room = RoomFor(settings, owner_limits.has_value()),
       .others_wait =
           [this](const SessionKey& session, Time began) {
             return turns_ ? turns_->OthersWait(session, began) : local_queue_->OthersWait(session);
           }});
}

// What running jobs write also respects the floor: they wait until there is enough space again.
std::function<Status()> Home::RoomFor(const Settings& settings, bool is_service) {
  const uint64_t floor_bytes = settings.api_limits.disk_floor_bytes;
  if (!is_service || floor_bytes == 0 || settings.cloud.on) return [] { return Ok(); };
  return [this, floor_bytes]() -> Status {
    if (FreeDiskBytes(root_) >= floor_bytes) return Ok();
    return Error{ErrorCode::kDiskFull,
                 fmt::format("the disk is full except for a reserve of {} bytes", floor_bytes),
                 "free some space, or lower DISK_FLOOR; the jobs resume automatically"};
  };
}

std::vector<std::unique_ptr<PageReader>> Home::MakeReaders(ChildOptions::Models models) {
  std::vector<std::unique_ptr<PageReader>> readers;
  ChildOptions options = child_options_;
  options.models = models;
  // A guess for the first document, which works with any language anyway.
  if (models == ChildOptions::Models::kLoadedInTemplate) options.languages = {"eng"};
  for (int i = 0; i < workers_; ++i) readers.push_back(reader_source_.make(options));
  return readers;
}

void Home::StartWorkers(BatchListener listener, ChildOptions::Models models) {
  GNOSIS_CHECK(!pool_ && local_queue_ != nullptr);
  pool_ = StartWorkerPool(*local_queue_, *processor_, MakeReaders(models), std::move(listener));
}

void Home::StopWorkers(Milliseconds grace) {
  if (pool_) pool_->Stop(grace);
}

}  // namespace gnosis
