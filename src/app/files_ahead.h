// The files of a run in their order. While one is waited for, as many of those after it are open as
// keep the workers busy: a hundred scanned images are read side by side, a long document mostly
// alone.
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

  // All must outlive it.
  FilesAhead(Home& home, const OcrArguments& arguments, const std::vector<InputFile>& files,
             Decide decide);

  // Each file once, in their order.
  Opened TakeNext(const KeepWaiting& keep_waiting);
  // `unread`: pages still to be read of the file that is waited for. What is wrong with a file is
  // told in its turn.
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
