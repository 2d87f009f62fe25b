#include "api/partial_result.h"

#include <optional>
#include <utility>

#include "output/output_writer.h"
#include "task/combine.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr size_t kPieceBytes = 32 << 10;

PageResult NotReadYet(int page) {
  PageResult result;
  result.page = page;
  result.error = Error{ErrorCode::kUnavailable, "not processed yet", "try again later"};
  return result;
}

class PartialResult final : public LiveBody {
 public:
  PartialResult(const ActionContext& actions, SessionKey session,
                std::shared_ptr<const Metadata> metadata)
      : store_(actions.store),
        book_(actions.book),
        session_(std::move(session)),
        metadata_(std::move(metadata)) {}

  Status Begin(const std::string& format, const OutputHead& head) {
    ASSIGN_OR_RETURN(writer_, NewOutputWriter(format, [this](std::string_view bytes) {
                       pending_ += bytes;
                       return Ok();
                     }));
    return writer_->Begin(head);
  }

  Then Next(std::string& out) override {
    auto then = Then::kAtOnce;
    while (then == Then::kAtOnce && pending_.size() < kPieceBytes) then = AddPage();
    out += std::exchange(pending_, std::string());
    return then;
  }

  // No external change affects this body.
  std::unique_ptr<Subscription> OnChange(Wake) override { return std::make_unique<Subscription>(); }

 private:
  // The next page is looked up each time: this needs no list, and detects that the job has been
  // deleted, even at the end; its pages must not be reported as unprocessed.
  Then AddPage() {
    std::optional<int> page;
    const Status looked = book_.Look(session_, [&](const Processing& record) {
      const auto next = record.pages.upper_bound(last_page_);
      if (next != record.pages.end()) page = next->first;
    });
    if (!looked.ok()) return Then::kCut;
    if (!page) return writer_->End().ok() ? Then::kEnd : Then::kCut;
    last_page_ = *page;
    return writer_->Page(ReadOrMark(*page)).ok() ? Then::kAtOnce : Then::kCut;
  }

  // A page whose result is temporarily unavailable must not affect the others.
  PageResult ReadOrMark(int page) {
    auto result = ReadPageResult(store_, session_, *metadata_, page);
    return result.ok() ? *std::move(result) : NotReadYet(page);
  }

  ObjectStore& store_;
  SessionBook& book_;
  const SessionKey session_;
  const std::shared_ptr<const Metadata> metadata_;  // shared, as the session book returns it
  std::unique_ptr<OutputWriter> writer_;
  std::string pending_;
  int last_page_ = 0;  // that was sent
};

}  // namespace

Result<std::unique_ptr<LiveBody>> NewPartialResult(const Call& call, const SessionKey& session,
                                                   const std::string& format) {
  const ActionContext& actions = call.core.world.actions;
  ASSIGN_OR_RETURN(const auto metadata, actions.book.ReadMetadata(session));
  int total_pages = 0;
  RETURN_IF_ERROR(actions.book.Look(
      session, [&](const Processing& record) { total_pages = int(record.pages.size()); }));
  auto body = std::make_unique<PartialResult>(actions, session, metadata);
  RETURN_IF_ERROR(body->Begin(format, HeadOf(*metadata, total_pages, call.core.options.version)));
  return std::unique_ptr<LiveBody>(std::move(body));
}

}  // namespace gnosis
