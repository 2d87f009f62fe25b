#include "reader/sealed_reader.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "page/page_request.h"
#include "reader/answer_wait.h"
#include "reader/page_reader.h"
#include "reader/page_reply.h"
#include "wire/message_socket.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

ReadMessage ToMessage(const PageRequest& request, uint32_t sequence) {
  ReadMessage message;
  message.header.sequence = sequence;
  message.page = request.page;
  message.effort = uint32_t(request.effort);
  PutText(message.options, EncodePageOptions(request.options));
  return message;
}

class SealedReader final : public PageReader {
 public:
  SealedReader(ChildOptions options, ChildLauncher& launcher)
      : options_(std::move(options)), launcher_(launcher), languages_(options_.languages) {}

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
    RETURN_IF_ERROR(PrepareForRead(request.options.languages));
    const auto begin = std::chrono::steady_clock::now();
    const bool first_page = pages_read_ == 0;
    Result<PageArtefacts> artefacts = ReadInProcess(request);
    // It may have failed only because of memory that the child kept from earlier pages.
    if (!artefacts.ok() && artefacts.code() == ErrorCode::kTooLarge && process_ == nullptr &&
        !first_page) {
      RETURN_IF_ERROR(PrepareForRead(request.options.languages));
      artefacts = ReadInProcess(request);
    }
    if (artefacts.ok()) {
      artefacts->result.duration_ms =
          std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin)
              .count();
    }
    RecycleWhenWorn();
    return artefacts;
  }

  void Close() override {
    document_.reset();
    EndProcess();
  }

  void Interrupt() override { interrupt_.Set(); }

 private:
  // What a new child needs to continue after another one has ended.
  struct OpenedDocument {
    FileDescriptor file;
    std::string password;
    DocumentInfo info;
  };

  ReplyLimits Limits() const {
    return {options_.max_page_pixels, options_.max_side_pixels, options_.max_pages_per_document};
  }

  Status CheckRequest(const PageRequest& request) const {
    if (!document_) return Error{ErrorCode::kInternal, "no document is open", ""};
    const int pages = document_->info.page_count;
    if (request.page < 1 || request.page > pages) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("page {} of a document with {} pages", request.page, pages), ""};
    }
    if (JoinLanguages(request.options.languages).size() > kMaxLanguageBytes) {
      return Error{ErrorCode::kInvalidArgument, "too many languages for one page", ""};
    }
    if (request.time_limit && *request.time_limit <= Milliseconds(0)) {
      return Error{ErrorCode::kInvalidArgument, "no time for the page", ""};
    }
    return Ok();
  }

  // The child has one thread, so a limit of wall-clock time also limits its processor time.
  AnswerLimits LimitsOf(const PageRequest& request) const {
    AnswerLimits limits{fmt::format("page {}", request.page), options_.page_timeout, "PAGE_TIMEOUT",
                        options_.page_cpu_timeout, options_.max_address_space_bytes};
    if (request.time_limit && *request.time_limit < limits.wall) {
      limits.wall = *request.time_limit;
      limits.wall_setting = "the limit of this attempt";
    }
    return limits;
  }

  void EndProcess() {
    process_.reset();
    pages_read_ = 0;
  }

  // In a new child: a child never sees a second document.
  Result<DocumentInfo> OpenInProcess() {
    EndProcess();
    ASSIGN_OR_RETURN(process_, PageProcess::Start(launcher_, languages_));
    OpenMessage question;
    question.header.sequence = ++sequence_;
    PutText(question.password, document_->password);
    Result<DocumentInfo> info = AskToOpen(question);
    if (!info.ok()) EndProcess();
    return info;
  }

  Result<DocumentInfo> AskToOpen(const OpenMessage& question) {
    AnswerWait wait(*process_, interrupt_,
                    {"opening the document", options_.open_timeout, "OPEN_TIMEOUT",
                     options_.page_cpu_timeout, options_.max_address_space_bytes});
    RETURN_IF_ERROR(Send(AsBytes(question), {document_->file.get()}));
    ASSIGN_OR_RETURN(const std::string seal, wait.Next());
    const auto report = DecodeSealReply(seal, sequence_);
    if (!report.ok()) return report.error();
    ASSIGN_OR_RETURN(const std::string answer, wait.Next());
    return DecodeOpenReply(answer, sequence_, Limits());
  }

  // Replaces a child that died or sent something since the last answer, so that no attempt is
  // wasted; and one that was not prepared for these languages, since it would load them for one
  // document only.
  Status PrepareForRead(const std::vector<std::string>& languages) {
    const bool ready =
        languages == languages_ || options_.models == ChildOptions::Models::kLoadedWhenNeeded;
    if (process_ != nullptr && process_->IsQuiet() && ready) return Ok();
    if (options_.models == ChildOptions::Models::kLoadedInTemplate) languages_ = languages;
    const auto info = OpenInProcess();
    return info.ok() ? Ok() : Status(info.error());
  }

  Result<PageArtefacts> ReadInProcess(const PageRequest& request) {
    const ReadMessage question = ToMessage(request, ++sequence_);
    AnswerWait wait(*process_, interrupt_, LimitsOf(request));
    const Status sent = Send(AsBytes(question), {});
    const auto answer = sent.ok() ? wait.Next() : Result<std::string>(sent.error());
    if (!answer.ok()) {
      EndProcess();
      return answer.error();
    }
    auto artefacts = DecodePageReply(*answer, sequence_, process_->arena(), request, Limits());
    if (!artefacts.ok() && artefacts.code() == ErrorCode::kChildDied) {
      EndProcess();
      return artefacts;
    }
    process_->EmptyArena();
    return artefacts;
  }

  Status Send(std::string_view question, const std::vector<int>& attachments) {
    const Status sent =
        SendSocketMessage(process_->socket(), question, attachments, SocketWait::kDontBlock);
    return sent.ok() ? Ok() : Status(Died(*process_));
  }

  void RecycleWhenWorn() {
    if (process_ == nullptr) return;
    ++pages_read_;
    if (pages_read_ >= options_.max_pages ||
        process_->ResidentBytes() > options_.max_resident_bytes) {
      EndProcess();
    }
  }

  const ChildOptions options_;
  ChildLauncher& launcher_;
  InterruptFlag interrupt_;
  std::optional<OpenedDocument> document_;
  std::unique_ptr<PageProcess> process_;  // null, or with the document open in it
  std::vector<std::string> languages_;    // of the last page: the next child is prepared for them
  uint32_t sequence_ = 0;
  int pages_read_ = 0;  // by this process
};

}  // namespace

std::unique_ptr<PageReader> NewSealedReader(ChildOptions options, ChildLauncher& launcher) {
  return std::make_unique<SealedReader>(std::move(options), launcher);
}

Result<SealReport> ProbeSeal(ChildLauncher& launcher, Milliseconds timeout) {
  ASSIGN_OR_RETURN(const auto process, PageProcess::Start(launcher, {}));
  const FileDescriptor nothing(::memfd_create("gnosis-no-document", MFD_CLOEXEC));
  if (!nothing.valid()) return ErrnoError(errno, "memfd_create");
  InterruptFlag never;
  AnswerWait wait(*process, never, {"sealing a page child", timeout, "OPEN_TIMEOUT", timeout});
  if (!SendSocketMessage(process->socket(), AsBytes(OpenMessage{}), {nothing.get()},
                         SocketWait::kDontBlock)
           .ok()) {
    return Died(*process);
  }
  ASSIGN_OR_RETURN(const std::string answer, wait.Next());
  return DecodeSealReply(answer, OpenMessage{}.header.sequence);
}

}  // namespace gnosis
