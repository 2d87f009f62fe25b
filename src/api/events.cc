// GET /jobs/{id}/events: Server-Sent Events. "snapshot" has the whole state once, then "page" and
// "state" report changes, "done" ends the stream. An event's id is the job's revision.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/handlers.h"
#include "api/job_wait.h"
#include "api/page_view.h"
#include "api/reply.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

constexpr std::string_view kComment = ": still here\n\n";
constexpr std::string_view kReconnectAfter = "retry: 2000\n\n";

std::string Event(std::string_view name, std::optional<int64_t> revision, const Json& data) {
  const std::string id = revision ? fmt::format("id: {}\n", *revision) : "";
  return fmt::format("event: {}\n{}data: {}\n\n", name, id, DumpJson(data));
}

class JobEvents final : public LiveBody {
 public:
  JobEvents(const Call& call, SessionKey session, std::optional<int64_t> last_event_id,
            std::unique_ptr<StreamSlots::Slot> slot)
      : core_(call.core),
        caller_(call.caller),
        slot_(std::move(slot)),
        session_(std::move(session)),
        last_event_id_(last_event_id),
        bell_(call.core.world.actions.book, session_),
        news_(call.core.news.Of(session_)) {}

  Then Next(std::string& out) override {
    // The stream ends; a client that reconnects is told why.
    if (core_.access.CheckStillWelcome(caller_)) return IsWithinEvent() ? Then::kCut : Then::kEnd;
    const size_t said_before = out.size();
    if (!started_) out += kReconnectAfter;
    auto& actions = core_.world.actions;
    const auto metadata = actions.book.ReadMetadata(session_);
    if (!metadata.ok()) return Trouble(metadata.error(), out);
    Piece piece;
    const Status looked = actions.book.Look(session_, [&](const Processing& record) {
      piece = Take(record, **metadata, actions.clock.Now());
    });
    if (!looked.ok()) return Trouble(looked.error(), out);
    SayShared(piece, out);
    if (piece.is_last) return Then::kEnd;
    if (!piece.ends_round || IsFinal(piece.status.state)) return Then::kAtOnce;
    if (out.size() == said_before) out += kComment;
    return Then::kMore;
  }

  std::unique_ptr<Subscription> OnChange(Wake wake) override {
    return bell_.Attach(std::move(wake));
  }

 private:
  // A round covers all pages: the first one (the snapshot) reports everything, later ones report
  // changes. It is split into pieces, so that at most one piece is buffered for a slow client. The
  // data is copied: many streams share one record, which page workers need, too.
  struct Piece {
    JobStatus status;
    Time now{};
    bool is_snapshot = false;
    std::vector<std::pair<int, PageEntry>> pages;
    bool begins_round = false;
    bool ends_round = false;
    bool is_last = false;                // the job is final, and everything has been reported
    std::optional<int64_t> told_before;  // the state has changed since this revision was reported
    std::optional<JobNews::Step> step;   // a whole round, which other clients may need as well
  };

  Piece Take(const Processing& record, const Metadata& metadata, Time now) {
    Piece piece{DeriveStatus(metadata, record, now), now};
    const bool first = !std::exchange(started_, true);
    if (first) {
      told_revision_ = piece.status.revision;
      // A client that reconnects without having missed anything needs no snapshot.
      in_snapshot_ = last_event_id_ != told_revision_;
    }
    piece.is_snapshot = in_snapshot_;
    const bool told_all = first && !in_snapshot_;
    news_->Look(record, now,
                [&](const NewsMarks& marks) { TakePages(record, marks, told_all, piece); });
    if (piece.ends_round) EndRound(piece);
    return piece;
  }

  void TakePages(const Processing& record, const NewsMarks& marks, bool told_all, Piece& piece) {
    piece.begins_round = next_ == 0;
    const auto told_before = told_.all();
    auto page = record.pages.upper_bound(last_page_);
    for (; page != record.pages.end() && piece.pages.size() < kPagesPerPiece; ++page) {
      const bool changed = marks.changed[next_] > told_.At(next_);
      if (piece.is_snapshot || (changed && !told_all)) piece.pages.push_back(*page);
      last_page_ = page->first;
      ++next_;
    }
    told_.TellUpTo(next_, marks.now);
    piece.ends_round = page == record.pages.end();
    if (piece.begins_round && piece.ends_round && told_before) {
      piece.step = {*told_before, told_revision_, marks.now, piece.status.revision};
    }
  }

  void EndRound(Piece& piece) {
    told_.EndRound();
    next_ = 0;
    last_page_ = 0;
    in_snapshot_ = false;
    // Changes during the snapshot are reported by the next round.
    if (!piece.is_snapshot && told_revision_ != piece.status.revision) {
      piece.told_before = std::exchange(told_revision_, piece.status.revision);
    }
    piece.is_last = IsFinal(piece.status.state) && told_.all().has_value() &&
                    told_revision_ == piece.status.revision;
  }

  bool IsWithinEvent() const { return in_snapshot_ && next_ > 0; }

  // Clients with the same state need the same text.
  void SayShared(const Piece& piece, std::string& out) {
    if (!piece.step || !piece.told_before) return Say(piece, out);
    if (const auto text = news_->Find(*piece.step)) {
      out += *text;
      return;
    }
    auto text = std::make_shared<std::string>();
    Say(piece, *text);
    out += *text;
    news_->Keep(*piece.step, std::move(text));
  }

  static void Say(const Piece& piece, std::string& out) {
    const JobStatus& status = piece.status;
    if (piece.is_snapshot) {
      SaySnapshot(piece, out);
    } else {
      // Without an id: a client that is disconnected before the state event has missed something.
      for (const auto& [page, entry] : piece.pages) {
        out += Event("page", std::nullopt, PageEventJson(page, entry, piece.now));
      }
    }
    if (piece.told_before) out += Event("state", status.revision, StatusJson(status));
    if (piece.is_last) out += Event("done", status.revision, StatusJson(status));
  }

  // One event; its first piece describes the job, with a revision that no page is older than.
  static void SaySnapshot(const Piece& piece, std::string& out) {
    const JobStatus& status = piece.status;
    if (piece.begins_round) {
      out += fmt::format("event: snapshot\nid: {}\ndata: {{\"job\":{},\"pages\":[", status.revision,
                         DumpJson(StatusJson(status)));
    }
    bool first = piece.begins_round;
    for (const auto& [page, entry] : piece.pages) {
      if (!std::exchange(first, false)) out += ',';
      out += DumpJson(PageStateJson(status.job_id, page, entry, piece.now));
    }
    if (piece.ends_round) out += "]}\n\n";
  }

  // If it was deleted or has expired, that was the last event. Anything else may be temporary.
  Then Trouble(const Error& error, std::string& out) {
    const bool over = error.code == ErrorCode::kNotFound || error.code == ErrorCode::kGone;
    if (IsWithinEvent()) return over ? Then::kCut : Then::kMore;
    if (!over) {
      out += kComment;
      return Then::kMore;
    }
    out += Event("done", std::nullopt, {{"job_id", session_.session_id}, {"status", "deleted"}});
    return Then::kEnd;
  }

  ApiCore& core_;
  const Caller caller_;
  const std::unique_ptr<StreamSlots::Slot> slot_;
  const SessionKey session_;
  const std::optional<int64_t> last_event_id_;
  const JobBell bell_;
  const std::shared_ptr<JobNews> news_;  // shared with the job's other streams
  bool started_ = false;
  bool in_snapshot_ = false;
  size_t next_ = 0;    // the next page to report, as an index into the record
  int last_page_ = 0;  // the number of the page before it
  ToldPages told_;
  int64_t told_revision_ = 0;
};

Error TooManyStreams(const StreamSlots& slots) {
  return {ErrorCode::kTooManyRequests,
          fmt::format("{} event streams are open, which is the limit", slots.max_per_owner()),
          "close some, or raise MAX_EVENT_STREAMS_PER_OWNER"};
}

}  // namespace

Result<HttpResponse> StreamEvents(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const JobStatus status, ReadJob(call, session));
  const auto last = ParseNumber(call.request.headers.Get("Last-Event-ID").value_or(""));
  HttpResponse response;
  if (IsFinal(status.state) && last == status.revision) {
    // The client has received "done": 204 tells an EventSource to stop reconnecting.
    response = HttpResponse{204, {}, std::string()};
  } else {
    auto slot = call.core.streams.Take(call.caller.owner);
    if (!slot) return TooManyStreams(call.core.streams);
    response.body = std::make_unique<JobEvents>(call, session, last, std::move(slot));
    response.headers.Set("Content-Type", "text/event-stream; charset=utf-8");
    response.headers.Set("X-Accel-Buffering", "no");
  }
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

}  // namespace gnosis
