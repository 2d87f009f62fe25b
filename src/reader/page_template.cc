#include "reader/page_template.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "reader/template_process.h"

namespace gnosis {
namespace {

// A template and its use so far.
struct Launch {
  uint64_t number = 0;  // distinguishes it from others whose children have the same ids
  std::unique_ptr<TemplateProcess> process;
  int forks = 0;
  int children = 0;  // not ended yet
};

class PageTemplate final : public ChildLauncher {
 public:
  explicit PageTemplate(ChildOptions options) : options_(std::move(options)) {}

  Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                              const std::vector<std::string>& languages) override {
    std::lock_guard lock(mutex_);
    TakeSuccessor();
    const bool was_running = current_ != nullptr;
    auto child = Fork(socket, arena, languages);
    // The template may have died long ago, since nothing checks it between forks.
    if (!child.ok() && was_running) child = Fork(socket, arena, languages);
    return child;
  }

  std::optional<int> End(const LaunchedChild& child) override {
    std::lock_guard lock(mutex_);
    if (current_ != nullptr && current_->number == child.launch) return EndIn(current_, child.pid);
    const auto launch = std::find_if(retired_.begin(), retired_.end(), [&](const auto& each) {
      return each->number == child.launch;
    });
    if (launch == retired_.end()) return std::nullopt;
    const std::optional<int> wait_status = EndIn(*launch, child.pid);
    if (*launch == nullptr || (*launch)->children == 0) retired_.erase(launch);
    return wait_status;
  }

 private:
  // Null afterwards if the template is no longer needed.
  static std::optional<int> EndIn(std::unique_ptr<Launch>& launch, pid_t pid) {
    const auto wait_status = launch->process->EndChild(pid);
    --launch->children;
    if (wait_status.ok()) return *wait_status;
    launch.reset();
    return std::nullopt;
  }

  Result<LaunchedChild> Fork(const FileDescriptor& socket, const FileDescriptor& arena,
                             const std::vector<std::string>& languages) {
    if (current_ == nullptr) current_ = std::move(successor_);
    if (current_ == nullptr) {
      ASSIGN_OR_RETURN(current_, NewLaunch());
    }
    const auto pid = current_->process->Fork(socket, arena, languages);
    if (!pid.ok()) {
      if (!current_->process->IsUsable()) current_.reset();
      return pid.error();
    }
    const LaunchedChild child{*pid, current_->number};
    ++current_->children;
    if (++current_->forks >= options_.max_forks) StartSuccessor(languages);
    return child;
  }

  Result<std::unique_ptr<Launch>> NewLaunch() {
    auto launch = std::make_unique<Launch>();
    ASSIGN_OR_RETURN(launch->process, TemplateProcess::Start(options_));
    launch->number = ++launches_;
    return launch;
  }

  // Prepared while the current template still forks. If that fails, the current one stays in use.
  void StartSuccessor(const std::vector<std::string>& languages) {
    if (successor_ != nullptr) return;
    auto launch = NewLaunch();
    if (launch.ok() && (*launch)->process->Prepare(languages).ok()) successor_ = *std::move(launch);
  }

  void TakeSuccessor() {
    if (successor_ == nullptr) return;
    const auto prepared = successor_->process->IsPrepared();
    if (!prepared.ok()) {
      successor_.reset();
      if (current_ != nullptr) current_->forks = 0;  // so that another attempt follows later
      return;
    }
    if (!*prepared) return;
    if (current_ != nullptr && current_->children > 0) retired_.push_back(std::move(current_));
    current_ = std::move(successor_);
  }

  const ChildOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Launch> current_;
  std::unique_ptr<Launch> successor_;             // being prepared
  std::vector<std::unique_ptr<Launch>> retired_;  // each has children in use
  uint64_t launches_ = 0;
};

}  // namespace

std::unique_ptr<ChildLauncher> NewPageTemplate(ChildOptions options) {
  return std::make_unique<PageTemplate>(std::move(options));
}

}  // namespace gnosis
