// What the event streams of one job share: which pages are shown otherwise than before, and the
// words that say so. A stream itself remembers a number, not 5,000 pages.
//
// The life of a job's news: begun by the job's first stream, shared by all of them, gone with the
// last. Every look at the record compares each page with the look before; if one is shown otherwise
// the mark grows, and the page keeps the mark of its change. Whoever was told everything up to a
// mark has missed exactly the pages with a higher one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "session/keys.h"
#include "session/processing.h"

namespace gnosis {

using NewsMark = uint64_t;

// Of all pages: the mark now, and for each page, in the order of the record, that of its change.
struct NewsMarks {
  NewsMark now = 0;
  std::vector<NewsMark> changed;
};

class JobNews {
 public:
  // Compares, then calls `look`. From any thread; `look` may not call back.
  void Look(const Processing& record, Time now, const std::function<void(const NewsMarks&)>& look);

  // From what listeners were told to what is true. Of many listeners only the first one has its
  // words made.
  struct Step {
    NewsMark from = 0;
    int64_t from_revision = 0;
    NewsMark to = 0;
    int64_t to_revision = 0;
    bool operator==(const Step&) const = default;
  };
  using Text = std::shared_ptr<const std::string>;
  Text Find(const Step& step);  // nullptr: nobody has said it yet
  void Keep(const Step& step, Text text);

 private:
  bool IsAsBefore(const Processing& record, Time now) const;

  std::mutex mutex_;
  NewsMarks marks_;
  std::vector<uint64_t> shown_;  // each page as it was shown last, hashed
  int64_t revision_ = 0;
  int epoch_ = 0;
  std::optional<Time> compared_at_;
  Step last_step_;
  Text last_text_;  // the newest
};

class SharedNews {
 public:
  std::shared_ptr<JobNews> Of(const SessionKey& session);  // shared by the job's streams

 private:
  std::mutex mutex_;
  std::map<SessionKey, std::weak_ptr<JobNews>> jobs_;
  size_t sweep_at_ = 100;
};

// Up to which mark one listener was told about each page. Pages told in one go share a mark, and
// once all are told the same there is one for all.
class ToldPages {
 public:
  // Pages are told from the first to the last, piece by piece, then from the first again.
  NewsMark At(size_t page) const;  // of a page that this round has not told yet
  void TellUpTo(size_t end, NewsMark mark);
  void EndRound();
  // What all pages were told up to; nothing while they differ, or within a round.
  std::optional<NewsMark> all() const;

 private:
  struct Run {
    size_t end = 0;
    NewsMark mark = 0;
  };
  std::vector<Run> before_;  // of the last round
  std::vector<Run> round_;
};

}  // namespace gnosis
