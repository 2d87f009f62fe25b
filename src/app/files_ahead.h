// Opens the files of a run in order. While one is being processed, enough of the following ones are
// open to keep the workers busy: a hundred scanned images are processed in parallel, a long
// document mostly alone.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/input_files.h"
#include "app/ocr_session.h"

namespace gnosis {

class FilesAhead {
 public:
  using Decide = std::function<Result<SessionOpener::Decision>(
      size_t file, const std::string& document, SessionOpener::Earlier)>;
  using Opened = Result<std::optional<HeldSession>>;  // as SessionOpener::Open

  // The arguments must outlive it.
  FilesAhead(Home& home, const OcrArguments& arguments, const std::vector<InputFile>& files,
             Decide decide);

  // Returns each file once, in order.
  Opened TakeNext(const KeepWaiting& keep_waiting);
  // `unread`: remaining pages of the current file. Errors about a file are reported when it is its
  // turn.
  void KeepWorkersBusy(int unread);

 private:
  static constexpr int kPagesPerWorker = 2;
  static constexpr int kFewFiles = 16;

  Opened Open(size_t file, const KeepWaiting& keep_waiting);
  int Unread(const Opened& opened);

  Home& home_;
  const std::vector<InputFile>& files_;
  const Decide decide_;
  SessionOpener opener_;
  std::deque<Opened> ahead_;  // of the files before next_
  size_t next_ = 0;
  bool must_wait_ = false;  // the file next_ cannot be opened before its turn
};

}  // namespace gnosis
