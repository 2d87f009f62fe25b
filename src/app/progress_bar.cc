#include "app/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gnosis {
namespace {

constexpr int kBarCells = 24;
constexpr std::chrono::milliseconds kRedrawEvery{100};

int TerminalColumns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string TimeLeft(double seconds) {
  const int64_t whole = std::llround(seconds);
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string ProgressLine(const JobStatus& status, double pages_per_second, int columns) {
  const int done = status.pages.completed + status.pages.failed;
  const int filled = status.total_pages > 0 ? kBarCells * done / status.total_pages : 0;
  std::string line =
      fmt::format("[{}{}]  {}/{} pages", std::string(size_t(filled), '#'),
                  std::string(size_t(kBarCells - filled), '.'), done, status.total_pages);
  if (pages_per_second > 0) {
    line += fmt::format("  {:.1f} pages/s", pages_per_second);
    line += fmt::format("  {} left", TimeLeft((status.total_pages - done) / pages_per_second));
  }
  const std::string name = status.file_name + "  ";
  if (int(name.size() + line.size()) < columns) line = name + line;
  return line.substr(0, size_t(std::max(0, columns - 1)));
}

ProgressBar::ProgressBar(When when) : on_(when == When::kOnTerminal && ::isatty(STDERR_FILENO)) {}

ProgressBar::~ProgressBar() { Clear(); }

void ProgressBar::Show(const JobStatus& status) {
  if (!on_) return;
  const auto now = std::chrono::steady_clock::now();
  const int done = status.pages.completed + status.pages.failed;
  if (pages_at_start_ < 0) {
    pages_at_start_ = done;
    started_ = now;
  }
  if (shown_ && now - last_ < kRedrawEvery && done < status.total_pages) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = seconds > 0.5 ? (done - pages_at_start_) / seconds : 0;
  const std::string line = "\r\x1b[K" + ProgressLine(status, rate, TerminalColumns());
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressBar::Clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace gnosis
