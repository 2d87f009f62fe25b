#include "app/files_ahead.h"

#include <algorithm>
#include <utility>

#include "app/follow_session.h"

namespace gnosis {

FilesAhead::FilesAhead(Home& home, const OcrArguments& arguments,
                       const std::vector<InputFile>& files, Decide decide)
    : home_(home), files_(files), decide_(std::move(decide)), opener_(home, arguments) {}

FilesAhead::Opened FilesAhead::TakeNext(const KeepWaiting& keep_waiting) {
  must_wait_ = false;
  if (ahead_.empty()) return Open(next_++, keep_waiting);
  Opened opened = std::move(ahead_.front());
  ahead_.pop_front();
  return opened;
}

void FilesAhead::KeepWorkersBusy(int unread) {
  for (const Opened& opened : ahead_) unread += Unread(opened);
  const int enough = kPagesPerWorker * home_.workers();
  // Also limits files that have nothing left to process: someone is waiting for pages meanwhile.
  const size_t most = size_t(std::max(enough, kFewFiles));
  while (!must_wait_ && unread < enough && ahead_.size() < most && next_ < files_.size()) {
    Opened opened = Open(next_, []() -> Status { return SessionOpener::AtWorkAlready(); });
    // Held by another run, or no space: that may have changed when it is this file's turn. Not
    // retried earlier, because each attempt reads the whole file.
    must_wait_ =
        !opened.ok() && (opened.code() == ErrorCode::kUnavailable || IsBrokenWorld(opened.code()));
    if (must_wait_) return;
    unread += Unread(opened);
    ahead_.push_back(std::move(opened));
    ++next_;
  }
}

FilesAhead::Opened FilesAhead::Open(size_t file, const KeepWaiting& keep_waiting) {
  return opener_.Open(
      files_[file].path,
      [&](const std::string& document, SessionOpener::Earlier earlier) {
        return decide_(file, document, earlier);
      },
      keep_waiting);
}

int FilesAhead::Unread(const Opened& opened) {
  if (!opened.ok() || !*opened) return 0;
  const auto status = home_.book().ReadStatus((*opened)->key);
  return status.ok() ? status->pages.pending + status->pages.processing : 0;
}

}  // namespace gnosis
