#include "app/home.h"

#include <utility>

#include "app/machine.h"
#include "page/page_template.h"
#include "page/pipe_reader.h"
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
               "install gnosis-ocr-page beside gnosis-ocr"};
}

}  // namespace

const char* const kProgramVersion = GNOSIS_VERSION;

Result<std::unique_ptr<Home>> Home::Make(const Settings& settings,
                                         const std::filesystem::path& root,
                                         const std::optional<OwnerLimits>& owner_limits) {
  std::unique_ptr<Home> home(new Home);
  RETURN_IF_ERROR(CreateRoot(root));
  home->root_ = root;
  home->workers_ = settings.workers;
  home->models_ = FindModelFolders(settings.model_cache_path);
  ASSIGN_OR_RETURN(home->child_options_.program, FindPageProgram());
  home->child_options_.model_folders = JoinModelFolders(home->models_);
  home->child_options_.page_timeout = settings.page_timeout;
  home->child_options_.page_cpu_timeout = settings.page_cpu_timeout;
  home->child_options_.open_timeout = settings.open_timeout;
  home->child_options_.max_address_space_bytes = settings.page_memory_bytes;
  home->child_options_.max_page_pixels = settings.max_page_pixels;
  home->child_options_.max_side_pixels = settings.max_page_side;
  home->child_options_.max_pages_per_document = settings.max_pages;
  home->page_template_ = NewPageTemplate(home->child_options_);
  home->store_ = NewDiskStore(root);
  home->book_ = NewSessionBook(*home->store_, SystemClock(), {.batch_size = settings.batch_size});
  home->queue_ = NewLocalQueue();
  home->actions_ = std::make_unique<ActionContext>(ActionContext{
      *home->store_, *home->queue_, *home->book_, SystemClock(), settings.chains, kProgramVersion});
  std::vector<std::unique_ptr<PageReader>> inspectors;
  for (int i = 0; i < kInspectors; ++i) {
    inspectors.push_back(NewPipeReader(home->child_options_, *home->page_template_));
  }
  home->admission_ = NewAdmission(*home->actions_, std::move(inspectors),
                                  {.max_upload_bytes = settings.max_upload_bytes,
                                   .batch_size = settings.batch_size,
                                   .session_ttl = settings.session_ttl,
                                   .owner_limits = owner_limits,
                                   .models = home->models_});
  home->processor_ = NewBatchProcessor(*home->store_, *home->queue_, *home->book_, SystemClock(),
                                       {.batch_size = settings.batch_size,
                                        .chains = settings.chains,
                                        .page_budget = settings.page_timeout,
                                        .program_version = kProgramVersion});
  return home;
}

Result<SealReport> Home::ProbeSeal() {
  return gnosis::ProbeSeal(*page_template_, child_options_.open_timeout);
}

void Home::StartWorkers(BatchListener listener, ChildOptions::Models models) {
  GNOSIS_CHECK(!pool_);
  std::vector<std::unique_ptr<PageReader>> readers;
  ChildOptions options = child_options_;
  options.models = models;
  // A guess at the first document, which is read in any case.
  if (models == ChildOptions::Models::kLoadedInTemplate) options.languages = {"eng"};
  for (int i = 0; i < workers_; ++i) readers.push_back(NewPipeReader(options, *page_template_));
  pool_ = StartWorkerPool(*queue_, *processor_, std::move(readers), std::move(listener));
}

void Home::StopWorkers(Milliseconds grace) {
  if (pool_) pool_->Stop(grace);
}

}  // namespace gnosis
