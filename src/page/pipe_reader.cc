#include "page/pipe_reader.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "page/page_pipe.h"
#include "page/page_reply.h"
#include "page/page_socket.h"
#include "page/page_wire.h"

namespace gnosis {
namespace {

using SteadyClock = std::chrono::steady_clock;

Error Interrupted() { return Error{ErrorCode::kInterrupted, "asked to stop", ""}; }

Error Died(const std::string& how) {
  return Error{ErrorCode::kChildDied, fmt::format("the page child {}", how), ""};
}

// What Interrupt() sets from any thread.
class InterruptFlag {
 public:
  InterruptFlag() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    GNOSIS_CHECK(event_.valid());
  }
  void Set() { ::eventfd_write(event_.get(), 1); }
  // Whether it was set; it no longer is.
  bool Take() {
    eventfd_t count = 0;
    return ::eventfd_read(event_.get(), &count) == 0;
  }
  int fd() const { return event_.get(); }

 private:
  FileDescriptor event_;
};

// A question's time limit, and what to say when it is over.
struct Deadline {
  SteadyClock::time_point end;
  std::string message;

  static Deadline After(Milliseconds timeout, std::string_view what) {
    return {SteadyClock::now() + timeout,
            fmt::format("{} took longer than {:g} s", what, double(timeout.count()) / 1000)};
  }
  int LeftMs() const {
    const auto left = std::chrono::ceil<Milliseconds>(end - SteadyClock::now());
    return left.count() > 0 ? int(std::min<int64_t>(left.count(), 60'000)) : 0;
  }
};

ReadMessage ToMessage(const PageRequest& request, uint32_t sequence) {
  ReadMessage message;
  message.header.sequence = sequence;
  message.page = request.page;
  message.dpi = request.dpi;
  message.text_source = uint32_t(request.text_source);
  message.rotate = request.rotate.value_or(-1);
  message.engine = uint32_t(request.engine);
  PutText(message.languages, JoinedLanguages(request.languages));
  return message;
}

class PipeReader final : public PageReader {
 public:
  PipeReader(ChildOptions options, ChildLauncher launch)
      : options_(std::move(options)), launch_(std::move(launch)) {}

  Result<DocumentInfo> Open(const FileDescriptor& document, const std::string& password) override {
    document_.reset();
    if (interrupt_.Take()) return Interrupted();
    if (password.size() > kMaxPasswordBytes) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("a password of more than {} bytes", kMaxPasswordBytes), ""};
    }
    ASSIGN_OR_RETURN(FileDescriptor file, document.Duplicate());
    document_ = OpenedDocument{std::move(file), password, {}};
    Result<DocumentInfo> info = OpenInProcess();
    if (info.ok()) {
      document_->info = *info;
    } else {
      document_.reset();
    }
    return info;
  }

  Result<PageArtefacts> Read(const PageRequest& request) override {
    if (interrupt_.Take()) return Interrupted();
    RETURN_IF_ERROR(CheckRequest(request));
    RETURN_IF_ERROR(PrepareForRead());
    const auto begin = SteadyClock::now();
    Result<PageArtefacts> artefacts = ReadInProcess(request);
    if (artefacts.ok()) {
      artefacts->result.duration_ms =
          std::chrono::duration_cast<Milliseconds>(SteadyClock::now() - begin).count();
    }
    RecycleWhenWorn();
    return artefacts;
  }

  void Interrupt() override { interrupt_.Set(); }

 private:
  // What a new child needs to go on where another one ended.
  struct OpenedDocument {
    FileDescriptor file;
    std::string password;
    DocumentInfo info;
  };

  ReplyLimits Limits() const {
    return {options_.max_page_pixels, options_.max_side_pixels, options_.max_pages_per_document};
  }

  Status CheckRequest(const PageRequest& request) const {
    if (!document_) return Error{ErrorCode::kInternal, "a page was read before its document", ""};
    const int pages = document_->info.page_count;
    if (request.page < 1 || request.page > pages) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("page {} of a document with {} pages", request.page, pages), ""};
    }
    if (JoinedLanguages(request.languages).size() > kMaxLanguageBytes) {
      return Error{ErrorCode::kInvalidArgument, "too many languages for one page", ""};
    }
    return Ok();
  }

  // A child that died or talked since the last answer costs nobody an attempt: it is replaced.
  Status StartIfNeeded() {
    if (process_ != nullptr && process_->IsQuiet()) return Ok();
    EndProcess();
    ASSIGN_OR_RETURN(process_, PageProcess::Start(launch_));
    return Ok();
  }

  void EndProcess() {
    process_.reset();
    pages_read_ = 0;
    document_is_open_ = false;
  }

  Result<DocumentInfo> OpenInProcess() {
    document_is_open_ = false;
    RETURN_IF_ERROR(StartIfNeeded());
    OpenMessage question;
    question.header.sequence = ++sequence_;
    PutText(question.password, document_->password);
    const auto deadline = Deadline::After(options_.open_timeout, "opening the document");
    ASSIGN_OR_RETURN(const std::string answer, Ask(AsBytes(question), &document_->file, deadline));
    Result<DocumentInfo> info = DecodeOpenReply(answer, sequence_, Limits());
    if (info.ok()) {
      document_is_open_ = true;
    } else if (info.code() == ErrorCode::kChildDied) {
      EndProcess();
    }
    return info;
  }

  Status PrepareForRead() {
    RETURN_IF_ERROR(StartIfNeeded());
    if (document_is_open_) return Ok();
    const auto info = OpenInProcess();
    return info.ok() ? Ok() : Status(info.error());
  }

  Result<PageArtefacts> ReadInProcess(const PageRequest& request) {
    const ReadMessage question = ToMessage(request, ++sequence_);
    const auto deadline =
        Deadline::After(options_.page_timeout, fmt::format("page {}", request.page));
    ASSIGN_OR_RETURN(const std::string answer, Ask(AsBytes(question), nullptr, deadline));
    auto artefacts = DecodePageReply(answer, sequence_, process_->arena(), request, Limits());
    if (!artefacts.ok() && artefacts.code() == ErrorCode::kChildDied) {
      EndProcess();
      return artefacts;
    }
    process_->EmptyArena();
    return artefacts;
  }

  void RecycleWhenWorn() {
    if (process_ == nullptr) return;
    ++pages_read_;
    if (pages_read_ >= options_.max_pages ||
        process_->ResidentBytes() > options_.max_resident_bytes) {
      EndProcess();
    }
  }

  // The answer's bytes, not looked at yet. After any error the child is gone.
  Result<std::string> Ask(std::string_view question, const FileDescriptor* attachment,
                          const Deadline& deadline) {
    const Status sent =
        SendSocketMessage(process_->socket(), question, attachment, SocketWait::kDontBlock);
    Result<std::string> answer = sent.ok() ? Await(deadline) : Died(process_->Kill());
    if (!answer.ok()) EndProcess();
    return answer;
  }

  Result<std::string> Await(const Deadline& deadline) {
    while (true) {
      pollfd waits[2] = {{interrupt_.fd(), POLLIN, 0}, {process_->socket().get(), POLLIN, 0}};
      const int left_ms = deadline.LeftMs();
      const int ready = ::poll(waits, 2, left_ms);
      if (ready < 0 && errno != EINTR) return ErrnoError(errno, "cannot wait for the page child");
      if (interrupt_.Take()) return Interrupted();
      if (ready > 0 && waits[1].revents != 0) {
        ASSIGN_OR_RETURN(const auto answer, Receive());
        if (answer) return *answer;
      }
      if (ready == 0 && deadline.LeftMs() == 0) {
        return Error{ErrorCode::kTimeout, deadline.message,
                     "a page this slow is often damaged or made to be slow"};
      }
    }
  }

  // Nothing: no message yet.
  Result<std::optional<std::string>> Receive() {
    auto message =
        ReceiveSocketMessage(process_->socket(), Attachments::kRefuse, SocketWait::kDontBlock);
    if (!message.ok()) return BrokenProtocol(message.error().message);
    if (!*message) return std::optional<std::string>();
    if ((*message)->bytes.empty()) return Died(process_->Kill());
    return std::optional(std::move((*message)->bytes));
  }

  const ChildOptions options_;
  const ChildLauncher launch_;
  InterruptFlag interrupt_;
  std::optional<OpenedDocument> document_;
  std::unique_ptr<PageProcess> process_;
  uint32_t sequence_ = 0;
  int pages_read_ = 0;             // by the process
  bool document_is_open_ = false;  // in the process
};

}  // namespace

std::unique_ptr<PageReader> NewPipeReader(ChildOptions options, ChildLauncher launch) {
  return std::make_unique<PipeReader>(std::move(options), std::move(launch));
}

std::unique_ptr<PageReader> NewChildPageReader(ChildOptions options) {
  ChildLauncher launch = ProgramLauncher(options);
  return NewPipeReader(std::move(options), std::move(launch));
}

}  // namespace gnosis
